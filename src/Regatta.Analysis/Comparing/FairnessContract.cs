using System.Collections.Immutable;
using System.Globalization;

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

    // What a profile is made of: these follow from the profile or the scheduler that is compared.
    private static readonly ImmutableDictionary<string, string> s_ofProfile = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["backfill"] = "backfill on or off is what profiles differ in",
        ["gang"] = "gang semantics are what profiles differ in",
        ["preemption"] = "preemption is what profiles differ in",
        ["queue-order"] = "the order of the queue is what profiles differ in",
    }.ToImmutableDictionary(StringComparer.Ordinal);

    // How a scheduler is built: these follow from the scheduler that is compared. What can be set the same on all of them does not.
    private static readonly ImmutableHashSet<string> s_ofScheduler =
        ["admission", "controller-queue", "image", "image-pull", "memory", "placement", "pod-sandbox", "prolog-epilog", "scheduler-version", "task-launch", "time-limit-check"];

    private static readonly ImmutableDictionary<string, string> s_why = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["accounting"] = "accounting costs the scheduler time on every job",
        ["gang"] = "gang semantics change which jobs may start",
        ["backfill"] = "backfill changes which jobs may start",
        ["admission"] = "admission checks delay every submission",
        ["cgroup-enforcement"] = "cgroups cost time at every launch and hold jobs to their processors",
        ["client-rate-limit"] = "a limit on the client's rate is not the scheduler's",
        ["task-launch"] = "ways to launch tasks differ in cost",
        ["prolog-epilog"] = "a prolog delays every start, an epilog every release",
        ["queue-order"] = "the order of the queue decides who waits",
        ["time-limit-check"] = "limits that are checked seldom let jobs run on",
        ["preemption"] = "preemption changes which jobs run on",
        ["drain"] = "jobs that the workload lets nothing start beside hold the others back on some sides only",
        ["machines"] = "results of different kinds of machines are not comparable",
        ["processors"] = "the machines differ in size",
        ["image"] = "the software on the nodes differs",
        ["workload"] = "the jobs differ",
        ["cluster-state"] = "a used cluster is not like a fresh one",
        ["scheduler-version"] = "versions of a scheduler are different schedulers",
        ["workers"] = "the number of nodes differs",
        ["controller-queue"] = "a controller's queue before the scheduler's delays every job",
        ["image-pull"] = "pulling an image delays a start",
        ["placement"] = "a pod cannot be spread over nodes, so that fewer jobs may fit",
        ["pod-sandbox"] = "a sandbox for each pod costs time at every launch",
        ["memory"] = "where memory is scheduled, fewer jobs may fit",
        ["emulation"] = "emulated nodes are not machines",
        ["emulation-leaves-out"] = "what an emulation leaves out costs nothing",
        ["clusters-beside"] = "an idle cluster beside takes from the same host",
        ["lateness-bound"] = "the client is held to different bounds",
    }.ToImmutableDictionary(StringComparer.Ordinal);

    /// <summary>Whether the contract says why a trait of a scheduler matters, or what explains it; one that it does not know counts as an unexplained asymmetry.</summary>
    public static bool Knows(string trait) => s_why.ContainsKey(trait) || s_ofProfile.ContainsKey(trait) || s_ofScheduler.Contains(trait);

    /// <summary>Everything in which the points of <paramref name="trials"/> differ, what is not explained first.</summary>
    /// <param name="trials">All trials that are compared.</param>
    /// <param name="factors">What differs by intention: names of fields or settings.</param>
    public static ImmutableArray<Asymmetry> Asymmetries(IEnumerable<TrialRecord> trials, IReadOnlyCollection<string> factors)
    {
        var points = trials.GroupBy(t => t.Point, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Select(Facts).ToList(), StringComparer.Ordinal);
        var names = points.Values.SelectMany(p => p).SelectMany(f => f.Keys).Distinct(StringComparer.Ordinal);
        var schedulers = points.Values.SelectMany(p => p).Select(f => f["scheduler"]).Distinct(StringComparer.Ordinal).Count();
        var profiles = points.Values.SelectMany(p => p).Select(f => f["profile"]).Distinct(StringComparer.Ordinal).Count();
        var found = new List<Asymmetry>();
        foreach (var name in names)
        {
            var values = points.ToImmutableSortedDictionary(
                p => p.Key,
                p => string.Join('|', p.Value.Select(f => f.GetValueOrDefault(name, NotSet)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)),
                StringComparer.Ordinal);
            var steady = values.Values.Distinct(StringComparer.Ordinal).Count() == 1 && !values.Values.First().Contains('|', StringComparison.Ordinal);
            if (steady) continue;
            var why = Explanation(name, factors, schedulers > 1 && factors.Contains("scheduler"), profiles > 1 && factors.Contains("profile"));
            found.Add(new(name, values, why is not null, why ?? s_why.GetValueOrDefault(name, "nothing that is compared explains it")));
        }

        return [.. found.OrderBy(a => a.Explained).ThenBy(a => a.Name, StringComparer.Ordinal)];
    }

    private static string? Explanation(string name, IReadOnlyCollection<string> factors, bool schedulersCompared, bool profilesCompared)
    {
        if (factors.Contains(name)) return "it is what is compared";
        // Settings with a scheduler's own prefix are how its profile is written down.
        var own = name.Contains('.', StringComparison.Ordinal);
        if (schedulersCompared && (own || s_ofScheduler.Contains(name))) return "it comes of the schedulers that are compared";
        if (!profilesCompared && !schedulersCompared) return null;
        if (own) return "it is how the profile is set";
        return profilesCompared ? s_ofProfile.GetValueOrDefault(name) : null;
    }

    private static Dictionary<string, string> Facts(TrialRecord trial)
    {
        var facts = new Dictionary<string, string>(trial.Settings, StringComparer.Ordinal)
        {
            ["scheduler"] = trial.Scheduler,
            ["scheduler-version"] = trial.SchedulerVersion ?? NotSet,
            ["profile"] = trial.Profile,
            ["workload"] = trial.Workload,
            ["processors"] = trial.Processors.ToString(CultureInfo.InvariantCulture),
            ["workers"] = trial.Workers.Length.ToString(CultureInfo.InvariantCulture),
            ["machines"] = trial.Machines,
            ["cluster-state"] = trial.ClusterState,
            ["image"] = trial.Image ?? NotSet,
            ["lateness-bound"] = trial.LatenessBound.ToString(CultureInfo.InvariantCulture),
        };
        return facts;
    }
}
