using Regatta.Config;
using Regatta.Schedulers;
using Regatta.Workloads;

namespace Regatta.Experiments.Configuration;

/// <summary>Clients that call beside the workload.</summary>
[ConfigSchema("Clients that call the scheduler on the head beside the workload, as its users do; docs/clients.md says what each is on each scheduler.")]
public sealed record ClientsSection
{
    /// <summary>Most calls a second, all kinds together.</summary>
    public const double MostRate = 1000;

    /// <summary>Calls a second of clients that look at the queue.</summary>
    [ConfigKey("Calls a second of clients that look at the queue, such as squeue.", Minimum = 0, Maximum = MostRate, Example = "10")]
    public double Queue { get; init; }

    /// <summary>Calls a second of clients that look at the nodes.</summary>
    [ConfigKey("Calls a second of clients that look at the nodes, such as sinfo.", Minimum = 0, Maximum = MostRate)]
    public double Nodes { get; init; }

    /// <summary>Calls a second of clients that look at jobs that have ended.</summary>
    [ConfigKey("Calls a second of clients that look at jobs that have ended, such as sacct.", Minimum = 0, Maximum = MostRate)]
    public double History { get; init; }

    /// <summary>Calls a second of clients that look at one job that runs.</summary>
    [ConfigKey("Calls a second of clients that look at one job that runs, such as scontrol show job; on Kubernetes, watches of all pods.", Minimum = 0, Maximum = MostRate)]
    public double Job { get; init; }

    /// <summary>Steps a second that clients make in jobs that run.</summary>
    [ConfigKey("Steps a second that clients make in jobs that run, by srun.", Minimum = 0, Maximum = MostRate)]
    public double Step { get; init; }

    /// <summary>Jobs a second that clients submit from scripts.</summary>
    [ConfigKey("Jobs a second that clients submit from scripts; they are held, never run, and are cancelled at the end.", Minimum = 0, Maximum = MostRate)]
    public double Submit { get; init; }

    /// <summary>How long a call may take.</summary>
    [ConfigKey("How long a call may take; one that takes longer is ended and counts as timed out.", Minimum = 0, Above = true)]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Calls that may be under way at once.</summary>
    [ConfigKey("Calls that may be under way at once; further ones are not begun, and are counted.", Minimum = 1, Maximum = 4096)]
    public int Most { get; init; } = 256;

    /// <summary>Bound on the 90th percentile of latencies.</summary>
    [ConfigKey("Bound on the 90th percentile of a latency: the report says at which rate it is passed.", Minimum = 0, Above = true)]
    public TimeSpan Bound { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The kinds that are asked for, with their rates.</summary>
    internal IEnumerable<(ClientKind Kind, double Rate)> Rates => new[]
    {
        (ClientKind.Queue, Queue), (ClientKind.Nodes, Nodes), (ClientKind.History, History), (ClientKind.Job, Job), (ClientKind.Step, Step), (ClientKind.Submit, Submit),
    }.Where(r => r.Item2 > 0);

    /// <summary>The clients of a trial; null for none.</summary>
    /// <param name="scheduler">The scheduler.</param>
    /// <param name="options">How it is wanted.</param>
    /// <param name="seed">Seed of the trial.</param>
    internal ClientStorm? Of(IScheduler scheduler, SchedulerOptions options, long seed)
    {
        var streams = Rates.Select(r => new ClientStream(r.Kind, r.Rate, scheduler.Client(r.Kind, options)!.Value)).ToImmutableArray();
        return streams.IsEmpty ? null : new ClientStorm(streams, Timeout, Most, seed, scheduler.ClientUser(options)) { Bound = Bound, Undo = streams.Any(s => s.Kind == ClientKind.Submit) ? scheduler.UndoClients : [] };
    }
}
