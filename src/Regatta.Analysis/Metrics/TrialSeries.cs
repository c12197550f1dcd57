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

    /// <summary>How many values a series has at most, unless it is told otherwise: as many as can be told apart in a picture.</summary>
    public const int Most = 240;

    /// <summary>The series of <paramref name="trial"/>, each of at most <paramref name="most"/> values (at least 2).</summary>
    public static TrialSeries Of(Trial trial, MeasureSettings? settings = null, int most = Most)
    {
        var cut = Cut.Of(trial.Jobs, settings ?? MeasureSettings.Default);
        var recorder = new Recorder(trial.Jobs, cut, most);
        MachineSweep.Run(trial.Jobs, cut.From, cut.To, ref recorder);
        return Of(trial, cut, recorder, most);
    }

    /// <summary>The series of which <paramref name="recorder"/> saw the steps.</summary>
    internal static TrialSeries Of(Trial trial, Cut cut, Recorder recorder, int most)
    {
        var (submitted, started, released) = (default(RateSeries)!, default(RateSeries)!, default(RateSeries)!);
        AtOnce.Do(
            trial.Jobs.Count,
            () => submitted = Rates(trial.Jobs.Sent, cut, most),
            () => started = Rates(trial.Jobs.Start, cut, most),
            () => released = Rates(trial.Jobs.Released, cut, most));
        return new()
        {
            Origin = cut.From,
            Seconds = cut.Seconds,
            Utilisation = recorder.Busy(1.0 / trial.Record.Processors),
            QueueLength = recorder.Waiting,
            QueuedProcessors = recorder.Wanted,
            Submitted = submitted,
            Started = started,
            Released = released,
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

    /// <summary>Writes down the steps of a sweep: all of them, or averages over spans of equal length where there would be too many.</summary>
    internal struct Recorder : IMachineStepVisitor
    {
        private readonly Cut _cut;
        private readonly double _width;
        private readonly List<MachineStep>? _steps;
        private readonly double[] _busy = [], _waiting = [], _wanted = [];
        private int _span;

        public Recorder(JobTable jobs, Cut cut, int most)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(most, 2);
            _cut = cut;
            // Each job makes three steps at most.
            if (jobs.Count <= most / 3)
            {
                _steps = [];
            }
            else if (cut.To > cut.From)
            {
                _width = (double)(cut.To - cut.From) / most;
                (_busy, _waiting, _wanted) = (new double[most], new double[most], new double[most]);
            }
        }

        public readonly StepSeries Busy(double scale) => Series(s => s.Busy * scale, _busy, scale);

        public readonly StepSeries Waiting => Series(s => s.Waiting, _waiting, 1);

        public readonly StepSeries Wanted => Series(s => s.WaitingProcessors, _wanted, 1);

        public void Visit(in MachineStep step)
        {
            if (_steps is not null)
            {
                _steps.Add(step);
                return;
            }

            // Steps follow one another, so that the span in which one begins is the one in which the last has ended.
            double from = step.From - _cut.From, to = step.To - _cut.From;
            while (true)
            {
                var end = _span == _busy.Length - 1 ? double.PositiveInfinity : (_span + 1) * _width;
                var share = Math.Min(to, end) - from;
                _busy[_span] += share * step.Busy;
                _waiting[_span] += share * step.Waiting;
                _wanted[_span] += share * step.WaitingProcessors;
                if (to < end) return;
                _span++;
                from = end;
            }
        }

        private readonly StepSeries Series(Func<MachineStep, double> of, double[] sums, double scale)
        {
            var (origin, width) = (_cut.From, _width);
            return _steps is not null
                ? new([.. _steps.Select(s => (s.From - origin) / 1e6)], [.. _steps.Select(of)], true)
                : new([.. sums.Select((_, i) => i * width / 1e6)], [.. sums.Select(v => v / width * scale)], false);
        }
    }
}
