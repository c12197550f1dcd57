using System.Reflection;
using System.Text.Json;
using Regatta.Reports.Model;

namespace Regatta.Reports;

/// <summary>Every number that a report says, as its page carries it for programs: what <c>regatta verify</c> holds against what it computes itself.</summary>
public sealed record ReportNumbers
{
    /// <summary>Version of the contract that is written, and the newest that can be read.</summary>
    public const int CurrentVersion = 1;

    private const string Begin = "<script type=\"application/json\" id=\"report-numbers\">";
    private const string End = "</script>";

    /// <summary>Version of this contract.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Version of the program that made the report.</summary>
    public required string Program { get; init; }

    /// <summary>How the report was made.</summary>
    public required ReportedSettings Settings { get; init; }

    /// <summary>The verdict and the comparison.</summary>
    public required ReportSummary Summary { get; init; }

    /// <summary>The trials.</summary>
    public required ImmutableArray<ReportedTrial> Trials { get; init; }

    /// <summary>Version of this program.</summary>
    public static string ProgramVersion { get; } = typeof(ReportNumbers).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>The archives that its page names; null for none.</summary>
    public ImmutableArray<ReportedArchive>? Archives { get; init; }

    /// <summary>The numbers of <paramref name="model"/>.</summary>
    public static ReportNumbers Of(ReportModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new()
        {
            Program = ProgramVersion,
            Settings = ReportedSettings.Of(model.Settings),
            Summary = ReportSummary.Of(model, null),
            Archives = model.Archives.IsEmpty ? null : model.Archives,
            Trials = [.. model.Trials.Select(t => new ReportedTrial(t.Run, t.Record.Point, t.Record.Repetition, t.Standing, t.Metrics.Values))],
        };
    }

    /// <summary>As an element of a page.</summary>
    public string ToElement() => Begin + JsonSerializer.Serialize(this, ReportJson.Default.ReportNumbers) + End + "\n";

    /// <summary>The JSON that a page carries; null when it carries none, as pages of early programs.</summary>
    public static string? In(string page)
    {
        ArgumentNullException.ThrowIfNull(page);
        var begin = page.IndexOf(Begin, StringComparison.Ordinal);
        if (begin < 0) return null;
        begin += Begin.Length;
        var end = page.IndexOf(End, begin, StringComparison.Ordinal);
        return end < 0 ? null : page[begin..end];
    }
}

/// <summary>How a report was made, as far as it can be chosen.</summary>
/// <param name="WarmUp">Jobs submitted earlier than this after the first are left out.</param>
/// <param name="CoolDown">Jobs submitted later than this before the last are left out.</param>
/// <param name="Tau">Bound of the bounded slowdown.</param>
/// <param name="Judged">The metrics that were tested.</param>
/// <param name="Factors">The settings in which points differ by intention.</param>
/// <param name="Baseline">The point that others were measured against; null for the first.</param>
/// <param name="MostGanttJobs">Most jobs whose Gantt charts the page carries.</param>
public sealed record ReportedSettings(TimeSpan WarmUp, TimeSpan CoolDown, TimeSpan Tau, ImmutableArray<string> Judged, ImmutableArray<string> Factors, string? Baseline, int MostGanttJobs)
{
    /// <summary>What was chosen of <paramref name="settings"/>.</summary>
    public static ReportedSettings Of(ReportSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var (measure, comparison) = (settings.Measure, settings.Comparison);
        return new(measure.WarmUp, measure.CoolDown, measure.Tau, comparison.Judged, comparison.Factors, comparison.Baseline, settings.MostGanttJobs);
    }

    /// <summary>The settings of a report that is made so again.</summary>
    public ReportSettings ToSettings()
    {
        var usual = ReportSettings.Default;
        return usual with
        {
            Measure = usual.Measure with { WarmUp = WarmUp, CoolDown = CoolDown, Tau = Tau },
            Comparison = usual.Comparison with { Judged = Judged, Factors = Factors, Baseline = Baseline },
            MostGanttJobs = MostGanttJobs,
        };
    }
}

/// <summary>The numbers of one trial.</summary>
/// <param name="Run">The run's id.</param>
/// <param name="Point">The point's name in the report.</param>
/// <param name="Repetition">Its repetition, from 1.</param>
/// <param name="Standing">Whether it is compared.</param>
/// <param name="Metrics">Its metrics, by name.</param>
public sealed record ReportedTrial(string Run, string Point, int Repetition, TrialStanding Standing, ImmutableSortedDictionary<string, double> Metrics);
