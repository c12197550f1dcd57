using System.Runtime.InteropServices;

namespace Regatta.Workloads;

/// <summary>
/// Counts what a summary says of jobs, one job after the other, without keeping them: of each distinct run time, requested time and user it keeps one number, which makes
/// the median exact.
/// </summary>
/// <param name="header">Where the log begins, for the hours of the day.</param>
internal sealed class WorkloadCounts(SwfHeader header)
{
    private const int Log2Sizes = 32, HoursOfDay = 24;

    private static readonly double[] StepEdges = [double.NegativeInfinity, 1, 3, 10, 30, 60, 180, 600, 1800, 3600, 3 * 3600, 10 * 3600, 86400, 3 * 86400];

    private static readonly string[] StepLabels = ["< 1 s", "1 s", "3 s", "10 s", "30 s", "1 min", "3 min", "10 min", "30 min", "1 h", "3 h", "10 h", "1 d", "3 d"];

    private readonly LogZone _zone = LogZone.Of(header);
    private readonly Dictionary<TimeSpan, int> _runs = [];
    private readonly HashSet<int> _users = [];
    private readonly HashSet<TimeSpan> _limits = [];
    private readonly long[] _sizes = new long[Log2Sizes];
    private readonly long[] _gaps = new long[StepLabels.Length];
    private readonly long[] _hours = new long[HoursOfDay];
    private int _parallel, _powers, _requested, _timedOut, _dependent;
    private long _processorSum;
    private double _work, _accuracy;
    private TimeSpan _first, _last, _end = TimeSpan.MinValue;

    /// <summary>Jobs so far.</summary>
    public int Jobs { get; private set; }

    /// <summary>Size and number of the largest job so far, the first of these; 0 when there is none.</summary>
    public (int Processors, long Id) Largest { get; private set; }

    /// <summary>Counts a job, which was not submitted before the one before.</summary>
    public void Add(Job job)
    {
        var effective = job.EffectiveRunTime();
        _work += job.Processors * effective.TotalSeconds;
        if (job.Processors > Largest.Processors) Largest = (job.Processors, job.Id);
        _processorSum += job.Processors;
        if (job.Submit + effective is var ended && ended > _end) _end = ended;
        if (job.User >= 0) _users.Add(job.User);
        _sizes[int.Log2(job.Processors)]++;
        if (job.Processors > 1) (_parallel, _powers) = (_parallel + 1, _powers + (int.IsPow2(job.Processors) ? 1 : 0));
        if (job.RequestedTime is { } limit)
        {
            (_requested, _timedOut) = (_requested + 1, _timedOut + (limit < job.RunTime ? 1 : 0));
            _accuracy += effective / limit;
            _limits.Add(limit);
        }

        if (!job.Dependencies.IsEmpty) _dependent++;
        CollectionsMarshal.GetValueRefOrAddDefault(_runs, job.RunTime, out _)++;
        if (Jobs++ == 0) _first = job.Submit;
        else _gaps[Step((job.Submit - _last).TotalSeconds)]++;
        _last = job.Submit;
        _hours[_zone.Hour(job.Submit)]++;
    }

    /// <summary>What was counted; of at least one job.</summary>
    /// <param name="name">Name of the workload.</param>
    /// <param name="processors">Processors to count load for; null takes the largest job's.</param>
    public WorkloadSummary Summary(string name, int? processors)
    {
        var machine = processors ?? Largest.Processors;
        var span = _last - _first;
        var (runs, counts) = (_runs.Keys.ToArray(), _runs.Values.ToArray());
        Array.Sort(runs, counts);
        var (steps, sum) = (new long[StepLabels.Length], 0d);
        for (var i = 0; i < runs.Length; i++)
        {
            var seconds = runs[i].TotalSeconds;
            steps[Step(seconds)] += counts[i];
            // One by one: the mean is that of all run times in order, to the last bit.
            for (var k = 0; k < counts[i]; k++) sum += seconds;
        }

        return new WorkloadSummary
        {
            Name = name, Jobs = Jobs, Users = _users.Count, Processors = machine, Span = span.TotalSeconds, Work = _work,
            Load = span > TimeSpan.Zero ? _work / (machine * span.TotalSeconds) : null, LowerBound = Math.Max(_work / machine, _end.TotalSeconds - _first.TotalSeconds),
            SerialShare = (double)(Jobs - _parallel) / Jobs, PowerOfTwoShare = _parallel == 0 ? 0 : (double)_powers / _parallel,
            LargestSize = Largest.Processors, MeanSize = (double)_processorSum / Jobs, MeanRunTime = sum / Jobs,
            MedianRunTime = (At(runs, counts, (Jobs - 1) / 2) + At(runs, counts, Jobs / 2)) / 2, LongestRunTime = runs[^1].TotalSeconds,
            RequestedShare = (double)_requested / Jobs, DistinctRequests = _limits.Count, Accuracy = _requested == 0 ? null : _accuracy / _requested, TimedOut = _timedOut, Dependent = _dependent,
            Sizes = ByPowerOfTwo(_sizes), RunTimes = BySteps(steps), InterArrivals = BySteps(_gaps), DailyCycle = span < TimeSpan.FromDays(1) ? [] : ByHour(_hours), DailyCycleZone = _zone.Name,
        };
    }

    /// <summary>The run time of a rank, from 0, in seconds.</summary>
    private static double At(TimeSpan[] runs, int[] counts, int rank)
    {
        var i = 0;
        while (rank >= counts[i]) rank -= counts[i++];
        return runs[i].TotalSeconds;
    }

    private static ImmutableArray<HistogramBar> ByPowerOfTwo(long[] counts)
    {
        var last = Array.FindLastIndex(counts, count => count > 0);
        return [.. Enumerable.Range(0, last + 1).Select(i => new HistogramBar(i == 0 ? "1" : i == 1 ? "2-3" : $"{1L << i}-{(1L << (i + 1)) - 1}", counts[i]))];
    }

    /// <summary>The bar of a time: below 1 s, from 1 to below 3 s, 3 to below 10 s, and so on.</summary>
    private static int Step(double seconds)
    {
        var step = StepEdges.Length - 1;
        while (seconds < StepEdges[step]) step--;
        return step;
    }

    private static ImmutableArray<HistogramBar> BySteps(long[] counts)
    {
        var first = Array.FindIndex(counts, count => count > 0);
        var last = Array.FindLastIndex(counts, count => count > 0);
        return first < 0 ? [] : [.. Enumerable.Range(first, last - first + 1).Select(i => new HistogramBar(StepLabels[i], counts[i]))];
    }

    private static ImmutableArray<HistogramBar> ByHour(long[] counts) => [.. counts.Select((count, hour) => new HistogramBar(hour.ToString("00", CultureInfo.InvariantCulture), count))];
}
