using System.Text.Json;
using Regatta.Agent.Drivers;
using Regatta.Agent.Drivers.Flux;
using Regatta.Workloads;

namespace Regatta.Tests.Agent;

/// <summary>What becomes of jobs, told by recorded eventlogs of Flux.</summary>
public sealed class FluxTrackerTests
{
    private readonly List<JobEvent> _events = [];
    private readonly List<ReplayFault> _faults = [];

    [Theory]
    [InlineData("ok-1", JobState.Completed, 0, null)]
    [InlineData("multinode", JobState.Completed, 0, null)]
    [InlineData("exit3", JobState.Failed, 3, null)]
    [InlineData("sig", JobState.Failed, 137, null)]
    [InlineData("notfound", JobState.Failed, 127, "exec: task 0 (host fxn0): start failed: /no/such/cmd: No such file or directory")]
    [InlineData("timeout", JobState.TimedOut, 142, "timeout: resource allocation expired")]
    [InlineData("longrun", JobState.Cancelled, 143, "cancel")]
    [InlineData("node-failure", JobState.NodeFailed, 143, "exec: node failure on fxn2 (rank 2)")]
    [InlineData("simulated-timeout", JobState.TimedOut, 142, "timeout: resource allocation expired")]
    [InlineData("simulated-failed", JobState.Failed, 1, null)]
    [InlineData("simulated-cancelled", JobState.Cancelled, 143, "cancel")]
    public void A_job_that_ran_ends_as_its_eventlog_says(string recording, JobState state, int code, string? words)
    {
        var row = Follow(recording);
        Assert.Equal((state, code), (row.State, row.ExitCode));
        var ended = _events.Single(e => e.Kind == JobEventKind.Ended);
        Assert.Equal(words, ended.Detail);
        Assert.True(row.Eligible <= row.Decided && row.Decided <= ended.Time && ended.Time <= row.Released);
        Assert.All(_events, e => Assert.Equal("flux.journal", e.Source));
    }

    [Theory]
    [InlineData("held", "cancel")]
    [InlineData("dep-afterok", "dependency: dependency after-success=ƒ6yx6aiyu can never be satisfied")]
    public void A_job_that_never_ran_has_neither_decision_nor_release(string recording, string words)
    {
        var row = Follow(recording);
        Assert.Equal((JobState.Cancelled, null, null, null), (row.State, row.ExitCode, row.Decided, row.Released));
        Assert.Equal(words, _events.Single(e => e.Kind == JobEventKind.Ended).Detail);
    }

    [Fact]
    public void Stamps_are_the_leaders_to_the_microsecond()
    {
        Follow("ok-1");
        Assert.Equal(
            [(JobEventKind.Eligible, 1795475909_177296), (JobEventKind.Decided, 1795475909_182756), (JobEventKind.Ended, 1795475909_716934), (JobEventKind.Released, 1795475909_720176)],
            _events.Select(e => (e.Kind, e.Time)));
    }

    [Fact]
    public void A_lost_node_is_named_with_the_job_and_as_a_fault()
    {
        Follow("node-failure");
        Assert.Equal("fxn2", _events.Single(e => e.Kind == JobEventKind.Ended).Node);
        Assert.Equal(("fxn2", "Flux lost the node fxn2: node failure on fxn2 (rank 2)"), (_faults[0].Node, _faults[0].Text));
    }

    /// <summary>The last events of a job on a node whose link was cut: Flux notices after tcp_user_timeout.</summary>
    [Fact]
    public void A_cut_link_is_a_lost_node()
    {
        var row = Follow("link-cut");
        Assert.Equal((JobState.NodeFailed, 143), (row.State, row.ExitCode));
        Assert.Equal(("fxn1", "Flux lost the node fxn1: node failure on fxn1 (rank 1)"), (Assert.Single(_faults).Node, _faults[0].Text));
    }

    [Fact]
    public void Simulated_jobs_start_and_finish_when_Flux_says_so()
    {
        var row = Follow("simulated-failed", simulated: true);
        Assert.Equal((1795477615_551597, 1795477615_852658), (row.Start, row.Finish));
        Assert.Null(Follow("exit3").Start);
    }

    [Fact]
    public void The_nodes_come_from_what_was_allocated()
    {
        var events = Recorded("multinode");
        var answer = $$"""{"id": 7, "events": [{{Lines("multinode")[4]}}], "R": {{File.ReadAllText(Data("job-R-multinode.json"))}}}""";
        var tracker = new FluxTracker(false, Take);
        tracker.Register(1, 7);
        tracker.Read(new FluxJournalEntry(7, [.. events.Take(4)]));
        tracker.Read(FluxJournalEntry.Parse(answer)!);
        var row = JobRecords.From([Job(1)], _events).Single();
        Assert.Equal((3, "fxn0,fxn1,fxn2"), (row.Nodes, row.NodeList));
    }

    [Fact]
    public void Events_that_come_before_the_answer_to_the_submission_wait_for_it()
    {
        var tracker = new FluxTracker(false, Take);
        tracker.Read(new FluxJournalEntry(9, [.. Recorded("exit3")]));
        Assert.Empty(_events);
        tracker.Register(1, 9);
        Assert.Equal(JobState.Failed, Assert.Single(_events, e => e.Kind == JobEventKind.Ended).State);
    }

    [Fact]
    public void Told_again_from_the_start_nothing_is_reported_twice_and_what_is_gone_is_lost()
    {
        var tracker = new FluxTracker(false, Take);
        tracker.Register(1, 1);
        tracker.Register(2, 2);
        tracker.Read(new FluxJournalEntry(1, [.. Recorded("exit3").Take(6)]));
        tracker.Read(new FluxJournalEntry(2, [.. Recorded("ok-1").Take(6)]));
        tracker.Restart();
        tracker.Read(new FluxJournalEntry(1, [.. Recorded("exit3")]));
        tracker.CaughtUp(5);
        var rows = JobRecords.From([Job(1), Job(2)], _events);
        Assert.Equal([JobState.Failed, JobState.Lost], rows.Select(r => r.State));
        Assert.Equal(1, _events.Count(e => e is { Job: 1, Kind: JobEventKind.Decided }));
        Assert.Equal("the leader was started again without it", _events.Single(e => e is { Job: 2, Kind: JobEventKind.Ended }).Detail);
    }

    /// <summary>Every job of a recorded <c>flux jobs -a --json</c>, with the result that Flux gives it.</summary>
    [Fact]
    public void The_state_of_every_recorded_job_is_the_one_that_Flux_gives_it()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Data("jobs.json")));
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var job in document.RootElement.GetProperty("jobs").EnumerateArray())
        {
            _events.Clear();
            var tracker = new FluxTracker(false, Take);
            tracker.Register(1, 1);
            var events = new List<FluxEvent> { new(1, "priority") };
            if (job.TryGetProperty("t_run", out _)) events.Add(new FluxEvent(2, "alloc"));
            var exception = job.GetProperty("exception");
            if (exception.GetProperty("occurred").GetBoolean())
                events.Add(new FluxEvent(3, "exception") { Severity = 0, Type = exception.GetProperty("type").GetString(), Note = exception.GetProperty("note").GetString() });
            if (job.TryGetProperty("waitstatus", out var status)) events.Add(new FluxEvent(4, "finish") { Status = status.GetInt32() });
            tracker.Read(new FluxJournalEntry(1, [.. events, new FluxEvent(5, "clean")]));
            var ended = Assert.Single(_events, e => e.Kind == JobEventKind.Ended);
            var result = job.GetProperty("result").GetString()!;
            seen[result] = seen.GetValueOrDefault(result) + 1;
            JobState[] expected = result switch
            {
                "COMPLETED" => [JobState.Completed],
                "CANCELED" => [JobState.Cancelled],
                "TIMEOUT" => [JobState.TimedOut],
                _ => [JobState.Failed, JobState.NodeFailed, JobState.Cancelled],
            };
            Assert.Contains(ended.State!.Value, expected);
            if (job.TryGetProperty("waitstatus", out _)) Assert.Equal(job.GetProperty("returncode").GetInt32(), ended.ExitCode);
        }

        Assert.Equal((18, 5, 2, 1), (seen["COMPLETED"], seen["FAILED"], seen["CANCELED"], seen["TIMEOUT"]));
    }

    [Theory]
    [InlineData("""{"id":-1,"events":[]}""", ulong.MaxValue, 0)]
    [InlineData("""{"id":18446744073709551615,"events":[]}""", ulong.MaxValue, 0)]
    [InlineData("""{"id":5,"events":[{"timestamp":1.5,"name":"new-in-some-version","context":"text"},{"name":"no stamp"},7]}""", 5UL, 1)]
    [InlineData("""{"id":5}""", 5UL, 0)]
    public void Answers_are_read_whatever_they_lack(string answer, ulong id, int events)
    {
        var entry = FluxJournalEntry.Parse(answer)!;
        Assert.Equal((id, events, null, null), (entry.Id, entry.Events.Length, entry.JobName, entry.Nodes));
        Assert.Null(FluxJournalEntry.Parse("""{"events":[]}"""));
    }

    [Fact]
    public void Every_event_of_a_recorded_journal_is_read()
    {
        var entries = File.ReadAllLines(Data("journal-sample.jsonl")).Select(l =>
        {
            using var line = JsonDocument.Parse(l);
            return FluxEvent.Read(line.RootElement);
        }).ToList();
        Assert.Equal(57, entries.Count);
        Assert.All(entries, e => Assert.Equal("submit", e!.Name));
    }

    [Fact]
    public void Nodes_that_go_drain_and_come_back_are_faults()
    {
        var nodes = new FluxNodes(Take);
        var status = File.ReadAllText(Data("rpc-resource.status.json"));
        nodes.Read(status, 1);
        nodes.Read(status.Replace("\"online\": \"0-2\"", "\"online\": \"0-1\"", StringComparison.Ordinal), 2);
        nodes.Read(status.Replace("\"drain\": {}", "\"drain\": {\"1\": {\"timestamp\": 1, \"reason\": \"rank 1 (fxn1) missing resources: core[2-3]\"}}", StringComparison.Ordinal), 3);
        Assert.Equal(
            [(2L, "fxn2", "the node fxn2 is not online"), (3L, "fxn1", "the node fxn1 was drained: rank 1 (fxn1) missing resources: core[2-3]"), (3L, "fxn2", "the node fxn2 is there again")],
            _faults.OrderBy(f => f.Time).ThenBy(f => f.Node, StringComparer.Ordinal).Select(f => (f.Time, f.Node!, f.Text)));
    }

    private static Job Job(long id) => new() { Id = id, Submit = TimeSpan.Zero, Processors = 1, RunTime = TimeSpan.Zero };

    private static string Data(string name) => Path.Combine(AppContext.BaseDirectory, "Agent", "Flux.data", name);

    private static string[] Lines(string recording) => File.ReadAllLines(Data(string.Create(CultureInfo.InvariantCulture, $"eventlog-{recording}.json")));

    private static IEnumerable<FluxEvent> Recorded(string recording) => Lines(recording).Select(l =>
    {
        using var line = JsonDocument.Parse(l);
        return FluxEvent.Read(line.RootElement)!;
    });

    private void Take(Observation observation)
    {
        if (observation.Event is { } happened) _events.Add(happened);
        if (observation.Fault is { } fault) _faults.Add(fault);
    }

    private JobRecord Follow(string recording, bool simulated = false)
    {
        _events.Clear();
        var tracker = new FluxTracker(simulated, Take);
        tracker.Register(1, 1);
        foreach (var happened in Recorded(recording)) tracker.Read(new FluxJournalEntry(1, [happened]));
        Assert.True(tracker.Settled);
        return JobRecords.From([Job(1)], _events).Single();
    }
}
