using CliWrap;
using Regatta.Analysis;
using Regatta.Experiments.Replay;
using Regatta.Runs;
using Regatta.Tests.Agent;
using Regatta.Workloads;

namespace Regatta.Tests.Experiments;

/// <summary>The program's side of a replay, with the real agent; a shell on this machine stands for the nodes.</summary>
public sealed class AgentReplayTests : IAsyncDisposable
{
    // The one that runs the tests.
    private const string Group = "$(id -g)";

    private readonly FakeSlurm _slurm = new();
    private int _connections;

    public ValueTask DisposeAsync() => _slurm.DisposeAsync();

    [Fact]
    public async Task Events_summary_and_rows_come_back()
    {
        var seen = new List<JobEvent>();
        var result = await Replay().RunAsync(Request(5), seen.Add, Cancellation);
        Assert.Equal(ReplayOutcome.Drained, result.Summary.Outcome);
        Assert.All(result.Jobs, j => Assert.Equal((JobState.Completed, 0, "n1"), (j.State, j.ExitCode, j.NodeList)));
        // The times are kept by the monotonic clock and stamped by UTC, which may be slewed meanwhile.
        Assert.All(result.Jobs, j => Assert.True(j.Planned - 1_000 <= j.Sent && j.Sent <= j.Accepted && j.Decided <= j.Released));
        Assert.Empty(result.Faults);
        Assert.True(result.Harness.CpuSeconds > 0 && result.Harness.PeakRss > 0);
        AssertWhole(seen, 5);
        // What is left on the nodes is removed once all is here.
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_slurm.Home, "replays")));
    }

    [Fact]
    public async Task A_time_to_drain_may_be_longer_than_a_timer_takes()
    {
        var request = Request(2);
        var result = await Replay().RunAsync(request with { Header = request.Header with { DrainTimeout = TimeSpan.FromDays(4_000) } }, _ => { }, Cancellation);
        Assert.Equal(ReplayOutcome.Drained, result.Summary.Outcome);
    }

    [Fact]
    public async Task Connections_that_are_cut_in_the_middle_of_a_line_lose_and_double_nothing()
    {
        var seen = new List<JobEvent>();
        var replay = new AgentReplay(
            (node, script) => Local(script.Contains(" replay ", StringComparison.Ordinal) || script.Contains(" follow ", StringComparison.Ordinal)
                ? ++_connections <= 3 ? $"({script}) | head -c {700 + _connections}; exit 255" : script
                : script),
            TimeProvider.System) { Agent = AgentCommandTests.Binary, Replays = Path.Combine(_slurm.Home, "replays"), Stamps = Path.Combine(_slurm.Home, "stamps"), JobGroup = Group };
        var result = await replay.RunAsync(Request(20), seen.Add, Cancellation);
        Assert.Equal(4, _connections);
        AssertWhole(seen, 20);
        Assert.All(result.Jobs, j => Assert.Equal(JobState.Completed, j.State));
        // Nothing is missing: that it happened is told, and is no fault of the trial.
        Assert.Empty(result.Faults);
        Assert.Equal([("head", "connection-mended"), ("head", "connection-mended"), ("head", "connection-mended")], result.Mended.Select(f => (f.Node!, f.Code!)));
    }

    [Fact]
    public async Task Stamps_of_the_workers_become_start_and_finish_and_a_lost_worker_is_a_fault()
    {
        var replay = Workers((node, script, _) => node == "gone" && Reads(script) ? "echo 'ssh: connect to host gone port 22: No route to host' >&2; exit 255"
            : Reads(script) ? $$"""printf '%s\n' '{{Stamp(1, "Started", 100)}}' '{{Stamp(1, "Finished", 200)}}' '{"job":2,"ki' >>{{StampsOf(node)}}; {{script}}"""
            : script);
        var result = await replay.RunAsync(Request(2) with { Workers = ["n1", "gone"] }, _ => { }, Cancellation);
        Assert.Equal((100, 200), (result.Jobs[0].Start, result.Jobs[0].Finish));
        Assert.Equal((null, null), (result.Jobs[1].Start, result.Jobs[1].Finish));
        Assert.Equal(
            [("gone", "stamps-unread", "the stamps of gone cannot be read: ssh: connect to host gone port 22: No route to host"), ("n1", "foreign-stamps", $"line 3 of {_slurm.Home}/stamps/t.jsonl is not a job event")],
            result.Faults.Select(f => (f.Node!, f.Code!, f.Text)).Order());
        // What was not read stays where it is.
        Assert.True(File.Exists(StampsOf("gone")));
        Assert.False(File.Exists(StampsOf("n1")));
    }

    [Theory]
    [InlineData(137)]
    [InlineData(255)]
    [InlineData(1)]
    public async Task Whatever_ends_a_transfer_of_stamps_it_is_tried_again(int code)
    {
        var replay = Workers((node, script, times) => !Reads(script) ? script
            : times == 1 ? $"printf '%s\\n' '{Stamp(1, "Started", 100)}' '{Stamp(1, "Finished", 200)}' >>{StampsOf(node)}; ({script}) | head -c 60; exit {code}"
            : times < 3 ? $"exit {code}" : script);
        var seen = new List<JobEvent>();
        var result = await replay.RunAsync(Request(1), seen.Add, Cancellation);
        Assert.Empty(result.Faults);
        Assert.Equal((100, 200), (result.Jobs[0].Start, result.Jobs[0].Finish));
        Assert.Equal(8, seen.Count);
        Assert.False(File.Exists(StampsOf("n1")));
    }

    [Theory]
    [InlineData("rm {0}; echo '{1}' >{0}", "the file is not the one that was made for them before the first job")]
    [InlineData("chmod 666 {0}; echo '{1}' >>{0}", "the file is not the one that was made for them before the first job")]
    [InlineData("rm {0}", "the file is not the one that was made for them before the first job")]
    [InlineData("echo '{2}' >>{0}", "1 of the stamps of n1 cannot be a payload's there, the first: Ended of job 1, by slurmctld.log on n1")]
    [InlineData("echo '{3}' >>{0}", "1 of the stamps of n1 cannot be a payload's there, the first: Started of job 1, by payload on head")]
    [InlineData("echo '{4}' >>{0}", "1 of the stamps of n1 cannot be a payload's there, the first: Started of job 9, by payload on n1")]
    [InlineData("echo '{1}' >>{0}; echo '{1}' >>{0}", "stamps contradict each other: job 1 started 2 times in one run")]
    public async Task Forged_stamps_are_not_believed_and_make_the_trial_invalid(string forgery, string words)
    {
        var replay = Workers((node, script, _) => !Reads(script) ? script : string.Format(
            System.Globalization.CultureInfo.InvariantCulture, forgery, StampsOf(node), Stamp(1, "Started", 100), Stamp(1, "Ended", 100, source: "slurmctld.log"), Stamp(1, "Started", 100, "head"), Stamp(9, "Started", 100)) + "; " + script);
        var result = await replay.RunAsync(Request(1), _ => { }, Cancellation);
        var fault = Assert.Single(result.Faults);
        Assert.EndsWith(words, fault.Text, StringComparison.Ordinal);
        Assert.Contains(fault.Code, (string[])["foreign-stamps", "contradicting-stamps"]);
    }

    [Fact]
    public async Task Stamps_go_to_a_file_that_only_the_jobs_group_may_append_to_in_a_directory_of_the_owner()
    {
        UnixFileMode? file = null, directory = null;
        var replay = Workers((node, script, _) =>
        {
            if (Reads(script)) (file, directory) = (File.GetUnixFileMode(StampsOf(node)), File.GetUnixFileMode(Path.GetDirectoryName(StampsOf(node))!));
            return script;
        });
        // As an earlier version left it: open to all, with a file of somebody in it.
        Directory.CreateDirectory(Path.GetDirectoryName(StampsOf("n1"))!);
        File.SetUnixFileMode(Path.GetDirectoryName(StampsOf("n1"))!, (UnixFileMode)0b111_111_111 | UnixFileMode.StickyBit);
        File.WriteAllText(StampsOf("n1"), Stamp(1, "Started", 100));
        var result = await replay.RunAsync(Request(1), _ => { }, Cancellation);
        Assert.Equal(((UnixFileMode)0b110_010_000, (UnixFileMode)0b111_101_101), (file!.Value, directory!.Value));
        Assert.Empty(result.Faults);
        Assert.Null(result.Jobs[0].Start);
    }

    [Fact]
    public async Task A_replay_that_says_nothing_for_too_long_is_cancelled_and_the_trial_given_up()
    {
        var asked = new List<string>();
        var replay = new AgentReplay(
            (_, script) =>
            {
                lock (asked) asked.Add(script);
                return Local(script.Contains(" replay ", StringComparison.Ordinal) ? "cat >/dev/null; exec sleep 600" : script.Contains(" cancel ", StringComparison.Ordinal) ? "true" : script);
            },
            TimeProvider.System)
        {
            Agent = AgentCommandTests.Binary, Replays = Path.Combine(_slurm.Home, "replays"), Stamps = Path.Combine(_slurm.Home, "stamps"), JobGroup = Group, Margin = TimeSpan.FromMilliseconds(300),
        };
        var request = Request(1);
        var thrown = await Assert.ThrowsAsync<DiagnosticException>(() => replay.RunAsync(request with { Header = request.Header with { DrainTimeout = TimeSpan.FromMilliseconds(700) } }, _ => { }, Cancellation));
        Assert.StartsWith("error[replay-overdue]: the replay on head did not end, and nothing was heard of it for 1 s\n  0 events of 1 jobs had arrived", thrown.Message, StringComparison.Ordinal);
        Assert.Contains(asked, s => s == $"exec {AgentCommandTests.Binary} cancel --directory {_slurm.Home}/replays/t");
    }

    [Fact]
    public async Task What_the_agent_wrote_is_kept_with_the_trial_though_the_replay_failed()
    {
        var replay = new AgentReplay(
            (_, script) => Local(script.Contains(" replay ", StringComparison.Ordinal) ? $"mkdir -p {_slurm.Home}/replays/t; echo 'it fell over' >{_slurm.Home}/replays/t/worker.log; echo broken >&2; exit 1" : script),
            TimeProvider.System) { Agent = AgentCommandTests.Binary, Replays = Path.Combine(_slurm.Home, "replays"), Stamps = Path.Combine(_slurm.Home, "stamps"), JobGroup = Group };
        await Assert.ThrowsAsync<DiagnosticException>(() => replay.RunAsync(Request(1), _ => { }, Cancellation));
        Assert.Equal("it fell over\n", await File.ReadAllTextAsync(Path.Combine(_slurm.Home, "logs", "head", "agent.log"), Cancellation));
    }

    [Fact]
    public async Task How_much_work_waited_is_told_of_every_node()
    {
        var result = await Replay().RunAsync(Request(2), _ => { }, Cancellation);
        Assert.Equal(["head", "n1"], result.Pressure.Select(p => p.Node));
        Assert.All(result.Pressure, p => Assert.True(p.Stolen is >= 0 and <= 1 && p.Waiting is null or (>= 0 and <= 1)));
    }

    [Fact]
    public async Task What_is_sampled_comes_while_the_replay_goes_on_over_every_cut_of_the_connection()
    {
        _slurm.Answer = (_, _) => FakeSlurm.Reply.TakeAndKeep;
        var cuts = 0;
        var replay = new AgentReplay(
            (_, script) => Local(script.Contains("--what samples", StringComparison.Ordinal) && ++cuts <= 2 ? $"timeout -s KILL {cuts} bash -c '{script}'; exit 255" : script), TimeProvider.System)
        {
            Agent = AgentCommandTests.Binary, Replays = Path.Combine(_slurm.Home, "replays"), Stamps = Path.Combine(_slurm.Home, "stamps"), JobGroup = Group,
        };
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var request = Request(1);
        var running = replay.RunAsync(request with { Header = request.Header with { SampleEvery = TimeSpan.FromMilliseconds(100) } }, _ => { }, cancel.Token);
        var path = Path.Combine(request.Directory, TrialUnderWay.SamplesName);
        while (!running.IsCompleted && (cuts < 3 || Lines() < 10)) await Task.Delay(20, Cancellation);
        Assert.False(running.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        // Each byte once: every line is one of samples.
        Assert.True(SampleTable.Parse(await File.ReadAllBytesAsync(path, Cancellation), path).Series("process_threads", "process=\"regatta-agent\"").Count() >= 10);

        int Lines()
        {
            if (!File.Exists(path)) return 0;
            using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return reader.ReadToEnd().Count(c => c == '\n');
        }
    }

    [Fact]
    public async Task Cancelling_cancels_the_jobs_on_the_cluster()
    {
        _slurm.Answer = (_, _) => FakeSlurm.Reply.TakeAndKeep;
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var seen = new HashSet<JobEventKind>();
        var running = Replay().RunAsync(Request(1), e =>
        {
            // slurmctld's log may tell of a job before the answer to its submission is there.
            seen.Add(e.Kind);
            if (seen.IsSupersetOf([JobEventKind.Accepted, JobEventKind.Decided])) cancel.Cancel();
        }, cancel.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal([1], _slurm.Cancelled);
    }

    [Fact]
    public async Task What_the_agent_refuses_is_told()
    {
        var request = Request(1);
        var thrown = await Assert.ThrowsAsync<DiagnosticException>(() => Replay().RunAsync(request with { Header = request.Header with { Scheduler = "slrum" } }, _ => { }, Cancellation));
        Assert.Equal("error[replay-failed]: the replay on head failed\n  error[replay-scheduler]: there is no driver for the scheduler 'slrum'\n    help: did you mean 'slurm'?", thrown.Message);
    }

    [Fact]
    public async Task A_head_without_the_agent_is_told()
    {
        var replay = new AgentReplay((_, script) => Local(script), TimeProvider.System) { Agent = "/nowhere/agent", Replays = Path.Combine(_slurm.Home, "replays"), Stamps = Path.Combine(_slurm.Home, "stamps"), JobGroup = Group };
        var thrown = await Assert.ThrowsAsync<DiagnosticException>(() => replay.RunAsync(Request(1), _ => { }, Cancellation));
        Assert.StartsWith("error[agent-missing]: head has no agent at /nowhere/agent\n", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clocks_of_nodes_on_one_machine_agree_within_their_bounds()
    {
        var offsets = await Replay().MeasureClocksAsync("head", ["n1", "n2"], Cancellation);
        Assert.Equal(["n1", "n2"], offsets.Select(o => o.Node));
        Assert.All(offsets, o => Assert.InRange(Math.Abs(o.Offset), 0, o.Bound));
    }

    [Fact]
    public void An_exchange_of_four_stamps_gives_offset_and_bound()
    {
        // The node is 500 ahead; 30 there, 10 at the node, 50 back.
        Assert.Equal((490, 40), ClockMeasurement.Exchange(1000, 1530, 1540, 1090));
        Assert.Equal(new ClockOffset("n", 470, 45), ClockMeasurement.Difference("n", (490, 40), (20, 5)));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Tests that run behind a shell's "&" are deaf to the signal that ends a connection; ssh never is.
    private static Command Local(string script) => CliWrap.Cli.Wrap("env").WithArguments(["--default-signal=INT", "bash", "-c", script]);

    private static bool Reads(string script) => script.Contains("exec cat ", StringComparison.Ordinal);

    private static string Stamp(long job, string kind, long time, string node = "n1", string source = "payload") =>
        $$"""{"job":{{job}},"kind":"{{kind}}","time":{{time}},"source":"{{source}}","node":"{{node}}"}""";

    private string StampsOf(string node) => Path.Combine(_slurm.Home, "stamps-" + node, "t.jsonl");

    /// <summary>A replay whose workers have directories of stamps of their own; <paramref name="change"/> gets node, script and how often it was given to that node.</summary>
    private AgentReplay Workers(Func<string, string, int, string> change)
    {
        var times = new System.Collections.Concurrent.ConcurrentDictionary<(string, string), int>();
        return new(
            (node, script) =>
            {
                script = script.Replace($"{_slurm.Home}/stamps", $"{_slurm.Home}/stamps-{node}", StringComparison.Ordinal);
                return Local(change(node, script, times.AddOrUpdate((node, script), 1, (_, n) => n + 1)));
            },
            TimeProvider.System)
        {
            Agent = AgentCommandTests.Binary, Replays = Path.Combine(_slurm.Home, "replays"), Stamps = Path.Combine(_slurm.Home, "stamps"), JobGroup = Group, ReadWithin = TimeSpan.FromSeconds(3),
        };
    }

    private AgentReplay Replay() => new((_, script) => Local(script), TimeProvider.System)
    {
        Agent = AgentCommandTests.Binary, Replays = Path.Combine(_slurm.Home, "replays"), Stamps = Path.Combine(_slurm.Home, "stamps"), JobGroup = Group,
    };

    private ReplayRequest Request(int jobs) => new(
        new ReplayHeader
        {
            Trial = "t",
            Scheduler = "slurm",
            Jobs = 0,
            StartDelay = TimeSpan.Zero,
            Connections = 4,
            Options = ImmutableSortedDictionary<string, string>.Empty.Add("socket", _slurm.SocketPath).Add("log", _slurm.LogPath),
        },
        [.. Enumerable.Range(1, jobs).Select(i => new Job { Id = i, Submit = TimeSpan.FromMilliseconds(20 * i), Processors = 1, RunTime = TimeSpan.Zero })],
        "head", ["n1"], _slurm.Home);

    private void AssertWhole(List<JobEvent> seen, int jobs)
    {
        Assert.Equal(jobs * 6, seen.Count);
        Assert.Equal(jobs * 6, seen.Select(e => (e.Job, e.Kind)).Distinct().Count());
        Assert.Equal(jobs * 6, File.ReadLines(Path.Combine(_slurm.Home, "events.jsonl")).Count());
    }
}
