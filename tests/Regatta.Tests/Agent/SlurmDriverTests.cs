using System.Text.Json.Nodes;
using System.Text.Json;
using Regatta.Agent;
using Regatta.Agent.Drivers;
using Regatta.Workloads;

namespace Regatta.Tests.Agent;

/// <summary>The Slurm driver against a slurmrestd that can be told to misbehave.</summary>
public sealed class SlurmDriverTests : DriverTests, IAsyncDisposable
{
    private readonly FakeSlurm _slurm = new();

    public ValueTask DisposeAsync() => _slurm.DisposeAsync();

    [Fact]
    public async Task Asks_slurm_for_what_the_job_asks_for()
    {
        var job = Job(7) with
        {
            Processors = 8,
            Nodes = 2,
            RunTime = TimeSpan.FromSeconds(1.5),
            RequestedTime = TimeSpan.FromSeconds(61),
            MemoryPerProcessor = 100 * 1024 * 1024,
            Payload = new Payload(PayloadKind.Exec, ["sh", "-c", "echo 'a b'"]),
        };
        await RunAsync([job], async driver => await driver.SubmitAsync(new Submission(job, [("3", DependencyKind.AfterOk), ("4", DependencyKind.After)]), _ => { }, Cancellation));
        var body = Assert.Single(_slurm.Submissions);
        Assert.Equal("""
            {"name":"regatta-t1-7","partition":"main","tasks":8,"nodes":2,"time_limit":2,"memory_per_cpu":100,"dependency":"afterok:3,afterany:4","current_working_directory":"/","standard_output":"/dev/null","standard_error":"/dev/null","environment":{"PATH":"/usr/local/bin:/usr/bin:/bin"}}
            """, body["job"]!.ToJsonString());
        Assert.Equal("#!/bin/sh\nexec /opt/agent payload --job 7 --stamps /var/stamps.jsonl exec sh -c 'echo '\\''a b'\\'''\n", (string)body["script"]!);
    }

    [Fact]
    public async Task What_slurmctld_counts_is_asked_and_what_it_does_not_answer_is_left_out()
    {
        _slurm.Statistics = """{"schedule_cycle_total":2,"schedule_cycle_mean":1000,"schedule_cycle_mean_depth":3}""";
        IReadOnlyList<SchedulingPasses> told = [], refused = [];
        await RunAsync([Job(1)], async driver =>
        {
            told = await driver.PassesAsync(Cancellation);
            _slurm.Recorded = asked => asked == "GET diag" ? (500, """{"errors":[{"error_code":1800,"error":"Unable to contact slurm controller (connect failure)"}]}""") : null;
            refused = await driver.PassesAsync(Cancellation);
        });

        Assert.Equal([new SchedulingPasses("main", 2, 0.002, 6), new SchedulingPasses("backfill", 0, 0, 0)], told);
        Assert.Empty(refused);
    }

    [Fact]
    public async Task Observes_a_job_from_its_submission_to_its_release()
    {
        var (answer, events) = await ToTheEndAsync();
        Assert.Equal("1", answer.SchedulerId);
        Assert.Equal([JobEventKind.Eligible, JobEventKind.Decided, JobEventKind.Ended, JobEventKind.Released], events.Select(e => e.Kind));
        Assert.Empty(Faults);
    }

    [Theory]
    [InlineData("v0.0.38", "2", """{"PATH":"/usr/local/bin:/usr/bin:/bin"}""")]
    [InlineData("v0.0.42", "\"2\"", """["PATH=/usr/local/bin:/usr/bin:/bin"]""")]
    [InlineData("v0.0.45", "\"2\"", """["PATH=/usr/local/bin:/usr/bin:/bin"]""")]
    public async Task The_version_that_slurmrestd_serves_is_found_and_spoken(string version, string nodes, string environment)
    {
        _slurm.Version = version;
        // An answer that is lost has the driver look for the job among all.
        _slurm.Answer = (_, _) => FakeSlurm.Reply.TakeAndCut;
        var job = Job(1) with { Nodes = 2, Processors = 2 };
        Answer? answer = null;

        await RunAsync([job], async driver => answer = await driver.SubmitAsync(new Submission(job, []), _ => { }, Cancellation));

        Assert.Equal("1", answer!.SchedulerId);
        var body = Assert.Single(_slurm.Submissions)["job"]!;
        Assert.Equal((nodes, environment), (body["nodes"]!.ToJsonString(), body["environment"]!.ToJsonString()));
    }

    [Theory]
    [InlineData("v0.0.38", true, "gpus", "a100:4,2")]
    [InlineData("v0.0.42", true, "tres_per_job", "gres/gpu:a100:4,gres/gpu:2")]
    [InlineData("v0.0.42", false, null, null)]
    public async Task Gpus_are_asked_for_where_the_nodes_have_them(string version, bool gpus, string? field, string? asked)
    {
        _slurm.Version = version;
        var job = Job(1) with { Request = new JobRequest { Gres = "gpu:a100:4,gpu:2,shard:3" } };

        await RunAsync([job], async driver => await driver.SubmitAsync(new Submission(job, []), _ => { }, Cancellation), gpus ? HeaderWith("gpus", "true") : null);

        var body = Assert.Single(_slurm.Submissions)["job"]!.AsObject();
        Assert.Equal(field is null ? [] : [(field, asked)], body.Where(f => f.Key is "gpus" or "tres_per_job").Select(f => (f.Key, (string?)f.Value)));
    }

    [Fact]
    public async Task A_version_that_is_not_understood_is_said()
    {
        _slurm.Version = "v0.0.36";

        var fault = await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync([Job(1)], _ => Task.CompletedTask));

        Assert.Equal("replay-slurmrestd", fault.Diagnostics[0].Code);
        Assert.Contains("versions v0.0.38 to v0.0.45 of its interface are understood", fault.Diagnostics[0].Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_slurm_is_spoken_to_like_the_newest_that_is_known_and_the_record_says_so()
    {
        (_slurm.Version, _slurm.Release) = ("v0.0.47", "26.11.1");

        await RunAsync([Job(1)], async driver =>
        {
            Assert.Equal("1", (await driver.SubmitAsync(new Submission(Job(1), []), _ => { }, Cancellation)).SchedulerId);
            Assert.Equal(["Slurm 26.11.1 was not tested: it is taken to speak like 26.05."], driver.Notes);
        });

        Assert.IsType<JsonArray>(Assert.Single(_slurm.Submissions)["job"]!["environment"]);
    }

    [Fact]
    public async Task What_slurmrestd_warns_of_is_noted_once()
    {
        _slurm.Warning = "Ignoring unknown field";
        Job[] jobs = [Job(1), Job(2)];

        await RunAsync(jobs, async driver =>
        {
            foreach (var job in jobs) await driver.SubmitAsync(new Submission(job, []), _ => { }, Cancellation);
            driver.Conclude();
            Assert.Equal(["slurmrestd warned at 2 submissions: Ignoring unknown field"], driver.Notes);
        });
    }

    [Theory]
    [InlineData("v0.0.38", "22.05.8", "")]
    [InlineData("v0.0.45", "26.05.5", "; Slurm 26.05 and newer tell of backfill's starts only under DebugFlags=HetJob")]
    public async Task A_start_that_no_line_tells_of_is_a_fault(string version, string release, string why)
    {
        (_slurm.Version, _slurm.Release) = (version, release);
        _slurm.Answer = (name, _) => name.EndsWith("-2", StringComparison.Ordinal) ? FakeSlurm.Reply.TakeUntold : FakeSlurm.Reply.Take;
        Job[] jobs = [Job(1), Job(2)];

        await RunAsync(jobs, async driver =>
        {
            foreach (var job in jobs) await driver.SubmitAsync(new Submission(job, []), _ => { }, Cancellation);
            Assert.Equal($"slurmctld's log tells no start of 1 job that ran (2){why}", Assert.Single(driver.Conclude().Select(o => o.Fault).OfType<ReplayFault>()).Text);
        });
    }

    [Fact]
    public async Task A_job_whose_predecessor_slurm_has_forgotten_is_sent_without_it()
    {
        _slurm.Answer = (name, attempt) => name.EndsWith("-2", StringComparison.Ordinal) && attempt == 1 ? FakeSlurm.Reply.RefuseDependency : FakeSlurm.Reply.Take;

        await ObservingAsync(async (driver, ended) =>
        {
            var first = await driver.SubmitAsync(new Submission(Job(1), []), _ => { }, Cancellation);
            await ended;
            var second = await driver.SubmitAsync(new Submission(Job(2), [(first.SchedulerId!, DependencyKind.AfterOk)]), _ => { }, Cancellation);
            Assert.Equal(("2", "taken at try 2; first: Job dependency problem"), (second.SchedulerId, second.Detail));
        });

        Assert.Equal(["afterok:1", null], _slurm.Submissions.Skip(1).Select(s => (string?)s["job"]!["dependency"]));
    }

    [Fact]
    public async Task A_dependency_that_slurm_refuses_while_it_lasts_rejects_the_job()
    {
        _slurm.Answer = (name, _) => name.EndsWith("-2", StringComparison.Ordinal) ? FakeSlurm.Reply.RefuseDependency : FakeSlurm.Reply.TakeAndKeep;

        await RunAsync([Job(1), Job(2)], async driver =>
        {
            var first = await driver.SubmitAsync(new Submission(Job(1), []), _ => { }, Cancellation);
            var second = await driver.SubmitAsync(new Submission(Job(2), [(first.SchedulerId!, DependencyKind.AfterOk)]), _ => { }, Cancellation);
            Assert.Equal((null, "Job dependency problem"), (second.SchedulerId, second.Detail));
        });
    }

    [Fact]
    public async Task A_job_that_slurm_took_without_being_able_to_say_so_is_not_sent_again()
    {
        _slurm.Answer = (_, _) => FakeSlurm.Reply.TakeAndCut;
        var (answer, events) = await ToTheEndAsync();
        Assert.Single(_slurm.Submissions);
        Assert.Equal("1", answer.SchedulerId);
        Assert.StartsWith("found by its name at try 1; first: slurmrestd: ", answer.Detail, StringComparison.Ordinal);
        Assert.Contains(events, e => e.State == JobState.Completed);
    }

    [Fact]
    public async Task A_job_is_sent_again_when_the_controller_was_not_there()
    {
        _slurm.Answer = (_, attempt) => attempt < 3 ? FakeSlurm.Reply.Unreachable : FakeSlurm.Reply.Take;
        var (answer, _) = await ToTheEndAsync();
        Assert.Equal(3, _slurm.Submissions.Count);
        Assert.Equal("taken at try 3; first: Unable to contact slurm controller (connect failure)", answer.Detail);
        Assert.Equal("Slurm does not take jobs: Unable to contact slurm controller (connect failure)", Faults[0].Text);
        Assert.Equal("Slurm takes jobs again", Faults[1].Text);
    }

    [Fact]
    public async Task A_slurmrestd_of_another_version_is_spoken_to_in_its_own_way()
    {
        Job[] jobs = [Job(1), Job(2)];
        await RunAsync(jobs, async driver =>
        {
            await driver.SubmitAsync(new Submission(jobs[0], []), _ => { }, Cancellation);
            (_slurm.Version, _slurm.Release) = ("v0.0.42", "24.11.5");
            var answer = await driver.SubmitAsync(new Submission(jobs[1], []), _ => { }, Cancellation);
            Assert.Equal("2", answer.SchedulerId);
        });

        // An object before, a list after.
        Assert.Equal([JsonValueKind.Object, JsonValueKind.Array], _slurm.Submissions.Select(s => s["job"]!["environment"]!.GetValueKind()));
    }

    [Fact]
    public async Task A_job_that_slurm_refuses_is_rejected_in_its_words()
    {
        _slurm.Answer = (_, _) => FakeSlurm.Reply.Refuse;
        Assert.Equal("Invalid partition name specified", await RefusalAsync());
    }

    [Fact]
    public async Task Sixteen_jobs_are_under_way_at_once_and_each_is_stamped_as_it_leaves()
    {
        var jobs = Enumerable.Range(1, 64).Select(i => Job(i)).ToArray();
        await RunAsync(jobs, async driver =>
        {
            var sent = 0;
            var answers = await Task.WhenAll(jobs.Select(j => driver.SubmitAsync(new Submission(j, []), _ => Interlocked.Increment(ref sent), Cancellation)));
            Assert.Equal(64, sent);
            Assert.Equal(64, answers.Select(a => a.SchedulerId).Distinct().Count());
        });
    }

    [Fact]
    public async Task Without_slurmrestd_nothing_is_started()
    {
        var header = HeaderWith("socket", Path.Combine(_slurm.Home, "none.sock"));
        Assert.StartsWith($"error[replay-slurmrestd]: slurmrestd does not answer on {_slurm.Home}/none.sock\n", (await OpenFaultAsync(header)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_option_names_the_nearest()
    {
        var thrown = Assert.Throws<DiagnosticException>(() => KnownDrivers.Check(HeaderWith("partitoin", "x")));
        Assert.Equal("error[replay-option]: the slurm driver has no option 'partitoin'\n  help: did you mean 'partition'?", thrown.Message);
        thrown = Assert.Throws<DiagnosticException>(() => KnownDrivers.Check(Header() with { Scheduler = "slrum" }));
        Assert.Equal("error[replay-scheduler]: there is no driver for the scheduler 'slrum'\n  help: did you mean 'slurm'?", thrown.Message);
    }

    [Fact]
    public void The_log_is_followed_over_rotation_and_truncation()
    {
        var path = Path.Combine(_slurm.Home, "log");
        File.WriteAllText(path, "old\n");
        using var tail = new LogTail(path);
        tail.SkipToEnd();
        Assert.Empty(tail.Read());
        File.AppendAllText(path, "one\ntw");
        Assert.Equal(["one"], tail.Read());
        File.AppendAllText(path, "o\n");
        Assert.Equal(["two"], tail.Read());

        File.AppendAllText(path, "three\n");
        File.Move(path, path + ".1");
        File.AppendAllText(path + ".1", "four\n");
        File.WriteAllText(path, "five\n");
        // Whether it was rotated is not looked at every time.
        Assert.Equal(["three", "four", "five"], Enumerable.Range(0, 100).SelectMany(_ => tail.Read()));

        File.WriteAllText(path, "6\n");
        Assert.Equal(["6"], tail.Read());
    }

    private protected override ReplayHeader Header() =>
        HeaderOf("slurm", ("socket", _slurm.SocketPath), ("log", _slurm.LogPath), ("payload", "/opt/agent"), ("stamps", "/var/stamps.jsonl"));

    /// <summary>Uses a driver for jobs 1 and 2 that is observed meanwhile; the second argument ends with the first job.</summary>
    private async Task ObservingAsync(Func<ISchedulerDriver, Task, Task> use)
    {
        await using var driver = KnownDrivers.Create(Header(), TimeProvider.System);
        await driver.OpenAsync([Job(1), Job(2)], Cancellation);
        var ended = new TaskCompletionSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var observing = Task.Run(async () =>
        {
            await foreach (var observation in driver.ObserveAsync(stop.Token))
            {
                if (observation.Event?.Kind == JobEventKind.Ended) ended.TrySetResult();
            }
        });
        await use(driver, ended.Task);
        await stop.CancelAsync();
        await observing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
