namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>A Job of <c>batch.volcano.sh/v1alpha1</c>.</summary>
internal sealed record VolcanoJob : IApiObject
{
    public ObjectMeta Metadata { get; init; } = new();

    public VolcanoJobStatus? Status { get; init; }
}

/// <summary>Its <c>runningDuration</c> is left out: it counts from the creation and goes on after the end.</summary>
internal sealed record VolcanoJobStatus
{
    public VolcanoState? State { get; init; }

    public int RetryCount { get; init; }
}

internal sealed record VolcanoState
{
    public string? Phase { get; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }
}

/// <summary>A PodGroup of <c>scheduling.volcano.sh/v1beta1</c>: Volcano's side of a gang. It is deleted when its job ends.</summary>
internal sealed record PodGroup : IApiObject
{
    public ObjectMeta Metadata { get; init; } = new();

    public PodGroupStatus? Status { get; init; }
}

internal sealed record PodGroupStatus
{
    public string? Phase { get; init; }

    public Condition[]? Conditions { get; init; }
}

/// <summary>A queue of Volcano.</summary>
internal sealed record VolcanoQueue : IApiObject
{
    public ObjectMeta Metadata { get; init; } = new();
}
