using System.Collections.Concurrent;
using System.Text;
using Regatta.Agent.Clients;
using Regatta.Workloads;

namespace Regatta.Tests.Agent;

public sealed class ClientRunTests
{
    private readonly ConcurrentQueue<ClientCall> _calls = new();

    [Fact]
    public async Task Clients_call_as_real_processes_and_their_ends_are_told_apart()
    {
        await UntilAsync(
            Storm(TimeSpan.FromMilliseconds(300), 64, (ClientKind.Queue, 40, ["true"]), (ClientKind.Nodes, 40, ["false"]), (ClientKind.Job, 10, ["sleep", "600"])),
            () => _calls.Any(c => c is { Kind: ClientKind.Queue, Outcome: ClientOutcome.Done }) && _calls.Any(c => c is { Kind: ClientKind.Nodes }) && _calls.Any(c => c.Outcome == ClientOutcome.TimedOut));

        Assert.All(_calls.Where(c => c.Kind == ClientKind.Nodes && c.Outcome != ClientOutcome.Cut), c => Assert.Equal((ClientOutcome.Failed, 1), (c.Outcome, c.ExitCode)));
        Assert.All(_calls.Where(c => c.Outcome == ClientOutcome.TimedOut), c => Assert.InRange(c.Took, 300_000, long.MaxValue));
        Assert.All(_calls, c => Assert.True(c.Began >= c.Planned - 1_000, "a call began before its time"));
    }

    [Fact]
    public async Task Calls_beyond_the_most_at_once_are_not_begun_and_those_under_way_at_the_end_are_cut()
    {
        await UntilAsync(Storm(TimeSpan.FromMinutes(5), 1, (ClientKind.Queue, 100, ["sleep", "600"])), () => _calls.Any(c => c.Outcome == ClientOutcome.LeftOut));

        Assert.Equal(1, _calls.Count(c => c.Outcome == ClientOutcome.Cut));
        Assert.Equal([ClientOutcome.LeftOut, ClientOutcome.Cut], _calls.Select(c => c.Outcome).Distinct());
    }

    [Fact]
    public async Task A_client_of_one_job_waits_for_a_job_and_is_given_its_name()
    {
        var asked = 0;
        await UntilAsync(
            Storm(TimeSpan.FromMinutes(1), 64, (ClientKind.Job, 100, ["sh", "-c", "test \"$0\" = 4711", ClientStream.JobWord])), () => _calls.Any(c => c.Outcome == ClientOutcome.Done), _ => asked++ < 5 ? null : "4711");

        Assert.DoesNotContain(_calls, c => c.Outcome == ClientOutcome.Failed);
    }

    [Fact]
    public async Task A_program_that_cannot_be_started_fails_as_in_a_shell()
    {
        await UntilAsync(Storm(TimeSpan.FromMinutes(1), 64, (ClientKind.Queue, 100, ["/no/such/program"])), () => !_calls.IsEmpty);

        Assert.All(_calls, c => Assert.Equal((ClientOutcome.Failed, 126), (c.Outcome, c.ExitCode)));
    }

    [Fact]
    public void Programs_that_the_head_lacks_are_told_before_anything_is_sent()
    {
        ClientCheck.Require(Storm(TimeSpan.FromSeconds(1), 1, (ClientKind.Queue, 1, ["sh"])));

        var refused = Assert.Throws<DiagnosticException>(() => ClientCheck.Require(Storm(TimeSpan.FromSeconds(1), 1, (ClientKind.Queue, 1, ["squeue-of-nowhere"]), (ClientKind.Step, 1, ["srun-of-nowhere"]))));

        Assert.Contains("error[client-missing]: the head has no squeue-of-nowhere, srun-of-nowhere", refused.Message, StringComparison.Ordinal);
        Assert.Contains("clients.queue, clients.step", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_jobs_that_run_are_looked_at()
    {
        var events = Path.Combine(Directory.CreateTempSubdirectory("regatta-known-").FullName, "events.jsonl");
        var known = new KnownJobs(events);
        Assert.Null(known.Any(Random.Shared));
        void Come(params JobEvent[] happened) => File.AppendAllText(events, string.Concat(happened.Select(e => Encoding.UTF8.GetString(ReplayJson.Line(e)) + "\n")));
        Come(new JobEvent(1, JobEventKind.Accepted, 1, "agent") { SchedulerId = "11" }, new JobEvent(2, JobEventKind.Accepted, 1, "agent") { SchedulerId = "12" }, new JobEvent(3, JobEventKind.Accepted, 1, "agent") { SchedulerId = "13" });
        Assert.Null(known.Any(Random.Shared));

        Come(new JobEvent(1, JobEventKind.Decided, 2, "log"), new JobEvent(2, JobEventKind.Decided, 2, "log"), new JobEvent(3, JobEventKind.Decided, 2, "log"));
        Assert.Equal(["11", "12", "13"], Enumerable.Range(0, 200).Select(i => known.Any(new Random(i))).Distinct().Order(StringComparer.Ordinal));
        Come(new JobEvent(1, JobEventKind.Ended, 3, "log"), new JobEvent(1, JobEventKind.Released, 3, "log"), new JobEvent(3, JobEventKind.Requeued, 3, "log"));

        Assert.Equal(["12"], Enumerable.Range(0, 50).Select(i => known.Any(new Random(i))).Distinct());
        Directory.Delete(Path.GetDirectoryName(events)!, recursive: true);
    }

    private static ClientStorm Storm(TimeSpan timeout, int most, params (ClientKind Kind, double Rate, string[] Command)[] streams) =>
        new([.. streams.Select(s => new ClientStream(s.Kind, s.Rate, [.. s.Command]))], timeout, most, 7, null);

    /// <summary>Runs clients until something holds, and then ends them.</summary>
    private async Task UntilAsync(ClientStorm storm, Func<bool> holds, Func<Random, string?>? jobs = null)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await new ClientRun(storm, jobs ?? (_ => null), call =>
        {
            _calls.Enqueue(call);
            if (holds()) stop.Cancel();
        }, TimeProvider.System).RunAsync(stop.Token);
        Assert.True(holds());
    }
}
