namespace Regatta.Workloads;

/// <summary>One bar of a picture.</summary>
/// <param name="Label">What it stands for.</param>
/// <param name="Count">Jobs.</param>
public sealed record HistogramBar(string Label, long Count);

/// <summary>What a workload looks like, in numbers and bars. Times are seconds.</summary>
public sealed record WorkloadSummary
{
    private const int Log2Sizes = 32, HoursOfDay = 24;

    private static readonly double[] StepEdges = [double.NegativeInfinity, 1, 3, 10, 30, 60, 180, 600, 1800, 3600, 3 * 3600, 10 * 3600, 86400, 3 * 86400];

    private static readonly string[] StepLabels = ["< 1 s", "1 s", "3 s", "10 s", "30 s", "1 min", "3 min", "10 min", "30 min", "1 h", "3 h", "10 h", "1 d", "3 d"];

    /// <summary>Name of the workload.</summary>
    public required string Name { get; init; }

    /// <summary>Jobs.</summary>
    public required int Jobs { get; init; }

    /// <summary>Known users.</summary>
    public required int Users { get; init; }

    /// <summary>Processors of the machine that load is counted for.</summary>
    public required int Processors { get; init; }

    /// <summary>From the first submission to the last.</summary>
    public required double Span { get; init; }

    /// <summary>Work in processor seconds.</summary>
    public required double Work { get; init; }

    /// <summary>Offered load on <see cref="Processors"/>; null when all jobs come at once.</summary>
    public double? Load { get; init; }

    /// <summary>Lower bound of the makespan on <see cref="Processors"/>: work over processors, or the longest single path.</summary>
    public required double LowerBound { get; init; }

    /// <summary>Share of jobs of one processor.</summary>
    public required double SerialShare { get; init; }

    /// <summary>Share of the jobs above one processor whose size is a power of two.</summary>
    public required double PowerOfTwoShare { get; init; }

    /// <summary>Largest size.</summary>
    public required int LargestSize { get; init; }

    /// <summary>Mean size.</summary>
    public required double MeanSize { get; init; }

    /// <summary>Mean run time.</summary>
    public required double MeanRunTime { get; init; }

    /// <summary>Median run time.</summary>
    public required double MedianRunTime { get; init; }

    /// <summary>Longest run time.</summary>
    public required double LongestRunTime { get; init; }

    /// <summary>Share of jobs with a requested time.</summary>
    public required double RequestedShare { get; init; }

    /// <summary>Distinct requested times.</summary>
    public required int DistinctRequests { get; init; }

    /// <summary>Mean of run time over requested time, of the jobs that have one.</summary>
    public double? Accuracy { get; init; }

    /// <summary>Jobs that run into their limit.</summary>
    public required int TimedOut { get; init; }

    /// <summary>Jobs that wait for another one to end before they are submitted.</summary>
    public required int Dependent { get; init; }

    /// <summary>Jobs by size: powers of two.</summary>
    public required ImmutableArray<HistogramBar> Sizes { get; init; }

    /// <summary>Jobs by run time: steps of 1, 3, 10, 30, …</summary>
    public required ImmutableArray<HistogramBar> RunTimes { get; init; }

    /// <summary>Jobs by time since the submission before.</summary>
    public required ImmutableArray<HistogramBar> InterArrivals { get; init; }

    /// <summary>Jobs by hour of the day; empty when the workload is shorter than a day.</summary>
    public required ImmutableArray<HistogramBar> DailyCycle { get; init; }

    /// <summary>Whose hours <see cref="DailyCycle"/> counts: a time zone, or where they are counted from.</summary>
    public required string DailyCycleZone { get; init; }

    /// <summary>Looks at a workload.</summary>
    /// <param name="workload">The workload; at least one job.</param>
    /// <param name="processors">Processors to count load for; null takes the workload's own machine, or its largest job.</param>
    public static WorkloadSummary Of(Workload workload, int? processors = null)
    {
        ArgumentNullException.ThrowIfNull(workload);
        var jobs = workload.Jobs;
        var zone = LogZone.Of(workload.Header);
        var (runs, gaps) = (new double[jobs.Length], new long[StepLabels.Length]);
        var (users, limits, sizes, hours) = (new HashSet<int>(), new HashSet<TimeSpan>(), new long[Log2Sizes], new long[HoursOfDay]);
        int largest = 0, parallel = 0, powers = 0, requested = 0, timedOut = 0, dependent = 0;
        long processorSum = 0;
        double work = 0, accuracy = 0;
        var end = TimeSpan.MinValue;
        // One pass: of millions of jobs the memory is what takes the time.
        for (var i = 0; i < jobs.Length; i++)
        {
            var job = jobs[i];
            var effective = job.EffectiveRunTime();
            work += job.Processors * effective.TotalSeconds;
            (largest, processorSum) = (Math.Max(largest, job.Processors), processorSum + job.Processors);
            if (job.Submit + effective is var ended && ended > end) end = ended;
            if (job.User >= 0) users.Add(job.User);
            sizes[int.Log2(job.Processors)]++;
            if (job.Processors > 1) (parallel, powers) = (parallel + 1, powers + (int.IsPow2(job.Processors) ? 1 : 0));
            if (job.RequestedTime is { } limit)
            {
                (requested, timedOut) = (requested + 1, timedOut + (limit < job.RunTime ? 1 : 0));
                accuracy += effective / limit;
                limits.Add(limit);
            }

            if (!job.Dependencies.IsEmpty) dependent++;
            runs[i] = job.RunTime.TotalSeconds;
            if (i > 0) gaps[Step((job.Submit - jobs[i - 1].Submit).TotalSeconds)]++;
            if (workload.Span >= TimeSpan.FromDays(1)) hours[zone.Hour(job.Submit)]++;
        }

        Array.Sort(runs);
        var steps = new long[StepLabels.Length];
        foreach (var run in runs) steps[Step(run)]++;
        var machine = processors ?? workload.SourceProcessors ?? largest;
        return new WorkloadSummary
        {
            Name = workload.Name, Jobs = jobs.Length, Users = users.Count, Processors = machine, Span = workload.Span.TotalSeconds, Work = work,
            Load = workload.Span > TimeSpan.Zero ? work / (machine * workload.Span.TotalSeconds) : null, LowerBound = Math.Max(work / machine, end.TotalSeconds - jobs[0].Submit.TotalSeconds),
            SerialShare = (double)(jobs.Length - parallel) / jobs.Length, PowerOfTwoShare = parallel == 0 ? 0 : (double)powers / parallel,
            LargestSize = largest, MeanSize = (double)processorSum / jobs.Length, MeanRunTime = runs.Average(),
            MedianRunTime = (runs[(runs.Length - 1) / 2] + runs[runs.Length / 2]) / 2, LongestRunTime = runs[^1],
            RequestedShare = (double)requested / jobs.Length, DistinctRequests = limits.Count, Accuracy = requested == 0 ? null : accuracy / requested, TimedOut = timedOut, Dependent = dependent,
            Sizes = ByPowerOfTwo(sizes), RunTimes = BySteps(steps), InterArrivals = BySteps(gaps), DailyCycle = ByHour(workload, hours), DailyCycleZone = zone.Name,
        };
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

    private static ImmutableArray<HistogramBar> ByHour(Workload workload, long[] counts) => workload.Span < TimeSpan.FromDays(1) ? []
        : [.. counts.Select((count, hour) => new HistogramBar(hour.ToString("00", CultureInfo.InvariantCulture), count))];
}
