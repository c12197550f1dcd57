namespace Regatta.Analysis;

/// <summary>The launch-latency law of one scheduler and profile, over its points whose fans differ in tasks a processor.</summary>
/// <param name="Scheduler">The scheduler.</param>
/// <param name="Profile">Its profile.</param>
/// <param name="Processors">The machine.</param>
/// <param name="Fit">The law.</param>
public sealed record LaunchLaw(string Scheduler, string Profile, int Processors, LaunchLatencyFit Fit)
{
    /// <summary>The law in words.</summary>
    public string Text => $"Launch latency of {Scheduler} ({Profile}): dT = t_s * n^alpha_s with t_s = {Verdicts.Number(Fit.Latency)} s ({Range(Fit.LatencyInterval)} s) "
        + $"and alpha_s = {Verdicts.Number(Fit.Exponent)} ({Range(Fit.ExponentInterval)}), {Verdicts.Number(Fit.LatencyInterval.Confidence * 100)} % intervals{(Fit.ExponentInterval.Coverage is { } covers ? $" (of so few runs they cover {covers.Range()} by simulation)" : "")}, "
        + $"R² = {Verdicts.Number(Fit.RSquared)} over {Fit.Points} runs of n tasks a processor{(Fit.LeftOut > 0 ? $"; {Fit.LeftOut} runs without overhead are left out" : "")}.";

    /// <summary>The laws of all schedulers among <paramref name="trials"/> with at least three fans of at least two numbers of tasks.</summary>
    internal static ImmutableArray<LaunchLaw> Of(IEnumerable<MeasuredTrial> trials, double confidence) =>
    [
        .. trials.Where(t => t.Launch is not null)
            .GroupBy(t => (t.Record.Scheduler, t.Record.Profile, t.Record.Processors))
            .Select(g => (g.Key, Fit: LaunchLatencyFit.Of([.. g.Select(t => t.Launch!.Value)], confidence)))
            .Where(g => g.Fit is not null)
            .Select(g => new LaunchLaw(g.Key.Scheduler, g.Key.Profile, g.Key.Processors, g.Fit!)),
    ];

    private static string Range(Interval interval) => $"{Verdicts.Number(interval.Low)} to {Verdicts.Number(interval.High)}";
}
