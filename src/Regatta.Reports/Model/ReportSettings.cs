using Regatta.Analysis;

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

    /// <summary>Most jobs whose Gantt charts one page carries: about 60 bytes each.</summary>
    public int MostGanttJobs { get; init; } = 60_000;
}
