using System.Text.Json.Serialization;

namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>JSON of the API server.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ApiList<BatchJob>)), JsonSerializable(typeof(ApiList<VolcanoJob>)), JsonSerializable(typeof(ApiList<PodGroup>))]
[JsonSerializable(typeof(ApiList<VolcanoQueue>)), JsonSerializable(typeof(ApiList<Pod>)), JsonSerializable(typeof(ApiList<ApiNode>))]
[JsonSerializable(typeof(WatchLine<BatchJob>)), JsonSerializable(typeof(WatchLine<VolcanoJob>)), JsonSerializable(typeof(WatchLine<PodGroup>))]
[JsonSerializable(typeof(WatchLine<Pod>)), JsonSerializable(typeof(WatchLine<ApiNode>)), JsonSerializable(typeof(WatchLine<ApiStatus>))]
[JsonSerializable(typeof(ApiStatus)), JsonSerializable(typeof(AnyObject)), JsonSerializable(typeof(Pod)), JsonSerializable(typeof(ApiResources))]
[JsonSerializable(typeof(AuditLine))]
internal sealed partial class KubernetesJson : JsonSerializerContext;
