using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>One job as the API server knows it.</summary>
internal sealed class KubernetesRun(long job)
{
    public long Job { get; } = job;

    public Dictionary<string, PodRun> Pods { get; } = new(StringComparer.Ordinal);

    /// <summary>Pods in whose place others were made, by their ids: one that is made anew may have the same name.</summary>
    public HashSet<string> Replaced { get; } = new(StringComparer.Ordinal);

    /// <summary>Pods that it asks for; unknown (all that there are) until its submission was answered.</summary>
    public int Expected { get; set; } = int.MaxValue;

    public long? AcceptedAt { get; set; }

    public long? AddedAt { get; set; }

    public long? GangAt { get; set; }

    public long? DecidedAt { get; set; }

    public string? Source { get; set; }

    /// <summary>How many placed pods were told of.</summary>
    public int Told { get; set; }

    /// <summary>
    /// When it was said that it can be scheduled, no later than <see cref="DecidedAt"/>, nor that earlier: an API server that has much to do says that it stored a Job after its pod
    /// was bound, and the log of it has the two in either order.
    /// </summary>
    public long? EligibleAt { get; set; }

    public bool EligibleSaid => EligibleAt is not null;

    public bool Answered { get; set; }

    public bool Cancelling { get; set; }

    /// <summary>What the Job says of its end.</summary>
    public (JobState State, long Time, string? Detail)? Verdict { get; set; }

    public bool Ended { get; set; }

    public long EndedAt { get; set; }

    public bool Released { get; set; }
}

/// <summary>One pod of a job.</summary>
internal sealed class PodRun(string name)
{
    public string Name { get; } = name;

    public string? Uid { get; init; }

    public string? Node { get; set; }

    public long SeenBoundAt { get; set; }

    public long? BoundAt { get; set; }

    public string? Source { get; set; }

    /// <summary>When it was seen to hold nothing any more.</summary>
    public long? EndedAt { get; set; }

    /// <summary>It went without having ended.</summary>
    public bool Lost { get; set; }

    /// <summary>It was told to go.</summary>
    public bool Leaving { get; set; }

    public PodFailure? Failed { get; set; }
}

/// <summary>Why a pod failed.</summary>
/// <param name="State">What that makes of its job.</param>
/// <param name="ExitCode">Exit code of its container, where it has one.</param>
/// <param name="Detail">The kubelet's words, where it has any.</param>
internal sealed record PodFailure(JobState State, int? ExitCode, string? Detail)
{
    /// <summary>Why <paramref name="pod"/> failed.</summary>
    public static PodFailure Of(Pod pod)
    {
        var status = pod.Status!;
        var ended = status.ContainerStatuses?.Select(c => c.State?.Terminated).FirstOrDefault(t => t is not null);
        // The kubelet's own reasons stand in the pod's status, those of a container in the container's.
        var state = status.Reason switch
        {
            "DeadlineExceeded" => JobState.TimedOut,
            "NodeLost" or "NodeShutdown" or "Shutdown" or "Terminated" => JobState.NodeFailed,
            _ => JobState.Failed,
        };
        var reason = status.Reason ?? (ended?.Reason is "Error" or "Completed" ? null : ended?.Reason);
        return new PodFailure(state, ended?.ExitCode, reason is null ? null : status.Message is { Length: > 0 } message ? $"{reason}: {message.Trim()}" : reason);
    }
}
