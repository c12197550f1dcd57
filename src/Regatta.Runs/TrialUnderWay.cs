using Regatta.Workloads;

namespace Regatta.Runs;

/// <summary>
/// What a trial on machines will do, for who follows it while it runs: <c>under-way.json</c> in its draft, beside the events as they arrive. It is gone once the trial has
/// ended, whose table says it all. Columns have a value for each job, in the order of the workload.
/// </summary>
public sealed record TrialUnderWay
{
    /// <summary>Name of the file in the trial's draft.</summary>
    public const string FileName = "under-way.json";

    /// <summary>The name of the samples as they come, a line a second, beside it; the trial's own are <c>samples.parquet</c>.</summary>
    public const string SamplesName = "samples.jsonl";

    /// <summary>Newest version that can be read.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of this contract.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Schedulable processors of the machine.</summary>
    public required int Processors { get; init; }

    /// <summary>The nodes that run jobs, by the names that the scheduler gives them.</summary>
    public required ImmutableArray<string> Workers { get; init; }

    /// <summary>Schedulable processors of each of them.</summary>
    public required ImmutableSortedDictionary<string, int> NodeProcessors { get; init; }

    /// <summary>Bound on the 99th percentile of the client's lateness, in microseconds.</summary>
    public required long LatenessBound { get; init; }

    /// <summary>Job numbers.</summary>
    public required ImmutableArray<long> Job { get; init; }

    /// <summary>Processors of each job.</summary>
    public required ImmutableArray<int> Size { get; init; }

    /// <summary>User of each job; -1 unknown.</summary>
    public required ImmutableArray<int> User { get; init; }

    /// <summary>When each job is to be sent, microseconds from the start of the workload.</summary>
    public required ImmutableArray<long> Submit { get; init; }

    /// <summary>How long each job will run, in microseconds.</summary>
    public required ImmutableArray<long> RunTime { get; init; }

    /// <summary>What will be done with these jobs on such a machine.</summary>
    public static TrialUnderWay Of(IReadOnlyList<Job> jobs, int processors, ImmutableArray<string> workers, ImmutableSortedDictionary<string, int> nodeProcessors, long latenessBound) => new()
    {
        Processors = processors,
        Workers = workers,
        NodeProcessors = nodeProcessors,
        LatenessBound = latenessBound,
        Job = [.. jobs.Select(j => j.Id)],
        Size = [.. jobs.Select(j => j.Processors)],
        User = [.. jobs.Select(j => j.User)],
        Submit = [.. jobs.Select(j => Micros.From(j.Submit))],
        RunTime = [.. jobs.Select(j => Micros.From(j.RunTime))],
    };

    /// <summary>Writes it into a draft.</summary>
    public void Write(string draft) => RunFile.WriteJson(Path.Combine(draft, FileName), this, RunJsonLines.Default.TrialUnderWay);

    /// <summary>Takes it away again, and what was sampled meanwhile.</summary>
    public static void Remove(string draft)
    {
        File.Delete(Path.Combine(draft, FileName));
        File.Delete(Path.Combine(draft, SamplesName));
    }

    /// <summary>Reads it from a draft; null when it is not there, or not yet.</summary>
    /// <exception cref="DiagnosticException">It cannot be read, or its columns do not fit each other.</exception>
    public static TrialUnderWay? Read(string draft)
    {
        var file = Path.Combine(draft, FileName);
        if (RunFile.ReadJson(file, RunJson.Default.TrialUnderWay, CurrentVersion) is not { } read) return null;
        int[] lengths = [read.Job.Length, read.Size.Length, read.User.Length, read.Submit.Length, read.RunTime.Length];
        return lengths.Distinct().Count() == 1 ? read : throw RunFile.Unreadable(file, "its columns have different lengths", null, null);
    }
}
