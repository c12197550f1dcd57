using System.Text.Json;

namespace Regatta.EndToEnd.Experiments;

/// <summary>Slurm's daemons replaced by those of another version while jobs run: real packages, real state files, real jobs.</summary>
public sealed class UpgradeTests
{
    private const int Jobs = 90;

    [Fact]
    public async Task Slurm_is_upgraded_while_jobs_run_and_are_submitted_and_loses_none()
    {
        await using var lab = ProgramLab.Open();
        foreach (var image in new[] { "slurm@trixie", "slurm@sid" }) await VersionTests.RequireAsync(lab, image);

        await lab.ExpectAsync(0, "run", "quickstart", "~points", "machines=lxc", "scheduler.slurm.upgrade=26.05", "scheduler.slurm.upgrade_after=3s",
            "workload=bag", $"workload.jobs={Jobs}", "workload.run_time=4s", "workload.arrivals=uniform:1", "measure.repetitions=1", "measure.lateness=1m", "--yes", "--json");

        var trial = Path.GetRelativePath(Path.Combine(lab.Run, "trials"), Path.GetDirectoryName(Directory.GetFiles(Path.Combine(lab.Run, "trials"), "trial.json", SearchOption.AllDirectories).Single())!);
        var upgrade = lab.Trial(trial).GetProperty("upgrade");
        Assert.Equal(("24.11.5", "26.05.5"), (upgrade.GetProperty("from").GetString(), upgrade.GetProperty("to").GetString()));
        Assert.Equal(
            ["head slurmctld 26.05.5", "head slurmrestd 26.05.5", "worker1 slurmd 26.05.5", "worker2 slurmd 26.05.5"],
            upgrade.GetProperty("steps").EnumerateArray().Select(s => $"{s.GetProperty("node")} {s.GetProperty("daemon")} {s.GetProperty("version")}"));
        Assert.Equal((0, 0), (upgrade.GetProperty("lost").GetInt32(), upgrade.GetProperty("requeued").GetInt32()));

        var events = await File.ReadAllLinesAsync(Path.Combine(lab.Run, "trials", trial, "events.jsonl"), TestContext.Current.CancellationToken);
        foreach (var kind in new[] { "Accepted", "Eligible", "Decided", "Started", "Finished", "Ended" })
            Assert.Equal((kind, Jobs), (kind, events.Count(e => e.Contains($"\"kind\":\"{kind}\"", StringComparison.Ordinal))));
        Assert.Equal(Jobs, events.Count(e => e.Contains("\"state\":\"Completed\"", StringComparison.Ordinal)));
        var (verdict, why) = lab.Audit(trial);
        Assert.False(verdict == "Invalid", why);

        var log = lab.Log(trial, "head/slurmctld.log");
        foreach (var version in new[] { "24.11.5", "26.05.5" }) Assert.Contains($"slurmctld version {version} started", log, StringComparison.Ordinal);
        using var provenance = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(lab.Run, "provenance.json"), TestContext.Current.CancellationToken));
        Assert.Equal("24.11.5, 26.05.5", provenance.RootElement.GetProperty("schedulers").GetProperty("slurm").GetString());
        Assert.Equal(["slurm@sid", "slurm@trixie"], provenance.RootElement.GetProperty("images").EnumerateObject().Select(i => i.Name));
    }
}
