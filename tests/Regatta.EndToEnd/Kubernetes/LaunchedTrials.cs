namespace Regatta.EndToEnd.Kubernetes;

/// <summary>Simulated trials that this host gives to pods of a cluster: the volume that both share is a directory of one worker.</summary>
internal static class LaunchedTrials
{
    private const string Worker = "worker1";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The submitting program and a pod are killed in the middle of a run; going on loses no trial, and takes none in twice.</summary>
    public static async Task GoOnAfterKillsAsync(KubernetesNodes nodes)
    {
        var directory = Directory.CreateTempSubdirectory("regatta-launch-").FullName;
        try
        {
            // The same path here and there.
            var volume = Path.Combine(directory, "volume");
            await nodes.RunAsync(Worker, $"mkdir -p {volume} && touch {volume}/here");
            var root = Directory.EnumerateDirectories("/proc").Select(p => Path.Combine(p, "root")).First(r => File.Exists(r + volume + "/here"));
            Directory.CreateSymbolicLink(volume, root + volume);
            Directory.CreateSymbolicLink(Path.Combine(directory, "kubectl"), root + "/usr/local/bin/kubectl");
            await File.WriteAllTextAsync(Path.Combine(directory, "kubeconfig"), await nodes.RunAsync("head", "cat /etc/kubernetes/admin.conf"), Cancellation);
            await MakeImageAsync(nodes);

            var environment = new Dictionary<string, string?>(KubernetesImage.Environment) { ["PATH"] = directory + ":" + Environment.GetEnvironmentVariable("PATH") };
            string[] words =
            [
                "run", "reference", "workload=lublin", "workload.jobs=5000", "cluster.workers=16", "cluster.worker.processors=16", "scheduler.policy=fcfs,easy", "measure.repetitions=12", "launcher=kubernetes",
                "launcher.kubernetes.image=localhost/runtime:1", $"launcher.kubernetes.volume.path={volume}", $"launcher.kubernetes.kubeconfig={directory}/kubeconfig", "launcher.kubernetes.namespace=regatta",
                "+launcher.kubernetes.node_selector={kubernetes.io/hostname: " + Worker + "}", "launcher.kubernetes.processors=0.3", "launcher.kubernetes.memory=256MiB", "launcher.kubernetes.parallelism=2", "--runs", $"{volume}/runs",
            ];
            string run;
            using (var program = new RunningProgram(words, directory, environment))
            {
                await program.HearAsync("24 trials in 24 tasks and 1 Job");
                run = Directory.GetDirectories(Path.Combine(volume, "runs"), "2*").Single();
                var begun = Path.Combine(run, "launch", "begun");
                await KubernetesNodes.WaitForAsync(() => Task.FromResult(File.Exists(begun) ? File.ReadAllText(begun) : ""), text => text.Split('\n').Length > 3);
                await program.KillAsync();
            }

            await nodes.KubectlAsync("delete pod --force --grace-period=0 " + (await nodes.KubectlAsync("get pods -l regatta-run --field-selector=status.phase=Running -o jsonpath={.items[0].metadata.name}")));
            await RegattaProgram.ExpectAsync(0, ["resume", run], directory, environment);

            Assert.Equal(24, Directory.GetFiles(Path.Combine(run, "trials"), "trial.json", SearchOption.AllDirectories).Length);
            var finished = File.ReadLines(Path.Combine(run, "journal.jsonl")).Where(l => l.Contains("\"TrialFinished\"", StringComparison.Ordinal)).ToList();
            Assert.Equal(24, finished.Count);
            await KubernetesNodes.WaitForAsync(() => nodes.KubectlAsync("get jobs,pods -l regatta-run -o name"), left => left == "");
        }
        finally
        {
            // A link into the node: what it leads to goes with the node.
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>An image out of the worker's own system: glibc, libstdc++, libssl and a shell with its tools.</summary>
    private static Task<string> MakeImageAsync(KubernetesNodes nodes) => nodes.RunAsync(Worker, """
        set -e
        d=$(mktemp -d)
        tar -C / -cf "$d/layer.tar" bin lib64 lib/x86_64-linux-gnu usr/bin usr/lib/x86_64-linux-gnu
        sha=$(sha256sum "$d/layer.tar" | cut -d' ' -f1)
        echo '{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/usr/bin:/bin"]},"rootfs":{"type":"layers","diff_ids":["sha256:'"$sha"'"]}}' >"$d/config.json"
        echo '[{"Config":"config.json","RepoTags":["localhost/runtime:1"],"Layers":["layer.tar"]}]' >"$d/manifest.json"
        tar -C "$d" -cf "$d/image.tar" layer.tar config.json manifest.json
        ctr -n k8s.io images import "$d/image.tar" >/dev/null
        rm -r "$d"
        """);
}
