using Regatta.Agent;
using Regatta.Agent.Replaying;
using Regatta.Workloads;

namespace Regatta.EndToEnd.Kubernetes;

/// <summary>Whole replays on a real API server, controllers and scheduler, while one of them is killed.</summary>
public sealed class ControlPlaneTests(KubernetesPrograms programs) : IClassFixture<KubernetesPrograms>
{
    private readonly Happenings _happened = new();

    [Fact]
    public async Task A_replay_goes_on_over_a_killed_api_server()
    {
        await using var plane = await ControlPlane.StartAsync(programs, Cancellation);
        var replay = ReplayAsync(plane, "restart", [.. Enumerable.Range(1, 12).Select(i => Job(i, TimeSpan.FromSeconds(i * 0.5), 1))]);
        await _happened.UntilAsync(JobEventKind.Started, 2, replay);
        await plane.KillAsync("kube-apiserver");
        plane.Start("kube-apiserver");
        var summary = await replay;
        Assert.Equal(12, summary.States[JobState.Completed]);
        Assert.Contains(summary.Faults, f => f.Text.StartsWith("the API server does not serve ", StringComparison.Ordinal));
        // Nothing twice, whatever had to be listed anew.
        foreach (var kind in new[] { JobEventKind.Accepted, JobEventKind.Started, JobEventKind.Finished, JobEventKind.Ended, JobEventKind.Released })
            Assert.Equal(Enumerable.Range(1, 12).Select(i => (long)i), _happened.Of(kind).Select(e => e.Job).Order());
    }

    [Fact]
    public async Task Jobs_wait_for_a_killed_scheduler_and_a_gang_that_waits_has_not_started()
    {
        await using var plane = await ControlPlane.StartAsync(programs, Cancellation);
        await plane.KillAsync("kube-scheduler");
        var replay = ReplayAsync(plane, "scheduler", [Job(1, TimeSpan.Zero, 6) with { GangMinimum = 6 }, Job(2, TimeSpan.Zero, 9) with { GangMinimum = 9 }]);
        await _happened.UntilAsync(JobEventKind.Eligible, 1, replay);
        plane.Start("kube-scheduler");
        var summary = await replay;
        var rows = JobRecords.From([Job(1, TimeSpan.Zero, 6), Job(2, TimeSpan.Zero, 9)], _happened.All);
        Assert.Equal((JobState.Completed, JobState.Rejected), (rows[0].State, rows[1].State));
        Assert.Equal("never sent: it asks for 9 processors at once, and all nodes together have 8", _happened.Of(JobEventKind.Rejected).Single().Detail);
        // Six members met before one of them started.
        Assert.Equal(6, _happened.Of(JobEventKind.Started).Count());
        Assert.True(rows[0].Eligible <= rows[0].Decided && rows[0].Decided <= rows[0].Start && rows[0].Finish <= rows[0].Released);
        Assert.Equal("audit.log", _happened.Of(JobEventKind.Decided).First().Source);
        Assert.Equal("epilog", summary.ReleaseSource);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Job Job(long id, TimeSpan submit, int processors) => new() { Id = id, Submit = submit, Processors = processors, RunTime = TimeSpan.FromSeconds(1) };

    private async Task<ReplaySummary> ReplayAsync(ControlPlane plane, string trial, ImmutableArray<Job> jobs)
    {
        var header = new ReplayHeader
        {
            Trial = trial,
            Scheduler = "kubernetes",
            Jobs = jobs.Length,
            Options = ImmutableSortedDictionary<string, string>.Empty.Add("kubeconfig", plane.Kubeconfig).Add("audit", plane.AuditLog).Add("stamps", plane.Stamps).Add("emulated", "true"),
        };
        await using var driver = KnownDrivers.Create(header, TimeProvider.System);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var replay = new ReplayRun(header, jobs, driver, _happened.Take, new TaskCompletionSource().Task, TimeProvider.System).RunAsync(stop.Token);
        if (await Task.WhenAny(replay, plane.Nodes) == replay) return await replay;
        // Without its nodes it would wait for ever.
        await stop.CancelAsync();
        await ((Task)replay).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await plane.Nodes;
        throw new InvalidOperationException("the emulated nodes ended before the replay");
    }
}
