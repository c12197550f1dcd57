using System.Collections.Immutable;

namespace Regatta.Analysis;

/// <summary>Values over time: each holds from its time to the next, the last to the end of the window.</summary>
/// <param name="Times">Seconds since <see cref="TrialSeries.Origin"/>, rising.</param>
/// <param name="Values">One value a time.</param>
/// <param name="Exact">Every step is there; otherwise each value is the time average of its span.</param>
public sealed record StepSeries(ImmutableArray<double> Times, ImmutableArray<double> Values, bool Exact);

/// <summary>Events per second in spans of equal length.</summary>
/// <param name="Span">Length of each span in seconds, a whole number: 1 unless there would be too many.</param>
/// <param name="PerSecond">Events per second in each span, the first beginning at <see cref="TrialSeries.Origin"/>; the last, broken one is left out.</param>
public sealed record RateSeries(double Span, ImmutableArray<double> PerSecond);

/// <summary>A trial over time.</summary>
public sealed record TrialSeries
{
    /// <summary>Time zero of all series: the start of the window, UTC microseconds.</summary>
    public required long Origin { get; init; }

    /// <summary>Length of the window in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Share of the processors that were busy.</summary>
    public required StepSeries Utilisation { get; init; }

    /// <summary>Eligible waiting jobs.</summary>
    public required StepSeries QueueLength { get; init; }

    /// <summary>Processors that they wanted.</summary>
    public required StepSeries QueuedProcessors { get; init; }

    /// <summary>Jobs sent per second.</summary>
    public required RateSeries Submitted { get; init; }

    /// <summary>Jobs started per second.</summary>
    public required RateSeries Started { get; init; }

    /// <summary>Jobs released per second.</summary>
    public required RateSeries Released { get; init; }

    /// <summary>The series of <paramref name="trial"/>, each of at most <paramref name="most"/> values (at least 2).</summary>
    public static TrialSeries Of(Trial trial, MeasureSettings? settings = null, int most = 2_000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 2);
        var (record, jobs) = trial;
        var cut = Cut.Of(jobs, settings ?? MeasureSettings.Default);
        // Each job makes three steps at most.
        var recorder = new Recorder(cut, exact: jobs.Count <= most / 3, most);
        MachineSweep.Run(jobs, cut.From, cut.To, ref recorder);
        return new()
        {
            Origin = cut.From,
            Seconds = cut.Seconds,
            Utilisation = recorder.Series(recorder.Busy, 1.0 / record.Processors),
            QueueLength = recorder.Series(recorder.Waiting, 1),
            QueuedProcessors = recorder.Series(recorder.Wanted, 1),
            Submitted = Rates(jobs.Sent, cut, most),
            Started = Rates(jobs.Start, cut, most),
            Released = Rates(jobs.Released, cut, most),
        };
    }

    private static RateSeries Rates(ReadOnlySpan<long> stamps, Cut cut, int most)
    {
        var span = Math.Max(1, (long)Math.Ceiling(cut.Seconds / most));
        var counts = new double[(int)((cut.To - cut.From) / (span * 1_000_000))];
        foreach (var stamp in stamps)
        {
            if (stamp < cut.From || stamp > cut.To) continue;
            var place = (stamp - cut.From) / (span * 1_000_000);
            if (place < counts.Length) counts[place] += 1.0 / span;
        }

        return new(span, [.. counts]);
    }

    private struct Recorder : IMachineStepVisitor
    {
        private readonly Cut _cut;
        private readonly bool _exact;
        private readonly double _width;
        private readonly List<double> _times = [];

        public Recorder(Cut cut, bool exact, int most)
        {
            (_cut, _exact) = (cut, exact);
            if (exact || cut.To <= cut.From) return;
            _width = (double)(cut.To - cut.From) / most;
            for (var i = 0; i < most; i++) _times.Add(i * _width / 1e6);
            Busy.AddRange(new double[most]);
            Waiting.AddRange(new double[most]);
            Wanted.AddRange(new double[most]);
        }

        public List<double> Busy { get; } = [];

        public List<double> Waiting { get; } = [];

        public List<double> Wanted { get; } = [];

        public readonly StepSeries Series(List<double> values, double scale) => new([.. _times], [.. values.Select(v => v * scale)], _exact);

        public readonly void Visit(in MachineStep step)
        {
            double from = step.From - _cut.From, to = step.To - _cut.From;
            if (_exact)
            {
                _times.Add(from / 1e6);
                Busy.Add(step.Busy);
                Waiting.Add(step.Waiting);
                Wanted.Add(step.WaitingProcessors);
                return;
            }

            for (var bin = Math.Min((int)(from / _width), _times.Count - 1); bin < _times.Count && bin * _width < to; bin++)
            {
                var share = (Math.Min(to, (bin + 1) * _width) - Math.Max(from, bin * _width)) / _width;
                if (share <= 0) continue;
                Busy[bin] += share * step.Busy;
                Waiting[bin] += share * step.Waiting;
                Wanted[bin] += share * step.WaitingProcessors;
            }
        }
    }
}
