using Regatta.Agent.Drivers;
using Regatta.Workloads;

namespace Regatta.Tests.Agent;

/// <summary>What the drivers <c>kubernetes</c> and <c>volcano</c> see of jobs, also over watches that are cut.</summary>
public sealed class KubernetesWatchTests : KubernetesDriverTests
{
    [Theory]
    [InlineData("kubernetes")]
    [InlineData("volcano")]
    public async Task Observes_a_job_from_its_submission_to_its_release(string scheduler)
    {
        Scheduler = scheduler;
        var (answer, events) = await ToTheEndAsync();
        Assert.Equal("regatta-t1-1", answer.SchedulerId);
        Assert.Equal([JobEventKind.Eligible, JobEventKind.Decided, JobEventKind.Ended, JobEventKind.Released], Ordered(events).Select(e => e.Kind));
        Assert.Equal(["audit.log", "audit.log", "observed", "observed"], Ordered(events).Select(e => e.Source));
        Assert.Equal("w1", events.Single(e => e.Kind == JobEventKind.Decided).Nodes);
        Assert.Empty(Faults);
    }

    [Fact]
    public async Task Without_an_audit_log_creation_and_placement_are_observed()
    {
        File.Delete(Kubernetes.AuditLog);
        var (_, events) = await ToTheEndAsync(HeaderWith("audit", Path.Combine(Scratch, "none", "audit.log")));
        Assert.All(events, e => Assert.Equal("observed", e.Source));
    }

    [Fact]
    public async Task A_watch_goes_on_where_it_stood_when_it_is_cut()
    {
        var events = await OverARestartAsync(forget: false);
        Assert.Equal([JobEventKind.Eligible, JobEventKind.Decided, JobEventKind.Ended, JobEventKind.Released], Ordered(events).Select(e => e.Kind));
        Assert.DoesNotContain(Faults, f => f.Text.Contains("forgotten", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_watch_that_is_too_old_lists_anew_and_neither_loses_nor_doubles_anything()
    {
        var events = await OverARestartAsync(forget: true);
        Assert.Equal([JobEventKind.Eligible, JobEventKind.Decided, JobEventKind.Ended, JobEventKind.Released], Ordered(events).Select(e => e.Kind));
        Assert.Contains(Faults, f => f.Text == "the API server had forgotten where the watch of jobs stood: they were listed anew, and what had changed was seen late");
    }

    [Fact]
    public async Task What_was_deleted_while_nobody_watched_is_gone()
    {
        Kubernetes.Answer = (_, _) => FakeKubernetes.Reply.TakeAndKeep;
        var events = await CollectAsync(async driver =>
        {
            await driver.SubmitAsync(new Submission(Job(1), []), _ => { }, Cancellation);
            await UntilAsync(() => Kubernetes.Watched.Count >= 3);
            Kubernetes.Restart(forget: true, () => Kubernetes.Remove("jobs", "regatta-t1-1"));
        }, JobEventKind.Ended);
        Assert.Equal(JobState.Cancelled, events.Single(e => e.Kind == JobEventKind.Ended).State);
    }

    [Fact]
    public async Task A_cancelled_job_is_deleted_with_its_pods()
    {
        Kubernetes.Answer = (_, _) => FakeKubernetes.Reply.TakeAndKeep;
        var events = await CollectAsync(async driver =>
        {
            await driver.SubmitAsync(new Submission(Job(1), []), _ => { }, Cancellation);
            var pod = FakeKubernetes.PodOf(Kubernetes.Find("jobs", "regatta-t1-1")!, "regatta-t1-1-abcde");
            pod["spec"]!["nodeName"] = "w2";
            Kubernetes.Audit("pods", "binding", "regatta-t1-1-abcde");
            Kubernetes.Put("pods", pod);
            await driver.CancelAsync([1], Cancellation);
        }, JobEventKind.Released);
        Assert.Equal(("/apis/batch/v1/namespaces/regatta/jobs/regatta-t1-1", """{"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background"}"""), Assert.Single(Kubernetes.Deleted));
        var ended = events.Single(e => e.Kind == JobEventKind.Ended);
        Assert.Equal((JobState.Cancelled, (string?)null), (ended.State, ended.Detail));
    }

    [Fact]
    public async Task One_watch_a_kind_is_open_and_no_more()
    {
        Scheduler = "volcano";
        await CollectAsync(async driver => await driver.SubmitAsync(new Submission(Job(1), []), _ => { }, Cancellation), JobEventKind.Released);
        Assert.Equal(4, Kubernetes.Watched.Count);
        Assert.All(Kubernetes.Watched, w => Assert.Contains("allowWatchBookmarks=true", w, StringComparison.Ordinal));
        Assert.Equal(3, Kubernetes.Watched.Count(w => w.Contains("labelSelector=regatta/trial=t1", StringComparison.Ordinal)));
    }

    private static IEnumerable<JobEvent> Ordered(IEnumerable<JobEvent> events) => events.OrderBy(e => e.Kind);

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition()) await Task.Delay(10, Cancellation);
    }

    /// <summary>A job whose pod runs while the server is away.</summary>
    private Task<List<JobEvent>> OverARestartAsync(bool forget)
    {
        Kubernetes.Answer = (_, _) => FakeKubernetes.Reply.TakeAndKeep;
        return CollectAsync(async driver =>
        {
            await driver.SubmitAsync(new Submission(Job(1), []), _ => { }, Cancellation);
            await UntilAsync(() => Kubernetes.Watched.Count >= 3);
            Kubernetes.Restart(forget, () => Kubernetes.RunJob("regatta-t1-1"));
        }, JobEventKind.Released);
    }
}
