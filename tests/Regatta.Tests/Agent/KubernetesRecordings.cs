using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Regatta.Agent.Drivers;
using Regatta.Agent.Drivers.Kubernetes;
using Regatta.Agent.Drivers.Volcano;
using Regatta.Workloads;

namespace Regatta.Tests.Agent;

/// <summary>Recorded watches, told to a tracker line by line. Lines arrive a millisecond apart, the first at 1,000,000.</summary>
internal sealed class KubernetesRecordings
{
    private readonly Dictionary<string, long> _jobs;

    /// <param name="names">Names of the recorded Jobs that are jobs 1, 2, … of the replay.</param>
    /// <param name="audited">There is an audit log.</param>
    public KubernetesRecordings(string[] names, bool audited = false)
    {
        _jobs = names.Select((n, i) => (n, i)).ToDictionary(p => p.n, p => p.i + 1L);
        Tracker = new KubernetesTracker(names.Select((_, i) => new Job { Id = i + 1, Submit = TimeSpan.Zero, Processors = 4, RunTime = TimeSpan.FromSeconds(10) }).ToDictionary(j => j.Id), audited, Take);
    }

    public KubernetesTracker Tracker { get; }

    public List<JobEvent> Events { get; } = [];

    public List<ReplayFault> Faults { get; } = [];

    /// <summary>When the last line arrived.</summary>
    public long Now { get; private set; } = 999_000;

    public static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "Agent", "Kubernetes.data", file);

    public static T Read<T>(string file, JsonTypeInfo<T> type) => JsonSerializer.Deserialize(File.ReadAllBytes(PathOf(file)), type)!;

    /// <summary>Tells all watches at once, in the order in which the API server wrote what they tell of (<c>resourceVersion</c>).</summary>
    public KubernetesRecordings Tell(params string[] files)
    {
        foreach (var (_, tell) in files.SelectMany(Lines).OrderBy(l => l.Version))
        {
            Now += 1000;
            tell(Now);
        }

        return this;
    }

    /// <summary>The record of job 1.</summary>
    public JobRecord Row => JobRecords.From([new Job { Id = 1, Submit = TimeSpan.Zero, Processors = 4, RunTime = TimeSpan.Zero }], Events)[0];

    public IReadOnlyList<JobEvent> Of(long job) => [.. Events.Where(e => e.Job == job)];

    /// <summary>The state that a job ended in, with its exit code; null while it has not.</summary>
    public (JobState? State, int? Code) EndOf(long job) => Of(job).Where(e => e.Kind == JobEventKind.Ended).Select(e => (e.State, e.ExitCode)).SingleOrDefault();

    private IEnumerable<(long Version, Action<long> Tell)> Lines(string file)
    {
        foreach (var line in File.ReadLines(PathOf(file)))
        {
            yield return file switch
            {
                _ when file.Contains("batchjobs", StringComparison.Ordinal) => Line(line, KubernetesJson.Default.WatchLineBatchJob, m => m.Name, (job, o, gone, now) => Tracker.SeeJob(job, BatchJobs.Sight(o), gone, now)),
                _ when file.Contains("vcjobs", StringComparison.Ordinal) => Line(line, KubernetesJson.Default.WatchLineVolcanoJob, m => m.Name, (job, o, gone, now) => Tracker.SeeJob(job, VolcanoJobs.Sight(o), gone, now)),
                _ when file.Contains("podgroups", StringComparison.Ordinal) => Line(line, KubernetesJson.Default.WatchLinePodGroup, m => m.Name, (job, o, gone, now) =>
                {
                    if (!gone && VolcanoJobs.Placed(o)) Tracker.SeeGang(job, now);
                }),
                _ => Line(line, KubernetesJson.Default.WatchLinePod, m => m.Labels!.GetValueOrDefault("job-name") ?? m.Labels!.GetValueOrDefault("volcano.sh/job-name") ?? "", (job, o, gone, now) => Tracker.SeePod(job, o, gone, now)),
            };
        }
    }

    private (long, Action<long>) Line<T>(string text, JsonTypeInfo<WatchLine<T>> type, Func<ObjectMeta, string> name, Action<long, T, bool, long> see)
        where T : class, IApiObject
    {
        var line = JsonSerializer.Deserialize(text, type)!;
        return (long.Parse(line.Object!.Metadata.ResourceVersion!, System.Globalization.CultureInfo.InvariantCulture), now =>
        {
            if (_jobs.TryGetValue(name(line.Object.Metadata), out var job)) see(job, line.Object, line.Type == "DELETED", now);
        });
    }

    private void Take(Observation observation)
    {
        if (observation.Event is { } happened) Events.Add(happened);
        if (observation.Fault is { } fault) Faults.Add(fault);
    }
}
