using System.Text.Json.Serialization.Metadata;

namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>Makes the watches of one replay: all of the objects that carry its trial's label.</summary>
/// <param name="api">The server.</param>
/// <param name="namespace">Namespace of the jobs.</param>
/// <param name="trial">The trial, as its label has it.</param>
/// <param name="trouble">Hears of trouble.</param>
/// <param name="time">The clock.</param>
internal sealed class WatchMaker(KubernetesApi api, string @namespace, string trial, IWatchTrouble trouble, TimeProvider time)
{
    public string Namespace => @namespace;

    /// <summary>A watch of the trial's own objects.</summary>
    public IKubernetesWatch Of<T>(string name, string path, JsonTypeInfo<ApiList<T>> list, JsonTypeInfo<WatchLine<T>> line, Action<T, bool, long> told)
        where T : class, IApiObject => All(name, $"{path}?labelSelector={Uri.EscapeDataString($"{JobManifest.TrialLabel}={trial}")}", list, line, told);

    /// <summary>A watch of all objects.</summary>
    public IKubernetesWatch All<T>(string name, string path, JsonTypeInfo<ApiList<T>> list, JsonTypeInfo<WatchLine<T>> line, Action<T, bool, long> told)
        where T : class, IApiObject => new KubernetesWatch<T>(api, name, path, list, line, told, trouble, time);
}
