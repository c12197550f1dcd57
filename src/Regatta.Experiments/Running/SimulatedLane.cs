using Regatta.Analysis;
using Regatta.Experiments.Planning;
using Regatta.Runs;
using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Experiments.Running;

/// <summary>Trials on the reference scheduler: simulated, so that they need neither root nor a cluster.</summary>
/// <param name="machine">The machine that is simulated.</param>
/// <param name="options">Its policy.</param>
/// <param name="time">Where the trial's start comes from.</param>
/// <param name="compiled">What the lanes of a run share.</param>
internal sealed class SimulatedLane(MachineSize machine, ReferenceOptions options, TimeProvider time, CompiledWorkloads compiled) : ITrialLane
{
    private const int Many = 50_000;
    private const string Worker = "worker";

    private readonly ImmutableArray<string> _workers = [.. Enumerable.Range(1, machine.Nodes).Select(i => string.Create(CultureInfo.InvariantCulture, $"{Worker}{i}"))];

    /// <inheritdoc/>
    public Task<LaneTrial> RunAsync(PlannedTrial trial, PlanPoint point, IReadOnlyList<Job> jobs, string draft, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var origin = time.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
        var schedule = compiled.Run(jobs, point.Workload, machine, options, cancellation);
        var ruled = schedule.Outcome is null ? null : RuledTrial.Of(schedule, jobs, origin, Worker);
        var table = ruled?.Table ?? JobTable.Of(schedule, origin, Worker);
        var record = new TrialRecord
        {
            Point = trial.Point,
            Repetition = trial.Repetition,
            Block = trial.Block,
            Order = trial.Order,
            Seed = trial.Seed,
            Scheduler = "reference",
            Profile = options.Name,
            Settings = ImmutableSortedDictionary<string, string>.Empty
                .Add(Trait.Backfill.Name(), options.Policy is ReferencePolicy.Fcfs or ReferencePolicy.Sjf ? "no" : "yes")
                .Add("reference.Policy", options.Name)
                .Add("reference.Allocation", options.WholeNodes ? "nodes" : "processors")
                .AddRange(options.Partitions is { } partitions
                    ? [KeyValuePair.Create(Trait.Partitions.Name(), SchedulerTraits.PartitionText(partitions.All.Select(partition => (partition.Name, NodeNumbers.Parse(partition.Nodes) ?? NodeNumbers.All)))!), .. partitions.All.Select(Limits).OfType<KeyValuePair<string, string>>()]
                    : [])
                .AddRange(jobs.Any(j => j.Drains) ? [KeyValuePair.Create(Trait.Drain.Name(), "kept")] : []),
            Workload = point.Workload,
            Processors = machine.Processors,
            Jobs = jobs.Count,
            RecordedWaits = point.RecordedWaits,
            Workers = _workers,
            Machines = MachineKind.Simulation,
            ClusterState = "fresh",
            Started = origin,
            Ended = Enumerable.Range(0, table.Count).Max(row => table.Finish[row] != JobTable.Missing ? table.Finish[row] : table.Sent[row]),
        };
        var events = Path.Combine(draft, TrialFiles.Events);
        return Task.FromResult(ruled is null ? new LaneTrial(record, table) { Events = Events(events, table, cancellation) } : new LaneTrial(ruled.Told(record, options), table) { Events = Task.FromResult(ruled.Write(events)) });
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static KeyValuePair<string, string>? Limits(ReferencePartition partition)
    {
        IEnumerable<string?> limits = [partition.MaxTime is { } time ? $"MaxTime={Durations.Format(time.TotalSeconds)}" : null, partition.DefaultTime is { } usual ? $"DefaultTime={Durations.Format(usual.TotalSeconds)}" : null, partition.MaxNodes is { } nodes ? string.Create(CultureInfo.InvariantCulture, $"MaxNodes={nodes}") : null];
        return string.Join(' ', limits.OfType<string>()) is { Length: > 0 } text ? KeyValuePair.Create("reference.Partition." + partition.Name, text) : null;
    }

    // Those of many jobs are written beside the audit; of few, the lanes share the processors already.
    private static Task<string> Events(string path, JobTable jobs, CancellationToken cancellation) =>
        jobs.Count < Many ? Task.FromResult(WriteEvents(path, jobs, cancellation)) : Task.Run(() => WriteEvents(path, jobs, cancellation), CancellationToken.None);

    private static string WriteEvents(string path, JobTable jobs, CancellationToken cancellation)
    {
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        using var events = new SimulatedEvents(jobs);
        return events.Write(stream, cancellation);
    }
}
