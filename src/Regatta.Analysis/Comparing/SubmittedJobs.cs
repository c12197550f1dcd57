using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>What the checks of a workload look at of its jobs, column by column: a million jobs of a trial need not be made again to be looked at.</summary>
public sealed class SubmittedJobs
{
    private readonly long[] _submits, _runs;
    private readonly int[] _processors;

    private SubmittedJobs(int most) => (_submits, _runs, _processors) = (new long[most], new long[most], new int[most]);

    /// <summary>How many jobs.</summary>
    public int Count { get; private set; }

    /// <summary>How many run longer than their time limit.</summary>
    public int OverLimit { get; private set; }

    /// <summary>Whether some are sent only a while after others have ended.</summary>
    public bool IsClosed { get; private init; }

    /// <summary>When they are submitted, in ticks.</summary>
    internal ReadOnlySpan<long> Submits => _submits.AsSpan(0, Count);

    /// <summary>How long they run, in ticks.</summary>
    internal ReadOnlySpan<long> Runs => _runs.AsSpan(0, Count);

    /// <summary>Their processors.</summary>
    internal ReadOnlySpan<int> Processors => _processors.AsSpan(0, Count);

    /// <summary>Jobs as they will be submitted, in any order; jobs with dependencies count from their submission.</summary>
    public static SubmittedJobs Of(IReadOnlyCollection<Job> jobs)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        var submitted = new SubmittedJobs(jobs.Count) { IsClosed = jobs.Any(j => !j.Dependencies.IsEmpty && j.Dependencies.Any(d => d.ThinkTime > TimeSpan.Zero)) };
        foreach (var job in jobs) submitted.Add(job.Submit, job.RunTime, job.Processors, job.RequestedTime < job.RunTime);
        return submitted;
    }

    /// <summary>The jobs of a trial as they were planned, from its start; those that were not planned, as they were sent.</summary>
    public static SubmittedJobs Of(Trial trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        var jobs = trial.Jobs;
        var submitted = new SubmittedJobs(jobs.Count);
        for (var row = 0; row < jobs.Count; row++)
        {
            var time = jobs.Planned[row] != JobTable.Missing ? jobs.Planned[row] : jobs.Sent[row];
            if (time == JobTable.Missing) continue;
            var limit = jobs.RequestedTime[row];
            submitted.Add(
                TimeSpan.FromMicroseconds(Math.Max(0, time - trial.Record.Started)), TimeSpan.FromMicroseconds(jobs.RunTime[row]), jobs.Processors[row], limit != JobTable.Missing && limit < jobs.RunTime[row]);
        }

        return submitted;
    }

    private void Add(TimeSpan submit, TimeSpan run, int processors, bool overLimit)
    {
        (_submits[Count], _runs[Count], _processors[Count]) = (submit.Ticks, run.Ticks, processors);
        Count++;
        if (overLimit) OverLimit++;
    }
}
