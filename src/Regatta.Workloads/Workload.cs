namespace Regatta.Workloads;

/// <summary>Jobs in the order in which they are submitted, and where they come from.</summary>
public sealed record Workload
{
    /// <summary>A short name, such as the file's or the generator's.</summary>
    public required string Name { get; init; }

    /// <summary>The jobs by submit time, then by job number; the numbers are unique.</summary>
    public required ImmutableArray<Job> Jobs { get; init; }

    /// <summary>How it was made, in one or more sentences: the generator with all its parameters and the seed, and what was changed since.</summary>
    public string Description { get; init; } = "";

    /// <summary>Header of the SWF file that it was read from, or that it is to be written with.</summary>
    public SwfHeader Header { get; init; } = SwfHeader.Empty;

    /// <summary>Processors of the machine that it was recorded on or generated for; null when that is not known.</summary>
    public int? SourceProcessors { get; init; }

    /// <summary>
    /// Rows of the trace that are no jobs to run (they never started, are partial records, or lack size or run time), in the order of <see cref="Jobs"/>. They are no part of
    /// the workload; a trace that is only converted keeps them.
    /// </summary>
    public ImmutableArray<SwfRecord> LeftOut { get; init; } = [];

    /// <summary>The names behind users, groups, queues and partitions; null when its source had numbers.</summary>
    public TraceNames? Names { get; init; }

    /// <summary>What was repaired, dropped or changed on the way here: hints and warnings.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; init; } = [];

    /// <summary>Work of all jobs: the sum of processors times run time, the latter cut at the requested time, in processor seconds.</summary>
    public double Work => Jobs.Sum(job => job.Processors * job.EffectiveRunTime().TotalSeconds);

    /// <summary>From the first submission to the last.</summary>
    public TimeSpan Span => Jobs.IsEmpty ? TimeSpan.Zero : Jobs[^1].Submit - Jobs[0].Submit;

    /// <summary>
    /// Offered load on a machine of this many processors: work over processors times the time from the first submission to the last.
    /// Infinite when all jobs are submitted at once.
    /// </summary>
    public double Load(int processors) => Work / (processors * Span.TotalSeconds);

    /// <summary>How long its jobs waited where they were recorded; null where that is not known, or does not hold for the times at which they are submitted.</summary>
    public RecordedWaits? RecordedWaits { get; init; }

    /// <summary>The same jobs with one more sentence of description and more diagnostics.</summary>
    public Workload Note(string sentence, params IEnumerable<Diagnostic> diagnostics) => this with
    {
        Description = $"{Description} {sentence}".Trim(),
        Diagnostics = [.. Diagnostics, .. diagnostics],
    };

    /// <summary>The workload as it is run: without what a trace recorded of its jobs and without rows that are no jobs.</summary>
    public Workload WithoutRecords() => Jobs.Any(job => job.Recorded is not null)
        ? this with { LeftOut = [], Jobs = [.. Jobs.Select(job => job.Recorded is null ? job : job with { Recorded = null })] }
        : this with { LeftOut = [] };

    /// <summary>The workload as one of a machine of so many processors; the header says so, where there is one.</summary>
    /// <param name="processors">Processors of the machine.</param>
    /// <param name="nodes">Its nodes; null when they are not known.</param>
    internal Workload OnMachine(int processors, int? nodes)
    {
        if (Header.Lines.IsEmpty) return this with { SourceProcessors = processors };
        var header = Header.With("MaxProcs", processors.ToString(CultureInfo.InvariantCulture));
        return this with
        {
            SourceProcessors = processors,
            Header = nodes is { } count ? header.With("MaxNodes", count.ToString(CultureInfo.InvariantCulture)) : header.Without("MaxNodes"),
        };
    }

    /// <summary>The same jobs with times that count from a later moment, which the header says where it knows the first one.</summary>
    internal Workload StartingAt(TimeSpan start) => this with
    {
        Jobs = [.. Jobs.Select(job => job with { Submit = job.Submit - start })],
        LeftOut = [.. LeftOut.Select(row => row with { Submit = Math.Max(0, row.Submit - start.TotalSeconds) })],
        Header = Header.StartingAt(start),
    };

    /// <summary>Jobs by submit time, then by number: the order of every workload.</summary>
    public static ImmutableArray<Job> Sort(IEnumerable<Job> jobs)
    {
        ImmutableArray<Job> all = [.. jobs];
        for (var i = 1; i < all.Length; i++)
        {
            if (all[i - 1].Submit < all[i].Submit || (all[i - 1].Submit == all[i].Submit && all[i - 1].Id <= all[i].Id)) continue;
            return [.. all.OrderBy(job => job.Submit).ThenBy(job => job.Id)];
        }

        return all;
    }

    /// <inheritdoc/>
    public bool Equals(Workload? other) => other is not null && Name == other.Name && Description == other.Description
        && Header == other.Header && SourceProcessors == other.SourceProcessors && Jobs.SequenceEqual(other.Jobs);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Jobs.Length);
}

/// <summary>What follows from a job's fields.</summary>
public static class JobTimes
{
    /// <summary>How long the job runs when nothing fails: its run time, but no longer than its time limit.</summary>
    public static TimeSpan EffectiveRunTime(this Job job) =>
        job.RequestedTime is { } limit && limit < job.RunTime ? limit : job.RunTime;

    /// <summary>What a scheduler may plan with: the requested time, or the run time when none was requested.</summary>
    public static TimeSpan Estimate(this Job job) => job.RequestedTime ?? job.RunTime;
}
