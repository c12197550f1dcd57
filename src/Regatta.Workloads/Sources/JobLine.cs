namespace Regatta.Workloads;

/// <summary>A job as a line of a file says it. What the line leaves out is null here, where a generated reader would give the job itself zeros.</summary>
internal sealed class JobLine
{
    public long? Id { get; set; }

    public TimeSpan? Submit { get; set; }

    public int? Processors { get; set; }

    public int? Nodes { get; set; }

    public TimeSpan? RunTime { get; set; }

    public TimeSpan? RequestedTime { get; set; }

    public long? MemoryPerProcessor { get; set; }

    public int? User { get; set; }

    public int? Group { get; set; }

    public int? Queue { get; set; }

    public int? Priority { get; set; }

    public bool? Drains { get; set; }

    public ImmutableArray<JobDependency>? Dependencies { get; set; }

    public long? Array { get; set; }

    public int? ArrayTask { get; set; }

    public long? HeterogeneousJob { get; set; }

    public int? GangMinimum { get; set; }

    public Payload? Payload { get; set; }

    public JobRequest? Request { get; set; }

    public RecordedJob? Recorded { get; set; }

    /// <summary>What every job must say and this line does not; empty when it says all.</summary>
    public IEnumerable<string> Missing =>
        new[] { (Id is null, "id"), (Submit is null, "submit"), (Processors is null, "processors"), (RunTime is null, "runTime") }.Where(f => f.Item1).Select(f => f.Item2);

    /// <summary>The job; everything that must be said is.</summary>
    public Job ToJob() => new()
    {
        Id = Id!.Value,
        Submit = Submit!.Value,
        Processors = Processors!.Value,
        Nodes = Nodes ?? 0,
        RunTime = RunTime!.Value,
        RequestedTime = RequestedTime,
        MemoryPerProcessor = MemoryPerProcessor,
        User = User ?? -1,
        Group = Group ?? -1,
        Queue = Queue ?? -1,
        Priority = Priority ?? 0,
        Drains = Drains ?? false,
        Dependencies = Dependencies is { IsDefault: false } dependencies ? dependencies : [],
        Array = Array,
        ArrayTask = ArrayTask,
        HeterogeneousJob = HeterogeneousJob,
        GangMinimum = GangMinimum ?? 0,
        Payload = Payload is null ? Payload.Sleep : Payload with { Command = Payload.Command.IsDefault ? [] : Payload.Command },
        Request = Request is { IsEmpty: false } ? Request : null,
        Recorded = Recorded,
    };
}
