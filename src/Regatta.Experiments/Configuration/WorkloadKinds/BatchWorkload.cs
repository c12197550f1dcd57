using Regatta.Config;
using Regatta.Workloads;

namespace Regatta.Experiments.Configuration.WorkloadKinds;

/// <summary>What the simple workloads of like jobs have in common.</summary>
public abstract record BatchWorkload : WorkloadSection
{
    /// <summary>Jobs to generate.</summary>
    [ConfigKey("How many jobs; of kind array how many arrays, of kind closed how many jobs of each user.", Minimum = 1, Maximum = JobLimit.Most)]
    public int Jobs { get; init; } = 100;

    /// <summary>Run time.</summary>
    [ConfigKey("Mean run time.")]
    public TimeSpan RunTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Spread of run times.</summary>
    [ConfigKey("Spread of run times around their mean: constant, exponential, or uniform from 0 to twice the mean.")]
    public RunTimeShape Spread { get; init; }

    /// <summary>Arrivals.</summary>
    [ConfigKey("How jobs arrive, of kind closed the first of each user: burst, uniform:RATE, poisson:RATE or stepped:RATE*DURATION,RATE*DURATION with rates in jobs per second.", Example = "poisson:2")]
    public Arrivals Arrivals { get; init; } = new(ArrivalShape.Burst);

    /// <summary>The generator.</summary>
    /// <param name="surroundings">What the jobs are made for.</param>
    /// <param name="processors">Processors of each job.</param>
    private protected Batches Batches(WorkloadSurroundings surroundings, int processors) => new()
    {
        Jobs = Jobs, Processors = processors, RunTime = RunTime, Spread = Spread, Arrivals = Arrivals, Seed = surroundings.Seed ?? 1,
    };
}

/// <summary>Independent jobs.</summary>
[ConfigSchema("A bag of tasks: independent jobs, all alike but for their run times.")]
public sealed record BagWorkload : BatchWorkload
{
    /// <summary>Processors a job.</summary>
    [ConfigKey("Processors of each job.", Minimum = 1)]
    public int Size { get; init; } = 1;

    /// <inheritdoc/>
    protected override Workload Make(WorkloadSurroundings surroundings) => Batches(surroundings, Size).Bag();
}

/// <summary>Arrays of tasks.</summary>
[ConfigSchema("Job arrays: each is one submission of many like tasks.")]
public sealed record ArrayWorkload : BatchWorkload
{
    /// <summary>Processors a task.</summary>
    [ConfigKey("Processors of each task.", Minimum = 1)]
    public int Size { get; init; } = 1;

    /// <summary>Tasks of an array.</summary>
    [ConfigKey("Tasks of each array.", Minimum = 1)]
    public int Tasks { get; init; } = 10;

    /// <inheritdoc/>
    protected override Workload Make(WorkloadSurroundings surroundings) => Batches(surroundings, Size).Array(Tasks);
}

/// <summary>Gangs of jobs.</summary>
[ConfigSchema("Gangs of which some members, or all, must run at once.")]
public sealed record GangWorkload : BatchWorkload
{
    /// <summary>Members of a gang.</summary>
    [ConfigKey("Members of each gang, one processor each.", Minimum = 1)]
    public int Members { get; init; } = 4;

    /// <summary>Least members of a gang.</summary>
    [ConfigKey("The least number of members of a gang that must run at once; null for all.", Minimum = 1)]
    public int? Minimum { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<(string Property, Diagnostic Fault)> Faults()
    {
        foreach (var fault in base.Faults()) yield return fault;
        if (Minimum > Members)
            yield return (nameof(Minimum), Diagnostic.Error("workload-gang", $"a gang of {Members} members cannot need {Minimum} at once") with { Help = $"give members={Minimum} or more, or a lower minimum" });
    }

    /// <inheritdoc/>
    protected override Workload Make(WorkloadSurroundings surroundings) => Batches(surroundings, Members).Gang(Minimum ?? Members);
}

/// <summary>Users in a closed loop.</summary>
[ConfigSchema("A closed loop: each user has one job at a time, and thinks before the next one.")]
public sealed record ClosedWorkload : BatchWorkload
{
    /// <summary>Ten jobs of each user.</summary>
    public ClosedWorkload() => Jobs = 10;

    /// <summary>Processors a job.</summary>
    [ConfigKey("Processors of each job.", Minimum = 1)]
    public int Size { get; init; } = 1;

    /// <summary>Users of a closed loop.</summary>
    [ConfigKey("How many users.", Minimum = 1)]
    public int UsersInLoop { get; init; } = 4;

    /// <summary>Think time.</summary>
    [ConfigKey("Mean time from the end of a job to the submission of the user's next one; exponential.")]
    public TimeSpan ThinkTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    protected override Workload Make(WorkloadSurroundings surroundings) => Batches(surroundings, Size).Closed(UsersInLoop, ThinkTime);
}
