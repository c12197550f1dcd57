namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>A line of the API server's audit log (<c>audit.k8s.io/v1</c>), level Metadata.</summary>
internal sealed record AuditLine
{
    public string? Stage { get; init; }

    public string? Verb { get; init; }

    public AuditReference? ObjectRef { get; init; }

    public AuditResponse? ResponseStatus { get; init; }

    public DateTimeOffset RequestReceivedTimestamp { get; init; }

    public DateTimeOffset StageTimestamp { get; init; }
}

internal sealed record AuditReference
{
    public string? Resource { get; init; }

    public string? Namespace { get; init; }

    public string? Name { get; init; }

    public string? Subresource { get; init; }
}

internal sealed record AuditResponse
{
    public int Code { get; init; }
}
