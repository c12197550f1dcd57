namespace Regatta.Workloads;

/// <summary>What a client of a scheduler does.</summary>
public enum ClientKind
{
    /// <summary>Looks at the queue: <c>squeue</c>.</summary>
    Queue,

    /// <summary>Looks at the nodes: <c>sinfo</c>.</summary>
    Nodes,

    /// <summary>Looks at jobs that have ended: <c>sacct</c>.</summary>
    History,

    /// <summary>Looks at one job: <c>scontrol show job</c>.</summary>
    Job,

    /// <summary>Makes a step in a job that runs: <c>srun --jobid</c>.</summary>
    Step,

    /// <summary>Submits a job from a script, which is held and never runs: <c>sbatch --hold</c>.</summary>
    Submit,
}

/// <summary>How a call of a client ended.</summary>
public enum ClientOutcome
{
    /// <summary>With exit code 0.</summary>
    Done,

    /// <summary>With another exit code, or by a signal.</summary>
    Failed,

    /// <summary>It did not end in time, and was ended.</summary>
    TimedOut,

    /// <summary>It was not begun, since as many as may be at once were under way.</summary>
    LeftOut,

    /// <summary>It was under way when the trial ended.</summary>
    Cut,
}

/// <summary>Clients of one kind.</summary>
/// <param name="Kind">What they do.</param>
/// <param name="Rate">Calls a second, above 0; they come at random (Poisson) whatever became of those before.</param>
/// <param name="Command">The program and its arguments; <see cref="JobWord"/> stands for the scheduler's name of a job that is there.</param>
public sealed record ClientStream(ClientKind Kind, double Rate, ImmutableArray<string> Command)
{
    /// <summary>Stands in a command for the scheduler's name of a job.</summary>
    public const string JobWord = "{job}";
}

/// <summary>Clients that call beside the jobs of a replay, on the head.</summary>
/// <param name="Streams">The kinds, each once.</param>
/// <param name="Timeout">How long a call may take.</param>
/// <param name="Most">Calls that may be under way at once.</param>
/// <param name="Seed">Seed of the times at which they come.</param>
/// <param name="User">The user that they run as; null for root.</param>
public sealed record ClientStorm(ImmutableArray<ClientStream> Streams, TimeSpan Timeout, int Most, long Seed, string? User)
{
    /// <summary>Bound on the 90th percentile of latencies that is asked about; the agent does nothing with it.</summary>
    public TimeSpan Bound { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What takes back what they left, run as they were; empty for nothing.</summary>
    public ImmutableArray<string> Undo { get; init; } = [];
}

/// <summary>One call of a client, as a line of <c>clients.jsonl</c>.</summary>
/// <param name="Kind">What it did.</param>
/// <param name="Planned">When it was to begin, UTC microseconds since 1970-01-01.</param>
/// <param name="Began">When it began; as planned for one that was left out.</param>
/// <param name="Took">Microseconds from its begin to its end.</param>
/// <param name="Outcome">How it ended.</param>
public sealed record ClientCall(ClientKind Kind, long Planned, long Began, long Took, ClientOutcome Outcome)
{
    /// <summary>Its exit code, with <see cref="ClientOutcome.Failed"/>; 128 and the signal where it was ended by one.</summary>
    public int? ExitCode { get; init; }
}

/// <summary>What kinds of clients are called.</summary>
public static class ClientKinds
{
    /// <summary>The name in configurations, records and metrics: <c>queue</c>.</summary>
    public static string Name(this ClientKind kind) => kind switch
    {
        ClientKind.Queue => "queue",
        ClientKind.Nodes => "nodes",
        ClientKind.History => "history",
        ClientKind.Job => "job",
        ClientKind.Step => "step",
        _ => "submit",
    };
}
