using System.Text.Json;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>What is common to the manifests of all kinds of jobs: names, labels and the template of their pods.</summary>
/// <param name="options">The driver's options.</param>
/// <param name="trial">Id of the trial.</param>
/// <param name="rendezvous">Where the members of a gang meet, <c>HOST:PORT</c>.</param>
internal sealed class JobManifest(KubernetesOptions options, string trial, string rendezvous)
{
    /// <summary>Label that holds the trial.</summary>
    public const string TrialLabel = "regatta/trial";

    /// <summary>Label of the nodes that are emulated.</summary>
    public const string EmulatedLabel = "regatta/emulated";

    /// <summary>Label that holds the job's number.</summary>
    public const string JobLabel = "regatta/job";

    // What a pod may take from its node's acceptance to the start of its payload counts against its time limit.
    private const int LaunchAllowance = 10;

    private const int GraceSeconds = 5;

    // Seconds after which a pod on a node that does not answer is given up, as Slurm's profile does it.
    private const int NodePatience = 10;

    /// <summary>The trial as names and labels can have it: names of pods have 63 characters, and the scheduler adds some of its own.</summary>
    public string Trial { get; } = trial.Length <= 32 ? trial : $"{trial[..23].TrimEnd('-')}-{Hash(trial):x8}";

    public KubernetesOptions Options => options;

    /// <summary>The name that a job is submitted under.</summary>
    public string NameOf(long job) => string.Create(CultureInfo.InvariantCulture, $"regatta-{Trial}-{job}");

    /// <summary>The job of a name; null when it is none of this trial.</summary>
    public long? JobOf(string name) =>
        name.StartsWith("regatta-", StringComparison.Ordinal) && name.AsSpan(8).StartsWith(Trial) && name.Length > Trial.Length + 9 && name[Trial.Length + 8] == '-'
            && long.TryParse(name.AsSpan(Trial.Length + 9), NumberStyles.None, CultureInfo.InvariantCulture, out var job) ? job : null;

    /// <summary>The metadata of a job and of its pods.</summary>
    public void WriteMetadata(Utf8JsonWriter json, long job, bool named)
    {
        json.WriteStartObject("metadata");
        if (named) json.WriteString("name", NameOf(job));
        json.WriteStartObject("labels");
        json.WriteString(TrialLabel, Trial);
        json.WriteString(JobLabel, job.ToString(CultureInfo.InvariantCulture));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The template of the pods of a job.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="job">The job.</param>
    /// <param name="shape">Its pods.</param>
    /// <param name="gang">The PodGroup that they belong to; null for none.</param>
    public void WriteTemplate(Utf8JsonWriter json, Job job, PodShape shape, string? gang = null)
    {
        json.WriteStartObject("template");
        WriteMetadata(json, job.Id, named: false);
        json.WriteStartObject("spec");
        json.WriteString("restartPolicy", "Never");
        json.WriteNumber("terminationGracePeriodSeconds", GraceSeconds);
        // The time limit is the pods': a Job's own activeDeadlineSeconds would count its wait as well.
        if (job.RequestedTime is { } limit) json.WriteNumber("activeDeadlineSeconds", Math.Max(1, (long)Math.Ceiling(limit.TotalSeconds)) + LaunchAllowance);
        json.WriteBoolean("automountServiceAccountToken", false);
        json.WriteBoolean("enableServiceLinks", false);
        json.WriteString("dnsPolicy", "Default");
        json.WriteStartObject("securityContext");
        json.WriteNumber("runAsUser", NodeLayout.JobUserId);
        json.WriteNumber("runAsGroup", NodeLayout.JobUserId);
        json.WriteEndObject();
        if (gang is not null) PodGroups.WriteMembership(json, gang);
        if (options.Emulated)
        {
            json.WriteStartObject("nodeSelector");
            json.WriteString(EmulatedLabel, "true");
            json.WriteEndObject();
        }

        json.WriteStartArray("tolerations");
        foreach (var key in new[] { "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable" })
        {
            json.WriteStartObject();
            json.WriteString("key", key);
            json.WriteString("operator", "Exists");
            json.WriteString("effect", "NoExecute");
            json.WriteNumber("tolerationSeconds", NodePatience);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("containers");
        WriteContainer(json, job, shape);
        json.WriteEndArray();
        json.WriteStartArray("volumes");
        Volume(json, "agent", options.Payload.Agent, "File");
        Volume(json, "stamps", Path.GetDirectoryName(options.Payload.Stamps)!, "DirectoryOrCreate");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteContainer(Utf8JsonWriter json, Job job, PodShape shape)
    {
        json.WriteStartObject();
        json.WriteString("name", "job");
        json.WriteString("image", options.Image);
        json.WriteString("imagePullPolicy", "IfNotPresent");
        json.WriteStartArray("command");
        foreach (var word in Command(job, shape)) json.WriteStringValue(word);
        json.WriteEndArray();
        json.WriteStartArray("env");
        Field(json, "REGATTA_NODE", "spec.nodeName");
        Field(json, "REGATTA_MEMBER", "metadata.name");
        json.WriteEndArray();
        json.WriteStartObject("resources");
        foreach (var part in new[] { "requests", "limits" })
        {
            json.WriteStartObject(part);
            json.WriteString("cpu", shape.Processors.ToString(CultureInfo.InvariantCulture));
            if (job.MemoryPerProcessor is { } memory) json.WriteString("memory", (memory * shape.Processors).ToString(CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartArray("volumeMounts");
        Mount(json, "agent", options.Payload.Agent, readOnly: true);
        Mount(json, "stamps", Path.GetDirectoryName(options.Payload.Stamps)!, readOnly: false);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private IEnumerable<string> Command(Job job, PodShape shape) =>
        // A job of several pods starts when they are all there, as one of several processes does elsewhere.
        options.Payload.Words(job, meeting: shape.Minimum > 1 ? ["--rendezvous", rendezvous, "--members", shape.Minimum.ToString(CultureInfo.InvariantCulture)] : null);

    private static void Volume(Utf8JsonWriter json, string name, string path, string type)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteStartObject("hostPath");
        json.WriteString("path", path);
        json.WriteString("type", type);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Mount(Utf8JsonWriter json, string name, string path, bool readOnly)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("mountPath", path);
        if (readOnly) json.WriteBoolean("readOnly", true);
        json.WriteEndObject();
    }

    private static void Field(Utf8JsonWriter json, string name, string path)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteStartObject("valueFrom");
        json.WriteStartObject("fieldRef");
        json.WriteString("fieldPath", path);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>FNV-1a, 32 bits.</summary>
    private static uint Hash(string text)
    {
        var hash = 2166136261u;
        foreach (var c in text) hash = (hash ^ c) * 16777619;
        return hash;
    }
}
