using Regatta.Analysis;
using Regatta.Runs;

namespace Regatta.Reports.Model;

/// <summary>How a report is made of its runs.</summary>
public sealed record ReportSettings
{
    /// <summary>The usual settings.</summary>
    public static ReportSettings Default { get; } = new();

    /// <summary>How trials are measured: cuts, tau, classes.</summary>
    public MeasureSettings Measure { get; init; } = MeasureSettings.Default;

    /// <summary>How points are compared; without a baseline the first point of the first run is it.</summary>
    public ComparisonSettings Comparison { get; init; } = ComparisonSettings.Default;

    /// <summary>The settings that the runs ask for themselves: cuts, tau and judged metrics of the first, factors of all.</summary>
    public static ReportSettings For(IReadOnlyList<RecordedRun> runs) => new()
    {
        Measure = runs[0].Measure,
        Comparison = ComparisonSettings.Default with
        {
            Judged = runs[0].Judged,
            Factors = [.. runs.SelectMany(r => IntendedFactors.Of(r.Points)).Distinct(StringComparer.Ordinal)],
        },
    };

    /// <summary>Most jobs whose Gantt charts one page carries: about 60 bytes each.</summary>
    public int MostGanttJobs { get; init; } = 60_000;
}
