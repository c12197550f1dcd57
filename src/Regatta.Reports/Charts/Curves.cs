using Regatta.Analysis;

namespace Regatta.Reports.Charts;

/// <summary>A curve of one trial: <c>Y</c> over <c>X</c>.</summary>
/// <param name="Point">The point.</param>
/// <param name="Repetition">Its repetition, from 1.</param>
/// <param name="X">Abscissae, ascending.</param>
/// <param name="Y">Ordinates, as many.</param>
public sealed record Curve(string Point, int Repetition, ImmutableArray<double> X, ImmutableArray<double> Y)
{
    /// <summary>The shares of jobs that <see cref="Quantiles"/> are of.</summary>
    public static ImmutableArray<double> Levels { get; } = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1];

    /// <summary>Quantiles of all values, as the metrics define them, and not of the points that are drawn; empty for a curve that is no distribution.</summary>
    public ImmutableArray<double> Quantiles { get; init; } = [];
}

/// <summary>What one trial did over time; times are seconds from the start of the trial.</summary>
/// <param name="Point">The point.</param>
/// <param name="Repetition">Its repetition, from 1.</param>
/// <param name="End">The end of the window that is measured.</param>
/// <param name="Exact">Every step is there; otherwise each value is the mean of its span.</param>
/// <param name="X">When each value of the next three begins.</param>
/// <param name="Utilisation">Share of the processors that ran jobs, 0 to 1.</param>
/// <param name="Queued">Eligible jobs that wait.</param>
/// <param name="QueuedProcessors">Processors that those jobs wait for.</param>
/// <param name="Span">Length of the spans of the three rates, a whole number of seconds.</param>
/// <param name="RateX">When each span begins.</param>
/// <param name="Submitted">Jobs sent per second.</param>
/// <param name="Started">Jobs started per second.</param>
/// <param name="Released">Jobs released per second.</param>
public sealed record TimeCourse(
    string Point,
    int Repetition,
    double End,
    bool Exact,
    ImmutableArray<double> X,
    ImmutableArray<double> Utilisation,
    ImmutableArray<double> Queued,
    ImmutableArray<double> QueuedProcessors,
    double Span,
    ImmutableArray<double> RateX,
    ImmutableArray<double> Submitted,
    ImmutableArray<double> Started,
    ImmutableArray<double> Released);

/// <summary>Curves drawn from the jobs of a trial.</summary>
public static class Curves
{
    /// <summary>Most points of an empirical distribution in a page: more cannot be told apart on a screen.</summary>
    public const int MostSteps = 400;

    /// <summary>
    /// Empirical distribution function: the share of <paramref name="total"/> jobs with a value of at most x. Jobs without a value (never started)
    /// count in the total, so that the curve ends below 1 when there are some. Thinned to <see cref="MostSteps"/> points at equal steps of rank; minimum and maximum are kept. Its quantiles are of the values themselves.
    /// </summary>
    public static Curve Distribution(TrialRecord trial, IEnumerable<double> values, int total)
    {
        var sorted = values.ToArray();
        if (!Rises(sorted)) Array.Sort(sorted);
        var steps = Math.Min(MostSteps, sorted.Length);
        var x = ImmutableArray.CreateBuilder<double>(steps);
        var y = ImmutableArray.CreateBuilder<double>(steps);
        for (var step = 0; step < steps; step++)
        {
            var rank = steps == 1 ? 0 : (int)((long)step * (sorted.Length - 1) / (steps - 1));
            // At a tie the curve jumps to the share of all that are equal.
            var value = sorted[rank];
            while (rank + 1 < sorted.Length && sorted[rank + 1] == value) rank++;
            if (x.Count > 0 && x[^1] == Significant(value)) continue;
            x.Add(Significant(value));
            y.Add(Math.Round((rank + 1.0) / total, 5));
        }

        return new Curve(trial.Point, trial.Repetition, x.ToImmutable(), y.ToImmutable()) { Quantiles = [.. OrderStatistics.Quantiles(sorted, Curve.Levels.AsSpan())] };
    }

    /// <summary>Whether curves reach so far that a logarithmic axis shows more of them: over more than one and a half decades from 1.</summary>
    public static bool Wide(IEnumerable<Curve> curves) => curves.Where(c => c.X.Length > 0).Any(c => c.X[^1] > 30);

    /// <summary>Utilisation, queue and rates over the time of one trial.</summary>
    public static TimeCourse Over(TrialRecord record, TrialSeries series)
    {
        var offset = (series.Origin - record.Started) / 1e6;
        ImmutableArray<double> Rounded(ImmutableArray<double> values) => [.. values.Select(Significant)];
        return new TimeCourse(
            record.Point,
            record.Repetition,
            Math.Round(offset + series.Seconds, 3),
            series.Utilisation.Exact,
            [.. series.Utilisation.Times.Select(t => Math.Round(offset + t, 3))],
            Rounded(series.Utilisation.Values),
            Rounded(series.QueueLength.Values),
            Rounded(series.QueuedProcessors.Values),
            series.Started.Span,
            [.. series.Started.PerSecond.Select((_, i) => Math.Round(offset + (i * series.Started.Span), 3))],
            Rounded(series.Submitted.PerSecond),
            Rounded(series.Started.PerSecond),
            Rounded(series.Released.PerSecond));
    }

    private static bool Rises(ReadOnlySpan<double> values)
    {
        for (var i = 1; i < values.Length; i++)
        {
            if (!(values[i - 1] <= values[i])) return false;
        }

        return true;
    }

    internal static double Significant(double value)
    {
        if (value == 0 || !double.IsFinite(value)) return value;
        var digits = Math.Clamp(4 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 12);
        return Math.Round(value, digits);
    }

    /// <summary>The end of the trial's time axis, in microseconds since 1970-01-01: its own end, or the last stamp of a job where that is later.</summary>
    internal static long EndOf(Trial trial)
    {
        var end = trial.Record.Ended;
        var jobs = trial.Jobs;
        for (var row = 0; row < jobs.Count; row++)
            end = Math.Max(Math.Max(Math.Max(end, jobs.Sent[row]), Math.Max(jobs.Start[row], jobs.Finish[row])), jobs.Released[row]);
        return end;
    }
}
