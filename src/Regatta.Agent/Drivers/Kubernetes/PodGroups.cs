using System.Text.Json;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>
/// The gangs of kube-scheduler itself, from version 1.36 on: a PodGroup of <c>scheduling.k8s.io</c>, named as its job, and pods that name it. It is placed
/// whole or not at all. Which version of the API there is, the server says.
/// </summary>
internal sealed class PodGroups
{
    // The newest first: what a later version has is not in an earlier one's form.
    private static readonly string[] Versions = ["v1beta1", "v1alpha2"];

    private string _version = Versions[0];

    /// <summary>The collection that PodGroups are created in; known once <see cref="CheckAsync"/> found nothing wrong.</summary>
    public string Collection(string @namespace) => $"/apis/scheduling.k8s.io/{_version}/namespaces/{@namespace}/podgroups";

    /// <summary>
    /// Finds the version of the API, and has the server read a pod back without keeping it: one that does not know gangs drops the field without a word, and
    /// its jobs would be placed pod by pod.
    /// </summary>
    /// <returns>Why no gang can be submitted; null when all is well.</returns>
    public async Task<Diagnostic?> CheckAsync(KubernetesApi api, KubernetesOptions options, CancellationToken cancellation)
    {
        string? words = null, found = null;
        foreach (var version in Versions)
        {
            var answer = await api.GetAsync($"/apis/scheduling.k8s.io/{version}", KubernetesJson.Default.ApiResources, cancellation);
            if (answer.Result is not (ApiResult.Done or ApiResult.NoSuchKind or ApiResult.Missing)) words = answer.Words;
            if (answer.Value?.Resources?.Any(r => r.Name == "podgroups") == true) found ??= version;
        }

        if (found is null)
        {
            return Diagnostic.Error("replay-gang-api", $"the API server serves no PodGroups ({string.Join(", ", Versions.Select(v => "scheduling.k8s.io/" + v))}): no job could be placed whole") with
            {
                Detail = words,
                Help = "the profile gang sets it up from Kubernetes 1.36 on: kube-apiserver.runtime-config and kube-apiserver.feature-gates",
            };
        }

        _version = found;
        var pod = await api.CreateAsync($"/api/v1/namespaces/{options.Namespace}/pods?dryRun=All", Probe(options), KubernetesJson.Default.Pod, cancellation);
        if (pod.Value is null) return Diagnostic.Error("replay-gang-api", "the API server takes no pod of a gang") with { Detail = pod.Words };
        return pod.Value.Spec?.SchedulingGroup?.PodGroupName == ProbeName ? null : Diagnostic.Error("replay-gang-dropped", "the API server drops a pod's schedulingGroup without a word: its pods would be placed one by one") with
        {
            Help = "kube-apiserver.feature-gates=GenericWorkload=true in scheduler.settings, and the same for kube-controller-manager and kube-scheduler",
        };
    }

    /// <summary>The PodGroup of a job.</summary>
    public void Write(Utf8JsonWriter json, JobManifest manifest, Job job, PodShape shape)
    {
        json.WriteStartObject();
        json.WriteString("apiVersion", "scheduling.k8s.io/" + _version);
        json.WriteString("kind", "PodGroup");
        manifest.WriteMetadata(json, job.Id, named: true);
        json.WriteStartObject("spec");
        json.WriteStartObject("schedulingPolicy");
        json.WriteStartObject("gang");
        json.WriteNumber("minCount", shape.Minimum);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The field of a pod that names its PodGroup.</summary>
    public static void WriteMembership(Utf8JsonWriter json, string gang)
    {
        json.WriteStartObject("schedulingGroup");
        json.WriteString("podGroupName", gang);
        json.WriteEndObject();
    }

    private const string ProbeName = "regatta-probe";

    private static byte[] Probe(KubernetesOptions options) => JobKind.Json(json =>
    {
        json.WriteStartObject();
        json.WriteString("apiVersion", "v1");
        json.WriteString("kind", "Pod");
        json.WriteStartObject("metadata");
        json.WriteString("name", ProbeName);
        json.WriteEndObject();
        json.WriteStartObject("spec");
            WriteMembership(json, ProbeName);
        json.WriteStartArray("containers");
        json.WriteStartObject();
        json.WriteString("name", "probe");
        json.WriteString("image", options.Image);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    });
}
