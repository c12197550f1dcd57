using System.Text.Json.Serialization;
using Regatta.Reports.Model;

namespace Regatta.Reports;

/// <summary>A report for programs: the verdict and every number of the comparison.</summary>
public sealed record ReportSummary
{
    /// <summary>The HTML file; null when none was written.</summary>
    public string? Page { get; init; }

    /// <summary>The runs' ids.</summary>
    public required ImmutableArray<string> Runs { get; init; }

    /// <summary>How sure the verdict is.</summary>
    public required VerdictTone Tone { get; init; }

    /// <summary>The verdict in one sentence.</summary>
    public required string Headline { get; init; }

    /// <summary>What it rests on.</summary>
    public required ImmutableArray<string> Sentences { get; init; }

    /// <summary>The verdict on each workload, where there are several.</summary>
    public ImmutableArray<WorkloadVerdict>? Workloads { get; init; }

    /// <summary>The comparison: one entry a metric and point.</summary>
    public required ImmutableArray<SummaryCell> Comparison { get; init; }

    /// <summary>The summary of <paramref name="model"/>.</summary>
    public static ReportSummary Of(ReportModel model, string? page) => new()
    {
        Page = page,
        Runs = model.Runs,
        Tone = model.Verdict.Tone,
        Headline = model.Verdict.Headline,
        Sentences = model.Verdict.Sentences,
        Workloads = model.Verdict.Workloads.IsEmpty ? null : model.Verdict.Workloads,
        Comparison = [.. model.Races.SelectMany(race => race.Comparison.SelectMany(r => r.Cells.Select((c, i) => new SummaryCell(r.Metric.Name, r.Metric.UnitSymbol, race.Points[i], c, r.Bound))))],
    };
}

/// <summary>One metric of one point.</summary>
/// <param name="Metric">Name of the metric.</param>
/// <param name="Unit">Its unit; empty for ratios and shares.</param>
/// <param name="Point">The point.</param>
/// <param name="Result">What it reached.</param>
/// <param name="Bound">The lower bound.</param>
public sealed record SummaryCell(string Metric, string Unit, string Point, ComparisonCell Result, double? Bound);

/// <summary>JSON of what the commands about results print.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ReportSummary))]
[JsonSerializable(typeof(ReportNumbers))]
[JsonSerializable(typeof(Checks.CheckOutcome))]
[JsonSerializable(typeof(string))]
public sealed partial class ReportJson : JsonSerializerContext;
