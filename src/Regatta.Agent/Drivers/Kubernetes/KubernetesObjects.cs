using System.Text.Json.Serialization;

namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>An object that a list or a watch gives.</summary>
internal interface IApiObject
{
    ObjectMeta Metadata { get; }
}

/// <summary>What all objects have. Times are whole seconds, stamped by whoever wrote them.</summary>
internal sealed record ObjectMeta
{
    public string Name { get; init; } = "";

    public string? Namespace { get; init; }

    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    public string? DeletionTimestamp { get; init; }

    public Dictionary<string, string>? Labels { get; init; }

    public Dictionary<string, string>? Annotations { get; init; }
}

/// <summary>A list of objects.</summary>
internal sealed record ApiList<T>
{
    public ListMeta Metadata { get; init; } = new();

    public T[]? Items { get; init; }
}

internal sealed record ListMeta
{
    public string? ResourceVersion { get; init; }
}

/// <summary>One line of a watch.</summary>
internal sealed record WatchLine<T>
{
    public string Type { get; init; } = "";

    public T? Object { get; init; }
}

/// <summary>The API server's words when it does not do what it was asked.</summary>
internal sealed record ApiStatus
{
    public string? Message { get; init; }

    public string? Reason { get; init; }

    public int? Code { get; init; }
}

/// <summary>A condition. Volcano's jobs have their phase in <see cref="Status"/> and no type.</summary>
internal sealed record Condition
{
    public string? Type { get; init; }

    public string? Status { get; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }
}

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

    public long? ActiveDeadlineSeconds { get; init; }

    public PodContainer[]? Containers { get; init; }
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

/// <summary>A node.</summary>
internal sealed record ApiNode : IApiObject
{
    public ObjectMeta Metadata { get; init; } = new();

    public NodeSpec? Spec { get; init; }

    public NodeStatus? Status { get; init; }

    /// <summary>Its kubelet says that it can run pods.</summary>
    [JsonIgnore]
    public bool Ready => Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true;

    /// <summary>What it is short of, by the name of its condition such as <c>DiskPressure</c>; null when of nothing. It takes no new pods, and may put out those it has.</summary>
    [JsonIgnore]
    public string? Pressure => Status?.Conditions?.FirstOrDefault(c => c is { Type: "DiskPressure" or "MemoryPressure" or "PIDPressure", Status: "True" })?.Type;

    /// <summary>Jobs may be placed on it.</summary>
    [JsonIgnore]
    public bool Schedulable => Spec?.Unschedulable != true && Spec?.Taints?.Any(t => t.Effect is "NoSchedule" or "NoExecute") != true;

    /// <summary>Whole processors that it offers.</summary>
    [JsonIgnore]
    public int Processors => (int)Math.Clamp(Quantity.Parse(Status?.Allocatable?.GetValueOrDefault("cpu")) ?? 0, 0, int.MaxValue);
}

internal sealed record NodeSpec
{
    public bool? Unschedulable { get; init; }

    public Taint[]? Taints { get; init; }
}

internal sealed record Taint
{
    public string? Key { get; init; }

    public string? Effect { get; init; }
}

internal sealed record NodeStatus
{
    public Dictionary<string, string>? Allocatable { get; init; }

    public Condition[]? Conditions { get; init; }
}

/// <summary>Something of which only its being there matters.</summary>
internal sealed record AnyObject : IApiObject
{
    public ObjectMeta Metadata { get; init; } = new();
}

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

/// <summary>JSON of the API server.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ApiList<BatchJob>))]
[JsonSerializable(typeof(ApiList<VolcanoJob>))]
[JsonSerializable(typeof(ApiList<PodGroup>))]
[JsonSerializable(typeof(ApiList<VolcanoQueue>))]
[JsonSerializable(typeof(ApiList<Pod>))]
[JsonSerializable(typeof(ApiList<ApiNode>))]
[JsonSerializable(typeof(WatchLine<BatchJob>))]
[JsonSerializable(typeof(WatchLine<VolcanoJob>))]
[JsonSerializable(typeof(WatchLine<PodGroup>))]
[JsonSerializable(typeof(WatchLine<Pod>))]
[JsonSerializable(typeof(WatchLine<ApiNode>))]
[JsonSerializable(typeof(WatchLine<ApiStatus>))]
[JsonSerializable(typeof(ApiStatus))]
[JsonSerializable(typeof(AnyObject))]
[JsonSerializable(typeof(AuditLine))]
internal sealed partial class KubernetesJson : JsonSerializerContext;
