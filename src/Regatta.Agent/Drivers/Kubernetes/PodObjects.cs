namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>A pod.</summary>
internal sealed record Pod : IApiObject
{
    public ObjectMeta Metadata { get; init; } = new();

    public PodSpec? Spec { get; init; }

    public PodStatus? Status { get; init; }
}

internal sealed record PodSpec
{
    public string? NodeName { get; init; }

    /// <summary>The gang that it belongs to, from version 1.36 on.</summary>
    public SchedulingGroup? SchedulingGroup { get; init; }

    public long? ActiveDeadlineSeconds { get; init; }

    public PodContainer[]? Containers { get; init; }
}

internal sealed record SchedulingGroup
{
    public string? PodGroupName { get; init; }
}

internal sealed record PodContainer
{
    public string Name { get; init; } = "";

    public string? Image { get; init; }

    public string[]? Command { get; init; }

    public string[]? Args { get; init; }
}

internal sealed record PodStatus
{
    public string? Phase { get; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }

    public ContainerStatus[]? ContainerStatuses { get; init; }
}

internal sealed record ContainerStatus
{
    public ContainerState? State { get; init; }
}

internal sealed record ContainerState
{
    public WaitingState? Waiting { get; init; }

    public TerminatedState? Terminated { get; init; }
}

internal sealed record WaitingState
{
    public string? Reason { get; init; }

    public string? Message { get; init; }
}

internal sealed record TerminatedState
{
    public int? ExitCode { get; init; }

    public string? Reason { get; init; }
}
