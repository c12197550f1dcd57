using System.Text.Json;
using System.Text.Json.Serialization;
using Regatta.Analysis;
using Regatta.Runs;
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
        var records = schedule.Records(origin, "worker").ToList();
        await WriteEventsAsync(Path.Combine(draft, "events.jsonl"), records, cancellation);
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
                .AddRange(jobs.Any(j => j.Drains) ? [KeyValuePair.Create(Trait.Drain.Name(), "kept")] : []),
            Workload = point.Workload,
            Processors = machine.Processors,
            Jobs = jobs.Count,
            Workers = workers,
            Machines = MachineKind.Simulation,
            ClusterState = "fresh",
            Started = origin,
            Ended = records.Max(r => r.Finish ?? r.Planned ?? origin),
        };
        return new LaneTrial(record, records);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static readonly JobEventKind[] Kinds =
    [
        JobEventKind.Sent, JobEventKind.Accepted, JobEventKind.Eligible, JobEventKind.Decided, JobEventKind.Started, JobEventKind.Finished, JobEventKind.Ended, JobEventKind.Released,
    ];

    /// <summary>Writes the events of all jobs in the order of their times, one a line. Only their places are sorted: millions of events at once would take the memory.</summary>
    private static async Task WriteEventsAsync(string path, List<JobRecord> records, CancellationToken cancellation)
    {
        var places = new (long Time, int Row, JobEventKind Kind)[records.Sum(job => Kinds.Count(kind => Time(job, kind) is not null))];
        var count = 0;
        for (var row = 0; row < records.Count; row++)
        {
            foreach (var kind in Kinds)
            {
                if (Time(records[row], kind) is { } time) places[count++] = (time, row, kind);
            }
        }

        Array.Sort(places, (a, b) => a.Time != b.Time ? a.Time.CompareTo(b.Time) : a.Row != b.Row ? records[a.Row].Job.CompareTo(records[b.Row].Job) : a.Kind.CompareTo(b.Kind));
        var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 1 << 16, useAsync: false);
        await using (stream)
        {
            var writer = new Utf8JsonWriter(stream);
            await using (writer)
            {
                foreach (var (time, row, kind) in places)
                {
                    cancellation.ThrowIfCancellationRequested();
                    JsonSerializer.Serialize(writer, Event(records[row], kind, time), EventJson.Default.JobEvent);
                    writer.Flush();
                    stream.WriteByte((byte)'\n');
                    writer.Reset();
                }
            }
        }
    }

    private static long? Time(JobRecord job, JobEventKind kind) => kind switch
    {
        JobEventKind.Sent => job.Sent,
        JobEventKind.Accepted => job.Accepted,
        JobEventKind.Eligible => job.Eligible,
        JobEventKind.Decided => job.Decided,
        JobEventKind.Started => job.Start,
        JobEventKind.Released => job.Released,
        _ => job.Finish,
    };

    private static JobEvent Event(JobRecord job, JobEventKind kind, long time) => new(job.Job, kind, time, "simulation")
    {
        Nodes = kind == JobEventKind.Decided ? job.NodeList : null,
        State = kind == JobEventKind.Ended ? job.State : null,
        ExitCode = kind == JobEventKind.Ended ? job.ExitCode : null,
    };
}

/// <summary>JSON of <c>events.jsonl</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(JobEvent))]
internal sealed partial class EventJson : JsonSerializerContext;
