using System.Diagnostics;
using Regatta.Experiments.Configuration;
using Regatta.Experiments.Launching;
using Regatta.Experiments.Running;
using Regatta.Runs;

namespace Regatta.Tests.Experiments;

/// <summary>Trials that are given to Kubernetes: its answers are played, the pods' scripts are run.</summary>
public sealed class KubernetesLauncherTests : QueueRunTests
{
    [Fact]
    public async Task Each_pod_of_an_indexed_Job_runs_its_task_and_nothing_is_left_in_the_cluster()
    {
        var cluster = new PlayedCluster("32");
        using var run = Create(out var plan);

        var outcome = await RunAsync(run, plan, cluster, new LauncherSection { Trials = 3, Kubernetes = Settings() });

        Assert.Equal((4, 0), (outcome.Finished, outcome.Failed.Count));
        Assert.Empty((await RecordedRun.ReadAsync(run.Path, Cancellation)).Faults);
        Assert.Equal(2, cluster.Made.Count);
        var spec = cluster.Made[1]["spec"]!;
        Assert.Equal(("Indexed", 2, 2), ((string?)spec["completionMode"], (int)spec["completions"]!, (int)spec["parallelism"]!));
        var container = spec["template"]!["spec"]!["containers"]![0]!;
        Assert.Equal(("1000m", "1024Mi"), ((string?)container["resources"]!["limits"]!["cpu"], (string?)container["resources"]!["requests"]!["memory"]));
        Assert.Equal(Scratch, (string?)container["volumeMounts"]![0]!["mountPath"]);
        Assert.Empty(cluster.Jobs);
    }

    [Fact]
    public async Task Pods_of_a_cluster_without_indices_share_the_list_of_tasks()
    {
        var cluster = new PlayedCluster("20+");
        using var run = Create(out var plan);

        var outcome = await RunAsync(run, plan, cluster);

        Assert.Equal(4, outcome.Finished);
        Assert.Null(cluster.Made[1]["spec"]!["completionMode"]);
        Assert.Equal(4, (int)cluster.Made[1]["spec"]!["parallelism"]!);
    }

    [Fact]
    public async Task What_the_cluster_still_has_is_not_submitted_again()
    {
        var cluster = new PlayedCluster("32");
        using var run = Create(out var plan);
        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation))
        {
            // The submitting program ends as soon as the Job is there.
            var watching = new WatchingMonitor(text =>
            {
                if (text.Contains(" tasks and ", StringComparison.Ordinal)) stop.Cancel();
            });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(run, plan, cluster, monitor: watching, cancellation: stop.Token));
        }

        await cluster.ThroughAsync();
        var outcome = await RunAsync(run, plan, cluster);

        Assert.Equal(4, outcome.Finished);
        Assert.Equal(2, cluster.Made.Count);
        Assert.Equal(4, JournalOf(run).Count(e => e.Kind == JournalKind.TrialFinished));
    }

    [Theory]
    [InlineData("""{"phase":"Failed","containerStatuses":[{"state":{"terminated":{"reason":"OOMKilled","exitCode":137}}}]}""", "task-memory", "launcher.kubernetes.memory")]
    [InlineData("""{"phase":"Failed","reason":"Evicted","message":"The node was low on resource: memory. "}""", "task-evicted", "regatta resume")]
    [InlineData("""{"phase":"Failed","reason":"DeadlineExceeded","message":"Pod was active on the node longer than the specified deadline","containerStatuses":[{"state":{"terminated":{"reason":"Error","exitCode":137}}}]}""", "task-time-limit", "launcher.kubernetes.time")]
    [InlineData("""{"phase":"Failed","conditions":[{"type":"DisruptionTarget","status":"True","reason":"PreemptionByScheduler"}],"containerStatuses":[{"state":{"terminated":{"reason":"Error","exitCode":143}}}]}""", "task-preempted", "regatta resume")]
    [InlineData("""{"phase":"Failed","reason":"NodeShutdown","message":"Node is shutting, evicting pods"}""", "task-node-failed", "regatta resume")]
    [InlineData("""{"phase":"Failed","conditions":[{"type":"DisruptionTarget","status":"True","reason":"DeletionByTaintManager"}]}""", "task-node-failed", "regatta resume")]
    [InlineData("""{"phase":"Failed","reason":"OutOfcpu","message":"Pod Node didn't have enough resource: cpu"}""", "task-lost", "regatta resume")]
    public async Task How_a_pod_was_lost_is_told_apart(string status, string code, string help)
    {
        var cluster = new PlayedCluster("32") { Ending = (_, index) => index == 0 ? new PlayedEnd(Runs: false, status) : new PlayedEnd(Runs: true) };
        using var run = Create(out var plan);

        var outcome = await RunAsync(run, plan, cluster);

        Assert.Equal(3, outcome.Finished);
        var told = Assert.Single(outcome.Failed).Reason.Diagnostics[0];
        Assert.Equal(code, told.Code);
        Assert.Contains(help, told.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Job_that_somebody_took_away_is_a_cancelled_task()
    {
        var cluster = new PlayedCluster("32") { Ending = (_, index) => new PlayedEnd(Runs: index is null) };
        using var run = Create(out var plan);
        var watching = new WatchingMonitor(text =>
        {
            if (text.Contains(" tasks and ", StringComparison.Ordinal)) cluster.AskAsync(["delete", "jobs", "--selector=all"], "", Cancellation).Wait(Cancellation);
        });

        var outcome = await RunAsync(run, plan, cluster, monitor: watching);

        Assert.Equal(4, outcome.Failed.Count);
        Assert.All(outcome.Failed, f => Assert.Equal("task-cancelled", f.Reason.Diagnostics[0].Code));
    }

    [Theory]
    [InlineData("""{"phase":"Pending","containerStatuses":[{"state":{"waiting":{"reason":"ImagePullBackOff","message":"Back-off pulling image"}}}]}""", "", "kubernetes-image")]
    [InlineData("""{"phase":"Pending","containerStatuses":[{"state":{"waiting":{"reason":"ErrImageNeverPull"}}}]}""", "", "kubernetes-image")]
    [InlineData("""{"phase":"Failed","containerStatuses":[{"state":{"terminated":{"reason":"Error","exitCode":41}}}]}""", "", "launch-not-shared")]
    [InlineData("""{"phase":"Failed","containerStatuses":[{"state":{"terminated":{"reason":"Error","exitCode":42}}}]}""", "", "launch-program")]
    [InlineData("""{"phase":"Failed","containerStatuses":[{"state":{"terminated":{"reason":"Error","exitCode":43}}}]}""", "", "launch-not-written")]
    [InlineData("""{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/3 nodes are available: 3 pod has unbound immediate PersistentVolumeClaims."}]}""", "", "kubernetes-claim")]
    [InlineData("""{"phase":"Pending","containerStatuses":[{"state":{"waiting":{"reason":"ContainerCreating"}}}]}""", "FailedMount: MountVolume.SetUp failed for volume \"runs\" : hostPath type check failed: /scratch is not a directory", "launch-not-shared")]
    public async Task A_probe_that_cannot_answer_is_told_before_anything_is_submitted(string status, string warning, string code)
    {
        var cluster = new PlayedCluster("32") { Ending = (_, _) => new PlayedEnd(Runs: false, status), Warnings = warning };
        using var run = Create(out var plan);

        var refused = await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync(run, plan, cluster));

        Assert.Equal(code, refused.Diagnostics[0].Code);
        Assert.Single(cluster.Made);
        Assert.Empty(cluster.Jobs);
    }

    [Theory]
    [InlineData("get --raw", "The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?", "kubernetes-unreachable", "does not answer")]
    [InlineData("get --raw", "error: context \"lab\" does not exist", "kubernetes-refused", "no context")]
    [InlineData("get --raw", "error: You must be logged in to the server (Unauthorized)", "kubernetes-refused", "does not know who asks")]
    [InlineData("get jobs", "Error from server (Forbidden): jobs.batch is forbidden: User \"u\" cannot list resource \"jobs\" in API group \"batch\" in the namespace \"lab\"", "kubernetes-refused", "may not run Jobs")]
    [InlineData("get persistentvolumeclaim", "Error from server (NotFound): persistentvolumeclaims \"scratch\" not found", "kubernetes-claim", "'scratch' cannot be had")]
    [InlineData("create", "Error from server (NotFound): error when creating \"STDIN\": namespaces \"nope\" not found", "kubernetes-refused", "no namespace")]
    [InlineData("create", "Error from server (Forbidden): error when creating \"STDIN\": jobs.batch is forbidden: User \"u\" cannot create resource \"jobs\" in API group \"batch\" in the namespace \"lab\"", "kubernetes-refused", "may not run Jobs")]
    [InlineData("create", "FailedCreate: Error creating: pods \"x\" is forbidden: exceeded quota: small, requested: pods=1, used: pods=1, limited: pods=1", "kubernetes-refused", "quota")]
    [InlineData("create", "FailedCreate: Error creating: pods \"x\" is forbidden: no PriorityClass with name high was found", "kubernetes-refused", "priority class")]
    [InlineData("create", "FailedCreate: Error creating: pods \"x\" is forbidden: violates PodSecurity \"baseline:latest\": hostPath volumes (volume \"runs\")", "kubernetes-refused", "does not let such pods in")]
    public async Task Why_Kubernetes_refuses_is_said_in_words(string question, string said, string code, string summary)
    {
        var cluster = new PlayedCluster("32") { Refusals = { [question] = said } };
        using var run = Create(out var plan);

        var refused = await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync(run, plan, cluster, new LauncherSection { Kubernetes = Settings() with { Namespace = "nope", Volume = new KubernetesVolumeSection { Path = Scratch, Claim = "scratch" } } }));

        Assert.Equal(code, refused.Diagnostics[0].Code);
        Assert.Contains(summary, refused.Diagnostics[0].Summary, StringComparison.Ordinal);
        Assert.Contains(said, refused.Diagnostics[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_probe_that_fails_for_another_reason_says_with_which_exit_code()
    {
        var cluster = new PlayedCluster("32") { Ending = (_, _) => new PlayedEnd(Runs: false, """{"phase":"Failed","containerStatuses":[{"state":{"terminated":{"reason":"Error","exitCode":126}}}]}""") };
        using var run = Create(out var plan);

        var refused = await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync(run, plan, cluster));

        Assert.Equal(("task-lost", "the pod that looks at the volume failed: Error (exit code 126)"), (refused.Diagnostics[0].Code, refused.Diagnostics[0].Summary));
    }

    [Fact]
    public async Task Pods_that_share_a_list_need_locks()
    {
        var cluster = new PlayedCluster("20") { Ending = (_, _) => new PlayedEnd(Runs: false, """{"phase":"Failed","containerStatuses":[{"state":{"terminated":{"reason":"Error","exitCode":44}}}]}""") };
        using var run = Create(out var plan);

        var refused = await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync(run, plan, cluster));

        Assert.Equal("kubernetes-locks", refused.Diagnostics[0].Code);
        // A directory that is not there cannot be locked either, and is told first.
        var script = (string)cluster.Made[0]["spec"]!["template"]!["spec"]!["containers"]![0]!["command"]![2]!;
        Assert.Matches("(?s)exit 41.*exit 42.*flock -n 9.*exit 44.*exit 43", script);
    }

    [Fact]
    public async Task Without_kubectl_the_launcher_names_what_is_missing()
    {
        var missing = await Assert.ThrowsAsync<DiagnosticException>(() => new KubernetesQueue(Settings()) { Program = "kubectl-none" }.IsIndexedAsync(Cancellation));

        Assert.Equal(("kubernetes-missing", "the launcher kubernetes needs 'kubectl-none', which is not on the PATH"), (missing.Diagnostics[0].Code, missing.Diagnostics[0].Summary));
    }

    [Fact]
    public async Task A_cluster_that_does_not_answer_for_a_while_is_asked_again()
    {
        var cluster = new PlayedCluster("32") { Ending = (_, index) => new PlayedEnd(Runs: index != 3, index == 3 ? """{"phase":"Failed","reason":"Evicted"}""" : null) };
        using var run = Create(out var plan);
        var told = new List<string>();
        var watching = new WatchingMonitor(text =>
        {
            told.Add(text);
            if (text.Contains(" tasks and ", StringComparison.Ordinal)) cluster.Refusals["get pods"] = "Unable to connect to the server: net/http: TLS handshake timeout";
            else if (text.Contains("asked again", StringComparison.Ordinal)) cluster.Refusals.Clear();
        });

        var outcome = await RunAsync(run, plan, cluster, monitor: watching);

        Assert.Contains("the Kubernetes cluster does not answer; what runs goes on, and it is asked again", told);
        Assert.Equal((3, 1), (outcome.Finished, outcome.Failed.Count));
    }

    [Theory]
    [InlineData(true, null, "none true")]
    [InlineData(false, "short", "true true")]
    [InlineData(false, null, "none none")]
    public async Task Jobs_are_made_suspended_for_who_lets_them_in(bool suspend, string? queue, string suspended)
    {
        var cluster = new PlayedCluster("32");
        using var run = Create(out var plan);

        await RunAsync(run, plan, cluster, new LauncherSection { Kubernetes = Settings() with { Suspend = suspend, Queue = queue, Labels = new Dictionary<string, string> { ["team"] = "lab" } } });

        Assert.Equal(suspended, string.Join(' ', cluster.Made.Select(job => job["spec"]!["suspend"]?.ToString() ?? "none")));
        Assert.All(cluster.Made, job => Assert.Equal((queue, "lab"), ((string?)job["metadata"]!["labels"]!["kueue.x-k8s.io/queue-name"], (string?)job["spec"]!["template"]!["metadata"]!["labels"]!["team"])));
    }

    [Theory]
    [InlineData("""{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/3 nodes are available: 3 node(s) were unschedulable."}]}""", "0 pods run, 1 wait (Unschedulable: 0/3 nodes are available: 3 node(s) were unschedulable.); 1 trials are not back")]
    [InlineData("""{"phase":"Unknown","reason":"NodeLost"}""", "0 pods run, 0 wait (FailedCreate: exceeded quota: small); 1 trials are not back")]
    public async Task Why_tasks_wait_is_told(string status, string words)
    {
        var ended = false;
        var cluster = new PlayedCluster("32")
        {
            Ending = (_, index) => index == 2 ? new PlayedEnd(Runs: false, status) : new PlayedEnd(Runs: true),
            Warnings = "FailedCreate: exceeded quota: small",
            Ended = () => Volatile.Read(ref ended),
        };
        using var run = Create(out var plan);
        var told = new List<string>();
        var watching = new WatchingMonitor(text =>
        {
            told.Add(text);
            // Enough was heard: the Job ends, and what has no exit file is lost.
            if (text == words) Volatile.Write(ref ended, true);
        });

        await RunAsync(run, plan, cluster, monitor: watching);

        Assert.Contains(words, told);
    }

    [Fact]
    public async Task A_run_outside_the_volume_is_refused()
    {
        using var run = Create(out var plan);

        var refused = await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync(run, plan, new PlayedCluster("32"), new LauncherSection { Kubernetes = Settings() with { Volume = new KubernetesVolumeSection { Path = "/scratch" } } }));

        Assert.Equal("launch-not-shared", refused.Diagnostics[0].Code);
        Assert.Contains("--runs /scratch/runs", refused.Diagnostics[0].Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trial_that_was_begun_too_often_is_left_alone()
    {
        using var run = Create(out var plan);
        var launch = new LaunchDirectory(run.Path);
        launch.Create();
        foreach (var trial in plan.Trials) launch.Prepare(plan, trial);
        await File.WriteAllTextAsync(Path.Combine(launch.Path, "pod.sh"), LaunchDirectory.Script("pod.sh"), Cancellation);
        var (job, _) = new Submissions(launch).Write([.. plan.Trials.Select(t => new[] { t })]);
        await File.WriteAllTextAsync(Path.Combine(launch.Folder(plan.Trials[0]), "begun"), $"now n1 {job}/a {plan.Trials[0].Id}\nnow n2 {job}/b {plan.Trials[0].Id}\n", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(launch.Folder(plan.Trials[1]), "begun"), $"now n1 other/a {plan.Trials[1].Id}\nnow n2 {job}/b {plan.Trials[1].Id}\n", Cancellation);

        using var pod = Process.Start(new ProcessStartInfo("sh", [Path.Combine(launch.Path, "pod.sh"), launch.Path, "true", launch.RunId, job, "1", "n1", "c"]))!;
        await pod.WaitForExitAsync(Cancellation);

        Assert.Equal(0, pod.ExitCode);
        Assert.Equal(plan.Trials.Skip(1).Select(t => t.Id).Order(), launch.Ended().Order());
    }

    private KubernetesLauncherSection Settings() => new() { Image = "localhost/runtime:1", Volume = new KubernetesVolumeSection { Path = Scratch } };

    private async Task<RunOutcome> RunAsync(RunDirectory run, Plan plan, PlayedCluster cluster, LauncherSection? launcher = null, IActivityMonitor? monitor = null, CancellationToken? cancellation = null)
    {
        await PrepareProgramAsync(run, plan);
        var launch = new LaunchDirectory(run.Path);
        var engine = new KubernetesEngine(launch, plan, launcher ?? new LauncherSection { Kubernetes = Settings() }, Archive.Value, monitor ?? SilentMonitor.Instance, TimeProvider.System, cluster.AskAsync) { Pause = TimeSpan.FromMilliseconds(500) };
        using var journal = run.OpenJournal(Time);
        return await new LaunchedRun(launch, engine, run, plan, journal, SilentMonitor.Instance, Time).RunAsync(cancellation ?? Cancellation);
    }
}
