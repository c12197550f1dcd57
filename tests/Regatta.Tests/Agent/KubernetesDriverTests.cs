using Regatta.Workloads;

namespace Regatta.Tests.Agent;

/// <summary>Tests of the drivers <c>kubernetes</c> and <c>volcano</c> against an API server that can be told to misbehave.</summary>
public abstract class KubernetesDriverTests : DriverTests, IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("regatta-kubernetes-");

    protected KubernetesDriverTests() => Kubernetes = new FakeKubernetes(Scratch) { Queues = ["default", "bench"] };

    /// <summary>A directory for one test, which goes with it.</summary>
    private protected string Scratch => _directory.FullName;

    private protected FakeKubernetes Kubernetes { get; set; }

    private protected string Scheduler { get; set; } = "kubernetes";

    public async ValueTask DisposeAsync()
    {
        await Kubernetes.DisposeAsync();
        _directory.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected override ReplayHeader Header() =>
        HeaderOf(Scheduler, ("kubeconfig", Kubernetes.Kubeconfig), ("audit", Kubernetes.AuditLog), ("payload", "/opt/agent"), ("stamps", "/var/stamps/s.jsonl"));
}
