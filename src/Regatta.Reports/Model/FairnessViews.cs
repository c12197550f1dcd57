using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Reports.Model;

/// <summary>The fairness contract as the report shows it.</summary>
internal static class FairnessViews
{
    public static FairnessView Of(ImmutableArray<string> points, Comparison comparison, IReadOnlyList<RacedTrial> trials)
    {
        var differences = comparison.Asymmetries.Select(a => new FairnessRow(a.Name, [.. points.Select(p => Shown(a.Values.GetValueOrDefault(p)))], a.Why, a.Explained)).ToImmutableArray();
        var unexplained = differences.Count(d => !d.Explained);
        var summary = points.Length < 2 ? "There is one point only; nothing is compared."
            : differences.Length == 0 ? "Nothing that is recorded differs between the points: what differs in the numbers is chance, or something that is not recorded."
            : unexplained == 0 ? "Everything in which the points differ is what is compared, or comes of it."
            : $"{Quantity.Count(unexplained, "difference")} between the points {(unexplained == 1 ? "is" : "are")} not what is compared: the comparison is labelled, and any difference in the numbers may come from {(unexplained == 1 ? "it" : "them")}.";
        return new FairnessView(summary, differences, Equal([.. trials.Select(t => t.Measured.Record)]));
    }

    // The contract joins what differs between the trials of one point with bars.
    private static string? Shown(string? value) => value?.Split('|') is { Length: > 1 } parts ? $"{string.Join(" in some trials, ", parts)} in others" : value;

    private static ImmutableArray<Fact> Equal(List<TrialRecord> records)
    {
        var facts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        void Same(string name, Func<TrialRecord, string?> of)
        {
            var values = records.Select(of).Distinct(StringComparer.Ordinal).ToList();
            if (values is [{ } value]) facts[name] = value;
        }

        Same("scheduler", r => r.Scheduler);
        Same("scheduler-version", r => r.SchedulerVersion);
        Same("profile", r => r.Profile);
        Same("workload", r => r.Workload);
        Same("processors", r => r.Processors.ToString(CultureInfo.InvariantCulture));
        Same("workers", r => r.Workers.Length.ToString(CultureInfo.InvariantCulture));
        Same("machines", r => r.Machines.Name());
        Same("cluster-state", r => r.ClusterState);
        Same("image", r => r.Image);
        foreach (var name in records.SelectMany(r => r.Settings.Keys).Distinct(StringComparer.Ordinal)) Same(name, r => r.Settings.GetValueOrDefault(name));
        return [.. facts.Select(f => new Fact(f.Key, f.Value))];
    }
}
