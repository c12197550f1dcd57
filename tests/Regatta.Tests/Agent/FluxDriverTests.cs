using System.Collections.Concurrent;
using System.Diagnostics;
using Regatta.Agent;
using Regatta.Agent.Replaying;
using Regatta.Workloads;

namespace Regatta.Tests.Agent;

/// <summary>The driver against a real Flux, where there is one.</summary>
public sealed class FluxDriverTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly string _directory = Directory.CreateTempSubdirectory("regatta-flux-").FullName;
    private readonly ConcurrentQueue<JobEvent> _events = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Jobs_of_every_kind_end_as_they_should()
    {
        await using var flux = await FluxInstance.StartAsync("-s", "3", """--conf=ingest.validator.plugins=["jobspec","feasibility"]""");
        Job[] jobs =
        [
            Job(1),
            Job(2) with { RunTime = TimeSpan.FromMilliseconds(200) },
            Exec(3, "exit 3"),
            Exec(4, "kill -KILL $$"),
            Job(5) with { RunTime = 60 * Second, RequestedTime = Second },
            Job(6) with { Dependencies = [new JobDependency(3, DependencyKind.After)] },
            Job(7) with { Dependencies = [new JobDependency(3, DependencyKind.AfterOk)] },
            Job(8) with { Processors = 1000 },
            Job(9) with { Processors = 3, Nodes = 3 },
            Job(10) with { RequestedTime = null },
        ];
        var (summary, rows) = await ReplayAsync(flux, jobs);

        Assert.Equal(ReplayOutcome.Drained, summary.Outcome);
        Assert.Equal(
            [
                (1, JobState.Completed, 0), (2, JobState.Completed, 0), (3, JobState.Failed, 3), (4, JobState.Failed, 137), (5, JobState.TimedOut, null),
                (6, JobState.Completed, 0), (7, JobState.Cancelled, null), (8, JobState.Rejected, null), (9, JobState.Completed, 0), (10, JobState.Completed, 0),
            ],
            rows.Select(r => (r.Job, r.State, r.State is JobState.TimedOut ? null : r.ExitCode)));
        Assert.All(rows.Where(r => r.State == JobState.Completed), r => Assert.True(r.Sent <= r.Accepted && r.Eligible <= r.Decided && r.Decided <= r.Start && r.Start <= r.Finish && r.Finish <= r.Released, r.ToString()));
        Assert.Equal(3, rows[8].Nodes);
        Assert.Single(_events, e => e is { Job: 9, Kind: JobEventKind.Started });
        // In the words of whichever scheduler the instance has.
        Assert.Contains("unsatisfiable", _events.Single(e => e is { Job: 8, Kind: JobEventKind.Rejected }).Detail!, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(summary.Faults);
        Assert.Equal("free", summary.ReleaseSource);
        Assert.Contains(summary.Daemons, d => d.Process == "flux-broker-0");
    }

    [Fact]
    public async Task Cancelled_jobs_end_whether_they_run_or_wait()
    {
        await using var flux = await FluxInstance.StartAsync("-s", "1");
        var cores = int.Parse(await flux.FluxAsync("resource", "list", "-s", "up", "-no", "{ncores}"), System.Globalization.CultureInfo.InvariantCulture);
        var jobs = Enumerable.Range(1, cores + 2).Select(i => Job(i) with { RunTime = 300 * Second }).ToArray();
        using var cancel = new CancellationTokenSource();
        var (summary, rows) = await ReplayAsync(flux, jobs, happened =>
        {
            if (happened.Kind == JobEventKind.Accepted && _events.Count(e => e.Kind == JobEventKind.Accepted) == jobs.Length) cancel.Cancel();
        }, cancel: cancel.Token);
        Assert.Equal(ReplayOutcome.Cancelled, summary.Outcome);
        Assert.All(rows, r => Assert.Equal(JobState.Cancelled, r.State));
        Assert.Empty(summary.Faults);
    }

    [Fact]
    public async Task A_worker_that_is_killed_ends_its_jobs_and_no_others()
    {
        await using var flux = await FluxInstance.StartAsync("-s", "3", "--test-exit-mode=leader");
        var broker = await flux.BrokerAsync(2);
        Job[] jobs = [Job(1) with { Processors = 3, Nodes = 3, RunTime = 120 * Second }, Job(2) with { Submit = 8 * Second }];
        var killed = 0;
        var (summary, rows) = await ReplayAsync(flux, jobs, happened =>
        {
            if (happened is { Job: 1, Kind: JobEventKind.Decided } && Interlocked.Exchange(ref killed, 1) == 0) Process.GetProcessById(broker).Kill();
        });
        Assert.Equal(ReplayOutcome.Drained, summary.Outcome);
        Assert.Equal([JobState.NodeFailed, JobState.Completed], rows.Select(r => r.State));
        Assert.Contains(summary.Faults, f => f.Text.Contains("node failure", StringComparison.Ordinal) || f.Text.Contains("is not online", StringComparison.Ordinal));
        Assert.StartsWith("exec: node failure on ", _events.Single(e => e is { Job: 1, Kind: JobEventKind.Ended }).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_leader_that_is_killed_is_waited_for_and_its_jobs_are_accounted_for()
    {
        await using var system = await FluxLeader.StartAsync(Path.Combine(_directory, "leader"));
        Job[] jobs = [Job(1) with { RunTime = 60 * Second }, Job(2), Job(3) with { Submit = 3 * Second }];
        var killed = 0;
        var (summary, rows) = await ReplayAsync(system.Uri, jobs, happened =>
        {
            if (happened is not { Job: 1, Kind: JobEventKind.Decided } || Interlocked.Exchange(ref killed, 1) != 0) return;
            system.Kill();
            system.Start();
        });
        Assert.Equal(ReplayOutcome.Drained, summary.Outcome);
        Assert.NotEqual(JobState.Unfinished, rows[0].State);
        Assert.NotEqual(JobState.Completed, rows[0].State);
        Assert.Equal(JobState.Completed, rows[2].State);
        Assert.Contains(summary.Faults, f => f.Text.StartsWith("Flux does not take jobs: ", StringComparison.Ordinal));
        Assert.Contains(summary.Faults, f => f.Text == "Flux takes jobs again");
    }

    [Fact]
    public async Task Emulated_nodes_pretend_to_run_jobs()
    {
        await using var flux = await FluxInstance.StartAsync("--conf=fake-resources.nnodes=16", "--conf=fake-resources.cores-per-node=4", "--conf=fake-resources.host-prefix=emulated");
        Job[] jobs = [Job(1) with { Processors = 64, RunTime = Second }, Job(2) with { Processors = 2, Nodes = 2, RunTime = Second }];
        var (summary, rows) = await ReplayAsync(flux, jobs, options: [("simulate", "true")]);
        Assert.All(rows, r => Assert.Equal((JobState.Completed, true), (r.State, r.Finish - r.Start >= 1_000_000)));
        Assert.Equal(16, rows[0].Nodes);
        Assert.StartsWith("emulated", rows[1].NodeList, StringComparison.Ordinal);
        Assert.Empty(summary.Faults);
    }

    [Fact]
    public async Task A_Flux_that_does_not_answer_is_told()
    {
        if (FluxInstance.Prefix is null) Assert.Skip("no real Flux: REGATTA_FLUX_PREFIX names no installation");
        await using var driver = KnownDrivers.Create(Header("local:///nowhere/local", 1), TimeProvider.System);
        var thrown = await Assert.ThrowsAsync<DiagnosticException>(() => driver.OpenAsync([Job(1)], TestContext.Current.CancellationToken));
        Assert.StartsWith("error[replay-flux]: Flux does not answer on local:///nowhere/local\n  ", thrown.Message, StringComparison.Ordinal);
        Assert.EndsWith("help: look at: systemctl status flux; flux uptime", thrown.Message, StringComparison.Ordinal);
    }

    private static Job Job(long id) => new() { Id = id, Submit = TimeSpan.Zero, Processors = 1, RunTime = TimeSpan.Zero, RequestedTime = 120 * Second };

    private static Job Exec(long id, string script) => Job(id) with { Payload = new Payload(PayloadKind.Exec, ["sh", "-c", script]) };

    private ReplayHeader Header(string uri, int jobs, params (string Name, string Value)[] options)
    {
        var header = new ReplayHeader { Trial = "t1", Scheduler = "flux", Jobs = jobs, DrainTimeout = 90 * Second, StartDelay = TimeSpan.FromMilliseconds(200) };
        var all = header.Options.Add("uri", uri).Add("prefix", FluxInstance.Prefix!).Add("payload", AgentCommandTests.Binary).Add("stamps", Path.Combine(_directory, "stamps.jsonl"));
        foreach (var (name, value) in options) all = all.SetItem(name, value);
        return header with { Options = all };
    }

    private Task<(ReplaySummary Summary, IReadOnlyList<JobRecord> Rows)> ReplayAsync(
        FluxInstance flux, Job[] jobs, Action<JobEvent>? see = null, (string Name, string Value)[]? options = null, CancellationToken cancel = default) => ReplayAsync(flux.Uri, jobs, see, options, cancel);

    private async Task<(ReplaySummary Summary, IReadOnlyList<JobRecord> Rows)> ReplayAsync(
        string uri, Job[] jobs, Action<JobEvent>? see = null, (string Name, string Value)[]? options = null, CancellationToken cancel = default)
    {
        var header = Header(uri, jobs.Length, options ?? []);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, TestContext.Current.CancellationToken);
        await using var driver = KnownDrivers.Create(header, TimeProvider.System);
        var run = new ReplayRun(header, jobs, driver, happened =>
        {
            _events.Enqueue(happened);
            see?.Invoke(happened);
        }, new TaskCompletionSource().Task, TimeProvider.System);
        // What the stamps of this replay go to is made before it, as on the nodes.
        var stamps = Path.Combine(_directory, "stamps.jsonl");
        File.WriteAllBytes(stamps, []);
        File.SetUnixFileMode(stamps, (UnixFileMode)0b110_010_010);
        var summary = await run.RunAsync(both.Token);
        var payloads = File.Exists(stamps) ? File.ReadAllLines(stamps).Select((l, i) => ReplayJson.ReadEvent(System.Text.Encoding.UTF8.GetBytes(l), stamps, i + 1)).ToList() : [];
        foreach (var stamp in payloads) _events.Enqueue(stamp);
        return (summary, JobRecords.From(jobs, _events));
    }
}
