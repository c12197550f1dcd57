using System.Collections.Immutable;
using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Reports.Charts;

/// <summary>A curve of one trial: <c>Y</c> over <c>X</c>.</summary>
/// <param name="Point">The point.</param>
/// <param name="Repetition">Its repetition, from 1.</param>
/// <param name="X">Abscissae, ascending.</param>
/// <param name="Y">Ordinates, as many.</param>
public sealed record Curve(string Point, int Repetition, ImmutableArray<double> X, ImmutableArray<double> Y);

/// <summary>What one trial did over time. All arrays but <see cref="X"/> hold the mean over an interval that begins at the same place of <see cref="X"/>.</summary>
/// <param name="Point">The point.</param>
/// <param name="Repetition">Its repetition, from 1.</param>
/// <param name="Width">Width of the intervals, in seconds.</param>
/// <param name="X">Beginnings of the intervals, in seconds from the start of the trial.</param>
/// <param name="Utilisation">Share of the processors that ran jobs, 0 to 1.</param>
/// <param name="Queued">Jobs sent and not started.</param>
/// <param name="QueuedProcessors">Processors that those jobs wait for.</param>
/// <param name="Submitted">Jobs sent per second.</param>
/// <param name="Started">Jobs started per second.</param>
/// <param name="Released">Jobs released per second (finished, where the scheduler shows no release).</param>
public sealed record TimeCourse(
    string Point,
    int Repetition,
    double Width,
    ImmutableArray<double> X,
    ImmutableArray<double> Utilisation,
    ImmutableArray<double> Queued,
    ImmutableArray<double> QueuedProcessors,
    ImmutableArray<double> Submitted,
    ImmutableArray<double> Started,
    ImmutableArray<double> Released);

/// <summary>Curves drawn from the jobs of a trial.</summary>
public static class Curves
{
    /// <summary>Most points of an empirical distribution in a page: more cannot be told apart on a screen.</summary>
    public const int MostSteps = 400;

    /// <summary>Most intervals of a course over time.</summary>
    public const int MostIntervals = 360;

    /// <summary>
    /// Empirical distribution function: the share of <paramref name="total"/> jobs with a value of at most x. Jobs without a value (never started)
    /// count in the total, so that the curve ends below 1 when there are some. Thinned to <see cref="MostSteps"/> points at equal steps of rank; minimum and maximum are kept.
    /// </summary>
    public static Curve Distribution(TrialRecord trial, IEnumerable<double> values, int total)
    {
        var sorted = values.ToArray();
        Array.Sort(sorted);
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

        return new Curve(trial.Point, trial.Repetition, x.ToImmutable(), y.ToImmutable());
    }

    /// <summary>Utilisation, queue and rates over the time of one trial.</summary>
    public static TimeCourse Over(Trial trial)
    {
        var (record, jobs) = trial;
        var end = EndOf(trial);
        var length = Math.Max((end - record.Started) / 1e6, 1e-3);
        // Whole seconds, so that a rate is a count over a second.
        var width = Math.Max(1, Math.Ceiling(length / MostIntervals));
        var bins = Math.Max(1, (int)Math.Ceiling(length / width));
        var running = new double[bins];
        var queued = new double[bins];
        var queuedProcessors = new double[bins];
        var submitted = new double[bins];
        var started = new double[bins];
        var released = new double[bins];
        double At(long time) => (time - record.Started) / 1e6;
        for (var row = 0; row < jobs.Count; row++)
        {
            var (sent, start, finish, release) = (jobs.Sent[row], jobs.Start[row], jobs.Finish[row], jobs.Released[row]);
            var gone = finish != JobTable.Missing ? finish : release != JobTable.Missing ? release : end;
            var processors = jobs.Processors[row];
            if (start != JobTable.Missing) Spread(running, width, At(start), At(gone), processors);
            if (sent != JobTable.Missing && jobs.State(row) != JobState.Rejected)
            {
                var until = At(start != JobTable.Missing ? start : gone);
                Spread(queued, width, At(sent), until, 1);
                Spread(queuedProcessors, width, At(sent), until, processors);
            }

            if (sent != JobTable.Missing) Count(submitted, width, At(sent));
            if (start != JobTable.Missing) Count(started, width, At(start));
            if (release != JobTable.Missing || finish != JobTable.Missing) Count(released, width, At(release != JobTable.Missing ? release : finish));
        }

        // The last interval may be cut short by the end of the trial: its means are over what there is of it.
        double Part(int bin) => Math.Min(width, length - (bin * width)) is var part && part > 0 ? part : width;
        ImmutableArray<double> Mean(double[] sums, double divisor = 1) => [.. sums.Select((v, bin) => Significant(v / Part(bin) / divisor))];
        return new TimeCourse(
            record.Point,
            record.Repetition,
            width,
            [.. Enumerable.Range(0, bins).Select(bin => bin * width)],
            Mean(running, Math.Max(1, record.Processors)),
            Mean(queued),
            Mean(queuedProcessors),
            Mean(submitted),
            Mean(started),
            Mean(released));
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

    private static void Count(double[] bins, double width, double time) => bins[Math.Clamp((int)(time / width), 0, bins.Length - 1)]++;

    private static void Spread(double[] bins, double width, double from, double to, double weight)
    {
        from = Math.Max(0, from);
        to = Math.Min(to, bins.Length * width);
        if (to <= from) return;
        for (var bin = Math.Min((int)(from / width), bins.Length - 1); bin < bins.Length && bin * width < to; bin++)
            bins[bin] += weight * Math.Max(0, Math.Min(to, (bin + 1) * width) - Math.Max(from, bin * width));
    }
}
