using System.Text.Json;
using Regatta.Machines;

namespace Regatta.EndToEnd.Experiments;

/// <summary>Virtual time: real Slurm, its accounting, its emulated nodes and its jobs by one clock, the program as a user starts it.</summary>
public sealed class VirtualTimeTests
{
    [Fact]
    public async Task A_trial_goes_by_the_clock_as_does_a_daemon_that_is_started_again_and_reap_ends_all()
    {
        await using var lab = ProgramLab.Open();
        await VersionTests.RequireAsync(lab, "slurm-accounting");
        using var program = lab.Start("run", "warp-fidelity-policy", "--yes", "--json", "~points.real", "machines=lxc", "measure.repetitions=2");
        await program.HearAsync("\"virtual/1\"", "\"state\":\"Done\"");

        var trial = lab.Trial("virtual/1");
        var clock = trial.GetProperty("clock");
        Assert.True(clock.GetProperty("jumps").GetInt64() > 40, trial.GetRawText());
        Assert.Equal((0, 0, 0), (clock.GetProperty("escapes").GetInt64(), clock.GetProperty("unsupported").GetInt64(), clock.GetProperty("stuck").GetInt64()));
        // What it jumped over nobody waited for.
        Assert.InRange(clock.GetProperty("jumped").GetInt64(), 1, clock.GetProperty("virtual").GetInt64());
        var (verdict, why) = lab.Audit("virtual/1");
        Assert.True(verdict != "Invalid", why);
        Assert.Contains("Virtual time: ", why, StringComparison.Ordinal);
        var events = await File.ReadAllLinesAsync(Path.Combine(lab.Run, "trials", "virtual", "1", "events.jsonl"), ProgramLab.Cancellation);
        Assert.Equal(53, events.Count(e => e.Contains("\"kind\":\"Started\"", StringComparison.Ordinal)));

        Assert.Contains(events, e => e.Contains("\"kind\":\"Preempted\"", StringComparison.Ordinal));
        Assert.Equal("accounting_storage/slurmdbd", trial.GetProperty("settings").GetProperty("slurm.AccountingStorageType").GetString());
        // The reservation begins 95 s after the replay, whenever that does, and the first job is sent after 6.5 s.
        var sent = events.Where(e => e.Contains("\"kind\":\"Sent\"", StringComparison.Ordinal)).Min(e => JsonDocument.Parse(e).RootElement.GetProperty("time").GetInt64());
        Assert.InRange(trial.GetProperty("reservations")[0].GetProperty("start").GetInt64() - sent, 87_500_000, 89_500_000);

        await program.HearAsync("\"virtual/2\"", " sent");
        // What systemd starts again goes by the clock as what it stands for did.
        var joined = await lab.OnNodeAsync(
            "head", "was=$(pidof slurmctld); kill -9 $was; until now=$(pidof slurmctld) && [ \"$now\" != \"$was\" ] && grep -q regatta-clock /proc/${now%% *}/maps; do sleep 0.05; done; echo joined");
        Assert.Equal("joined", joined.Trim());
        Assert.Equal(137, await program.KillAsync());
        var abandoned = Assert.Single(lab.Store.List());
        Assert.Equal(ClusterState.Abandoned, abandoned.State);

        Assert.Contains($"removed  cluster {abandoned.Claim.Name}", (await lab.ExpectAsync(0, "reap")).Output, StringComparison.Ordinal);

        lab.AssertNothingLeft(abandoned.Claim);
    }
}
