using System.Collections.Concurrent;

namespace Regatta.Agent.Drivers.Kubernetes.Emulation;

/// <summary>What is emulated.</summary>
/// <param name="Count">Nodes.</param>
/// <param name="Processors">Processors of each.</param>
/// <param name="Memory">Memory of each, in bytes.</param>
internal sealed record EmulatedNodeShape(int Count, int Processors, long Memory);

/// <summary>
/// Plays the kubelets of many nodes in one process, against a real API server: makes the nodes, renews their leases, and lets the pods that are bound to them
/// run and end as their payloads would. The contract is a kubelet's: node and lease, <c>pods/status</c>, and the deletion of pods that were ended.
/// </summary>
internal sealed class EmulatedCluster(KubernetesApi api, EmulatedNodeShape shape, TimeProvider time, Action<string> say) : IWatchTrouble
{
    private const int Parallel = 48;

    // A node is lost 20 to 40 s after its last renewal, by the controller's settings.
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, (string Uid, EmulatedPod Pod)> _pods = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = [.. Enumerable.Range(0, shape.Count).Select(NameOf)];

    private string[]? _features;

    /// <summary>The name of a node, as on every scheduler.</summary>
    public static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"emulated{number}");

    /// <summary>Runs until it is cancelled.</summary>
    /// <exception cref="DiagnosticException">The API server does not take the nodes.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        await RemoveOthersAsync(cancellation);
        if (shape.Count == 0) return;
        await LookAtKubeletsAsync(cancellation);
        await System.Threading.Tasks.Parallel.ForEachAsync(_names, new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellation }, async (name, token) => await MakeAsync(name, token));
        say(string.Create(CultureInfo.InvariantCulture, $"{shape.Count} emulated nodes are there after {time.GetElapsedTime(began).TotalSeconds:0.0} s"));
        var pods = new KubernetesWatch<Pod>(
            api, "pods", "/api/v1/pods?fieldSelector=" + Uri.EscapeDataString("spec.nodeName!="), KubernetesJson.Default.ApiListPod, KubernetesJson.Default.WatchLinePod,
            (pod, gone, _) => See(pod, gone, cancellation), this, time);
        await pods.ListAsync(cancellation);
        await Task.WhenAll(pods.RunAsync(cancellation), RenewAsync(cancellation));
    }

    public void Failing(string who, string words) => say($"{who}: {words}");

    public void Answering(string who)
    {
    }

    public void Relisted(string who) => say($"{who}: listed anew");

    /// <summary>A pod is bound to a node, changed, or gone.</summary>
    private void See(Pod pod, bool gone, CancellationToken cancellation)
    {
        if (pod.Spec?.NodeName is not { } node || !_names.Contains(node)) return;
        var key = $"{pod.Metadata.Namespace}/{pod.Metadata.Name}";
        var known = _pods.TryGetValue(key, out var running) && running.Uid == pod.Metadata.Uid;
        if (gone)
        {
            if (known && _pods.TryRemove(key, out _)) running.Pod.End();
            return;
        }

        if (!known && pod.Status?.Phase is "Succeeded" or "Failed" && pod.Metadata.DeletionTimestamp is null) return;
        if (!known)
        {
            running = (pod.Metadata.Uid ?? "", new EmulatedPod(api, pod, time));
            _pods[key] = running;
            // One that has ended may still be there, since its Job has not counted it; it is only to go.
            Watch(pod.Status?.Phase is "Succeeded" or "Failed" ? running.Pod.GoAsync(cancellation) : running.Pod.RunAsync(cancellation));
        }

        if (pod.Metadata.DeletionTimestamp is not null) running.Pod.Terminate();
    }

    private void Watch(Task running) => _ = running.ContinueWith(
        r => say(r.Exception!.GetBaseException().ToString()), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private async Task RemoveOthersAsync(CancellationToken cancellation)
    {
        var nodes = await api.GetAsync($"/api/v1/nodes?labelSelector={Uri.EscapeDataString(JobManifest.EmulatedLabel)}", KubernetesJson.Default.ApiListApiNode, cancellation);
        if (nodes.Value is null) throw Fault("the API server does not list the nodes", nodes.Words);
        var others = nodes.Value.Items?.Select(n => n.Metadata.Name).Where(n => !_names.Contains(n)) ?? [];
        await System.Threading.Tasks.Parallel.ForEachAsync(others, new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellation }, async (name, token) =>
            await AgainAsync(() => api.DeleteAsync($"/api/v1/nodes/{name}", "{}"u8.ToArray(), token), token));
    }

    /// <summary>What the real kubelets of the cluster say that they can do, emulated ones say as well: from 1.35 on the scheduler passes over nodes that do not say what a pod needs.</summary>
    private async Task LookAtKubeletsAsync(CancellationToken cancellation)
    {
        var nodes = await api.GetAsync("/api/v1/nodes", KubernetesJson.Default.ApiListApiNode, cancellation);
        if (nodes.Value is null) throw Fault("the API server does not list the nodes", nodes.Words);
        _features = nodes.Value.Items?.Where(n => !_names.Contains(n.Metadata.Name)).Select(n => n.Status?.DeclaredFeatures).FirstOrDefault(f => f is not null);
    }

    private async ValueTask MakeAsync(string name, CancellationToken cancellation)
    {
        var node = JobKind.Json(json => EmulatedObjects.WriteNode(json, name, shape, _features));
        var made = await AgainAsync(() => api.CreateAsync("/api/v1/nodes", node, cancellation), cancellation);
        if (made.Result == ApiResult.Exists) made = await AgainAsync(() => api.MergeAsync($"/api/v1/nodes/{name}/status", JobKind.Json(json => EmulatedObjects.WriteNode(json, name, shape, _features)), cancellation), cancellation);
        if (made.Result != ApiResult.Done) throw Fault($"the API server does not take the node {name}", made.Words);
        // A server that was just started makes the namespace of the leases some seconds after it takes nodes.
        var lease = await AgainAsync(
            () => api.CreateAsync("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", JobKind.Json(json => EmulatedObjects.WriteLease(json, name, time.GetUtcNow(), named: true)), cancellation), cancellation,
            orMissing: true);
        if (lease.Result == ApiResult.Exists) lease = await RenewAsync(name, cancellation);
        if (lease.Result != ApiResult.Done) throw Fault($"the API server does not take the lease of {name}", lease.Words);
    }

    /// <summary>Renews the leases one after the other, spread over the time that each may take.</summary>
    private async Task RenewAsync(CancellationToken cancellation)
    {
        var names = _names.ToArray();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100), time);
        var (next, began) = (0L, time.GetTimestamp());
        while (await tick.WaitForNextTickAsync(cancellation))
        {
            var due = (long)(time.GetElapsedTime(began) / RenewEvery * names.Length);
            // Late ones are not made up for.
            next = Math.Max(next, due - names.Length);
            var batch = new List<Task>();
            for (; next < due; next++) batch.Add(RenewAsync(names[next % names.Length], cancellation));
            await Task.WhenAll(batch);
        }
    }

    private Task<ApiAnswer<AnyObject>> RenewAsync(string name, CancellationToken cancellation) =>
        api.MergeAsync($"/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{name}", JobKind.Json(json => EmulatedObjects.WriteLease(json, name, time.GetUtcNow(), named: false)), cancellation);

    private async Task<ApiAnswer<AnyObject>> AgainAsync(Func<Task<ApiAnswer<AnyObject>>> ask, CancellationToken cancellation, bool orMissing = false)
    {
        for (var tries = 1; ; tries++)
        {
            var answer = await ask();
            var again = answer.Result is ApiResult.Trouble or ApiResult.NoSuchKind || (orMissing && answer.Result == ApiResult.Missing);
            if (!again || tries == 50) return answer;
            await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellation);
        }
    }

    private static DiagnosticException Fault(string text, string? detail) => new(Diagnostic.Error("emulate-nodes", text) with { Detail = detail });
}
