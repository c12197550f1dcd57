namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>A Job of <c>batch/v1</c>.</summary>
internal sealed record BatchJob : IApiObject
{
    public ObjectMeta Metadata { get; init; } = new();

    public BatchJobStatus? Status { get; init; }
}

internal sealed record BatchJobStatus
{
    public string? StartTime { get; init; }

    public Condition[]? Conditions { get; init; }
}
