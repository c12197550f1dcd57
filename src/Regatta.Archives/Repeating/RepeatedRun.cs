using System.Text.Json.Nodes;
using Regatta.Analysis;
using Regatta.Reports.Model;
using Regatta.Runs;

namespace Regatta.Archives.Repeating;

/// <summary>A fact of the environments that is not the same.</summary>
/// <param name="Name">Which, such as <c>host.kernel</c>.</param>
/// <param name="Original">What it was; null when it was not recorded.</param>
/// <param name="Repetition">What it is; null when it is not recorded.</param>
public sealed record EnvironmentDifference(string Name, string? Original, string? Repetition);

/// <summary>A run and its repetition: which results hold, which do not, and what differs between the two environments.</summary>
/// <param name="Original">The original's id.</param>
/// <param name="Repetition">The repetition's id.</param>
/// <param name="Results">The results.</param>
/// <param name="Environment">What differs.</param>
public sealed record RepeatedRun(string Original, string Repetition, RepetitionComparison Results, ImmutableArray<EnvironmentDifference> Environment)
{
    // What is another one in every run, and explains nothing.
    private static readonly string[] Passing = ["started", "host.load", "clusters"];

    /// <summary>Whether a result does not hold.</summary>
    public bool Differs => Results.Metrics.Any(m => m.Outcome == RepetitionOutcome.Differs);

    /// <summary>Compares a run with its repetition.</summary>
    /// <param name="original">The original.</param>
    /// <param name="repetition">The repetition.</param>
    /// <param name="margin">The margin of equivalence, a share of the original's mean; above 0.</param>
    public static RepeatedRun Of(RecordedRun original, RecordedRun repetition, double margin)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(repetition);
        var settings = ReportSettings.For([original]);
        List<MeasuredTrial> Measured(RecordedRun run) => [.. run.Trials.Select(t => MeasuredTrial.Of(t.Trial, settings.Measure, t.Audit))];
        return new RepeatedRun(
            original.Id, repetition.Id, RepetitionComparison.Of(Measured(original), Measured(repetition), settings.Comparison, margin), [.. Differences(Facts(original), Facts(repetition))]);
    }

    private static IEnumerable<EnvironmentDifference> Differences(SortedDictionary<string, string> original, SortedDictionary<string, string> repetition) =>
        original.Keys.Union(repetition.Keys).Order(StringComparer.Ordinal).Select(name => new EnvironmentDifference(name, original.GetValueOrDefault(name), repetition.GetValueOrDefault(name))).Where(d => d.Original != d.Repetition);

    private static SortedDictionary<string, string> Facts(RecordedRun run)
    {
        var facts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (run.Provenance is { } provenance) Add(facts, "", provenance.ToJson());
        // Settings that the schedulers themselves reported may follow the machine, such as limits and defaults.
        foreach (var group in run.Trials.GroupBy(t => t.Trial.Record.Point, StringComparer.Ordinal))
        {
            var record = group.First().Trial.Record;
            facts[$"{group.Key}.machines"] = record.Machines.ToString();
            if (record.SchedulerVersion is { } version) facts[$"{group.Key}.scheduler"] = $"{record.Scheduler} {version}";
            foreach (var (name, value) in record.Settings) facts[$"{group.Key}.{name}"] = value;
        }

        return facts;
    }

    private static void Add(SortedDictionary<string, string> facts, string name, JsonNode? node)
    {
        if (Passing.Contains(name)) return;
        if (node is JsonObject parts)
        {
            foreach (var (key, value) in parts) Add(facts, name.Length == 0 ? key : $"{name}.{key}", value);
        }
        else if (node is not null)
        {
            facts[name] = node.ToString();
        }
    }
}
