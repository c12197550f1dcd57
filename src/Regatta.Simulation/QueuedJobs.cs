using Regatta.Workloads;

namespace Regatta.Simulation;

/// <summary>
/// The jobs of a workload as columns, in queue order: by submit time, then by number. Times are microseconds from the start of the
/// workload. Columns rather than records because a million jobs are then 40 MB and one pass over them stays in the cache.
/// </summary>
public sealed class QueuedJobs
{
    private QueuedJobs(int count)
    {
        Numbers = new long[count];
        Submits = new long[count];
        RunTimes = new long[count];
        Estimates = new long[count];
        Processors = new int[count];
        Nodes = new int[count];
        TimesOut = new bool[count];
        Drains = new bool[count];
    }

    private QueuedJobs(QueuedJobs other)
    {
        (Numbers, Submits, Processors, Nodes, Drains, Jobs) = (other.Numbers, other.Submits, other.Processors, other.Nodes, other.Drains, other.Jobs);
        (RunTimes, Estimates, TimesOut) = ([.. other.RunTimes], [.. other.Estimates], [.. other.TimesOut]);
    }

    /// <summary>How many jobs.</summary>
    public int Count => Numbers.Length;

    /// <summary>Job numbers.</summary>
    public long[] Numbers { get; }

    /// <summary>Submit times.</summary>
    public long[] Submits { get; }

    /// <summary>How long each job runs: its run time, at most its requested time.</summary>
    public long[] RunTimes { get; }

    /// <summary>What the scheduler plans with: the requested time, or the run time where none was requested.</summary>
    public long[] Estimates { get; }

    /// <summary>Processors, at least 1.</summary>
    public int[] Processors { get; }

    /// <summary>Nodes that were asked for; 0 for none.</summary>
    public int[] Nodes { get; }

    /// <summary>Whether the job is killed at its limit.</summary>
    public bool[] TimesOut { get; }

    /// <summary>Whether no other job may start from its submission until it has ended.</summary>
    public bool[] Drains { get; }

    /// <summary>The jobs themselves; null when the table was made without.</summary>
    public IReadOnlyList<Job>? Jobs { get; private init; }

    /// <summary>For jobs with dependencies: row to the rows it waits for.</summary>
    internal Dictionary<int, (int Row, DependencyKind Kind, long ThinkTime)[]> Dependencies { get; } = [];

    /// <summary>A table of jobs in any order.</summary>
    /// <exception cref="DiagnosticException">A job is faulty; see <see cref="JobValidation"/>.</exception>
    public static QueuedJobs Of(IReadOnlyList<Job> jobs, string source = "workload")
    {
        ArgumentNullException.ThrowIfNull(jobs);
        var faults = JobValidation.Check(jobs, source);
        if (!faults.IsEmpty) throw new DiagnosticException(faults);
        for (var i = 1; i < jobs.Count; i++)
        {
            if ((jobs[i - 1].Submit, jobs[i - 1].Id).CompareTo((jobs[i].Submit, jobs[i].Id)) <= 0) continue;
            jobs = Workload.Sort(jobs);
            break;
        }

        var table = new QueuedJobs(jobs.Count) { Jobs = jobs };
        for (var row = 0; row < jobs.Count; row++)
        {
            var job = jobs[row];
            table.Numbers[row] = job.Id;
            table.Submits[row] = Micros.From(job.Submit);
            table.RunTimes[row] = Micros.From(job.EffectiveRunTime());
            table.Estimates[row] = Micros.From(job.Estimate());
            table.Processors[row] = job.Processors;
            table.Nodes[row] = job.Nodes;
            table.TimesOut[row] = job.RequestedTime < job.RunTime;
            table.Drains[row] = job.Drains;
        }

        if (jobs.Any(job => !job.Dependencies.IsEmpty)) table.Link(jobs);
        return table;
    }

    /// <summary>The same jobs with columns of run times, estimates and limits of their own.</summary>
    internal QueuedJobs Copy()
    {
        var copy = new QueuedJobs(this);
        foreach (var (row, dependencies) in Dependencies) copy.Dependencies.Add(row, dependencies);
        return copy;
    }

    /// <summary>Gives a job that asked for no time a limit, which it is planned with and ended at.</summary>
    internal void Limit(int row, long limit)
    {
        Estimates[row] = limit;
        TimesOut[row] = RunTimes[row] > limit;
        RunTimes[row] = Math.Min(RunTimes[row], limit);
    }

    /// <summary>A table of rows that are still to be filled.</summary>
    internal static QueuedJobs Empty(int count) => new(count);

    /// <summary>What each job takes of the machine, in processors or in whole nodes.</summary>
    /// <exception cref="DiagnosticException">Jobs are larger than the machine.</exception>
    internal int[] Sizes(MachineSize machine, bool wholeNodes, out int capacity)
    {
        capacity = wholeNodes ? machine.Nodes : machine.Processors;
        if (capacity < 1)
        {
            throw new DiagnosticException(Diagnostic.Error("machine-size", $"a machine of {machine} has nothing to run jobs on") with
            {
                Help = "give it at least one processor, and with whole nodes at least one node",
            });
        }

        var sizes = wholeNodes ? new int[Count] : Processors;
        if (wholeNodes)
        {
            for (var row = 0; row < Count; row++) sizes[row] = Math.Max(Nodes[row], machine.NodesFor(Processors[row]));
        }

        foreach (var size in sizes)
        {
            if (size > capacity) throw TooLarge(sizes, machine, capacity, wholeNodes ? "nodes" : "processors");
        }

        return sizes;
    }

    private void Link(IReadOnlyList<Job> jobs)
    {
        var rows = new Dictionary<long, int>(jobs.Count);
        for (var row = 0; row < jobs.Count; row++) rows.Add(jobs[row].Id, row);
        for (var row = 0; row < jobs.Count; row++)
        {
            if (jobs[row].Dependencies.IsEmpty) continue;
            Dependencies.Add(row, [.. jobs[row].Dependencies.Select(d => (rows[d.Job], d.Kind, Micros.From(d.ThinkTime)))]);
        }
    }

    private DiagnosticException TooLarge(int[] sizes, MachineSize machine, int capacity, string unit)
    {
        const int Shown = 20;
        var large = Enumerable.Range(0, Count).Where(row => sizes[row] > capacity).ToList();
        var lines = large.Take(Shown).Select(row => $"job {Numbers[row]}: {sizes[row]} {unit}");
        if (large.Count > Shown) lines = lines.Append($"and {large.Count - Shown} more");
        return new DiagnosticException(Diagnostic.Error("workload-too-large", $"{large.Count} of {Count} jobs cannot fit a machine of {machine}") with
        {
            Detail = string.Join('\n', lines),
            Help = "scale=fit keeps each job's share of the machine, scale=clamp cuts at the machine's size, or take a larger machine",
        });
    }
}
