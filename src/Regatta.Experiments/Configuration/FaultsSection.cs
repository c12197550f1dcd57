using Regatta.Config;
using Regatta.Machines.Faults;
using Regatta.Schedulers;

namespace Regatta.Experiments.Configuration;

/// <summary>Faults that are brought about on purpose while each trial runs.</summary>
[ConfigSchema("Faults that are brought about on purpose while each trial runs, and healed at its end whatever happens. docs/faults.md says more.")]
public sealed record FaultsSection
{
    /// <summary>Permits faults on machines that exist.</summary>
    [ConfigKey("Permits faults on machines that exist (machines=ssh), which are not ours to break.")]
    public bool Allow { get; init; }

    /// <summary>The faults by name.</summary>
    [ConfigKey("The faults by name: small letters, digits and hyphens.")]
    public IReadOnlyDictionary<string, FaultSection> Plan { get; init; } = new Dictionary<string, FaultSection>();
}

/// <summary>A fault.</summary>
[ConfigSchema("A fault: what is done, to what, when, and for how long.")]
public sealed record FaultSection : ICheckedSection
{
    private static readonly FaultKind[] OfDaemons = [FaultKind.Kill, FaultKind.Freeze, FaultKind.Slow];

    /// <summary>What is done.</summary>
    [ConfigKey("What is done: kill or freeze a daemon, slow it (a quota of processor time), kill-node, reboot-node, link (a node's network is cut or slowed), disk (a node's disk is filled), clock (a node's clock is set), drain (a node takes no new jobs).")]
    public required FaultKind Kind { get; init; }

    /// <summary>The daemon, for kill, freeze and slow.</summary>
    [ConfigKey("The daemon of kill, freeze and slow: controller (slurmctld, Flux's leader, kube-apiserver), scheduler (kube-scheduler, vc-scheduler), manager (kube-controller-manager, vc-controller-manager), node (slurmd, a worker's broker, kubelet), database (slurmdbd, etcd), api (slurmrestd) or webhook.")]
    public DaemonRole? Daemon { get; init; }

    /// <summary>The node.</summary>
    [ConfigKey("The node that it is done to, by its name in the cluster; null for the head or worker1, whichever has what is meant.", Example = "worker2")]
    public string? Node { get; init; }

    /// <summary>When, from the workload's start.</summary>
    [ConfigKey("When it is done, from the start of the workload. One of at, after_starts and at_load is given.", Minimum = 0, Example = "20s")]
    public TimeSpan? At { get; init; }

    /// <summary>After so many jobs were given nodes.</summary>
    [ConfigKey("It is done as soon as so many jobs were given nodes.", Minimum = 1, Example = "30")]
    public int? AfterStarts { get; init; }

    /// <summary>At this share of busy processors.</summary>
    [ConfigKey("It is done as soon as this share of the processors is given to jobs.", Minimum = 0, Above = true, Maximum = 1, Example = "0.9")]
    public double? AtLoad { get; init; }

    /// <summary>How long it lasts.</summary>
    [ConfigKey("How long it lasts. null: until the trial ends; a daemon that is killed starts anew when its service manager does that, and a daemon that is frozen goes on after 10 s.", Minimum = 0, Above = true, Example = "10s")]
    public TimeSpan? Lasts { get; init; }

    /// <summary>Processors that a slowed daemon has left.</summary>
    [ConfigKey("Processors that the daemon of slow has left.", Minimum = 0.01, Maximum = 64, Example = "0.5")]
    public double? Processors { get; init; }

    /// <summary>How long each packet is held back.</summary>
    [ConfigKey("link: how long each packet to the node and from it is held back; a round trip takes twice as long more.", Minimum = 0, Above = true, Example = "50ms")]
    public TimeSpan? Delay { get; init; }

    /// <summary>Share of packets that is lost.</summary>
    [ConfigKey("link: share of the packets to the node and from it that is lost. 1 cuts the link.", Minimum = 0, Above = true, Maximum = 1, Example = "0.05")]
    public double? Loss { get; init; }

    /// <summary>Bytes a second.</summary>
    [ConfigKey("link: bytes a second that pass to the node, and from it.", Minimum = 1000, Example = "1MiB")]
    public ByteSize? Rate { get; init; }

    /// <summary>By how much the clock is set.</summary>
    [ConfigKey("clock: by how much the node's clock is set forward.", Example = "5s")]
    public TimeSpan? By { get; init; }

    /// <summary>A drained node gives up what it runs.</summary>
    [ConfigKey("drain: what runs on the node is put back into the queue as well (scontrol requeue; kubectl drain, which evicts pods).")]
    public bool Evict { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Property, Diagnostic Fault)> Faults()
    {
        var given = new object?[] { At, AfterStarts, AtLoad }.Count(v => v is not null);
        if (given != 1)
        {
            yield return (nameof(Kind), Diagnostic.Error("fault-trigger", given == 0 ? "nothing says when the fault is to come" : "more than one thing says when the fault is to come") with
            {
                Help = "give one of at (a time from the start), after_starts (a number of jobs) and at_load (a share of the processors)",
            });
        }

        if (OfDaemons.Contains(Kind) != (Daemon is not null))
        {
            yield return (nameof(Kind), Diagnostic.Error("fault-keys", Daemon is null ? $"{Kind.Name()} is done to a daemon, and none is named" : $"{Kind.Name()} is not done to a daemon") with
            {
                Help = Daemon is null ? "daemon=controller, or another one" : "leave daemon out",
            });
        }

        foreach (var (property, value, kind, needed) in new (string, object?, FaultKind, bool)[]
        {
            (nameof(Processors), Processors, FaultKind.Slow, true), (nameof(By), By, FaultKind.Clock, true), (nameof(Evict), Evict ? Evict : null, FaultKind.Drain, false),
            (nameof(Delay), Delay, FaultKind.Link, false), (nameof(Loss), Loss, FaultKind.Link, false), (nameof(Rate), Rate, FaultKind.Link, false),
        })
        {
            var key = RecordSchema.KeyOf(property);
            if (value is not null && Kind != kind) yield return (property, Diagnostic.Error("fault-keys", $"{key} is no key of {Kind.Name()}") with { Help = $"{kind.Name()} has it" });
            if (value is null && Kind == kind && needed) yield return (nameof(Kind), Diagnostic.Error("fault-keys", $"{Kind.Name()} needs {key}"));
        }

        if (Kind == FaultKind.Link && Delay is null && Loss is null && Rate is null)
            yield return (nameof(Kind), Diagnostic.Error("fault-keys", "a link is slowed or cut, and nothing says how") with { Help = "give delay, loss or rate; loss=1 cuts it" });
    }
}
