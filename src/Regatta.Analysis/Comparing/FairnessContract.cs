using System.Collections.Frozen;
using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>Something in which the points of a comparison differ.</summary>
/// <param name="Name">What: a field of the trial such as <c>machines</c>, or a setting such as <c>backfill</c>.</param>
/// <param name="Values">Each point's value; <c>(not set)</c> where it has none, several joined with <c>|</c> where its own trials differ.</param>
/// <param name="Explained">It is, or comes of, what is compared.</param>
/// <param name="Why">Why it is explained, or why it matters.</param>
public sealed record Asymmetry(string Name, ImmutableSortedDictionary<string, string> Values, bool Explained, string Why);

/// <summary>What must be the same on all sides of a comparison.</summary>
public static class FairnessContract
{
    private const string NotSet = "(not set)";
    private const string Version = "scheduler-version";

    // What the traits of schedulers are to a comparison.
    private static readonly ImmutableDictionary<Trait, Rule> Traits = new Dictionary<Trait, Rule>
    {
        [Trait.Accounting] = new("accounting costs the scheduler time on every job"),
        [Trait.Admission] = new("admission checks delay every submission", OfScheduler: true),
        [Trait.Backfill] = new("backfill changes which jobs may start", OfProfile: "backfill on or off is what profiles differ in"),
        [Trait.CgroupEnforcement] = new("cgroups cost time at every launch and hold jobs to their processors"),
        [Trait.ClientRateLimit] = new("a limit on the client's rate is not the scheduler's"),
        [Trait.ClustersBeside] = new("an idle cluster beside takes from the same host"),
        [Trait.ControllerQueue] = new("a controller's queue before the scheduler's delays every job", OfScheduler: true),
        [Trait.Drain] = new("jobs that the workload lets nothing start beside hold the others back on some sides only"),
        [Trait.Emulation] = new("emulated nodes are not machines"),
        [Trait.EmulationLeavesOut] = new("what an emulation leaves out costs nothing"),
        [Trait.Gang] = new("gang semantics change which jobs may start", OfProfile: "gang semantics are what profiles differ in"),
        [Trait.GangRetry] = new("a gang that did not fit waits for its next try, not for what becomes free", OfProfile: "gang semantics are what profiles differ in", OfScheduler: true),
        [Trait.Gpus] = new("the nodes differ in their GPUs"),
        [Trait.ImagePull] = new("pulling an image delays a start", OfScheduler: true),
        [Trait.Memory] = new("where memory is scheduled, fewer jobs may fit", OfScheduler: true),
        [Trait.Partitions] = new("a job waits for nodes of its partition while others stand idle"),
        [Trait.Placement] = new("a pod cannot be spread over nodes, so that fewer jobs may fit", OfScheduler: true),
        [Trait.PodSandbox] = new("a sandbox for each pod costs time at every launch", OfScheduler: true),
        [Trait.Preemption] = new("preemption changes which jobs run on", OfProfile: "preemption is what profiles differ in"),
        [Trait.PrologEpilog] = new("a prolog delays every start, an epilog every release", OfScheduler: true),
        [Trait.QueueOrder] = new("the order of the queue decides who waits", OfProfile: "the order of the queue is what profiles differ in"),
        [Trait.TaskLaunch] = new("ways to launch tasks differ in cost", OfScheduler: true),
        [Trait.VirtualTime] = new("virtual time is not real time: what a launch, a network and a burst of requests cost is not what it is on a cluster"),
        [Trait.TimeLimitCheck] = new("limits that are checked seldom let jobs run on", OfScheduler: true),
    }.ToImmutableDictionary();

    // All that a trial may differ in, by the names of its settings and facts.
    private static readonly FrozenDictionary<string, Rule> Rules = new Dictionary<string, Rule>(StringComparer.Ordinal)
    {
        ["machines"] = new("results of different kinds of machines are not comparable"),
        ["processors"] = new("the machines differ in size"),
        ["image"] = new("the software on the nodes differs", OfScheduler: true),
        ["workload"] = new("the jobs differ"),
        ["cluster-state"] = new("a used cluster is not like a fresh one"),
        [Version] = new("versions of a scheduler are different schedulers", OfScheduler: true),
        ["workers"] = new("the number of nodes differs"),
        ["lateness-bound"] = new("the client is held to different bounds"),
    }.Concat(Traits.Select(t => KeyValuePair.Create(t.Key.Name(), t.Value))).ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Whether the contract says why a trait of a scheduler matters.</summary>
    public static bool Knows(Trait trait) => Traits.ContainsKey(trait);

    /// <summary>Everything in which the points of <paramref name="trials"/> differ, what is not explained first.</summary>
    /// <param name="trials">All trials that are compared.</param>
    /// <param name="factors">What differs by intention: names of fields or settings.</param>
    public static ImmutableArray<Asymmetry> Asymmetries(IEnumerable<TrialRecord> trials, IReadOnlyCollection<string> factors)
    {
        var points = trials.GroupBy(t => t.Point, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Select(Facts).ToList(), StringComparer.Ordinal);
        var names = points.Values.SelectMany(p => p).SelectMany(f => f.Keys).Distinct(StringComparer.Ordinal);
        var schedulers = points.Values.SelectMany(p => p).Select(f => f["scheduler"]).Distinct(StringComparer.Ordinal).Count();
        var profiles = points.Values.SelectMany(p => p).Select(f => f["profile"]).Distinct(StringComparer.Ordinal).Count();
        var versions = points.Values.SelectMany(p => p).Select(f => f[Version]).Distinct(StringComparer.Ordinal).Count();
        var compared = new Compared(
            schedulers > 1 && factors.Contains("scheduler"), versions > 1 && factors.Contains(Version), profiles > 1 && factors.Contains("profile"));
        var found = new List<Asymmetry>();
        foreach (var name in names)
        {
            var values = points.ToImmutableSortedDictionary(
                p => p.Key,
                p => string.Join('|', p.Value.Select(f => f.GetValueOrDefault(name, NotSet)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)),
                StringComparer.Ordinal);
            var steady = values.Values.Distinct(StringComparer.Ordinal).Count() == 1 && !values.Values.First().Contains('|', StringComparison.Ordinal);
            if (steady) continue;
            var why = Explanation(name, factors, compared);
            found.Add(new(name, values, why is not null, why ?? Rules.GetValueOrDefault(name)?.Why ?? "nothing that is compared explains it"));
        }

        return [.. found.OrderBy(a => a.Explained).ThenBy(a => a.Name, StringComparer.Ordinal)];
    }

    private static string? Explanation(string name, IReadOnlyCollection<string> factors, Compared compared)
    {
        if (factors.Contains(name)) return "it is what is compared";
        var rule = Rules.GetValueOrDefault(name);
        // Settings with a scheduler's own prefix are how its profile is written down.
        var own = name.Contains('.', StringComparison.Ordinal);
        if (compared.Schedulers && (own || rule is { OfScheduler: true })) return "it comes of the schedulers that are compared";
        if (compared.Versions && (own || rule is { OfScheduler: true })) return "it comes of the versions that are compared";
        if (!compared.Profiles) return null;
        return own ? "it is how the profile is set" : rule?.OfProfile;
    }

    private static Dictionary<string, string> Facts(TrialRecord trial)
    {
        var facts = new Dictionary<string, string>(trial.Settings, StringComparer.Ordinal)
        {
            ["scheduler"] = trial.Scheduler,
            [Version] = trial.SchedulerVersion ?? NotSet,
            ["profile"] = trial.Profile,
            ["workload"] = trial.Workload,
            ["processors"] = trial.Processors.ToString(CultureInfo.InvariantCulture),
            ["workers"] = trial.Workers.Length.ToString(CultureInfo.InvariantCulture),
            ["machines"] = trial.Machines.Name(),
            ["cluster-state"] = trial.ClusterState,
            ["image"] = trial.Image ?? NotSet,
            ["lateness-bound"] = trial.LatenessBound.ToString(CultureInfo.InvariantCulture),
        };
        return facts;
    }

    /// <summary>What of the scheduler the points differ in by intention, and really do.</summary>
    private sealed record Compared(bool Schedulers, bool Versions, bool Profiles);

    /// <summary>What a difference means.</summary>
    /// <param name="Why">Why it matters.</param>
    /// <param name="OfProfile">Why it is no surprise where profiles are compared; null when it is one.</param>
    /// <param name="OfScheduler">It is how a scheduler is built. What can be set the same on all of them is not.</param>
    private sealed record Rule(string Why, string? OfProfile = null, bool OfScheduler = false);
}
