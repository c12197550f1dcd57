namespace Regatta.Analysis;

/// <summary>When to stop repeating: as soon as the interval is narrow enough, or the budget ends.</summary>
public sealed record AdaptiveRepetitions
{
    /// <summary>Half of the interval's width over the estimate that is narrow enough; above 0.</summary>
    public double RelativeHalfWidth { get; init; } = 0.05;

    /// <summary>Fewest runs, at least <see cref="MeanInterval.Fewest"/>: an interval of few runs is narrow by luck too often.</summary>
    public int Fewest { get; init; } = 5;

    /// <summary>Most runs.</summary>
    public int Most { get; init; } = 30;

    /// <summary>Longest time for all runs of a point; null for no limit.</summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>Confidence of the interval.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>Resamples of the bootstrap.</summary>
    public int Resamples { get; init; } = 10_000;

    /// <summary>Seed of the bootstrap.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Decides after the runs so far.</summary>
    /// <param name="runs">One value of the metric a valid run.</param>
    /// <param name="spent">Time that the runs took so far, invalid ones included.</param>
    public RepetitionDecision Decide(ReadOnlySpan<double> runs, TimeSpan spent)
    {
        var interval = MeanInterval.Of(runs, Confidence, Resamples, Seed);
        double? share = null;
        if (interval is { } i)
        {
            var mean = Math.Abs(Distribution.Sum(runs) / runs.Length);
            share = i.HalfWidth == 0 ? 0 : mean == 0 ? double.PositiveInfinity : i.HalfWidth / mean;
        }

        var seen = share is { } s ? FormattableString.Invariant($"the interval's half-width is {s * 100:0.##} % of the mean after {runs.Length} runs") : $"{(runs.Length == 1 ? "1 run gives" : $"{runs.Length} runs give")} no interval yet";
        if (runs.Length >= Fewest && share <= RelativeHalfWidth)
            return new(false, share, FormattableString.Invariant($"narrow enough: {seen}, and {RelativeHalfWidth * 100:0.##} % was asked for"));
        if (runs.Length >= Most) return new(false, share, $"the most runs, {Most}, are done: {seen}");
        if (Budget is { } budget && spent >= budget) return new(false, share, $"the time budget is spent: {seen}");
        return new(true, share, $"go on: {seen}");
    }
}

/// <summary>Whether to run once more.</summary>
/// <param name="Continue">Run once more.</param>
/// <param name="RelativeHalfWidth">Half of the interval's width over the mean; null when there is no interval yet.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record RepetitionDecision(bool Continue, double? RelativeHalfWidth, string Reason);
