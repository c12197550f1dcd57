using System.Text.Json.Serialization;
using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>What <c>trial.json</c> holds: everything about one trial but its jobs and events.</summary>
public sealed record TrialRecord
{
    /// <summary>Version of this contract.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Name of the point (what is compared), such as <c>slurm-fifo</c>; unique in the run.</summary>
    public required string Point { get; init; }

    /// <summary>Repetition of the point, from 1.</summary>
    public required int Repetition { get; init; }

    /// <summary>Block, from 1: each block holds every point once.</summary>
    public required int Block { get; init; }

    /// <summary>Place in the order in which the trials ran, from 1.</summary>
    public required int Order { get; init; }

    /// <summary>Seed of this trial's workload.</summary>
    public long Seed { get; init; }

    /// <summary>Scheduler, such as <c>slurm</c>.</summary>
    public required string Scheduler { get; init; }

    /// <summary>Its version, as it says itself.</summary>
    public string? SchedulerVersion { get; init; }

    /// <summary>Profile, such as <c>backfill</c>.</summary>
    public required string Profile { get; init; }

    /// <summary>Settings that may make two trials unlike: the scheduler's own (<c>slurm.SchedulerType</c>) and those of the fairness contract
    /// (<c>accounting</c>, <c>backfill</c>, <c>cgroup-enforcement</c>, <c>task-launch</c>, …).</summary>
    public ImmutableSortedDictionary<string, string> Settings { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>What a trait is, as <see cref="Settings"/> say it; null when they do not.</summary>
    public string? Trait(Trait trait) => Settings.GetValueOrDefault(trait.Name());

    /// <summary>What each account was promised of the machine, 0 to 1; empty where there are no accounts.</summary>
    public ImmutableSortedDictionary<string, double> Shares { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Name of the workload.</summary>
    public required string Workload { get; init; }

    /// <summary>Schedulable processors of the machine, <c>P</c>.</summary>
    public required int Processors { get; init; }

    /// <summary>Names of the worker nodes.</summary>
    public ImmutableArray<string> Workers { get; init; } = [];

    /// <summary>Driver of the machines: <c>qemu-kvm</c>, <c>qemu-tcg</c>, <c>lxc</c>, <c>ssh</c>, <c>simulation</c>.</summary>
    public required MachineKind Machines { get; init; }

    /// <summary>State of the cluster before the trial: <c>fresh</c> or <c>reset</c>.</summary>
    public required string ClusterState { get; init; }

    /// <summary>sha256 of the image; null where none was used.</summary>
    public string? Image { get; init; }

    /// <summary>Start of the replay, UTC microseconds since 1970-01-01.</summary>
    public required long Started { get; init; }

    /// <summary>End of the replay, UTC microseconds since 1970-01-01.</summary>
    public required long Ended { get; init; }

    /// <summary>Clock offsets to the head before the trial.</summary>
    public ImmutableArray<ClockOffset> ClocksBefore { get; init; } = [];

    /// <summary>Clock offsets to the head after the trial.</summary>
    public ImmutableArray<ClockOffset> ClocksAfter { get; init; } = [];

    /// <summary>What the harness itself used.</summary>
    public HarnessCost? Harness { get; init; }

    /// <summary>What the scheduler's daemons used over the trial.</summary>
    public ImmutableArray<ProcessCost> ControlPlane { get; init; } = [];

    /// <summary>How the scheduler went through its queue, where it counts that; empty elsewhere.</summary>
    public ImmutableArray<SchedulingPasses> Passes { get; init; } = [];

    /// <summary>What went wrong on the way: a node that was lost, a connection that was cut.</summary>
    public ImmutableArray<TrialFault> Faults { get; init; } = [];

    /// <summary>What went wrong and was made good without a loss, such as a connection that was cut and made again.</summary>
    public ImmutableArray<TrialFault> Mended { get; init; } = [];

    /// <summary>The upgrade of the scheduler that happened in the trial; null where there was none.</summary>
    public TrialUpgrade? Upgrade { get; init; }

    /// <summary>The faults that were brought about on purpose, and what they did; null where none were planned.</summary>
    public FaultInjection? Injection { get; init; }

    /// <summary>How long its jobs waited where they were recorded; null where that is not known.</summary>
    public RecordedWaits? RecordedWaits { get; init; }

    /// <summary>What preemption did; null where nothing was preempted.</summary>
    public Preemptions? Preemptions { get; init; }

    /// <summary>Reservations of nodes, as the scheduler made them.</summary>
    public ImmutableArray<ReservedTime> Reservations { get; init; } = [];

    /// <summary>The order of starts, held against the priorities that the scheduler reports; null where it was not.</summary>
    public StartOrderCheck? StartOrder { get; init; }

    /// <summary>The starts that the scheduler foretold, held against those that came; null where there are none.</summary>
    public StartPredictions? Predictions { get; init; }

    /// <summary>What sampling the scheduler did and cost; null where it was not sampled.</summary>
    public SamplingSummary? Sampling { get; init; }

    /// <summary>How much work waited for a processor on each node over the trial.</summary>
    public ImmutableArray<NodePressure> Pressure { get; init; } = [];

    /// <summary>What the virtual clock says, where the trial ran in virtual time: all other stamps are then virtual. Null for real time.</summary>
    public ClockReport? Clock { get; init; }

    /// <summary>The clients that called beside the jobs, by kind; empty where there were none.</summary>
    public ImmutableArray<ClientLatency> Clients { get; init; } = [];

    /// <summary>The host that it ran on, where the trials of its run were spread over several; null for the host of the run.</summary>
    public string? Host { get; init; }

    /// <summary>What of the jobs the scheduler could not be told, in sentences.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>Bound on the 99th percentile of lateness, in microseconds, beyond which the client is the limit.</summary>
    public long LatenessBound { get; init; } = 10_000;

    /// <summary>How many jobs were to be submitted; null in records of the first programs.</summary>
    public int? Jobs { get; init; }

    /// <summary>Schedulable processors of each worker; empty when all workers are alike.</summary>
    public ImmutableSortedDictionary<string, int> NodeProcessors { get; init; } = ImmutableSortedDictionary<string, int>.Empty;

    /// <summary>GPUs of the workers by model, in the order of their models; empty for none.</summary>
    public ImmutableArray<NodeGpus> Gpus { get; init; } = [];

    /// <summary>Schedulable processors of a worker, by its place; where that is not recorded, its even share of all.</summary>
    /// <param name="worker">Its place among the workers.</param>
    public int ProcessorsOf(int worker) => ProcessorsOf(Workers, NodeProcessors, Processors, worker);

    /// <summary>Schedulable processors of a worker, by its place; where that is not known, its even share of all.</summary>
    /// <param name="workers">The workers.</param>
    /// <param name="known">Processors of each that is known.</param>
    /// <param name="all">Processors in all.</param>
    /// <param name="worker">Its place among the workers.</param>
    public static int ProcessorsOf(ImmutableArray<string> workers, IReadOnlyDictionary<string, int> known, int all, int worker)
    {
        ArgumentNullException.ThrowIfNull(known);
        return known.TryGetValue(workers[worker], out var own) ? own : (all / workers.Length) + (worker < all % workers.Length ? 1 : 0);
    }

    /// <summary>sha256 (hexadecimal) of the files that were recorded with the trial, by name; empty in records of the first programs.</summary>
    public ImmutableSortedDictionary<string, string> Files { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}

/// <summary>Offset of a node's clock to the head's.</summary>
/// <param name="Node">The node.</param>
/// <param name="Offset">Node minus head, in microseconds.</param>
/// <param name="Bound">The true offset lies within plus or minus this, in microseconds.</param>
public sealed record ClockOffset(string Node, long Offset, long Bound);

/// <summary>What the harness used during a trial.</summary>
/// <param name="CpuSeconds">CPU seconds of the agent and what it started to submit.</param>
/// <param name="PeakRss">Peak resident memory of the agent, in bytes.</param>
public sealed record HarnessCost(double CpuSeconds, long PeakRss);

/// <summary>What one daemon used during a trial.</summary>
/// <param name="Node">Where it ran.</param>
/// <param name="Process">Its name.</param>
/// <param name="CpuSeconds">CPU seconds.</param>
/// <param name="PeakRss">Peak resident memory, in bytes.</param>
public sealed record ProcessCost(string Node, string Process, double CpuSeconds, long PeakRss);

/// <summary>A fault that happened during a trial.</summary>
/// <param name="Time">UTC microseconds since 1970-01-01.</param>
/// <param name="Node">The node it concerns; null for none.</param>
/// <param name="Text">What happened.</param>
public sealed record TrialFault(long Time, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Node, string Text)
{
    /// <summary>Stable name of its kind, such as <c>contradicting-stamps</c>; null for one that the scheduler or the machines told of.</summary>
    public string? Code { get; init; }
}

/// <summary>How much work waited for a processor on a node during a trial. The nodes of one host that are containers all say what holds for the host.</summary>
/// <param name="Node">The node.</param>
/// <param name="Waiting">Share of the time, 0 to 1, in which something that could run waited for a processor (PSI, <c>some</c>); null where the kernel does not tell.</param>
/// <param name="Stolen">Share of the processors' time, 0 to 1, that the machine below took for others.</param>
public sealed record NodePressure(string Node, double? Waiting, double Stolen);
