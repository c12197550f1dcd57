using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Regatta.Analysis;
using Regatta.Diagnostics;
using Regatta.Experiments.Planning;
using Regatta.Experiments.Runs;
using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Experiments.Running;

/// <summary>Trials on the reference scheduler: simulated, so that they need neither root nor a cluster.</summary>
/// <param name="machine">The machine that is simulated.</param>
/// <param name="options">Its policy.</param>
/// <param name="time">Where the trial's start comes from.</param>
public sealed class SimulatedLane(MachineSize machine, ReferenceOptions options, TimeProvider time) : ITrialLane
{
    /// <inheritdoc/>
    public async Task<LaneTrial> RunAsync(PlannedTrial trial, PlanPoint point, IReadOnlyList<Job> jobs, string draft, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var workers = Enumerable.Range(1, machine.Nodes).Select(i => string.Create(CultureInfo.InvariantCulture, $"worker{i}")).ToImmutableArray();
        var workload = new Workload { Name = point.Workload, Jobs = [.. jobs] };
        var origin = time.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
        var schedule = ReferenceScheduler.Run(workload, machine, options, cancellation);
        var records = schedule.Records(origin, workers).ToList();
        await WriteEventsAsync(Path.Combine(draft, "events.jsonl"), records, cancellation).ConfigureAwait(false);
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
                .Add("backfill", options.Policy is ReferencePolicy.Fcfs or ReferencePolicy.Sjf ? "no" : "yes")
                .Add("reference.Policy", options.Name)
                .Add("reference.Allocation", options.WholeNodes ? "nodes" : "processors")
                .AddRange(jobs.Any(j => j.Drains) ? [KeyValuePair.Create("drain", "kept")] : []),
            Workload = point.Workload,
            Processors = machine.Processors,
            Workers = workers,
            Machines = "simulation",
            ClusterState = "fresh",
            Started = origin,
            Ended = records.Max(r => r.Finish ?? r.Planned ?? origin),
        };
        return new LaneTrial(record, records);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task WriteEventsAsync(string path, List<JobRecord> records, CancellationToken cancellation)
    {
        var events = records.SelectMany(Events).OrderBy(e => e.Time).ThenBy(e => e.Job).ThenBy(e => e.Kind);
        var writer = new StreamWriter(path);
        await using (writer.ConfigureAwait(false))
        {
            foreach (var e in events)
                await writer.WriteLineAsync(JsonSerializer.Serialize(e, RunJsonLines.Default.JobEvent).AsMemory(), cancellation).ConfigureAwait(false);
        }
    }

    private static IEnumerable<JobEvent> Events(JobRecord job)
    {
        (JobEventKind Kind, long? Time)[] stamps =
        [
            (JobEventKind.Sent, job.Sent), (JobEventKind.Accepted, job.Accepted), (JobEventKind.Eligible, job.Eligible), (JobEventKind.Decided, job.Decided),
            (JobEventKind.Started, job.Start), (JobEventKind.Finished, job.Finish), (JobEventKind.Ended, job.Finish), (JobEventKind.Released, job.Released),
        ];
        foreach (var (kind, stamp) in stamps)
        {
            if (stamp is not { } at) continue;
            yield return new JobEvent(job.Job, kind, at, "simulation")
            {
                Nodes = kind == JobEventKind.Decided ? job.NodeList : null,
                State = kind == JobEventKind.Ended ? job.State : null,
                ExitCode = kind == JobEventKind.Ended ? job.ExitCode : null,
            };
        }
    }
}
