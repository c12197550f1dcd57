namespace Regatta.Workloads;

/// <summary>One bar of a picture.</summary>
/// <param name="Label">What it stands for.</param>
/// <param name="Count">Jobs.</param>
public sealed record HistogramBar(string Label, long Count);

/// <summary>What a workload looks like, in numbers and bars. Times are seconds.</summary>
public sealed record WorkloadSummary
{
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
        var counts = new WorkloadCounts(workload.Header);
        foreach (var job in workload.Jobs) counts.Add(job);
        return counts.Summary(workload.Name, processors ?? workload.SourceProcessors);
    }
}
