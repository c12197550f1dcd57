using System.CommandLine;
using Regatta.Reports.Model;
using Regatta.Runs;

namespace Regatta.Cli.Commands;

/// <summary>Options that the commands about results share.</summary>
internal sealed class ReportOptions
{
    public Option<string> Runs { get; } = new("--runs") { Description = "Directory that holds the runs.", DefaultValueFactory = _ => "runs", HelpName = "DIRECTORY" };

    public Option<string?> Baseline { get; } = new("--baseline") { Description = "Point that the others are measured against; the first one if not given.", HelpName = "POINT" };

    public Option<TimeSpan?> WarmUp { get; } = Duration("--warm-up", "Leave out jobs submitted earlier than this after the first (as the experiment says if not given).");

    public Option<TimeSpan?> CoolDown { get; } = Duration("--cool-down", "Leave out jobs submitted later than this before the last.");

    public Option<TimeSpan?> Tau { get; } = Duration("--tau", "Bound of the bounded slowdown.");

    public Option<string[]> Judge { get; } = new("--judge") { Description = "Metrics to test, such as wait-p90 (as the experiment says if not given); may be repeated.", HelpName = "METRIC", AllowMultipleArgumentsPerToken = true };

    public Option<string[]> Factor { get; } = new("--factor") { Description = "A further setting in which the points differ by intention, such as image; may be repeated.", HelpName = "SETTING" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { Baseline, Judge, Factor, WarmUp, CoolDown, Tau, Runs }) command.Add(option);
    }

    public async Task<IReadOnlyList<RecordedRun>> ReadAsync(ParseResult parsed, IEnumerable<string> names, CancellationToken cancellation)
    {
        using var opened = Open(parsed, names, cancellation);
        var runs = new List<RecordedRun>();
        foreach (var run in opened.Runs) runs.Add(await run.ReadAsync(cancellation));
        return runs;
    }

    /// <summary>Opens runs, for as long as their files are needed.</summary>
    public OpenedRuns Open(ParseResult parsed, IEnumerable<string> names, CancellationToken cancellation) =>
        OpenedRuns.Open(new RunCollection(parsed.GetRequiredValue(Runs)), names, cancellation);

    public ReportSettings Settings(ParseResult parsed, IReadOnlyList<RecordedRun> runs)
    {
        var settings = ReportSettings.For(runs);
        var judged = parsed.GetValue(Judge) ?? [];
        return settings with
        {
            Measure = settings.Measure with
            {
                WarmUp = parsed.GetValue(WarmUp) ?? settings.Measure.WarmUp,
                CoolDown = parsed.GetValue(CoolDown) ?? settings.Measure.CoolDown,
                Tau = parsed.GetValue(Tau) ?? settings.Measure.Tau,
            },
            Comparison = settings.Comparison with
            {
                Baseline = parsed.GetValue(Baseline),
                Judged = judged.Length > 0 ? [.. judged.SelectMany(j => j.Split(',')).Distinct()] : settings.Comparison.Judged,
                Factors = [.. settings.Comparison.Factors, .. parsed.GetValue(Factor) ?? []],
            },
        };
    }

    private static Option<TimeSpan?> Duration(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "DURATION",
        CustomParser = result =>
        {
            if (Durations.TryParse(result.Tokens[0].Value, out var duration) && (duration > TimeSpan.Zero || name != "--tau")) return duration;
            result.AddError($"'{result.Tokens[0].Value}' is no duration for {name}: write {Durations.Examples}");
            return null;
        },
    };
}
