using System.Text;
using Regatta.Agent.Drivers.Kubernetes;
using Regatta.Agent.Drivers.Kubernetes.Emulation;
using Regatta.Tests.Images;

namespace Regatta.Tests.Agent;

/// <summary>How emulated nodes come up on an API server that has only just begun to serve.</summary>
public sealed class EmulatedClusterTests
{
    private const string Leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";

    [Fact]
    public async Task Leases_wait_for_the_namespace_that_the_server_makes_after_it_takes_nodes()
    {
        await using var server = new LocalMirror((path, time) => path switch
        {
            Leases when time < 3 => Json("""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"namespaces \"kube-node-lease\" not found","reason":"NotFound","code":404}""") with { Code = 404 },
            // The watch of the pods is there, and nothing happens.
            _ when path.Contains("watch=1", StringComparison.Ordinal) => new MirrorAnswer.Silence(),
            _ => Json("""{"metadata":{"resourceVersion":"1"},"items":[]}"""),
        });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var up = new TaskCompletionSource();
        using var api = new KubernetesApi(new Kubeconfig(new Uri(server.Address), null, null, null), 1, 8);
        var running = new EmulatedCluster(api, new EmulatedNodeShape(1, 4, 8L << 30), TimeProvider.System, _ => up.TrySetResult()).RunAsync(stop.Token);
        await Task.WhenAny(up.Task, running);
        Assert.False(running.IsFaulted, running.Exception?.ToString());
        Assert.Equal(3, server.Asked[Leases]);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static MirrorAnswer.Bytes Json(string text) => new(Encoding.UTF8.GetBytes(text));
}
