using Regatta.Experiments.Replay;
using Regatta.Workloads;

namespace Regatta.EndToEnd.Kubernetes;

/// <summary>Trials on real nodes to which something happens, and what their records say of it.</summary>
public sealed class KubernetesTrialTests
{
    private readonly Happenings _happened = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_daemons_cost_no_job_and_a_full_disk_is_what_ends_the_jobs_of_its_node()
    {
        var nodes = await KubernetesNodes.UpAsync("faults", "kubernetes", workers: 2);
        try
        {
            // A disk of its own, small enough to be filled.
            await nodes.RunAsync("worker2", "mkdir -p /var/lib/kubelet && mount -t tmpfs -o size=160m tmpfs /var/lib/kubelet");
            await nodes.ConfigureAsync();

            await KilledDaemonsCostNoJobAsync(nodes);
            await AFullDiskEndsTheJobsOfItsNodeAsync(nodes);
        }
        finally
        {
            await nodes.DisposeAsync();
        }
    }

    [Fact]
    public async Task Volcano_loses_no_job_to_webhooks_that_time_out_nor_to_a_killed_scheduler()
    {
        VolcanoPrefix.Require();
        var nodes = await KubernetesNodes.UpAsync("hooks", "volcano", workers: 2);
        try
        {
            await nodes.ConfigureAsync("gang");
            var before = await WebhookErrorsAsync(nodes);
            await nodes.RunAsync("head", "systemctl kill -s STOP vc-webhook-manager");
            var replay = nodes.ReplayAsync("hooks", [.. Enumerable.Range(1, 8).Select(i => OfOneProcessor(i, seconds: 2)), OfOneProcessor(9, seconds: 1) with { Processors = 4, GangMinimum = 4 }], _happened.Take);
            await KubernetesNodes.WaitForAsync(() => WebhookErrorsAsync(nodes), errors => errors != before);
            await nodes.RunAsync("head", "systemctl kill -s CONT vc-webhook-manager");
            await _happened.UntilAsync(JobEventKind.Ended, 1, replay);
            await nodes.RunAsync("head", "systemctl kill -s KILL vc-scheduler vc-controller-manager");

            var result = await replay;

            AssertOutlived("the API server does not serve submissions: Internal error occurred: failed calling webhook", result);
            Assert.All(_happened.Of(JobEventKind.Decided), e => Assert.Equal("audit.log", e.Source));
            Assert.Equal(2, result.Jobs.Single(j => j.Job == 9).Nodes);
        }
        finally
        {
            await nodes.DisposeAsync();
        }
    }

    private static Task<string> WebhookErrorsAsync(KubernetesNodes nodes) =>
        nodes.KubectlAsync("get --raw /metrics | grep ^apiserver_admission_webhook_rejection_count | grep calling_webhook_error || true");

    private async Task KilledDaemonsCostNoJobAsync(KubernetesNodes nodes)
    {
        var replay = nodes.ReplayAsync("daemons", [.. Enumerable.Range(1, 16).Select(i => OfOneProcessor(i, seconds: 2))], _happened.Take);
        await _happened.UntilAsync(JobEventKind.Decided, 2, replay);
        await nodes.RunAsync("worker1", "systemctl kill -s KILL --kill-who=main kubelet containerd");
        await _happened.UntilAsync(JobEventKind.Ended, 3, replay);
        await nodes.RunAsync("head", "pkill -KILL -x kube-scheduler");
        await _happened.UntilAsync(JobEventKind.Ended, 5, replay);
        await nodes.RunAsync("head", "pkill -KILL -x kube-apiserver");

        var result = await replay;

        AssertOutlived("the API server does not serve ", result);
        foreach (var kind in new[] { JobEventKind.Decided, JobEventKind.Started, JobEventKind.Finished, JobEventKind.Ended, JobEventKind.Released })
            Assert.Equal(Enumerable.Range(1, 16).Select(i => (long)i), _happened.Of(kind).Select(e => e.Job).Order());
    }

    private async Task AFullDiskEndsTheJobsOfItsNodeAsync(KubernetesNodes nodes)
    {
        _happened.Clear();
        var replay = nodes.ReplayAsync("disk", [.. Enumerable.Range(1, 4).Select(i => OfOneProcessor(i, seconds: 45))], _happened.Take);
        await _happened.UntilAsync(JobEventKind.Decided, 4, replay);
        await nodes.RunAsync("worker2", "fallocate -l 100M /var/lib/kubelet/ballast");

        var result = await replay;

        foreach (var job in result.Jobs)
            Assert.Equal((job.NodeList, job.NodeList == "worker1" ? JobState.Completed : JobState.Failed), (job.NodeList, job.State));
        Assert.Equal(2, result.Jobs.Count(j => j.NodeList == "worker2"));
        Assert.All(_happened.Of(JobEventKind.Ended).Where(e => e.State == JobState.Failed), e => Assert.StartsWith("Evicted: The node was low on resource: ephemeral-storage", e.Detail, StringComparison.Ordinal));
        Assert.Contains(result.Faults, f => f.Text == "the node worker2 is short of resources (DiskPressure): it takes no jobs, and may put out those it has");
    }

    /// <summary>Asserts that every job completed, and that the trial tells of an outage and of its end.</summary>
    private void AssertOutlived(string outage, ReplayResult result)
    {
        Assert.All(result.Jobs, job => Assert.True(job.State == JobState.Completed, string.Join('\n', _happened.All)));
        Assert.Contains(result.Faults, f => f.Text.StartsWith(outage, StringComparison.Ordinal));
        Assert.Contains(result.Faults, f => f.Text == "the API server serves everything again");
    }

    private static Job OfOneProcessor(long id, int seconds) => new() { Id = id, Submit = TimeSpan.Zero, Processors = 1, RunTime = TimeSpan.FromSeconds(seconds) };
}
