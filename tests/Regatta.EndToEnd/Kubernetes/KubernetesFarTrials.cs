using Regatta.EndToEnd.Experiments;
using Regatta.Host;
using Regatta.Machines;

namespace Regatta.EndToEnd.Kubernetes;

/// <summary>An ordinary user on the head of a cluster gives simulated trials to its Kubernetes, with no more rights than the documentation names.</summary>
internal sealed class KubernetesFarTrials(KubernetesNodes nodes, ClusterClaim claim)
{
    private const string Config = ClusterUser.Home + "/kubeconfig";
    private const string Image = "localhost/regatta:0-test";
    private const string Many = "regatta run reference name=far workload=lublin workload.jobs=200 scheduler.policy=fcfs,easy measure.vary=true measure.repetitions=4";
    private const string Kubernetes = Many + $" launcher=kubernetes launcher.kubernetes.kubeconfig={Config} launcher.kubernetes.memory=300MiB launcher.kubernetes.processors=0.5 launcher.kubernetes.image={Image}";

    private readonly ClusterUser _user = new(nodes.Cluster, claim);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Makes the user, whom workers know by a number alone; loads the image into the nodes; and runs trials there.</summary>
    /// <param name="shared">An empty directory of this host.</param>
    public async Task RunAsync(string shared)
    {
        await Task.WhenAll(_user.InstallAsync("head"), LoadImageAsync(shared));
        await nodes.RunAsync("head", MakeUser);
        // The user's directory on the head is on no other node, and no registry has such an image.
        var alone = _user.RunAsync("head", $"{Kubernetes} 'launcher.kubernetes.volume={{path: {ClusterUser.Home}}}' --runs {ClusterUser.Home}/runs");
        var undisturbed = await _user.RunAsync("head", $"{Many} --runs {ClusterUser.Shared}/here");
        Assert.True(undisturbed.Code == 0, undisturbed.Error);

        await APodLosesItsProgramAsync(undisturbed);

        var unknown = await _user.RunAsync("head", $"{Volume(Kubernetes)} launcher.kubernetes.image=localhost/none:1 --runs {ClusterUser.Shared}/none");
        Assert.True(unknown.Code == 3, unknown.Error);
        Assert.Contains("error[kubernetes-image]", unknown.Error, StringComparison.Ordinal);
        var refused = await alone;
        Assert.True(refused.Code == 3, refused.Error);
        Assert.Contains("error[launch-not-shared]", refused.Error, StringComparison.Ordinal);
        await KubernetesNodes.WaitForAsync(() => nodes.RunAsync("head", "kubectl --kubeconfig /etc/kubernetes/admin.conf -n lab get jobs,pods -o name"), left => left.Length == 0);
    }

    private async Task APodLosesItsProgramAsync(ProgramResult undisturbed)
    {
        // On whichever node there is one first, the program of a pod is killed.
        const string Kill = "until [ -e /scratch/killed ] || (pgrep -f '[r]egatta trial /scratch' >/dev/null && set -C && : >/scratch/killed && pkill -KILL -o -f '[r]egatta trial /scratch'); do sleep 0.02; done";
        var killers = new[] { "worker1", "worker2" }.Select(n => nodes.RunAsync(n, $"timeout 120 sh -c \"{Kill}\"")).ToList();
        var disturbed = await _user.RunAsync("head", $"{Volume(Kubernetes)} --runs {ClusterUser.Shared}/far");
        Assert.True(disturbed.Code == 1, disturbed.Error);
        Assert.Contains("error[task-killed]", disturbed.Error, StringComparison.Ordinal);
        await Task.WhenAll(killers);

        var resumed = await _user.RunAsync("head", $"regatta resume {ClusterUser.Shared}/far/*-far-*");
        Assert.True(resumed.Code == 0, resumed.Error);
        Assert.Contains("7 of 8 trials are there", resumed.Output, StringComparison.Ordinal);
        Assert.Equal(undisturbed.Verdict(), resumed.Verdict());
        var begun = (await _user.RunAsync("head", $"cat {ClusterUser.Shared}/far/*-far-*/launch/begun")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((9, 8), (begun.Length, begun.Select(l => l.Split(' ')[^1]).Distinct().Count()));
    }

    private static string Volume(string run) => $"{run} 'launcher.kubernetes.volume={{path: {ClusterUser.Shared}}}'";

    /// <summary>Builds the image as a release does, of the program of this checkout, and loads it into the nodes.</summary>
    private async Task LoadImageAsync(string shared)
    {
        var debs = Path.Combine(shared, "debs");
        var packaging = Path.Combine(RegattaProgram.Root, "packaging");
        var packages = (await File.ReadAllLinesAsync(Path.Combine(packaging, "oci.packages"), Cancellation)).Where(l => !l.StartsWith('#'));
        await RegattaProgram.ExpectAsync(0, ["image", "fetch", "slurm", "--output", debs, "--package", .. packages]);
        await HostTool.RunAsync("python3", [Path.Combine(packaging, "oci.py"), Path.Combine(RegattaProgram.Root, "artifacts", "regatta"), debs, "0-test", "none", "0", Path.Combine(shared, "image.tar")], Cancellation);
        await _user.ShareAsync(shared, "head", "worker1", "worker2");
        await Task.WhenAll(new[] { "worker1", "worker2" }.Select(n => nodes.RunAsync(n, $"ctr -n k8s.io images import {ClusterUser.Shared}/image.tar")));
    }

    // A certificate of the cluster's authority makes a user; the rights are those of docs/launchers.md.
    private static string MakeUser => $$"""
        set -eu
        export KUBECONFIG=/etc/kubernetes/admin.conf
        kubectl create namespace lab
        kubectl -n lab create role runs --verb=create,get,list,delete --resource=jobs.batch
        kubectl -n lab create role looks --verb=get,list --resource=pods,events,persistentvolumeclaims
        for role in runs looks; do kubectl -n lab create rolebinding "$role" --role="$role" --user=sim; done
        cd /etc/kubernetes/pki
        openssl req -new -newkey rsa:2048 -nodes -keyout /root/sim.key -subj /CN=sim -out /root/sim.csr 2>/dev/null
        openssl x509 -req -in /root/sim.csr -CA ca.crt -CAkey ca.key -set_serial 4242 -days 1 -out /root/sim.crt 2>/dev/null
        server=$(kubectl config view -o 'jsonpath={.clusters[0].cluster.server}')
        export KUBECONFIG={{Config}}
        kubectl config set-cluster here "--server=$server" --certificate-authority=ca.crt --embed-certs
        kubectl config set-credentials sim --client-certificate=/root/sim.crt --client-key=/root/sim.key --embed-certs
        kubectl config set-context here --cluster=here --user=sim --namespace=lab
        kubectl config use-context here
        chown sim {{Config}}
        """;
}
