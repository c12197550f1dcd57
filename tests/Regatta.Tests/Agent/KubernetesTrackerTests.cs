using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Regatta.Agent.Drivers.Kubernetes;
using Regatta.Agent.Drivers.Volcano;
using Regatta.Workloads;

namespace Regatta.Tests.Agent;

/// <summary>What becomes of jobs, told by recorded watches of Kubernetes 1.20.2 and Volcano 1.5.1.</summary>
public sealed class KubernetesTrackerTests
{
    [Fact]
    public void Batch_jobs_end_as_their_conditions_say()
    {
        var told = new KubernetesRecordings(["bok-1", "bfail-1", "bpend-1", "bvol-1"]).Tell("watch-batchjobs.http.jsonl");
        told.Tracker.Conclude(told.Now);
        Assert.Equal((JobState.Completed, 0), told.EndOf(1));
        Assert.Equal(JobState.Failed, told.EndOf(2).State);
        // Deleted by someone before it had ended.
        Assert.Equal((JobState.Cancelled, "its Job was deleted by someone else"), (told.EndOf(3).State, told.Of(3).Single(e => e.Kind == JobEventKind.Ended).Detail));
        Assert.Equal(JobState.Completed, told.EndOf(4).State);
        // Each ends once, though a finished Job is told of again when it is deleted.
        Assert.Equal(4, told.Events.Count(e => e.Kind == JobEventKind.Ended));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("""{"type":"Complete","status":"True"}""", JobState.Completed)]
    [InlineData("""{"type":"Complete","status":"False"},{"type":"Failed","status":"True","reason":"BackoffLimitExceeded"}""", JobState.Failed)]
    [InlineData("""{"type":"Failed","status":"True","reason":"DeadlineExceeded"}""", JobState.TimedOut)]
    // From version 1.31 on an end is announced, and comes once the pods have ended.
    [InlineData("""{"type":"SuccessCriteriaMet","status":"True"}""", null)]
    [InlineData("""{"type":"FailureTarget","status":"True","reason":"DeadlineExceeded"}""", null)]
    [InlineData("""{"type":"FailureTarget","status":"True","reason":"DeadlineExceeded"},{"type":"Failed","status":"True","reason":"DeadlineExceeded"}""", JobState.TimedOut)]
    [InlineData("""{"type":"SuccessCriteriaMet","status":"True"},{"type":"Complete","status":"True"}""", JobState.Completed)]
    public void A_batch_job_has_ended_when_its_conditions_say_so_and_not_when_they_announce_it(string conditions, JobState? state)
    {
        var job = JsonSerializer.Deserialize($$$"""{"metadata":{"name":"a"},"status":{"startTime":"2026-11-23T23:53:12Z","conditions":[{{{conditions}}}] } }""", KubernetesJson.Default.BatchJob)!;
        Assert.Equal(state, BatchJobs.Sight(job).Ended);
    }

    [Fact]
    public void A_gang_is_placed_before_its_pods_and_released_when_the_last_has_ended()
    {
        var told = new KubernetesRecordings(["gang1"]).Tell("watch-vcjobs.http.jsonl", "watch-pods-vcjob-gang.http.jsonl", "watch-podgroups.http.jsonl");
        Assert.Equal([JobEventKind.Eligible, JobEventKind.Decided, JobEventKind.Ended, JobEventKind.Decided, JobEventKind.Released], told.Events.Select(e => e.Kind));
        Assert.All(told.Events, e => Assert.Equal("observed", e.Source));
        var row = told.Row;
        Assert.Equal("hollow-000,hollow-001,hollow-002,hollow-003", row.NodeList);
        Assert.Equal((JobState.Completed, "epilog"), (row.State, told.Tracker.ReleaseSource));
        Assert.True(row.Eligible < row.Decided && row.Decided < row.Released);
        Assert.True(told.Tracker.Settled);
    }

    [Fact]
    public void The_gangs_first_placement_counts_though_its_condition_is_stamped_anew_and_its_podgroup_goes()
    {
        // The condition Scheduled is told of at resourceVersion 840, 880 and 909 with ever later stamps; the PodGroup goes at 926, the Job ends at 929.
        var told = new KubernetesRecordings(["gang1"]).Tell("watch-vcjobs.http.jsonl", "watch-pods-vcjob-gang.http.jsonl", "watch-podgroups.http.jsonl");
        var first = told.Of(1).First(e => e.Kind == JobEventKind.Decided).Time;
        var alone = new KubernetesRecordings(["gang1"]).Tell("watch-podgroups.http.jsonl");
        Assert.Equal(1_000_000 + (2 * 1000), alone.Now - (3 * 1000));
        Assert.All(told.Of(1).Where(e => e.Kind == JobEventKind.Decided), e => Assert.Equal(first, e.Time));
        Assert.Equal(1, told.Events.Count(e => e.Kind == JobEventKind.Ended));
        // The list of PodGroups is empty after the end: nothing of it is asked for then.
        Assert.Empty(KubernetesRecordings.Read("podgroup-completed.json", KubernetesJson.Default.ApiListPodGroup).Items!);
    }

    [Fact]
    public void Volcanos_phases_become_the_states_that_all_schedulers_share()
    {
        var told = new KubernetesRecordings(["failnopol-1", "failabort-1", "failterm-1", "failrestart-1", "suspend-1", "toobig-1", "gang1"]).Tell("watch-vcjobs-fail-abort.http.jsonl");
        told.Tracker.Conclude(told.Now);
        Assert.Equal(JobState.Failed, told.EndOf(1).State);
        Assert.Equal(JobState.Failed, told.EndOf(3).State);
        Assert.Equal(JobState.Failed, told.EndOf(4).State);
        Assert.Equal(JobState.Cancelled, told.EndOf(5).State);
        Assert.DoesNotContain(told.Of(6), e => e.Kind == JobEventKind.Ended);
        Assert.Equal(JobState.Completed, told.EndOf(7).State);
    }

    [Fact]
    public void An_aborted_job_whose_pod_failed_has_failed()
    {
        var told = new KubernetesRecordings(["failabort-1"]);
        told.Tracker.SeePod(1, Failing("t-0", "n1", 5), false, 1);
        told.Tell("watch-vcjobs-fail-abort.http.jsonl");
        Assert.Equal((JobState.Failed, 5), told.EndOf(1));
    }

    [Fact]
    public void A_job_without_a_status_waits_and_is_lost_once_later_ones_were_taken_up()
    {
        var told = new KubernetesRecordings(["unkq-1", "failterm-1"]);
        Assert.False(VolcanoJobs.Sight(KubernetesRecordings.Read("vcjob-unknown-queue-nowebhook.json", VolcanoJson)).Answered);
        told.Tracker.Accepted(1, 1, 1_000_000);
        told.Tracker.Accepted(2, 2, 2_000_000);
        told.Tell("watch-vcjobs-fail-abort.http.jsonl");
        told.Tracker.LookForSilence(40_000_000);
        Assert.DoesNotContain(told.Of(1), e => e.Kind == JobEventKind.Ended);
        told.Tracker.LookForSilence(62_000_000);
        Assert.Equal((JobState.Lost, "no controller took it up while others were: it has no status"), (told.EndOf(1).State, told.Of(1).Single(e => e.Kind == JobEventKind.Ended).Detail));
    }

    [Fact]
    public void While_no_controller_answers_at_all_no_job_is_lost()
    {
        var told = new KubernetesRecordings(["a", "b"]);
        told.Tracker.Accepted(1, 1, 1_000_000);
        told.Tracker.Accepted(2, 1, 1_000_000);
        told.Tracker.LookForSilence(3_600_000_000);
        Assert.Empty(told.Events);
    }

    [Theory]
    [InlineData("DeadlineExceeded", JobState.TimedOut, "DeadlineExceeded: in the kubelet's words")]
    [InlineData("Evicted", JobState.Failed, "Evicted: in the kubelet's words")]
    [InlineData("NodeLost", JobState.NodeFailed, "NodeLost: in the kubelet's words")]
    [InlineData(null, JobState.Failed, "BackoffLimitExceeded: Job has reached the specified backoff limit")]
    public void A_failed_job_is_what_its_pod_says(string? reason, JobState state, string detail)
    {
        var told = new KubernetesRecordings(["a"]);
        told.Tracker.SeeJob(1, new JobSight(true, JobState.Failed, "BackoffLimitExceeded: Job has reached the specified backoff limit"), false, 10);
        // The Job is seen to have failed before its pod is: it is waited for.
        told.Tracker.Pass(1000);
        Assert.DoesNotContain(told.Events, e => e.Kind == JobEventKind.Ended);
        told.Tracker.SeePod(1, Failing("a-0", "n1", 7, reason), false, 2000);
        var ended = told.Events.Single(e => e.Kind == JobEventKind.Ended);
        Assert.Equal((state, detail, 7, 10L), (ended.State, ended.Detail, ended.ExitCode, ended.Time));
    }

    [Fact]
    public void A_node_that_runs_short_is_a_fault_of_the_trial_until_it_has_room_again()
    {
        var told = new KubernetesRecordings(["a"]);
        told.Tracker.SeeNode("n1", ready: true, pressure: null, gone: false, 1);
        told.Tracker.SeeNode("n1", ready: true, pressure: "DiskPressure", gone: false, 20);
        told.Tracker.SeeNode("n1", ready: true, pressure: "DiskPressure", gone: false, 25);
        told.Tracker.SeeNode("n1", ready: true, pressure: null, gone: false, 30);
        Assert.Equal(
            [(20L, "the node n1 is short of resources (DiskPressure): it takes no jobs, and may put out those it has"), (30L, "the node n1 is short of nothing any more")],
            told.Faults.Select(f => (f.Time, f.Text)));
    }

    [Fact]
    public void A_failed_job_whose_pods_are_never_seen_ends_in_its_own_words()
    {
        var told = new KubernetesRecordings(["a"]);
        told.Tracker.SeeJob(1, new JobSight(true, JobState.Failed, "why"), false, 10);
        told.Tracker.Pass(4_000_000);
        Assert.Equal((JobState.Failed, "why"), (told.Events[^1].State, told.Events[^1].Detail));
    }

    [Fact]
    public void The_recorded_failure_gives_its_exit_code()
    {
        var pod = KubernetesRecordings.Read("pods-batchjob-failed.json", KubernetesJson.Default.ApiListPod).Items![0];
        Assert.Equal(new PodFailure(JobState.Failed, 5, null), PodFailure.Of(pod));
    }

    [Fact]
    public void A_pod_whose_sandbox_cannot_be_made_holds_its_node_and_has_not_failed()
    {
        var told = new KubernetesRecordings(["a"]);
        foreach (var pod in KubernetesRecordings.Read("pods-real-sandbox-failed.json", KubernetesJson.Default.ApiListPod).Items!) told.Tracker.SeePod(1, pod, false, 5);
        Assert.Contains(told.Events, e => e.Kind == JobEventKind.Decided);
        Assert.DoesNotContain(told.Events, e => e.Kind is JobEventKind.Ended or JobEventKind.Released);
    }

    [Fact]
    public void A_lost_node_is_told_and_its_job_goes_back_to_the_queue()
    {
        var told = WithoutItsNode();
        var leaving = Running("a-0", "n1");
        told.Tracker.SeePod(1, leaving with { Metadata = leaving.Metadata with { DeletionTimestamp = "2026-11-23T23:53:13Z" } }, false, 30);
        told.Tracker.SeePod(1, Running("a-1", "n2"), false, 40);
        told.Tracker.SeeJob(1, new JobSight(true, JobState.Completed, null), false, 50);
        Assert.Equal("the node n1 is not ready", told.Faults[0].Text);
        Assert.Equal([JobEventKind.Eligible, JobEventKind.Decided, JobEventKind.Requeued, JobEventKind.Decided, JobEventKind.Ended], told.Events.Select(e => e.Kind));
        Assert.Equal(("n2", 1), (told.Row.NodeList, told.Row.Requeues));
    }

    [Theory]
    [InlineData("a-1")]
    [InlineData("a-0")]
    public void A_pod_that_is_sent_away_and_replaced_puts_its_job_back(string replacement)
    {
        var told = new KubernetesRecordings(["a"]);
        var first = Running("a-0", "n1") with { Metadata = new ObjectMeta { Name = "a-0", Uid = "u0" } };
        told.Tracker.SeePod(1, first, false, 10);
        // The controller of jobs makes the other one while the first is still there, and the first ends later.
        var leaving = first with { Metadata = first.Metadata with { DeletionTimestamp = "2026-11-30T08:00:00Z" } };
        told.Tracker.SeePod(1, leaving, false, 20);
        if (replacement == "a-0") told.Tracker.SeePod(1, leaving, true, 25);
        told.Tracker.SeePod(1, Running(replacement, "n2") with { Metadata = new ObjectMeta { Name = replacement, Uid = "u1" } }, false, 30);
        told.Tracker.SeePod(1, leaving with { Status = new PodStatus { Phase = "Failed" } }, false, 40);
        told.Tracker.SeePod(1, leaving, true, 45);
        told.Tracker.SeeJob(1, new JobSight(true, JobState.Completed, null), false, 50);

        Assert.Equal(1, told.Row.Requeues);
        Assert.Equal(JobState.Completed, told.EndOf(1).State);
    }

    [Fact]
    public void A_job_that_fails_with_its_node_has_lost_it()
    {
        var told = WithoutItsNode();
        told.Tracker.SeePod(1, Running("a-0", "n1"), true, 30);
        told.Tracker.SeeJob(1, new JobSight(true, JobState.Failed, "Volcano's phase Terminated"), false, 40);
        Assert.Equal((JobState.NodeFailed, "the node n1 was lost"), (told.EndOf(1).State, told.Events.Single(e => e.Kind == JobEventKind.Ended).Detail));
    }

    private static JsonTypeInfo<VolcanoJob> VolcanoJson => (JsonTypeInfo<VolcanoJob>)KubernetesJson.Default.GetTypeInfo(typeof(VolcanoJob))!;

    /// <summary>Job a runs on n1 when that node is lost, at 20.</summary>
    private static KubernetesRecordings WithoutItsNode()
    {
        var told = new KubernetesRecordings(["a"]);
        told.Tracker.SeeNode("n1", ready: true, pressure: null, gone: false, 1);
        told.Tracker.SeePod(1, Running("a-0", "n1"), false, 10);
        told.Tracker.SeeNode("n1", ready: false, pressure: null, gone: false, 20);
        return told;
    }

    private static Pod Running(string name, string node) =>
        new() { Metadata = new ObjectMeta { Name = name }, Spec = new PodSpec { NodeName = node }, Status = new PodStatus { Phase = "Running" } };

    private static Pod Failing(string name, string node, int code, string? reason = null) => Running(name, node) with
    {
        Status = new PodStatus
        {
            Phase = "Failed", Reason = reason, Message = reason is null ? null : "in the kubelet's words",
            ContainerStatuses = [new ContainerStatus { State = new ContainerState { Terminated = new TerminatedState { ExitCode = code, Reason = "Error" } } }],
        },
    };
}
