using System.Text.RegularExpressions;
using Regatta.Agent.Drivers;
using Regatta.Agent.Drivers.Slurm;
using Regatta.Workloads;

namespace Regatta.Tests.Agent;

/// <summary>Releases of Slurm beside 22.05: what their recorded logs and answers mean, and which of the table speaks for a version.</summary>
public sealed partial class SlurmReleaseTests : IAsyncDisposable
{
    private readonly FakeSlurm _slurm = new();
    private readonly List<JobEvent> _events = [];
    private readonly List<ReplayFault> _faults = [];

    /// <summary>The recordings of answers: release, version of the interface, and how a refusal is answered.</summary>
    public static TheoryData<string, string> Answers => new() { { "24.11", "v0.0.42" }, { "26.05", "v0.0.42" }, { "26.05", "v0.0.45" } };

    public ValueTask DisposeAsync() => _slurm.DisposeAsync();

    [Theory]
    [InlineData("22.05.8", "22.05", "v0.0.38", false, null)]
    [InlineData("22.05.8-4+deb12u3", "22.05", "v0.0.38", false, null)]
    [InlineData("23.11.4", "23.11", "v0.0.40", true, null)]
    [InlineData("24.11.5", "24.11", "v0.0.42", true, null)]
    [InlineData("25.11.0-0rc1", "25.11", "v0.0.44", true, null)]
    [InlineData("26.05.5", "26.05", "v0.0.45", true, "HetJob")]
    [InlineData("27.11.0", "26.05", "v0.0.45", true, "HetJob")]
    [InlineData("20.11.9", "22.05", "v0.0.38", false, null)]
    [InlineData(null, "26.05", "v0.0.45", true, "HetJob")]
    [InlineData("of a friend", "26.05", "v0.0.45", true, "HetJob")]
    public void A_version_speaks_as_its_release_does_or_the_one_before(string? version, string release, string rest, bool lists, string? flag)
    {
        var dialect = SlurmDialect.Of(version);

        Assert.Equal((release, rest, lists, flag), (dialect.Release, dialect.Interface, dialect.WritesLists, dialect.StartsFlag));
    }

    [Theory]
    [InlineData("22.05.2", null)]
    [InlineData("24.11.5-4+deb13u1", null)]
    [InlineData("26.05.5", null)]
    [InlineData("of a friend", null)]
    [InlineData("26.11.0", "Slurm 26.11.0 was not tested: it is taken to speak like 26.05")]
    [InlineData("25.05.1", "Slurm 25.05.1 was not tested: it is taken to speak like 24.11")]
    [InlineData("21.08.8", "Slurm 21.08.8 was not tested: it is taken to speak like 22.05")]
    public void What_was_not_tested_is_said(string version, string? summary)
    {
        var told = SlurmDialect.Untested(version);

        Assert.Equal(summary, told?.Summary);
        if (told is not null) Assert.Equal(("slurm-untested", Severity.Warning), (told.Code, told.Severity));
    }

    [Fact]
    public void A_log_of_24_11_tells_every_kind_of_end()
    {
        var tracker = Follow("ctld-24.11-events.log", 23, 24, 25, 26, 27, 28, 29, 30, 33, 34, 35, 36, 37, 38);
        var rows = Rows();

        Assert.Equal(
            [JobState.Completed, JobState.Failed, JobState.Failed, JobState.Unfinished, JobState.Cancelled, JobState.Cancelled, JobState.Cancelled, JobState.Completed, JobState.Cancelled, JobState.Completed, JobState.Completed, JobState.Completed, JobState.Cancelled, JobState.Cancelled],
            rows.Select(r => r.State));
        Assert.Equal([0, 3, 139], rows.Take(3).Select(r => r.ExitCode!.Value));
        Assert.Equal("emulated0,emulated1", rows[10].NodeList);
        Assert.All(rows, r => Assert.NotNull(r.Eligible));
        Assert.All(rows.Where(r => r.State == JobState.Completed), r => Assert.True(r.Eligible <= r.Decided && r.Decided <= r.Released));
        Assert.Equal("epilog", tracker.ReleaseSource);
        Assert.Empty(tracker.Untold());
    }

    [Fact]
    public void A_log_of_26_05_without_the_flag_tells_no_starts_of_backfill_and_that_is_noticed()
    {
        var tracker = Follow("ctld-26.05-events.log", 11, 12, 13, 14, 15, 16, 17, 18, 21, 22, 23, 24, 25, 26);

        Assert.All(Rows(), r => Assert.NotNull(r.Eligible));
        Assert.Equal(["slurmctld's log tells no start of 4 jobs that ran (2, 11, 12, 14)"], tracker.Untold());
    }

    [Fact]
    public void A_log_of_26_05_with_the_flag_tells_all_of_them()
    {
        var tracker = Follow("ctld-26.05-hetjob.log", 29, 30);

        Assert.All(Rows(), r => Assert.Equal(JobState.Completed, r.State));
        Assert.Equal(["emulated2", "emulated3"], Rows().Select(r => r.NodeList));
        Assert.All(Rows(), r => Assert.True(r.Eligible < r.Decided && r.Decided < r.Released));
        Assert.Empty(tracker.Untold());
    }

    [Fact]
    public void A_lost_node_and_a_killed_controller_of_24_11_are_faults()
    {
        Follow("ctld-24.11-faults.log", 39, 40, 41, 42);

        Assert.Equal(JobState.NodeFailed, Rows()[0].State);
        Assert.Equal(
            ["the node emulated1 does not respond to slurmctld", "slurmctld set the node emulated1 down: it does not respond", "the node emulated1 responds again", "slurmctld was started again"],
            _faults.Select(f => f.Text));
    }

    [Fact]
    public void A_start_may_stand_before_its_submission()
    {
        var tracker = Tracker(1);
        foreach (var line in new[] { "sched: Allocate JobId=7 NodeList=n1 #CPUs=1 Partition=main", "_slurm_rpc_submit_batch_job: JobId=7 InitPrio=1 usec=254", "_job_complete: JobId=7 WEXITSTATUS 0", "_job_complete: JobId=7 done" })
            tracker.Read(SlurmLogLine.Parse($"[2026-11-24T01:14:04.727] {line}")!.Value);
        tracker.Register(1, 7);

        Assert.Empty(tracker.Untold());
        Assert.Equal([JobEventKind.Eligible, JobEventKind.Decided, JobEventKind.Ended], _events.Select(e => e.Kind));
    }

    [Fact]
    public void A_submission_that_no_line_tells_of_is_noticed()
    {
        var tracker = Tracker(1);
        tracker.Register(1, 7);
        foreach (var line in new[] { "sched: Allocate JobId=7 NodeList=n1 #CPUs=1 Partition=main", "_job_complete: JobId=7 WEXITSTATUS 0", "_job_complete: JobId=7 done" })
            tracker.Read(SlurmLogLine.Parse($"[2026-11-24T01:14:04.727] {line}")!.Value);

        Assert.Equal(["slurmctld's log tells no submission of 1 job that Slurm took (1)"], tracker.Untold());
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Answers_are_understood_as_they_were_recorded(string release, string version)
    {
        var recorded = File.ReadLines(SlurmLogLineTests.Recording($"rest-answers-{release}-{version}.txt")).Select(l => Line().Match(l)).Where(m => m.Success)
            .ToDictionary(m => m.Groups["what"].Value, m => (Status: int.Parse(m.Groups["status"].ValueSpan, CultureInfo.InvariantCulture), Text: m.Groups["answer"].Value));
        _slurm.Version = version;
        var asked = "ping";
        _slurm.Recorded = _ => recorded[asked];
        using var rest = new SlurmRest(_slurm.SocketPath, null, 1);
        var cancellation = TestContext.Current.CancellationToken;

        await rest.FindAsync(cancellation);
        Assert.Equal((version, release), (rest.Interface, SlurmDialect.ReleaseOf(rest.Release)));

        async Task<(RestResult, long?, string?)> SubmitAsync(string what)
        {
            asked = "submit " + what;
            var answer = await rest.SubmitAsync([], cancellation);
            return (answer.Result, answer.Response?.JobId, answer.Words);
        }

        Assert.Equal((RestResult.Done, true, null), await SubmitAsync("env list") is var (done, id, words) ? (done, id > 0, words) : default);
        Assert.StartsWith("Expected OpenAPI type=string", (await SubmitAsync("nodes int")).Item3, StringComparison.Ordinal);
        Assert.StartsWith("Ignoring unknown field \"nonsense\"", (await SubmitAsync("unknown field")).Item3, StringComparison.Ordinal);
        Assert.Equal((RestResult.Refused, null, "More processors requested than permitted"), await SubmitAsync("too many"));
        Assert.Equal((RestResult.Refused, null, "Invalid partition name specified"), await SubmitAsync("bad part"));
        Assert.Equal((RestResult.Refused, null, "Job dependency problem"), await SubmitAsync("dependency"));

        asked = "unknown job";
        var unknown = await rest.JobAsync(777777, cancellation);
        Assert.Equal((RestResult.Refused, 2017), (unknown.Result, Assert.Single(unknown.Response!.Errors!).Code));
        asked = "delete";
        Assert.Equal(RestResult.Done, (await rest.CancelAsync(2, cancellation)).Result);
        asked = "delete unknown";
        var cancelled = await rest.CancelAsync(777777, cancellation);
        Assert.Equal((RestResult.Refused, "Invalid job id specified"), (cancelled.Result, cancelled.Words));
    }

    private SlurmTracker Tracker(int jobs) => new(Jobs(jobs).ToDictionary(j => j.Id), Keep);

    private static IReadOnlyList<Job> Jobs(int count) =>
        [.. Enumerable.Range(1, count).Select(i => new Job { Id = i, Submit = TimeSpan.Zero, Processors = 1, RunTime = TimeSpan.FromMinutes(10) })];

    private IReadOnlyList<JobRecord> Rows() => JobRecords.From(Jobs((int)_events.Max(e => e.Job)), _events);

    /// <summary>Follows a recording in which job 1 has the first of the ids, and so on.</summary>
    private SlurmTracker Follow(string recording, params long[] ids)
    {
        var tracker = Tracker(ids.Length);
        foreach (var (index, id) in ids.Index()) tracker.Register(index + 1, id);
        foreach (var line in File.ReadLines(SlurmLogLineTests.Recording(recording)).Select(SlurmLogLine.Parse).OfType<SlurmLogLine>()) tracker.Read(line);
        tracker.Conclude();
        return tracker;
    }

    private void Keep(Observation observation)
    {
        if (observation.Event is { } happened) _events.Add(happened);
        if (observation.Fault is { } fault) _faults.Add(fault);
    }

    [GeneratedRegex(@"^(?<what>[a-z_ ]+?) (?<status>\d{3}) (?<answer>\{.*)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Line();
}
