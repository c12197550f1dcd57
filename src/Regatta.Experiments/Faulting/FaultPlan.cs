using System.Text.RegularExpressions;
using Regatta.Experiments.Configuration;
using Regatta.Machines;
using Regatta.Machines.Faults;
using Regatta.Schedulers;

namespace Regatta.Experiments.Faulting;

/// <summary>The faults of a point: which there are, and what of them cannot be.</summary>
public static partial class FaultPlan
{
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(10);

    /// <summary>The faults that trials of a point bring about, in the order of their names. The experiment has been checked.</summary>
    public static ImmutableArray<ScheduledFault> Of(Experiment experiment)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        return [.. experiment.Faults.Plan.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => Scheduled(experiment, f.Key, f.Value))];
    }

    /// <summary>What of the faults cannot be, by the experiment alone.</summary>
    public static IEnumerable<Diagnostic> Check(Experiment experiment)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        if (experiment.Faults.Plan.Count == 0) yield break;
        if (experiment.Scheduler.IsReference)
        {
            yield return Diagnostic.Error("fault-simulated", "the reference scheduler is simulated and has nothing that could fail") with { Help = "faults=none for its point" };
            yield break;
        }

        if (experiment.Machines.Driver == MachineDriver.Ssh && !experiment.Faults.Allow)
            yield return Diagnostic.Error("fault-not-allowed", "faults on machines that exist need permission") with { Help = "faults.allow=true, when these machines may be broken for a while" };
        if (experiment.Cluster.Emulated is not null)
            yield return Diagnostic.Error("fault-emulated", "the nodes are emulated, and cannot be made to fail like real ones") with { Help = "cluster.emulated=null, or faults=none" };
        if (experiment.Upgrades())
            yield return Diagnostic.Error("fault-conflict", "a trial cannot have faults and an upgrade at once: nobody could tell what did what") with { Help = "faults=none, or leave scheduler.slurm.upgrade out" };
        var sound = true;
        foreach (var (name, fault) in experiment.Faults.Plan)
        {
            foreach (var found in Check(experiment, name, fault))
            {
                sound = false;
                yield return found;
            }
        }

        if (!sound) yield break;
        foreach (var conflict in Conflicts(experiment)) yield return conflict;
    }

    /// <summary>What of the faults cannot be, by the jobs.</summary>
    /// <param name="experiment">The experiment.</param>
    /// <param name="jobs">Number of jobs.</param>
    /// <param name="expected">When the last of them would end without overhead, from the start.</param>
    public static IEnumerable<Diagnostic> Check(Experiment experiment, int jobs, TimeSpan expected)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        foreach (var (name, fault) in experiment.Faults.Plan)
        {
            if (fault.At >= expected)
                yield return Diagnostic.Error("fault-after-end", $"the fault {name} comes {new FaultTrigger(fault.At, null, null)}, and the jobs are expected to have ended after {Durations.Rounded(expected)}") with { Help = $"an earlier faults.plan.{name}.at, or more jobs" };
            if (fault.AfterStarts > jobs)
                yield return Diagnostic.Error("fault-after-end", $"the fault {name} waits for {fault.AfterStarts} jobs, and there are {jobs}") with { Help = $"a smaller faults.plan.{name}.after_starts, or more jobs" };
        }
    }

    private static ScheduledFault Scheduled(Experiment experiment, string name, FaultSection fault)
    {
        var trigger = new FaultTrigger(fault.At, fault.AfterStarts, fault.AtLoad);
        var node = NodeOf(experiment, fault);
        var daemon = DaemonOf(experiment, fault) is { } known ? new NodeDaemon(known.Process, known.Unit) : null;
        return fault.Kind switch
        {
            FaultKind.Kill => new(DaemonFaults.Kill(name, node, daemon!, fault.Lasts is not null), $"{daemon!.Name} killed on {node}{(fault.Lasts is { } held ? $", down for {Durations.Rounded(held)}" : "")}", trigger, fault.Lasts),
            FaultKind.Freeze => new(DaemonFaults.Freeze(name, node, daemon!), $"{daemon!.Name} frozen on {node} for {Durations.Rounded(FrozenFor(fault))}", trigger, FrozenFor(fault)),
            FaultKind.Slow => new(DaemonFaults.Slow(name, node, daemon!, fault.Processors!.Value), $"{daemon!.Name} on {node} has {fault.Processors.Value.ToString(CultureInfo.InvariantCulture)} of a processor{Length(fault)}", trigger, fault.Lasts),
            FaultKind.KillNode => new(HostFaults.Power(name, node, reboots: false), $"{node} switched off{Length(fault)}", trigger, fault.Lasts) { Spares = false },
            FaultKind.RebootNode => new(HostFaults.Power(name, node, reboots: true), $"{node} started anew", trigger, TimeSpan.FromMilliseconds(1)) { Spares = false },
            FaultKind.Link when fault.Loss == 1 => new(HostFaults.Cut(name, node), $"link of {node} cut{Length(fault)}", trigger, fault.Lasts),
            FaultKind.Link => new(HostFaults.Slow(name, node, fault.Delay, fault.Loss, fault.Rate?.Bytes), $"link of {node} slowed ({Slowness(fault)}){Length(fault)}", trigger, fault.Lasts),
            FaultKind.Disk => new(NodeFaults.Fill(name, node), $"disk of {node} filled{Length(fault)}", trigger, fault.Lasts),
            FaultKind.Clock => new(NodeFaults.Skew(name, node, fault.By!.Value), $"clock of {node} set by {fault.By.Value.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s{Length(fault)}", trigger, fault.Lasts),
            _ => new(Drained(experiment, name, node, fault.Evict), $"{node} drained{(fault.Evict ? ", its jobs put back" : "")}{Length(fault)}", trigger, fault.Lasts),
        };
    }

    private static FaultAct Drained(Experiment experiment, string name, string node, bool evict)
    {
        var (drain, resume) = KnownSchedulers.Find(experiment.Scheduler.Name).Drain(node, evict)!.Value;
        return NodeFaults.Command(name, Spec(experiment).First(n => n.Role == NodeRole.Head).Name, drain, resume);
    }

    private static TimeSpan FrozenFor(FaultSection fault) => fault.Lasts ?? Frozen;

    private static string Length(FaultSection fault) => fault.Lasts is { } lasts ? $" for {Durations.Rounded(lasts)}" : "";

    private static string Slowness(FaultSection fault) => string.Join(", ", new[]
    {
        fault.Delay is { } delay ? $"{delay.TotalMilliseconds.ToString(CultureInfo.InvariantCulture)} ms each way" : null,
        fault.Loss is { } loss ? $"{(loss * 100).ToString("0.##", CultureInfo.InvariantCulture)} % lost" : null,
        fault.Rate is { } rate ? $"{rate}/s" : null,
    }.OfType<string>());

    private static IEnumerable<Diagnostic> Check(Experiment experiment, string name, FaultSection fault)
    {
        if (!Fits().IsMatch(name)) yield return Diagnostic.Error("fault-name", $"'{name}' cannot name a fault") with { Help = "small letters, digits and hyphens, at most 40" };
        if (Lacking(experiment, fault, () => HostFaults.HasNetem) is { } lacking) yield return Diagnostic.Error("fault-machines", $"the fault {name} cannot be: {lacking}");
        var scheduler = KnownSchedulers.TryFind(experiment.Scheduler.Name);
        if (scheduler is null) yield break;
        ImmutableArray<SchedulerDaemon> daemons = [];
        var sound = scheduler.Check(experiment.Options()).All(d => d.Severity != Severity.Error);
        if (sound) daemons = scheduler.Daemons(experiment.Options());
        if (sound && fault.Daemon is { } role)
        {
            if (daemons.FirstOrDefault(d => d.Role == role) is not { } daemon)
            {
                yield return Diagnostic.Error("fault-daemon", $"{scheduler.Name} has no daemon that is its {role.Name()} here, as the fault {name} wants it") with
                {
                    Help = $"there are {string.Join(", ", daemons.Select(d => $"{d.Role.Name()} ({d.Unit ?? d.Process})"))}",
                };
            }
            else if (fault is { Kind: FaultKind.Kill, Lasts: not null } && daemon.Unit is null)
            {
                yield return Diagnostic.Error("fault-hold", $"{daemon.Process} cannot be kept down as the fault {name} wants it: the kubelet starts it anew at once") with { Help = "leave lasts out, or freeze it" };
            }
        }

        if (fault.Node is { } node && !Nodes(experiment).Contains(node))
            yield return Diagnostic.Error("fault-node", $"the cluster has no node {node}, as the fault {name} wants it") with { Help = Suggestion.Help(node, [.. Nodes(experiment)]) };
        else if (fault is { Node: { } head, Daemon: null, Kind: not (FaultKind.Link or FaultKind.Clock or FaultKind.Disk) } && RoleOf(experiment, head) == NodeRole.Head)
            yield return Diagnostic.Error("fault-node", $"{fault.Kind.Name()} is done to workers, and {head} is the head, as the fault {name} wants it") with { Help = "name a worker; the replay lives on the head" };
        else if (sound && fault.Node is { } named && fault.Daemon is { } of && daemons.FirstOrDefault(d => d.Role == of) is { } there && there.On != RoleOf(experiment, named))
            yield return Diagnostic.Error("fault-node", $"{there.Unit ?? there.Process} does not run on {named}, as the fault {name} wants it") with { Help = there.On == NodeRole.Head ? "it runs on the head: leave node out" : "it runs on the workers" };
    }

    /// <summary>What the machines of an experiment lack for a fault, in words; null for nothing.</summary>
    private static string? Lacking(Experiment experiment, FaultSection fault, Func<bool?> netem) => fault.Kind switch
    {
        FaultKind.Clock when Contained(experiment) => "containers share the clock of their host",
        FaultKind.Disk when Contained(experiment) => "containers share the disk of their host",
        FaultKind.KillNode or FaultKind.RebootNode when !Contained(experiment) => $"{fault.Kind.Name()} is known on containers only",
        FaultKind.Link when experiment.Machines.Driver == MachineDriver.Ssh => "the links of machines that exist are not this host's",
        FaultKind.Link when (fault.Delay is not null || fault.Loss is < 1) && netem() == false => "the kernel of this host has no netem, which delay and loss need; rate and loss=1 do without",
        FaultKind.Drain when KnownSchedulers.TryFind(experiment.Scheduler.Name)?.Drain("x", evict: false) is null => $"how {experiment.Scheduler.Name} drains a node is not known",
        _ => null,
    };

    private static bool Contained(Experiment experiment) => experiment.Machines.Driver is MachineDriver.Auto or MachineDriver.Lxc;

    /// <summary>Two faults of one thing at a time, and times that cannot be known beforehand of one thing.</summary>
    private static IEnumerable<Diagnostic> Conflicts(Experiment experiment)
    {
        var faults = experiment.Faults.Plan.OrderBy(f => f.Key, StringComparer.Ordinal).ToList();
        foreach (var (place, (name, first)) in faults.Index())
        {
            foreach (var (other, second) in faults.Skip(place + 1))
            {
                if (!Touch(experiment, first, second) || (Span(first) is { } a && Span(second) is { } b && (a.To <= b.From || b.To <= a.From))) continue;
                yield return Diagnostic.Error("fault-conflict", $"the faults {name} and {other} are done to {Subject(experiment, first)} at the same time, or could be") with
                {
                    Help = "give both a time (at) and a length (lasts) that do not overlap, or leave one out",
                };
            }
        }
    }

    private static bool Touch(Experiment experiment, FaultSection first, FaultSection second) =>
        NodeOf(experiment, first) == NodeOf(experiment, second) && (first.Daemon == second.Daemon || first.Kind is FaultKind.KillNode or FaultKind.RebootNode || second.Kind is FaultKind.KillNode or FaultKind.RebootNode);

    private static string Subject(Experiment experiment, FaultSection fault) =>
        DaemonOf(experiment, fault) is { } daemon ? $"{daemon.Unit ?? daemon.Process} on {NodeOf(experiment, fault)}" : NodeOf(experiment, fault);

    private static (TimeSpan From, TimeSpan To)? Span(FaultSection fault) =>
        fault.At is { } at ? (at, (fault.Kind == FaultKind.Freeze ? FrozenFor(fault) : fault.Lasts) is { } lasts ? at + lasts : TimeSpan.MaxValue) : null;

    private static SchedulerDaemon? DaemonOf(Experiment experiment, FaultSection fault) =>
        fault.Daemon is { } role ? KnownSchedulers.Find(experiment.Scheduler.Name).Daemons(experiment.Options()).FirstOrDefault(d => d.Role == role) : null;

    private static string NodeOf(Experiment experiment, FaultSection fault)
    {
        if (fault.Node is { } node) return node;
        var head = DaemonOf(experiment, fault) is { } daemon ? daemon.On == NodeRole.Head : false;
        return Spec(experiment).First(n => n.Role == (head ? NodeRole.Head : NodeRole.Worker)).Name;
    }

    private static IEnumerable<string> Nodes(Experiment experiment) => Spec(experiment).Select(n => n.Name);

    private static NodeRole RoleOf(Experiment experiment, string node) => Spec(experiment).First(n => n.Name == node).Role;

    private static ImmutableArray<NodeSpec> Spec(Experiment experiment) => experiment.ClusterSpec("", "").Nodes;

    [GeneratedRegex(@"\A[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\z")]
    private static partial Regex Fits();
}
