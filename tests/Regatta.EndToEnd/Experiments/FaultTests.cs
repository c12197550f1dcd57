using Regatta.Host;
using Regatta.Machines;
using Regatta.Runs;

namespace Regatta.EndToEnd.Experiments;

/// <summary>Runs that are ended or broken on the way: real containers, real Slurm, the program as a user starts it.</summary>
public sealed class FaultTests
{
    private static readonly string[] ShortRun =
        ["run", "quickstart", "--yes", "--json", "machines=lxc", "workload=bag", "workload.jobs=24", "workload.run_time=2s", "measure.repetitions=1", "measure.order=blocks"];

    [Fact]
    public async Task Killed_in_a_trial_reap_leaves_nothing_and_resume_runs_what_is_missing()
    {
        await using var lab = ProgramLab.Open();
        using var first = lab.Start(ShortRun);
        await first.HearAsync("\"fifo/1\"", "\"state\":\"Done\"");
        await first.HearAsync("\"backfill/1\"", " ended");

        // Nobody else may work in the run directory meanwhile.
        var second = await lab.ExpectAsync(1, "resume", lab.Run);
        Assert.Contains($"error[run-in-use]: run directory '{lab.Run}' is in use by another process", second.Error, StringComparison.Ordinal);

        // Any number may follow it.
        using var follower = lab.Start("attach", lab.Run);
        using var another = lab.Start("attach", lab.Run);
        await follower.HearAsync("1 of 2 trials have ended");
        await another.HearAsync("1 of 2 trials have ended");

        Assert.Equal(137, await first.KillAsync());
        Assert.Equal((1, 1), (await follower.EndAsync(), await another.EndAsync()));
        var kept = File.GetLastWriteTimeUtc(Path.Combine(lab.Run, "trials", "fifo", "1", "jobs.parquet"));
        Assert.Equal((JournalKind.TrialStarted, "backfill/1"), (lab.Journal[^1].Kind, lab.Journal[^1].Subject!));
        Assert.False(Directory.Exists(Path.Combine(lab.Run, "trials", "backfill", "1")));

        var abandoned = Assert.Single(lab.Store.List());
        Assert.Equal(ClusterState.Abandoned, abandoned.State);
        var reaped = await lab.ExpectAsync(0, "reap");
        Assert.Contains($"removed  cluster {abandoned.Claim.Name}", reaped.Output, StringComparison.Ordinal);
        lab.AssertNothingLeft(abandoned.Claim);

        var resumed = await lab.ExpectAsync(0, "resume", lab.Run);
        Assert.Contains("1 of 2 trials are there; backfill/1 was under way and starts anew", resumed.Output, StringComparison.Ordinal);
        Assert.Equal(kept, File.GetLastWriteTimeUtc(Path.Combine(lab.Run, "trials", "fifo", "1", "jobs.parquet")));
        Assert.All(["fifo/1", "backfill/1"], id =>
        {
            // The one ran on a cluster that had just been made, the other after it or on another one: one state for all.
            Assert.Equal("reset", lab.Trial(id).GetProperty("clusterState").GetString());
            Assert.True(lab.Audit(id).Verdict != "Invalid", lab.Audit(id).Why);
        });
        Assert.Equal(JournalKind.Finished, lab.Journal.Last(e => e.Kind is not JournalKind.ClusterDown).Kind);
        Assert.True(File.Exists(Path.Combine(lab.Run, "report", "index.html")));
        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task Interrupted_it_cleans_up_and_says_how_to_go_on()
    {
        await using var lab = ProgramLab.Open();
        using var program = lab.Start(ShortRun.Where(w => w != "--json").ToArray());
        await program.HearAsync("reset", "Run a job on every node");
        var claim = Assert.Single(lab.Store.List()).Claim;

        Assert.Equal(4, await program.InterruptAsync());

        Assert.Contains("error[run-interrupted]: interrupted; 0 of 2 trials are kept", program.Said, StringComparison.Ordinal);
        Assert.Contains($"help: go on with: regatta resume runs/{Path.GetFileName(lab.Run)}", program.Said, StringComparison.Ordinal);
        Assert.Equal([JournalKind.Interrupted, JournalKind.ClusterDown], lab.Journal.TakeLast(2).Select(e => e.Kind));
        lab.AssertNothingLeft(claim);
    }

    [Fact]
    public async Task Interrupted_twice_it_ends_at_once_and_what_is_left_can_be_reaped()
    {
        await using var lab = ProgramLab.Open();
        using var program = lab.Start(ShortRun.Where(w => w != "--json").ToArray());
        await program.HearAsync("booting");
        var claim = Assert.Single(lab.Store.List()).Claim;

        await program.SendInterruptAsync();
        await program.HearAsync("Ctrl-C again");
        Assert.Equal(4, await program.InterruptAgainAsync());

        Assert.Contains("warning[interrupted-twice]: ended at once, without cleaning up", program.Said, StringComparison.Ordinal);
        var reaped = await lab.ExpectAsync(0, "reap");
        Assert.Contains($"removed  cluster {claim.Name}", reaped.Output, StringComparison.Ordinal);
        lab.AssertNothingLeft(claim);
    }

    [Fact]
    public async Task A_worker_killed_in_a_trial_marks_the_trial_and_the_run_goes_on()
    {
        await using var lab = ProgramLab.Open();
        using var program = lab.Start(ShortRun);
        await program.HearAsync("\"fifo/1\"", " 1 ended");
        var broken = Assert.Single(lab.Store.List()).Claim;
        await lab.KillNodeAsync(broken.Name, "worker2");

        Assert.Equal(0, await program.EndAsync());

        var (verdict, why) = lab.Audit("fifo/1");
        Assert.Equal("Invalid", verdict);
        Assert.Contains("worker2", why, StringComparison.Ordinal);
        Assert.Contains(lab.Trial("fifo/1").GetProperty("faults").EnumerateArray(), f => f.GetProperty("text").GetString() == "worker2 did not answer after the trial");

        // The next one got a new cluster, and nothing was wrong with it.
        var next = lab.Audit("backfill/1");
        Assert.True(next.Verdict != "Invalid", next.Why);
        Assert.Equal(2, lab.Journal.Count(e => e.Kind == JournalKind.ClusterUp));
        var page = await File.ReadAllTextAsync(Path.Combine(lab.Run, "report", "index.html"), ProgramLab.Cancellation);
        Assert.Contains("worker2 did not answer after the trial", page, StringComparison.Ordinal);
        lab.AssertNothingLeft(broken);
    }

    [Fact]
    public async Task A_controller_killed_in_a_trial_is_started_again_and_the_record_tells_so()
    {
        await using var lab = ProgramLab.Open();
        using var program = lab.Start([.. ShortRun, "~points.backfill", "measure.drain=1m"]);
        await program.HearAsync("\"fifo/1\"", " 1 ended");
        await lab.OnNodeAsync("head", "systemctl kill --signal=KILL slurmctld");

        // The run's only trial is not valid.
        Assert.Equal(1, await program.EndAsync());

        // What it had not saved is lost with it, so that jobs may be missing.
        Assert.Equal("Invalid", lab.Audit("fifo/1").Verdict);
        Assert.Contains("slurmctld was started again", lab.Trial("fifo/1").GetProperty("faults").EnumerateArray().Select(f => f.GetProperty("text").GetString()));
        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task Connections_cut_in_a_trial_lose_nothing_and_leave_it_valid_on_the_same_cluster()
    {
        await using var lab = ProgramLab.Open();
        using var program = lab.Start(ShortRun);
        foreach (var moment in new[] { " 1 ended", " 6 ended", " 12 ended", " 18 ended" })
        {
            await program.HearAsync("\"fifo/1\"", moment);
            // One may just be coming back.
            while (lab.CutConnections() == 0) await Task.Delay(20, ProgramLab.Cancellation);
        }

        Assert.Equal(0, await program.EndAsync());

        var (verdict, why) = lab.Audit("fifo/1");
        Assert.True(verdict != "Invalid", why);
        Assert.Contains("connection-mended", why, StringComparison.Ordinal);
        var trial = lab.Trial("fifo/1");
        Assert.Empty(trial.GetProperty("faults").EnumerateArray());
        var events = await File.ReadAllLinesAsync(Path.Combine(lab.Run, "trials", "fifo", "1", "events.jsonl"), ProgramLab.Cancellation);
        Assert.Equal(24 * 8, events.Length);
        Assert.Equal(24 * 8, events.Distinct().Count());
        // Nothing was wrong with the cluster.
        Assert.Single(lab.Journal, e => e.Kind == JournalKind.ClusterUp);

        // Everything that was written on the way is kept with its own trial, which the next trial's clean slate does not take away.
        Assert.All(["fifo/1", "backfill/1"], id =>
        {
            Assert.Contains("JobId=", lab.Log(id, "head/slurmctld.log"), StringComparison.Ordinal);
            Assert.Contains("slurmd", lab.Log(id, "worker1/slurmd.log"), StringComparison.OrdinalIgnoreCase);
            Assert.Contains("slurmctld", lab.Log(id, "head/journal.log"), StringComparison.Ordinal);
            Assert.NotEmpty(lab.Log(id, "worker2/console.log"));
            Assert.Contains($"of {id.Replace('/', '-')} through slurm", lab.Log(id, "head/agent.log"), StringComparison.Ordinal);
            Assert.Equal(3, lab.Trial(id).GetProperty("pressure").GetArrayLength());
        });
        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task An_agent_killed_in_a_trial_fails_it_and_its_logs_are_kept()
    {
        await using var lab = ProgramLab.Open();
        using var program = lab.Start(ShortRun);
        await program.HearAsync("\"fifo/1\"", " 1 ended");
        await lab.OnNodeAsync("head", "pkill -9 -f 'regatta-agent worker'");

        Assert.Equal(1, await program.EndAsync());

        Assert.Contains(lab.Journal, e => e is { Kind: JournalKind.TrialFailed, Subject: "fifo/1" } && e.Took > TimeSpan.Zero);
        Assert.Contains("of fifo-1 through slurm", lab.Log("fifo/1", "failed-1/head/agent.log"), StringComparison.Ordinal);
        Assert.Contains("JobId=", lab.Log("fifo/1", "failed-1/head/slurmctld.log"), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(lab.Run, "trials", "fifo", "1", "trial.json")));
        Assert.True(lab.Audit("backfill/1").Verdict != "Invalid", lab.Audit("backfill/1").Why);

        await lab.ExpectAsync(0, "resume", lab.Run);
        Assert.Contains("of fifo-1 through slurm", lab.Log("fifo/1", "failed-1/head/agent.log"), StringComparison.Ordinal);
        Assert.Contains("of fifo-1 through slurm", lab.Log("fifo/1", "head/agent.log"), StringComparison.Ordinal);
        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task A_disk_that_fills_up_keeps_what_was_done_and_the_run_goes_on_when_there_is_room()
    {
        RegattaProgram.RequireRoot();
        var work = Directory.CreateTempSubdirectory("regatta-e2e-").FullName;
        await HostTool.RunAsync("mount", ["-t", "tmpfs", "-o", "size=160k", "tmpfs", work], ProgramLab.Cancellation);
        try
        {
            string[] run = ["run", "policies", "workload=bag", "workload.jobs=400", "measure.repetitions=20"];
            var full = await RegattaProgram.ExpectAsync(3, run, work);
            var directory = Assert.Single(Directory.GetDirectories(Path.Combine(work, "runs"), "2*"));
            Assert.Matches(@"error\[run-disk-full\]: no space is left for the run; \d+ of \d+ trials are kept", full.Error);
            Assert.Contains($"go on with: regatta resume runs/{Path.GetFileName(directory)}", full.Error, StringComparison.Ordinal);

            await HostTool.RunAsync("mount", ["-o", "remount,size=64m", work], ProgramLab.Cancellation);
            var kept = Directory.GetFiles(directory, "trial.json", SearchOption.AllDirectories).Length;
            var resumed = await RegattaProgram.ExpectAsync(0, ["resume", directory], work);
            Assert.Contains($"{kept} of ", resumed.Output, StringComparison.Ordinal);
        }
        finally
        {
            await HostTool.RunAsync("umount", [work], CancellationToken.None);
            Directory.Delete(work);
        }
    }

    [Fact]
    public async Task An_ordinary_user_is_told_what_needs_root_before_anything_is_written()
    {
        RegattaProgram.RequireRoot();
        // Nobody can read a checkout in root's home: the configuration alone is asked there.
        var work = Directory.CreateTempSubdirectory("regatta-e2e-").FullName;
        File.SetUnixFileMode(work, (UnixFileMode)0b111_111_111);
        try
        {
            var result = await HostTool.TryAsync(
                "setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", "env", $"HOME={work}", $"DOTNET_CLI_HOME={work}", $"--chdir={work}", RegattaProgram.Launcher, "run", "quickstart", "machines=lxc"],
                ProgramLab.Cancellation);
            Assert.SkipWhen(result.ExitCode is 126 or 127, "the checkout lies where an ordinary user cannot run the program");
            Assert.Equal(3, result.ExitCode);
            Assert.Contains("error[host-root]: root (containers and networks): runs as an ordinary user", result.Error, StringComparison.Ordinal);
            Assert.Contains("help: sudo regatta", result.Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(Path.Combine(work, "runs")));
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }
}
