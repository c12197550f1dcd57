using System.Text.Json;

namespace Regatta.Agent.Drivers.Kubernetes.Emulation;

/// <summary>The objects that a kubelet writes.</summary>
internal static class EmulatedObjects
{
    private const int LeaseSeconds = 40;

    /// <summary>A node that is ready.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="name">Its name.</param>
    /// <param name="shape">What it offers.</param>
    /// <param name="features">What its kubelet says that it can do; null where kubelets do not say so.</param>
    public static void WriteNode(Utf8JsonWriter json, string name, EmulatedNodeShape shape, string[]? features)
    {
        json.WriteStartObject();
        json.WriteString("apiVersion", "v1");
        json.WriteString("kind", "Node");
        json.WriteStartObject("metadata");
        json.WriteString("name", name);
        json.WriteStartObject("labels");
        json.WriteString(JobManifest.EmulatedLabel, "true");
        json.WriteString("kubernetes.io/hostname", name);
        json.WriteString("kubernetes.io/os", "linux");
        json.WriteString("kubernetes.io/arch", "amd64");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("status");
        foreach (var part in new[] { "capacity", "allocatable" })
        {
            json.WriteStartObject(part);
            json.WriteString("cpu", shape.Processors.ToString(CultureInfo.InvariantCulture));
            json.WriteString("memory", shape.Memory.ToString(CultureInfo.InvariantCulture));
            // As many as it can have jobs: a real kubelet's limit of 110 is one of its network.
            json.WriteString("pods", Math.Max(110, shape.Processors + 10).ToString(CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }

        if (features is not null)
        {
            json.WriteStartArray("declaredFeatures");
            foreach (var feature in features) json.WriteStringValue(feature);
            json.WriteEndArray();
        }

        var now = Now(DateTimeOffset.UtcNow);
        json.WriteStartArray("conditions");
        foreach (var (type, status, reason) in new[] { ("Ready", "True", "KubeletReady"), ("MemoryPressure", "False", "KubeletHasSufficientMemory"), ("DiskPressure", "False", "KubeletHasNoDiskPressure"), ("PIDPressure", "False", "KubeletHasSufficientPID") })
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteString("status", status);
            json.WriteString("reason", reason);
            json.WriteString("message", "emulated");
            json.WriteString("lastHeartbeatTime", now);
            json.WriteString("lastTransitionTime", now);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("addresses");
        json.WriteStartObject();
        json.WriteString("type", "Hostname");
        json.WriteString("address", name);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The lease of a node, renewed at a time.</summary>
    public static void WriteLease(Utf8JsonWriter json, string name, DateTimeOffset time, bool named)
    {
        json.WriteStartObject();
        if (named)
        {
            json.WriteString("apiVersion", "coordination.k8s.io/v1");
            json.WriteString("kind", "Lease");
            json.WriteStartObject("metadata");
            json.WriteString("name", name);
            json.WriteString("namespace", "kube-node-lease");
            json.WriteEndObject();
        }

        json.WriteStartObject("spec");
        json.WriteString("holderIdentity", name);
        json.WriteNumber("leaseDurationSeconds", LeaseSeconds);
        json.WriteString("renewTime", time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The status of a pod whose container runs, or has ended.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="phase">Its phase.</param>
    /// <param name="container">Name and image of its container.</param>
    /// <param name="started">When it started.</param>
    /// <param name="exitCode">How it ended; null while it runs.</param>
    /// <param name="reason">The kubelet's reason, where it ended the pod.</param>
    /// <param name="generation">The pod's generation, which the kubelet has taken up; null where pods have none, before version 1.34.</param>
    public static void WritePodStatus(Utf8JsonWriter json, string phase, (string Name, string Image) container, DateTimeOffset started, int? exitCode, string? reason, long? generation)
    {
        var (begun, now) = (Now(started), Now(DateTimeOffset.UtcNow));
        json.WriteStartObject();
        json.WriteStartObject("status");
        json.WriteString("phase", phase);
        if (reason is not null) json.WriteString("reason", reason);
        if (generation is { } observed) json.WriteNumber("observedGeneration", observed);
        json.WriteString("startTime", begun);
        json.WriteString("podIP", "192.0.2.1");
        json.WriteStartArray("conditions");
        // An older server takes conditions that it does not know. A sandbox is gone with its containers.
        foreach (var (type, good) in new[] { ("PodReadyToStartContainers", exitCode is null), ("Initialized", true), ("Ready", exitCode is null), ("ContainersReady", exitCode is null), ("PodScheduled", true) })
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteString("status", good ? "True" : "False");
            json.WriteString("lastTransitionTime", now);
            if (generation is { } seen) json.WriteNumber("observedGeneration", seen);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("containerStatuses");
        json.WriteStartObject();
        json.WriteString("name", container.Name);
        json.WriteString("image", container.Image);
        json.WriteString("imageID", "");
        json.WriteNumber("restartCount", 0);
        json.WriteBoolean("ready", exitCode is null);
        json.WriteStartObject("state");
        json.WriteStartObject(exitCode is null ? "running" : "terminated");
        json.WriteString("startedAt", begun);
        if (exitCode is { } code)
        {
            json.WriteNumber("exitCode", code);
            json.WriteString("reason", code == 0 ? "Completed" : "Error");
            json.WriteString("finishedAt", now);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Now(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
