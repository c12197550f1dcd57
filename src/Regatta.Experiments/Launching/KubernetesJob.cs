using System.Text.Json.Nodes;
using Regatta.Experiments.Configuration;

namespace Regatta.Experiments.Launching;

/// <summary>The Jobs that trials are given away in.</summary>
/// <param name="settings">What the user asks for.</param>
/// <param name="run">What all Jobs of the run are called by.</param>
/// <param name="user">Number of the user whose files the run's are; null for the image's own.</param>
/// <param name="group">Number of the user's group.</param>
internal sealed class KubernetesJob(KubernetesLauncherSection settings, string run, long? user, long? group)
{
    /// <summary>Label that tells which run a Job and its pods belong to.</summary>
    public const string RunLabel = "regatta-run";

    // Finished Jobs that nobody took away go after a day, and what is known of their pods with them.
    private const int KeepFinished = 86400;

    /// <summary>A Job whose pods run a script of the shell, each given arguments.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="script">The script, which finds the node in <c>$NODE</c> and its pod in <c>$POD</c>.</param>
    /// <param name="tasks">Tasks that the pods share; null for a single pod, which is not made again.</param>
    /// <param name="indexed">Whether each pod has a task of its own.</param>
    public string Manifest(string name, string script, int? tasks, bool indexed)
    {
        var labels = Labels();
        var spec = new JsonObject { ["ttlSecondsAfterFinished"] = KeepFinished, ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = Labels() }, ["spec"] = Pod(script) } };
        if (tasks is { } many)
        {
            spec["parallelism"] = Math.Min(many, settings.Parallelism);
            // How often a task is tried is counted in the run's directory: this count is of the whole Job, and would end it.
            spec["backoffLimit"] = int.MaxValue;
            if (indexed)
            {
                spec["completions"] = many;
                spec["completionMode"] = "Indexed";
            }
        }
        else
        {
            spec["backoffLimit"] = 0;
        }

        // Kueue lets the probe in as well; who lets Jobs in by hand has to do so once.
        if (settings.Queue is not null || (settings.Suspend && tasks is not null)) spec["suspend"] = true;
        if (settings.Queue is { } queue) labels["kueue.x-k8s.io/queue-name"] = queue;
        return new JsonObject { ["apiVersion"] = "batch/v1", ["kind"] = "Job", ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = labels }, ["spec"] = spec }.ToJsonString();
    }

    private JsonObject Labels()
    {
        var labels = new JsonObject();
        foreach (var (key, value) in settings.Labels) labels[key] = value;
        labels[RunLabel] = run;
        return labels;
    }

    private JsonObject Pod(string script)
    {
        var resources = new JsonObject
        {
            ["cpu"] = string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(settings.Processors * 1000)}m"),
            ["memory"] = string.Create(CultureInfo.InvariantCulture, $"{settings.Memory.MiB}Mi"),
        };
        var container = new JsonObject
        {
            ["name"] = "regatta",
            ["image"] = settings.Image,
            ["imagePullPolicy"] = "IfNotPresent",
            ["command"] = new JsonArray("/bin/sh", "-c", script),
            ["env"] = new JsonArray(Field("NODE", "spec.nodeName"), Field("POD", "metadata.name"), new JsonObject { ["name"] = "HOME", ["value"] = "/tmp" }),
            ["resources"] = new JsonObject { ["requests"] = resources, ["limits"] = resources.DeepClone() },
            ["volumeMounts"] = new JsonArray(new JsonObject { ["name"] = "runs", ["mountPath"] = settings.Volume.Path }),
            // What a namespace that restricts its pods asks for.
            ["securityContext"] = new JsonObject { ["allowPrivilegeEscalation"] = false, ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") } },
        };
        var context = new JsonObject { ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" } };
        if (user is { } id)
        {
            context["runAsUser"] = id;
            context["runAsNonRoot"] = true;
        }

        if (group is { } with) context["runAsGroup"] = with;
        var pod = new JsonObject
        {
            ["restartPolicy"] = "Never",
            ["activeDeadlineSeconds"] = (long)Math.Ceiling(settings.Time.TotalSeconds),
            // The shell waits for its program and takes no notice of a signal.
            ["terminationGracePeriodSeconds"] = 5,
            ["automountServiceAccountToken"] = false,
            ["enableServiceLinks"] = false,
            ["securityContext"] = context,
            ["containers"] = new JsonArray(container),
            ["volumes"] = new JsonArray(new JsonObject
            {
                ["name"] = "runs",
                [settings.Volume.Claim is null ? "hostPath" : "persistentVolumeClaim"] = settings.Volume.Claim is { } claim
                    ? new JsonObject { ["claimName"] = claim }
                    : new JsonObject { ["path"] = settings.Volume.Path, ["type"] = "Directory" },
            }),
        };
        if (settings.PriorityClass is { } priority) pod["priorityClassName"] = priority;
        if (settings.PullSecret is { } secret) pod["imagePullSecrets"] = new JsonArray(new JsonObject { ["name"] = secret });
        if (settings.NodeSelector.Count > 0) pod["nodeSelector"] = new JsonObject(settings.NodeSelector.Select(n => KeyValuePair.Create(n.Key, (JsonNode?)n.Value)));
        return pod;
    }

    private static JsonObject Field(string name, string path) =>
        new() { ["name"] = name, ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["fieldPath"] = path } } };
}
