using System.Collections.Immutable;
using CliWrap;
using Regatta.Analysis;
using Regatta.Diagnostics;
using Regatta.Experiments.Replay;
using Regatta.Tests.Agent;
using Regatta.Workloads;
using Xunit;

namespace Regatta.Tests.Experiments;

/// <summary>The program's side of a replay, with the real agent; a shell on this machine stands for the nodes.</summary>
public sealed class AgentReplayTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("regatta-replay-").FullName;
    private FakeSlurm _slurm = null!;
    private int _connections;

    public ValueTask InitializeAsync()
    {
        _slurm = new FakeSlurm(_directory);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _slurm.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

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
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_directory, "replays")));
    }

    [Fact]
    public async Task Connections_that_are_cut_in_the_middle_of_a_line_lose_and_double_nothing()
    {
        var seen = new List<JobEvent>();
        var replay = new AgentReplay(
            (node, script) => Local(script.Contains(" replay ", StringComparison.Ordinal) || script.Contains(" follow ", StringComparison.Ordinal)
                ? ++_connections <= 3 ? $"({script}) | head -c {700 + _connections}; exit 255" : script
                : script),
            TimeProvider.System) { Agent = AgentCommandTests.Binary, Replays = Path.Combine(_directory, "replays"), Stamps = Path.Combine(_directory, "stamps") };
        var result = await replay.RunAsync(Request(20), seen.Add, Cancellation);
        Assert.Equal(4, _connections);
        AssertWhole(seen, 20);
        Assert.All(result.Jobs, j => Assert.Equal(JobState.Completed, j.State));
        Assert.Equal(3, result.Faults.Count(f => f.Text.StartsWith("the connection was cut", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Stamps_of_the_workers_become_start_and_finish_and_a_lost_worker_is_a_fault()
    {
        var stamps = Path.Combine(_directory, "stamps", "t.jsonl");
        var replay = new AgentReplay(
            (node, script) => node == "gone" && script.Contains("cat ", StringComparison.Ordinal) ? Local("echo 'ssh: connect to host gone port 22: No route to host' >&2; exit 255")
                : script.Contains("cat " + stamps, StringComparison.Ordinal)
                    ? Local("""echo '{"job":1,"kind":"Started","time":100,"source":"payload","node":"n1"}'; echo '{"job":1,"kind":"Finished","time":200,"source":"payload","node":"n1","exitCode":0}'; echo '{"job":2,"ki'""")
                : Local(script),
            TimeProvider.System) { Agent = AgentCommandTests.Binary, Replays = Path.Combine(_directory, "replays"), Stamps = Path.Combine(_directory, "stamps") };
        var result = await replay.RunAsync(Request(2) with { Workers = ["n1", "gone"] }, _ => { }, Cancellation);
        Assert.Equal((100, 200), (result.Jobs[0].Start, result.Jobs[0].Finish));
        Assert.Equal((null, null), (result.Jobs[1].Start, result.Jobs[1].Finish));
        Assert.Equal(
            [("gone", "the stamps of gone cannot be read: ssh: connect to host gone port 22: No route to host"), ("n1", $"line 3 of {stamps} is not a job event")],
            result.Faults.Select(f => (f.Node!, f.Text)).Order());
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
        var replay = new AgentReplay((_, script) => Local(script), TimeProvider.System) { Agent = "/nowhere/agent", Replays = Path.Combine(_directory, "replays"), Stamps = Path.Combine(_directory, "stamps") };
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

    private AgentReplay Replay() => new((_, script) => Local(script), TimeProvider.System)
    {
        Agent = AgentCommandTests.Binary, Replays = Path.Combine(_directory, "replays"), Stamps = Path.Combine(_directory, "stamps"),
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
        "head", ["n1"], _directory);

    private void AssertWhole(List<JobEvent> seen, int jobs)
    {
        Assert.Equal(jobs * 6, seen.Count);
        Assert.Equal(jobs * 6, seen.Select(e => (e.Job, e.Kind)).Distinct().Count());
        Assert.Equal(jobs * 6, File.ReadLines(Path.Combine(_directory, "events.jsonl")).Count());
    }
}
