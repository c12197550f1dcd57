using CliWrap.Buffered;
using Regatta.Workloads;

namespace Regatta.EndToEnd.Kubernetes;

/// <summary>Real containers, kubeadm, kubelets and containerds. A control plane takes most of a minute to make, so a test goes a whole way with one.</summary>
public sealed class KubernetesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cluster_runs_pods_outlives_its_daemons_and_leaves_nothing_on_the_host()
    {
        var before = await HostAsync();
        var shared = Directory.CreateTempSubdirectory("regatta-far-").FullName;
        var nodes = await KubernetesNodes.UpAsync("kubernetes", "kubernetes", workers: 2);
        try
        {
            var configured = await nodes.ConfigureAsync();
            Assert.Equal("v1.20.2", configured.Version);
            Assert.Empty((await nodes.ConfigureAsync()).Changes);
            Assert.Empty(await nodes.CheckAsync());

            var claim = nodes.Lab.Store.Find("kubernetes")!.Claim;
            await new KubernetesFarTrials(nodes, claim).RunAsync(shared);
            await NoTokenIsLeftAsync(nodes);
            await DaemonsComeBackAsync(nodes);
            await ABurstLeavesNothingAfterAResetAsync(nodes);
            await ATokenThatIsWrongOrHasExpiredIsNamedAndNeverShownAsync(nodes);
            await AnInitThatWasCutShortIsMendedAsync(nodes);
            await ServicesComeAndGoAsync(nodes);
            await EmulatedNodesComeAndGoAsync(nodes);

            await nodes.Lab.Provider.DownAsync(nodes.Cluster, SilentMonitor.Instance, Cancellation);
            Assert.Empty(nodes.Lab.Traces(claim));
        }
        finally
        {
            await nodes.DisposeAsync();
            Directory.Delete(shared, recursive: true);
        }

        Assert.Equal(before, await HostAsync());
    }

    [Fact]
    public async Task Volcano_runs_a_gang_over_all_nodes_and_keeps_queues_as_they_are_wanted()
    {
        VolcanoPrefix.Require();
        var nodes = await KubernetesNodes.UpAsync("volcano", "volcano", workers: 2);
        try
        {
            Assert.EndsWith(" on v1.20.2", (await nodes.ConfigureAsync("gang")).Version, StringComparison.Ordinal);
            Assert.Empty((await nodes.ConfigureAsync("gang")).Changes);
            Assert.Contains("default", await nodes.KubectlAsync("get queues -o name"), StringComparison.Ordinal);

            await nodes.RunAsync("head", "systemctl kill -s KILL vc-scheduler vc-controller-manager");
            await KubernetesNodes.WaitForAsync(() => nodes.RunAsync("head", "systemctl is-active vc-scheduler vc-controller-manager || true"), state => state == "active\nactive\n");
            await nodes.ResetAsync("gang");
        }
        finally
        {
            await nodes.DisposeAsync();
        }
    }

    private static async Task NoTokenIsLeftAsync(KubernetesNodes nodes)
    {
        Assert.Equal("", await nodes.RunAsync("head", "kubeadm token list --kubeconfig /etc/kubernetes/admin.conf 2>/dev/null"));
        Assert.Equal("absent\n", await nodes.RunAsync("worker1", "[ -e /run/regatta-join.json ] && echo there || echo absent"));
        foreach (var file in Directory.EnumerateFiles(nodes.Logs("configure")))
            Assert.DoesNotMatch(@"\b[a-z0-9]{6}\.[a-z0-9]{16}\b", await File.ReadAllTextAsync(file, Cancellation));
    }

    private static async Task DaemonsComeBackAsync(KubernetesNodes nodes)
    {
        await nodes.KubectlAsync("apply -f -", Job("steady", 1, "sleep 300"));
        await KubernetesNodes.WaitForAsync(() => nodes.KubectlAsync("get pods -l job-name=steady -o jsonpath={.items[*].status.phase}"), phase => phase == "Running");
        var node = await nodes.KubectlAsync("get pods -l job-name=steady -o jsonpath={.items[*].spec.nodeName}");
        foreach (var daemon in new[] { "kubelet", "containerd" })
        {
            var process = await nodes.RunAsync(node, $"systemctl show -p MainPID --value {daemon}");
            await nodes.RunAsync(node, $"systemctl kill -s KILL --kill-who=main {daemon}");
            await KubernetesNodes.WaitForAsync(
                () => nodes.RunAsync(node, $"systemctl is-active {daemon} || true; systemctl show -p MainPID --value {daemon}"),
                state => state.StartsWith("active\n", StringComparison.Ordinal) && state != "active\n" + process);
        }

        Assert.Empty((await nodes.ConfigureAsync()).Changes);
        // The pod has lived through all of it.
        Assert.Equal("Running 0", await nodes.KubectlAsync("get pods -l job-name=steady -o 'jsonpath={.items[*].status.phase} {.items[*].status.containerStatuses[0].restartCount}'"));
    }

    private static async Task ABurstLeavesNothingAfterAResetAsync(KubernetesNodes nodes)
    {
        await nodes.KubectlAsync("apply -f -", Job("burst", 6, "sleep 300"));
        await KubernetesNodes.WaitForAsync(() => nodes.RunAsync("head", "grep -c '\"subresource\":\"binding\"' /var/log/kubernetes/audit.log || true"), count => int.Parse(count, System.Globalization.CultureInfo.InvariantCulture) >= 6);

        await nodes.ResetAsync("fifo");

        Assert.Equal("", await nodes.KubectlAsync("get jobs,pods -o name"));
        foreach (var worker in new[] { "worker1", "worker2" })
            Assert.DoesNotContain("sleep 300", await nodes.RunAsync(worker, "ps -e -o args="), StringComparison.Ordinal);
        // Only what the check after the reset made stands in the log.
        Assert.DoesNotContain("burst", await nodes.RunAsync("head", "cat /var/log/kubernetes/audit.log"), StringComparison.Ordinal);
        Assert.Contains("burst", await nodes.RunAsync("head", "cat /var/log/kubernetes/audit.log.old"), StringComparison.Ordinal);
    }

    private static async Task ATokenThatIsWrongOrHasExpiredIsNamedAndNeverShownAsync(KubernetesNodes nodes)
    {
        var expired = (await nodes.RunAsync("head", "kubeadm token create --ttl 1s --kubeconfig /etc/kubernetes/admin.conf 2> /dev/null")).Trim();
        await KubernetesNodes.WaitForAsync(() => nodes.RunAsync("head", "kubeadm token list --kubeconfig /etc/kubernetes/admin.conf 2> /dev/null"), list => list.Length == 0);
        foreach (var token in new[] { "abcdef.0123456789abcdef", expired })
        {
            var (code, output) = await nodes.PlayAsync($$$"""
                - hosts: worker2
                  gather_facts: false
                  tasks:
                    - regatta.cluster.kubernetes_join:
                        programs: /usr/local/bin
                        server: {{{nodes.Cluster.Head.Address}}}:6443
                        token: {{{token}}}
                        authority: sha256:{{{new string('0', 64)}}}
                        timeout: 10
                        config: {apiVersion: kubeadm.k8s.io/v1beta2, kind: JoinConfiguration, nodeRegistration: {name: worker2, criSocket: /run/containerd/containerd.sock}}
                """);

            Assert.Equal(2, code);
            Assert.Contains("the control plane does not know the token, or it has expired", output, StringComparison.Ordinal);
            Assert.DoesNotContain(token, output, StringComparison.Ordinal);
        }

        // The node was reset for it; the next run makes it one of the cluster again.
        Assert.NotEmpty((await nodes.ConfigureAsync("fifo")).Changes);
        Assert.Empty((await nodes.ConfigureAsync("fifo")).Changes);
    }

    private static async Task ServicesComeAndGoAsync(KubernetesNodes nodes)
    {
        // A pod on every node has asked the API server at its service's address.
        Assert.Equal("on", (await nodes.ConfigureAsync("fifo", settings: ("services.kube-proxy", "on"))).Settings["kubernetes.services.kube-proxy"]);
        Assert.Contains("-d 10.97.0.1/32", await nodes.RunAsync("worker1", "iptables-save"), StringComparison.Ordinal);
        Assert.Empty((await nodes.ConfigureAsync("fifo", settings: ("services.kube-proxy", "on"))).Changes);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => nodes.ConfigureAsync("fifo", settings: [("services.dns", "on"), ("services.kube-proxy", "on")]));
        Assert.Contains("no archive of coredns", failure.Message, StringComparison.Ordinal);

        Assert.Equal("off", (await nodes.ConfigureAsync("fifo")).Settings["kubernetes.services.kube-proxy"]);
        Assert.DoesNotContain("KUBE-SERVICES", await nodes.RunAsync("worker1", "iptables-save"), StringComparison.Ordinal);
        Assert.Empty((await nodes.ConfigureAsync("fifo")).Changes);
    }

    private static async Task AnInitThatWasCutShortIsMendedAsync(KubernetesNodes nodes)
    {
        await nodes.RunAsync("head", "rm /etc/kubernetes/regatta/initialised; systemctl stop kubelet");

        var mended = await nodes.ConfigureAsync("fifo");

        Assert.Contains(mended.Changes, change => change.What.Contains("reset what an init had left half done"));
        // The authority is another one: the workers have joined anew.
        Assert.Equal(2, mended.Changes.Count(change => change.What.Contains("join")));
        Assert.Empty((await nodes.ConfigureAsync("fifo")).Changes);
    }

    private static async Task EmulatedNodesComeAndGoAsync(KubernetesNodes nodes)
    {
        Assert.Equal(80, (await nodes.ConfigureAsync("fifo", emulated: 40)).Capacity.Processors);
        Assert.Empty((await nodes.ConfigureAsync("fifo", emulated: 40)).Changes);
        var jobs = Enumerable.Range(1, 60).Select(i => new Job { Id = i, Submit = TimeSpan.Zero, Processors = 1, RunTime = TimeSpan.FromSeconds(1) }).ToList();

        var result = await nodes.ReplayAsync("emulated", jobs, _ => { }, emulated: 40);

        Assert.All(result.Jobs, job => Assert.Equal((JobState.Completed, true), (job.State, job.NodeList!.StartsWith("emulated", StringComparison.Ordinal))));
        Assert.NotEmpty((await nodes.ConfigureAsync("fifo")).Changes);
        Assert.Equal("head worker1 worker2", await nodes.KubectlAsync("get nodes -o jsonpath={.items[*].metadata.name}"));
        Assert.Empty((await nodes.ConfigureAsync("fifo")).Changes);
    }

    /// <summary>What a cluster could leave behind on the host beyond what libvirt knows.</summary>
    private static async Task<string> HostAsync()
    {
        var result = await CliWrap.Cli.Wrap("sh").WithArguments(["-c", """
            ip route; ip rule
            sysctl vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys
            cut -d' ' -f5 /proc/self/mountinfo | grep -E 'cni|containerd|kubelet|regatta-kubernetes' || true
            find /sys/fs/cgroup -type d -name '*kubepods*' 2> /dev/null || true
            ps -e -o comm= | grep -E '^(kube|etcd|containerd|vc-)' | sort || true
            """]).ExecuteBufferedAsync(Cancellation);
        return result.StandardOutput;
    }

    private static string Job(string name, int pods, string command) => $$"""
        apiVersion: batch/v1
        kind: Job
        metadata: {name: {{name}}}
        spec:
          parallelism: {{pods}}
          completions: {{pods}}
          template:
            spec:
              restartPolicy: Never
              automountServiceAccountToken: false
              terminationGracePeriodSeconds: 1
              containers: [{name: c, image: "localhost/regatta/payload:1", imagePullPolicy: Never, command: [sh, -c, "{{command}}"]}]
        """;
}
