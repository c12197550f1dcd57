using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Regatta.Agent;
using Regatta.Agent.Drivers;
using Regatta.Agent.Drivers.Kubernetes;
using Regatta.Workloads;

namespace Regatta.Tests.Agent;

/// <summary>The drivers <c>kubernetes</c> and <c>volcano</c> against an API server that can be told to misbehave.</summary>
public sealed class KubernetesDriverTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("regatta-kubernetes-").FullName;
    private readonly List<ReplayFault> _faults = [];
    private FakeKubernetes _kubernetes = null!;
    private string _scheduler = "kubernetes";

    public ValueTask InitializeAsync()
    {
        _kubernetes = new FakeKubernetes(_directory) { Queues = ["default", "bench"] };
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _kubernetes.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Asks_for_what_the_job_asks_for()
    {
        var job = Job(7) with { Processors = 16, RunTime = TimeSpan.FromSeconds(1.5), RequestedTime = TimeSpan.FromSeconds(61), MemoryPerProcessor = 1 << 20 };
        await RunAsync([job], async driver => await driver.SubmitAsync(new Submission(job, []), _ => { }, Cancellation));
        var body = Assert.Single(_kubernetes.Created);
        Assert.Equal("""{"name":"regatta-t1-7","labels":{"regatta/trial":"t1","regatta/job":"7"}}""", body["metadata"]!.ToJsonString());
        Assert.Equal((2, 2, 0), ((int)body["spec"]!["parallelism"]!, (int)body["spec"]!["completions"]!, (int)body["spec"]!["backoffLimit"]!));
        var spec = body["spec"]!["template"]!["spec"]!;
        // Ten seconds for the launch, which counts against the limit.
        Assert.Equal(71, (int)spec["activeDeadlineSeconds"]!);
        var container = spec["containers"]![0]!;
        Assert.Equal("""{"cpu":"8","memory":"8388608"}""", container["resources"]!["requests"]!.ToJsonString());
        var command = container["command"]!.AsArray().Select(w => (string)w!).ToArray();
        Assert.Equal(["/opt/agent", "payload", "--job", "7", "--stamps", "/var/stamps/s.jsonl", "--rendezvous"], command[..7]);
        Assert.Equal(["--members", "2", "sleep", "1.5"], command[8..]);
    }

    [Fact]
    public async Task Asks_volcano_for_a_gang()
    {
        _scheduler = "volcano";
        var job = Job(7) with { Processors = 6, GangMinimum = 4, Payload = new Payload(PayloadKind.Exec, ["sh", "-c", "echo 'a b'"]) };
        await RunAsync([job], async driver => await driver.SubmitAsync(new Submission(job, []), _ => { }, Cancellation));
        var spec = Assert.Single(_kubernetes.Created)["spec"]!;
        Assert.Equal(("volcano", "default", 4), ((string)spec["schedulerName"]!, (string)spec["queue"]!, (int)spec["minAvailable"]!));
        Assert.Equal(6, (int)spec["tasks"]![0]!["replicas"]!);
        Assert.Equal("""[{"event":"PodFailed","action":"TerminateJob"},{"event":"PodEvicted","action":"TerminateJob"}]""", spec["policies"]!.ToJsonString());
        var command = spec["tasks"]![0]!["template"]!["spec"]!["containers"]![0]!["command"]!.AsArray().Select(w => (string)w!).ToArray();
        Assert.Equal(["--members", "4", "exec", "sh", "-c", "echo 'a b'"], command[8..]);
    }

    [Theory]
    [InlineData("kubernetes")]
    [InlineData("volcano")]
    public async Task Observes_a_job_from_its_submission_to_its_release(string scheduler)
    {
        _scheduler = scheduler;
        var (answer, events) = await ToTheEndAsync();
        Assert.Equal("regatta-t1-1", answer.SchedulerId);
        Assert.Equal([JobEventKind.Eligible, JobEventKind.Decided, JobEventKind.Ended, JobEventKind.Released], Ordered(events).Select(e => e.Kind));
        Assert.Equal(["audit.log", "audit.log", "observed", "observed"], Ordered(events).Select(e => e.Source));
        Assert.Equal("w1", events.Single(e => e.Kind == JobEventKind.Decided).Nodes);
        Assert.Empty(_faults);
    }

    [Fact]
    public async Task Without_an_audit_log_creation_and_placement_are_observed()
    {
        File.Delete(_kubernetes.AuditLog);
        var (_, events) = await ToTheEndAsync(audit: Path.Combine(_directory, "none", "audit.log"));
        Assert.All(events, e => Assert.Equal("observed", e.Source));
    }

    [Fact]
    public async Task A_job_that_was_taken_without_an_answer_is_not_made_twice()
    {
        _kubernetes.Answer = (_, _) => FakeKubernetes.Reply.TakeAndCut;
        var (answer, events) = await ToTheEndAsync();
        Assert.StartsWith("found by its name at try 2; first: the API server cannot be reached: ", answer.Detail, StringComparison.Ordinal);
        Assert.Contains(events, e => e.State == JobState.Completed);
    }

    [Fact]
    public async Task A_webhook_that_times_out_under_load_is_tried_again_and_told()
    {
        _kubernetes.Answer = (_, attempt) => attempt < 3 ? FakeKubernetes.Reply.WebhookTimeout : FakeKubernetes.Reply.Take;
        var (answer, _) = await ToTheEndAsync();
        Assert.StartsWith("taken at try 3; first: Internal error occurred: failed calling webhook", answer.Detail, StringComparison.Ordinal);
        Assert.Equal(
            ["the API server does not serve submissions: Internal error occurred: failed calling webhook \"validatejob.volcano.sh\": context deadline exceeded", "the API server serves everything again"],
            _faults.Select(f => f.Text));
    }

    [Fact]
    public async Task A_job_that_a_webhook_refuses_is_rejected_in_its_words()
    {
        _kubernetes.Answer = (_, _) => FakeKubernetes.Reply.Refuse;
        await RunAsync([Job(1)], async driver =>
        {
            var answer = await driver.SubmitAsync(new Submission(Job(1), []), _ => { }, Cancellation);
            Assert.Equal((null, "admission webhook \"validatejob.volcano.sh\" denied the request: unable to find job queue: queues.scheduling.volcano.sh \"nosuchqueue\" not found"), (answer.SchedulerId, answer.Detail));
        });
    }

    [Fact]
    public async Task A_job_that_is_there_before_the_first_try_is_rejected()
    {
        await RunAsync([Job(1)], async driver =>
        {
            _kubernetes.Put("jobs", JsonNode.Parse("""{"metadata":{"name":"regatta-t1-1"}}""")!.AsObject());
            Assert.Null((await driver.SubmitAsync(new Submission(Job(1), []), _ => { }, Cancellation)).SchedulerId);
        });
    }

    [Fact]
    public async Task A_gang_larger_than_the_cluster_is_told_at_once_and_never_sent()
    {
        var job = Job(1) with { Processors = 17, GangMinimum = 17 };
        await RunAsync([job], async driver =>
        {
            var answer = await driver.SubmitAsync(new Submission(job, []), _ => { }, Cancellation);
            Assert.Equal((null, "never sent: it asks for 17 processors at once, and all nodes together have 16"), (answer.SchedulerId, answer.Detail));
        });
        Assert.Empty(_kubernetes.Created);
    }

    [Fact]
    public async Task An_unknown_queue_is_told_before_anything_is_sent()
    {
        _scheduler = "volcano";
        var header = Header() with { Options = Header().Options.SetItem("queue", "banch") };
        var thrown = await OpenFaultAsync(header);
        Assert.Equal("error[replay-queue]: Volcano has no queue 'banch'\n  help: did you mean 'bench'?", thrown.Message);
    }

    [Fact]
    public async Task A_cluster_without_volcano_is_told_before_anything_is_sent()
    {
        await _kubernetes.DisposeAsync();
        _kubernetes = new FakeKubernetes(_directory);
        _scheduler = "volcano";
        Assert.StartsWith("error[replay-volcano]: the cluster has no Volcano: it knows no queues\n", (await OpenFaultAsync(Header())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_api_server_nothing_is_started()
    {
        var header = Header();
        await _kubernetes.DisposeAsync();
        Assert.Contains("does not answer as it should\n  the API server cannot be reached: ConnectionRefused", (await OpenFaultAsync(header)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_without_ready_nodes_is_told()
    {
        _kubernetes.Put("nodes", FakeKubernetes.Node("w1", "8", ready: false));
        _kubernetes.Put("nodes", FakeKubernetes.Node("w2", "8", ready: false));
        Assert.StartsWith("error[replay-nodes]: the cluster has no node that takes jobs\n", (await OpenFaultAsync(Header())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Jobs_of_an_earlier_replay_are_told()
    {
        _kubernetes.Put("jobs", JsonNode.Parse("""{"metadata":{"name":"regatta-t1-1","labels":{"regatta/trial":"t1","regatta/job":"1"}}}""")!.AsObject());
        Assert.Equal(
            "error[replay-left-over]: 1 jobs of the trial t1 are there already\n  help: kubectl --namespace regatta delete jobs -l regatta/trial=t1",
            (await OpenFaultAsync(Header())).Message);
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("a: b\n", "it names no current-context")]
    [InlineData("current-context: x\ncontexts: []\n", "its contexts have no 'x'")]
    [InlineData("current-context: x\ncontexts:\n- {name: x, context: {cluster: c, user: u}}\nclusters:\n- {name: c, cluster: {server: nowhere}}\nusers:\n- {name: u, user: {token: t}}\n", "its server 'nowhere' is no address")]
    public void A_kubeconfig_that_says_not_enough_is_told(string text, string detail)
    {
        var path = Path.Combine(_directory, "wrong");
        File.WriteAllText(path, text);
        Assert.StartsWith($"error[replay-kubeconfig]: the kubeconfig {path} cannot be used\n  {detail}", Assert.Throws<DiagnosticException>(() => Kubeconfig.Read(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kubernetes", "auditt", "x", "the kubernetes driver has no option 'auditt'\n  help: did you mean 'audit'?")]
    [InlineData("kubernetes", "queue", "x", "the kubernetes driver has no option 'queue'")]
    [InlineData("volcano", "queue", "Bad_Name", "the option 'queue' cannot be 'Bad_Name'\n  help: small letters, digits and '-' (RFC 1123)")]
    [InlineData("kubernetes", "connections", "0", "the option 'connections' cannot be '0'\n  help: 1 to 64")]
    [InlineData("kubernetes", "stamps", "here", "the option 'stamps' cannot be 'here'")]
    public void A_wrong_option_is_told(string scheduler, string name, string value, string text)
    {
        _scheduler = scheduler;
        var header = Header() with { Options = Header().Options.SetItem(name, value) };
        Assert.StartsWith("error[replay-option]: " + text, Assert.Throws<DiagnosticException>(() => KnownDrivers.Check(header)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_goes_on_where_it_stood_when_it_is_cut()
    {
        var events = await OverARestartAsync(forget: false);
        Assert.Equal([JobEventKind.Eligible, JobEventKind.Decided, JobEventKind.Ended, JobEventKind.Released], Ordered(events).Select(e => e.Kind));
        Assert.DoesNotContain(_faults, f => f.Text.Contains("forgotten", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_watch_that_is_too_old_lists_anew_and_neither_loses_nor_doubles_anything()
    {
        var events = await OverARestartAsync(forget: true);
        Assert.Equal([JobEventKind.Eligible, JobEventKind.Decided, JobEventKind.Ended, JobEventKind.Released], Ordered(events).Select(e => e.Kind));
        Assert.Contains(_faults, f => f.Text == "the API server had forgotten where the watch of jobs stood: they were listed anew, and what had changed was seen late");
    }

    [Fact]
    public async Task What_was_deleted_while_nobody_watched_is_gone()
    {
        _kubernetes.Answer = (_, _) => FakeKubernetes.Reply.TakeAndKeep;
        var events = await CollectAsync([Job(1)], async driver =>
        {
            await driver.SubmitAsync(new Submission(Job(1), []), _ => { }, Cancellation);
            await UntilAsync(() => _kubernetes.Watched.Count >= 3);
            _kubernetes.Remove("jobs", "regatta-t1-1");
            _kubernetes.Restart(forget: true);
        }, JobEventKind.Ended);
        Assert.Equal(JobState.Cancelled, events.Single(e => e.Kind == JobEventKind.Ended).State);
    }

    [Fact]
    public async Task A_cancelled_job_is_deleted_with_its_pods()
    {
        _kubernetes.Answer = (_, _) => FakeKubernetes.Reply.TakeAndKeep;
        var events = await CollectAsync([Job(1)], async driver =>
        {
            await driver.SubmitAsync(new Submission(Job(1), []), _ => { }, Cancellation);
            var pod = FakeKubernetes.PodOf(_kubernetes.Find("jobs", "regatta-t1-1")!, "regatta-t1-1-abcde");
            pod["spec"]!["nodeName"] = "w2";
            _kubernetes.Audit("pods", "binding", "regatta-t1-1-abcde");
            _kubernetes.Put("pods", pod);
            await driver.CancelAsync([1], Cancellation);
        }, JobEventKind.Released);
        Assert.Equal(("/apis/batch/v1/namespaces/regatta/jobs/regatta-t1-1", """{"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background"}"""), Assert.Single(_kubernetes.Deleted));
        var ended = events.Single(e => e.Kind == JobEventKind.Ended);
        Assert.Equal((JobState.Cancelled, (string?)null), (ended.State, ended.Detail));
    }

    [Fact]
    public async Task One_watch_a_kind_is_open_and_no_more()
    {
        _scheduler = "volcano";
        await CollectAsync([Job(1)], async driver => await driver.SubmitAsync(new Submission(Job(1), []), _ => { }, Cancellation), JobEventKind.Released);
        Assert.Equal(4, _kubernetes.Watched.Count);
        Assert.All(_kubernetes.Watched, w => Assert.Contains("allowWatchBookmarks=true", w, StringComparison.Ordinal));
        Assert.Equal(3, _kubernetes.Watched.Count(w => w.Contains("labelSelector=regatta/trial=t1", StringComparison.Ordinal)));
    }

    [Fact]
    public void Long_trials_keep_names_that_pods_can_have()
    {
        var options = new KubernetesOptions();
        var one = new JobManifest(options, new string('a', 63), "h:1");
        Assert.InRange(one.NameOf(100_000).Length, 1, 52);
        Assert.NotEqual(one.Trial, new JobManifest(options, new string('a', 62), "h:1").Trial);
        Assert.Equal(100_000, one.JobOf(one.NameOf(100_000)));
        Assert.Null(one.JobOf("regatta-other-1"));
        Assert.Null(new JobManifest(options, "t1", "h:1").JobOf("regatta-t12-1"));
        Assert.Null(new JobManifest(options, "t1", "h:1").JobOf("regatta-t1-1-abcde"));
    }

    [Fact]
    public async Task Members_meet_once_all_are_there()
    {
        await using var rendezvous = new GangRendezvous("127.0.0.1");
        var port = int.Parse(rendezvous.Address.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
        using var first = await JoinAsync(port, "7 2\n");
        using var other = await JoinAsync(port, "8 2\n");
        Assert.False(first.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectRead));
        using var second = await JoinAsync(port, "7 2\n");
        var one = new byte[1];
        Assert.Equal(1, await first.ReceiveAsync(one, Cancellation));
        Assert.Equal(1, await second.ReceiveAsync(one, Cancellation));
        Assert.False(other.Poll(TimeSpan.FromMilliseconds(50), SelectMode.SelectRead));
    }

    [Fact]
    public async Task A_member_that_died_while_it_waited_is_not_there()
    {
        await using var rendezvous = new GangRendezvous("127.0.0.1");
        var port = int.Parse(rendezvous.Address.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
        (await JoinAsync(port, "7 2\n")).Dispose();
        using var second = await JoinAsync(port, "7 2\n");
        Assert.False(second.Poll(TimeSpan.FromMilliseconds(200), SelectMode.SelectRead));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Job Job(long id) => new() { Id = id, Submit = TimeSpan.Zero, Processors = 1, RunTime = TimeSpan.Zero };

    private static IEnumerable<JobEvent> Ordered(IEnumerable<JobEvent> events) => events.OrderBy(e => e.Kind);

    private static async Task<Socket> JoinAsync(int port, string words)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", port, Cancellation);
        await socket.SendAsync(Encoding.ASCII.GetBytes(words), Cancellation);
        return socket;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition()) await Task.Delay(10, Cancellation);
    }

    private ReplayHeader Header() => new()
    {
        Trial = "t1",
        Scheduler = _scheduler,
        Jobs = 1,
        Connections = 16,
        Options = new ReplayHeader { Trial = "", Scheduler = "", Jobs = 0 }.Options
            .Add("kubeconfig", _kubernetes.Kubeconfig).Add("audit", _kubernetes.AuditLog).Add("payload", "/opt/agent").Add("stamps", "/var/stamps/s.jsonl"),
    };

    private static async Task<DiagnosticException> OpenFaultAsync(ReplayHeader header)
    {
        await using var driver = KnownDrivers.Create(header, TimeProvider.System);
        return await Assert.ThrowsAsync<DiagnosticException>(() => driver.OpenAsync([Job(1)], Cancellation));
    }

    private async Task RunAsync(Job[] jobs, Func<ISchedulerDriver, Task> use)
    {
        await using var driver = KnownDrivers.Create(Header(), TimeProvider.System);
        await driver.OpenAsync(jobs, Cancellation);
        await use(driver);
    }

    private async Task<(Answer Answer, List<JobEvent> Events)> ToTheEndAsync(string? audit = null)
    {
        Answer? answer = null;
        var events = await CollectAsync([Job(1)], async driver => answer = await driver.SubmitAsync(new Submission(Job(1), []), _ => { }, Cancellation), JobEventKind.Released, audit);
        return (answer!, events);
    }

    /// <summary>A job whose pod runs while the server is away.</summary>
    private Task<List<JobEvent>> OverARestartAsync(bool forget)
    {
        _kubernetes.Answer = (_, _) => FakeKubernetes.Reply.TakeAndKeep;
        return CollectAsync([Job(1)], async driver =>
        {
            await driver.SubmitAsync(new Submission(Job(1), []), _ => { }, Cancellation);
            await UntilAsync(() => _kubernetes.Watched.Count >= 3);
            _kubernetes.RunJob("regatta-t1-1");
            _kubernetes.Restart(forget);
        }, JobEventKind.Released);
    }

    /// <summary>Everything that is observed until an event of a kind, while <paramref name="use"/> runs.</summary>
    private async Task<List<JobEvent>> CollectAsync(Job[] jobs, Func<ISchedulerDriver, Task> use, JobEventKind last, string? audit = null)
    {
        var header = Header();
        if (audit is not null) header = header with { Options = header.Options.SetItem("audit", audit) };
        await using var driver = KnownDrivers.Create(header, TimeProvider.System);
        await driver.OpenAsync(jobs, Cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var task = use(driver);
        var events = new List<JobEvent>();
        await foreach (var observation in driver.ObserveAsync(stop.Token))
        {
            if (observation.Fault is { } fault) _faults.Add(fault);
            if (observation.Event is not { } happened) continue;
            events.Add(happened);
            if (happened.Kind == last) break;
        }

        await task;
        foreach (var rest in driver.Conclude())
        {
            if (rest.Fault is { } fault) _faults.Add(fault);
            if (rest.Event is { } happened) events.Add(happened);
        }

        return events;
    }
}
