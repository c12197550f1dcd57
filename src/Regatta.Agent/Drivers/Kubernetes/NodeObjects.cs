using System.Text.Json.Serialization;

namespace Regatta.Agent.Drivers.Kubernetes;

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

    /// <summary>What its kubelet can do, from version 1.35 on.</summary>
    public string[]? DeclaredFeatures { get; init; }
}
