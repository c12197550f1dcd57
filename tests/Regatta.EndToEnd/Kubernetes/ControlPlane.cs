using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Regatta.Agent.Drivers.Kubernetes;
using Regatta.Agent.Drivers.Kubernetes.Emulation;
using Regatta.Host;

namespace Regatta.EndToEnd.Kubernetes;

/// <summary>
/// A real control plane of plain processes on the loopback: etcd, kube-apiserver with an audit log, kube-controller-manager, kube-scheduler, and two emulated nodes of
/// four processors. The programs are those of the image.
/// </summary>
internal sealed class ControlPlane : IAsyncDisposable
{
    private readonly Dictionary<string, Process> _processes = new(StringComparer.Ordinal);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("regatta-control-plane-");
    private readonly CancellationTokenSource _stop = new();
    private readonly string _prefix;
    private readonly int _etcd = FreePort(), _peers = FreePort(), _server = FreePort();

    private ControlPlane(string prefix) => _prefix = prefix;

    public string Kubeconfig => Path.Combine(_directory.FullName, "kubeconfigs", "admin.conf");

    public string AuditLog => Path.Combine(_directory.FullName, "audit.log");

    /// <summary>The emulated nodes while they run.</summary>
    public Task Nodes { get; private set; } = Task.CompletedTask;

    public string Stamps => Path.Combine(_directory.FullName, "stamps", "s.jsonl");

    /// <summary>Starts one; skips the test where there can be no image.</summary>
    public static async Task<ControlPlane> StartAsync(KubernetesPrograms programs, CancellationToken cancellation)
    {
        var plane = new ControlPlane(await programs.FindAsync());
        try
        {
            await plane.UpAsync(cancellation);
            return plane;
        }
        catch
        {
            await plane.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Nodes.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var name in _processes.Keys.ToList()) await KillAsync(name);
        _stop.Dispose();
        _directory.Delete(recursive: true);
    }

    /// <summary>Kills a program (SIGKILL).</summary>
    public async Task KillAsync(string name)
    {
        if (!_processes.Remove(name, out var process)) return;
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>Starts <c>kube-apiserver</c> or <c>kube-scheduler</c>.</summary>
    public void Start(string name)
    {
        var pki = Path.Combine(_directory.FullName, "pki");
        var configs = Path.Combine(_directory.FullName, "kubeconfigs");
        string[] arguments = name switch
        {
            "etcd" => ["--data-dir", Path.Combine(_directory.FullName, "etcd"), "--listen-client-urls", $"http://127.0.0.1:{_etcd}", "--advertise-client-urls", $"http://127.0.0.1:{_etcd}", "--listen-peer-urls", $"http://127.0.0.1:{_peers}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{_peers}", "--initial-cluster", $"default=http://127.0.0.1:{_peers}"],
            "kube-apiserver" =>
            [
                "--advertise-address=192.0.2.1", "--endpoint-reconciler-type=none", "--bind-address=127.0.0.1", $"--secure-port={_server}", $"--etcd-servers=http://127.0.0.1:{_etcd}", "--authorization-mode=Node,RBAC",
                $"--client-ca-file={pki}/ca.crt", $"--tls-cert-file={pki}/apiserver.crt", $"--tls-private-key-file={pki}/apiserver.key", "--service-account-issuer=https://kubernetes.default.svc",
                $"--service-account-key-file={pki}/sa.pub", $"--service-account-signing-key-file={pki}/sa.key", "--service-cluster-ip-range=10.97.0.0/16", $"--audit-log-path={AuditLog}", $"--audit-policy-file={_directory.FullName}/policy.yaml",
            ],
            "kube-controller-manager" =>
            [
                $"--kubeconfig={configs}/admin.conf", "--port=0", "--secure-port=0", $"--root-ca-file={pki}/ca.crt", $"--service-account-private-key-file={pki}/sa.key", "--use-service-account-credentials=true",
                "--kube-api-qps=1000", "--kube-api-burst=2000", "--leader-elect=false",
            ],
            _ => [$"--kubeconfig={configs}/admin.conf", "--port=0", "--secure-port=0", "--leader-elect=false"],
        };
        var start = new ProcessStartInfo(Path.Combine(_prefix, name), arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) => File.AppendAllText(Path.Combine(_directory.FullName, name + ".log"), line.Data + "\n");
        process.OutputDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        _processes[name] = process;
    }

    private async Task UpAsync(CancellationToken cancellation)
    {
        var root = _directory.FullName;
        await File.WriteAllTextAsync(Path.Combine(root, "policy.yaml"), """
            apiVersion: audit.k8s.io/v1
            kind: Policy
            omitStages: [RequestReceived, ResponseStarted]
            rules:
            - level: Metadata
              verbs: [create]
              resources: [{group: "", resources: [pods/binding]}, {group: batch, resources: [jobs]}]
            - level: None
            """, cancellation);
        await File.WriteAllTextAsync(Path.Combine(root, "kubeadm.yaml"), string.Create(CultureInfo.InvariantCulture, $$"""
            apiVersion: kubeadm.k8s.io/v1beta2
            kind: InitConfiguration
            localAPIEndpoint: {advertiseAddress: 192.0.2.1, bindPort: {{_server}}}
            nodeRegistration: {name: test, criSocket: /run/none.sock}
            ---
            apiVersion: kubeadm.k8s.io/v1beta2
            kind: ClusterConfiguration
            kubernetesVersion: v1.20.2
            certificatesDir: {{root}}/pki
            controlPlaneEndpoint: 127.0.0.1:{{_server}}
            apiServer: {certSANs: ["127.0.0.1"]}
            networking: {serviceSubnet: 10.97.0.0/16}
            """), cancellation);
        await KubeadmAsync(["init", "phase", "certs", "all", "--config", $"{root}/kubeadm.yaml"], cancellation);
        await KubeadmAsync(["init", "phase", "kubeconfig", "all", "--config", $"{root}/kubeadm.yaml", "--kubeconfig-dir", $"{root}/kubeconfigs"], cancellation);
        Start("etcd");
        Start("kube-apiserver");
        using var config = Agent.Drivers.Kubernetes.Kubeconfig.Read(Kubeconfig);
        using var api = new KubernetesApi(config, 1, 8);
        await UntilAsync(async () => (await api.CreateAsync("/api/v1/namespaces", """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"regatta"}}"""u8.ToArray(), cancellation)).Result is ApiResult.Done or ApiResult.Exists, cancellation);
        // At once: the namespace of the leases is not there yet.
        Nodes = EmulateAsync();
        Start("kube-controller-manager");
        Start("kube-scheduler");
        await UntilAsync(async () => (await api.GetAsync("/api/v1/nodes", KubernetesJson.Default.ApiListApiNode, cancellation)).Value?.Items?.Count(n => n is { Ready: true, Schedulable: true }) == 2, cancellation);
        // Pods are refused until their service account is there.
        await UntilAsync(async () => (await api.GetAsync("/api/v1/namespaces/regatta/serviceaccounts/default", KubernetesJson.Default.AnyObject, cancellation)).Result == ApiResult.Done, cancellation);
    }

    private async Task EmulateAsync()
    {
        using var config = Agent.Drivers.Kubernetes.Kubeconfig.Read(Kubeconfig);
        using var api = new KubernetesApi(config, 2, 32);
        await new EmulatedCluster(api, new EmulatedNodeShape(2, 4, 8L << 30), TimeProvider.System, _ => { }).RunAsync(_stop.Token);
    }

    private async Task KubeadmAsync(string[] arguments, CancellationToken cancellation)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(_prefix, "kubeadm"), arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var words = process.StandardError.ReadToEndAsync(cancellation);
        await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        Assert.True(process.ExitCode == 0, await words);
    }

    private async Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellation)
    {
        while (!await condition())
        {
            if (Nodes.IsFaulted) await Nodes;
            if (_processes.FirstOrDefault(p => p.Value.HasExited) is { Key: { } dead })
                Assert.Fail($"{dead} ended: {string.Join('\n', File.ReadLines(Path.Combine(_directory.FullName, dead + ".log")).Take(5))}");
            await Task.Delay(200, cancellation);
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

/// <summary>The programs of a control plane, taken out of the image.</summary>
public sealed class KubernetesPrograms : IDisposable
{
    private const string Containers = "usr/share/kubernetes/containers";

    private DirectoryInfo? _directory;

    /// <summary>The directory of them; skips the test where there can be no image.</summary>
    public async Task<string> FindAsync()
    {
        if (_directory is not null) return _directory.FullName;
        var image = await KubernetesImage.BuildAsync();
        var directory = Directory.CreateTempSubdirectory("regatta-kubernetes-");
        string[] inContainers = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"];
        await TarAsync(image.RootTar, directory.FullName, ["./usr/local/bin/kubeadm", "./usr/bin/etcd", .. inContainers.Select(p => $"./{Containers}/{p}.tar")]);
        foreach (var program in (string[])["usr/local/bin/kubeadm", "usr/bin/etcd"]) File.Move(Path.Combine(directory.FullName, program), Path.Combine(directory.FullName, Path.GetFileName(program)));
        foreach (var program in inContainers)
        {
            await TarAsync(Path.Combine(directory.FullName, Containers, program + ".tar"), directory.FullName, ["layer.tar"]);
            await TarAsync(Path.Combine(directory.FullName, "layer.tar"), directory.FullName, ["--strip-components=4", $"./usr/local/bin/{program}"]);
        }

        _directory = directory;
        return directory.FullName;
    }

    public void Dispose() => _directory?.Delete(recursive: true);

    private static async Task TarAsync(string archive, string into, string[] names) => await HostTool.RunAsync("tar", ["-x", "-f", archive, "-C", into, .. names], TestContext.Current.CancellationToken);
}
