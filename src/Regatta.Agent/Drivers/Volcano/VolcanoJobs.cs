using Regatta.Agent.Drivers.Kubernetes;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Volcano;

/// <summary>Jobs of <c>batch.volcano.sh/v1alpha1</c>: gangs in queues, placed by Volcano all at once or not at all.</summary>
internal sealed class VolcanoJobs(string queue) : JobKind
{
    private const string Queues = "/apis/scheduling.volcano.sh/v1beta1/queues";

    public override IReadOnlyList<(string Process, bool Client)> Daemons { get; } =
    [
        ("vc-scheduler", false), ("vc-controller-manager", false), ("vc-webhook-manager", false), ("kube-controller-manager", false), ("kube-apiserver", false), ("etcd", false),
    ];

    public override MetricsServer Scheduler => KubernetesMetrics.Volcano;

    public override string Collection(string @namespace) => $"/apis/batch.volcano.sh/v1alpha1/namespaces/{@namespace}/jobs";

    public override async Task<Diagnostic?> CheckAsync(KubernetesApi api, KubernetesOptions options, CancellationToken cancellation)
    {
        var queues = await api.GetAsync(Queues, KubernetesJson.Default.ApiListVolcanoQueue, cancellation);
        if (queues.Result == ApiResult.NoSuchKind)
            return Diagnostic.Error("replay-volcano", "the cluster has no Volcano: it knows no queues") with { Detail = queues.Words, Help = "regatta cluster configure puts it there" };
        if (queues.Value is null) return Diagnostic.Error("replay-volcano", "Volcano's queues cannot be read") with { Detail = queues.Words };
        var names = queues.Value.Items?.Select(q => q.Metadata.Name).ToArray() ?? [];
        // Without webhooks Volcano takes jobs of a queue that there is not, and says nothing of them ever after.
        return names.Contains(queue) ? null : Diagnostic.Error("replay-queue", $"Volcano has no queue '{queue}'") with { Help = Suggestion.Help(queue, names) };
    }

    public override byte[] Manifest(JobManifest manifest, Job job, PodShape shape) => Json(json =>
    {
        json.WriteStartObject();
        json.WriteString("apiVersion", "batch.volcano.sh/v1alpha1");
        json.WriteString("kind", "Job");
        manifest.WriteMetadata(json, job.Id, named: true);
        json.WriteStartObject("spec");
        json.WriteString("schedulerName", "volcano");
        json.WriteString("queue", queue);
        json.WriteNumber("minAvailable", shape.Minimum);
        json.WriteNumber("maxRetry", 1);
        json.WriteStartArray("policies");
        // A member that fails or is lost ends its job, as everywhere.
        foreach (var cause in new[] { "PodFailed", "PodEvicted" })
        {
            json.WriteStartObject();
            json.WriteString("event", cause);
            json.WriteString("action", "TerminateJob");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("tasks");
        json.WriteStartObject();
        json.WriteString("name", "job");
        json.WriteNumber("replicas", shape.Pods);
        manifest.WriteTemplate(json, job, shape);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    });

    public override IReadOnlyList<IKubernetesWatch> Watches(WatchMaker make, IJobSights sees) =>
    [
        make.Of("jobs", Collection(make.Namespace), KubernetesJson.Default.ApiListVolcanoJob, KubernetesJson.Default.WatchLineVolcanoJob,
            (job, gone, now) => sees.Job(job.Metadata, Sight(job), gone, now)),
        make.Of("podgroups", $"/apis/scheduling.volcano.sh/v1beta1/namespaces/{make.Namespace}/podgroups", KubernetesJson.Default.ApiListPodGroup, KubernetesJson.Default.WatchLinePodGroup,
            (gang, gone, now) =>
            {
                if (!gone && Placed(gang)) sees.Gang(gang.Metadata, now);
            }),
    ];

    /// <summary>What a Job says. It has no status at all until the controller has taken it up.</summary>
    internal static JobSight Sight(VolcanoJob job)
    {
        var phase = job.Status?.State?.Phase;
        JobState? state = phase switch
        {
            "Completed" => JobState.Completed,
            "Failed" or "Terminated" => JobState.Failed,
            // By whoever suspended it; or by a policy, when one of its pods failed.
            "Aborted" => JobState.Cancelled,
            _ => null,
        };
        return new JobSight(phase is { Length: > 0 }, state, state is null or JobState.Completed ? null : $"Volcano's phase {phase}{(job.Status?.State?.Message is { Length: > 0 } message ? $": {message}" : "")}");
    }

    /// <summary>All members have a node. <c>Unschedulable</c> stays true for ever after the first session and says nothing.</summary>
    internal static bool Placed(PodGroup gang) => gang.Status?.Conditions?.Any(c => c is { Type: "Scheduled", Status: "True" }) == true;
}
