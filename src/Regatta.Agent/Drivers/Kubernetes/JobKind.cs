using System.Buffers;
using System.Text.Json;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>A kind of jobs on Kubernetes: how one is asked for, and what its object says.</summary>
internal abstract class JobKind
{
    /// <summary>Processes on the head whose cost is recorded.</summary>
    public abstract IReadOnlyList<(string Process, bool Client)> Daemons { get; }

    /// <summary>The program that places pods.</summary>
    public abstract MetricsServer Scheduler { get; }

    /// <summary>The collection that jobs are created in.</summary>
    public abstract string Collection(string @namespace);

    /// <summary>The manifest of a job.</summary>
    public abstract byte[] Manifest(JobManifest manifest, Job job, PodShape shape);

    /// <summary>The collection of what makes jobs of several pods gangs, each with the name of its job; null where that takes no object of its own.</summary>
    public virtual string? GangCollection(string @namespace) => null;

    /// <summary>The manifest of a job's gang, which must be there before the job; null for a job that is none.</summary>
    public virtual byte[]? Gang(JobManifest manifest, Job job, PodShape shape) => null;

    /// <summary>Why no job can be submitted; null when all is well.</summary>
    public abstract Task<Diagnostic?> CheckAsync(KubernetesApi api, KubernetesOptions options, CancellationToken cancellation);

    /// <summary>Watches of what is this kind's own: its jobs first.</summary>
    /// <param name="make">Makes watches.</param>
    /// <param name="sees">Takes what they tell.</param>
    public abstract IReadOnlyList<IKubernetesWatch> Watches(WatchMaker make, IJobSights sees);

    /// <summary>JSON that <paramref name="write"/> writes.</summary>
    internal static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(buffer)) write(json);
        return buffer.WrittenSpan.ToArray();
    }
}

/// <summary>Takes what is seen of jobs.</summary>
internal interface IJobSights
{
    /// <summary>A Job is there, or gone.</summary>
    void Job(ObjectMeta metadata, JobSight sight, bool gone, long now);

    /// <summary>A gang was placed.</summary>
    void Gang(ObjectMeta metadata, long now);
}

/// <summary>Jobs of <c>batch/v1</c>, placed by Kubernetes' default scheduler: those of several pods whole, where there are gangs, else pod by pod.</summary>
/// <param name="gangs">The scheduler's gangs; null for none.</param>
internal sealed class BatchJobs(PodGroups? gangs) : JobKind
{
    public override IReadOnlyList<(string Process, bool Client)> Daemons { get; } =
        [("kube-scheduler", false), ("kube-controller-manager", false), ("kube-apiserver", false), ("etcd", false)];

    public override MetricsServer Scheduler => KubernetesMetrics.Scheduler;

    public override string Collection(string @namespace) => $"/apis/batch/v1/namespaces/{@namespace}/jobs";

    public override string? GangCollection(string @namespace) => gangs?.Collection(@namespace);

    public override byte[]? Gang(JobManifest manifest, Job job, PodShape shape) => IsGang(shape) ? Json(json => gangs!.Write(json, manifest, job, shape)) : null;

    public override Task<Diagnostic?> CheckAsync(KubernetesApi api, KubernetesOptions options, CancellationToken cancellation) =>
        gangs?.CheckAsync(api, options, cancellation) ?? Task.FromResult<Diagnostic?>(null);

    public override byte[] Manifest(JobManifest manifest, Job job, PodShape shape) => Json(json =>
    {
        json.WriteStartObject();
        json.WriteString("apiVersion", "batch/v1");
        json.WriteString("kind", "Job");
        manifest.WriteMetadata(json, job.Id, named: true);
        json.WriteStartObject("spec");
        json.WriteNumber("parallelism", shape.Pods);
        json.WriteNumber("completions", shape.Pods);
        // A pod that fails ends its job, as everywhere.
        json.WriteNumber("backoffLimit", 0);
        manifest.WriteTemplate(json, job, shape, IsGang(shape) ? manifest.NameOf(job.Id) : null);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    public override IReadOnlyList<IKubernetesWatch> Watches(WatchMaker make, IJobSights sees) =>
    [
        make.Of("jobs", Collection(make.Namespace), KubernetesJson.Default.ApiListBatchJob, KubernetesJson.Default.WatchLineBatchJob,
            (job, gone, now) => sees.Job(job.Metadata, Sight(job), gone, now)),
    ];

    private bool IsGang(PodShape shape) => gangs is not null && shape.Minimum > 1;

    /// <summary>What a Job says.</summary>
    internal static JobSight Sight(BatchJob job)
    {
        var end = job.Status?.Conditions?.FirstOrDefault(c => c is { Type: "Complete" or "Failed", Status: "True" });
        JobState? state = end switch
        {
            null => null,
            { Type: "Complete" } => JobState.Completed,
            { Reason: "DeadlineExceeded" } => JobState.TimedOut,
            _ => JobState.Failed,
        };
        return new JobSight(job.Status?.StartTime is not null, state, end?.Reason is null ? null : $"{end.Reason}: {end.Message}");
    }
}
