namespace Regatta.Tests.Cli;

public sealed class WatchCommandTests : IDisposable
{
    private readonly string _runs = Directory.CreateTempSubdirectory("regatta-watch-").FullName;

    public void Dispose() => Directory.Delete(_runs, recursive: true);

    [Fact]
    public async Task A_run_that_is_not_there_is_told()
    {
        (await ProgramRun.Of("watch", "--runs", _runs)).Says(2, "error[no-run]: there is no run in");
        (await ProgramRun.Of("watch", "20990101", "--runs", _runs)).Says(2, "error[run-unknown]: there is no run '20990101'");
        (await ProgramRun.Of("watch", _runs)).Says(2, "error[not-a-run]:");
    }

    [Fact]
    public async Task An_address_that_others_reach_needs_a_token()
    {
        await ProgramRun.Of("run", "reference", "--prepare", "--runs", _runs);

        (await ProgramRun.Of("watch", "--runs", _runs, "--listen", "0.0.0.0")).Says(2, "error[watch-open]: whoever reaches 0.0.0.0 could read the run", "add --token");
        (await ProgramRun.Of("watch", "--runs", _runs, "--listen", "nowhere")).Says(2, "error[watch-address]: 'nowhere' is no address");
        (await ProgramRun.Of("watch", "--runs", _runs, "--port", "70000")).Says(2, "error[watch-port]: 70000 is no port");
    }

    [Fact]
    public async Task A_run_that_is_watched_says_where_and_runs_as_ever()
    {
        var run = await ProgramRun.Of("run", "reference", "--watch", "--runs", _runs);

        run.Says(0, "Watch:  http://127.0.0.1:", "Report: ");
    }
}
