namespace Regatta.EndToEnd.Experiments;

/// <summary>Faults on purpose: real containers, real Slurm, the program as a user starts it.</summary>
public sealed class PlannedFaultTests
{
    private static readonly string[] Short =
        ["--yes", "--json", "measure.repetitions=1", "measure.order=blocks", "measure.drain=30s", "workload.jobs=30", "workload.run_time=2s", "workload.arrivals=uniform:3"];

    [Fact]
    public async Task Faults_come_are_healed_and_are_counted_by_the_payloads_own_stamps()
    {
        await using var lab = ProgramLab.Open();
        await lab.ExpectAsync(0, ["run", "controller-failure", .. Short, "~points.alone",
            "points.killed=['faults=controller-killed','faults.plan.controller.at=3s']", "points.frozen=['faults=controller-frozen','faults.plan.controller.at=3s','faults.plan.controller.lasts=3s']",
            "+points.lost=['faults=node-lost','faults.plan.node.at=3s','faults.plan.node.lasts=5s']"]);

        Assert.All(["killed/1", "frozen/1", "lost/1"], id =>
        {
            var injection = lab.Trial(id).GetProperty("injection");
            var fault = Assert.Single(injection.GetProperty("faults").EnumerateArray());
            Assert.Equal(id == "lost/1" ? "worker1" : "head", fault.GetProperty("node").GetString());
            Assert.True(fault.GetProperty("healed").GetInt64() > fault.GetProperty("began").GetInt64());
            Assert.True(fault.GetProperty("firstStart").GetInt64() > 0);
            Assert.Equal(0, injection.GetProperty("effects").GetProperty("falselyCompleted").GetInt32());
            Assert.True(lab.Audit(id).Verdict != "Invalid", lab.Audit(id).Why);
            Assert.True(lab.Trial(id).GetProperty("sampling").GetProperty("samples").GetInt32() > 5);
        });
        // It did nothing for as long as was planned, and nobody had to start it again.
        var frozen = lab.Trial("frozen/1").GetProperty("injection").GetProperty("faults")[0];
        Assert.True(frozen.GetProperty("healed").GetInt64() - frozen.GetProperty("began").GetInt64() >= 3_000_000);
        Assert.DoesNotContain("was started again", lab.Audit("frozen/1").Why, StringComparison.Ordinal);
        Assert.Contains("slurmctld was started again", lab.Audit("killed/1").Why, StringComparison.Ordinal);

        var asked = await lab.ExpectAsync(0, "query", "SELECT count(*) > 20 AS many FROM samples WHERE name = 'process_cpu_seconds' AND labels LIKE '%slurmctld%'", "--format", "csv");
        Assert.Contains("true", asked.Output, StringComparison.Ordinal);
        var page = await File.ReadAllTextAsync(Path.Combine(lab.Run, "report", "index.html"), ProgramLab.Cancellation);
        Assert.Contains("id=\"faults\"", page, StringComparison.Ordinal);
        Assert.Contains("id=\"inside\"", page, StringComparison.Ordinal);
        lab.AssertNothingLeft();
    }

    [Fact]
    public async Task What_a_killed_program_left_broken_on_a_kept_cluster_is_healed_by_reap()
    {
        await using var lab = ProgramLab.Open();
        using var program = lab.Start(["run", "controller-failure", .. Short, "~points", "cluster.keep=true", "faults=controller-frozen", "faults.plan.controller.at=2s", "faults.plan.controller.lasts=10m", "workload.jobs=2000"]);
        await program.HearAsync("\"fault\"", "frozen on head");
        Assert.Equal(137, await program.KillAsync());
        var cluster = Assert.Single(lab.Store.List()).Claim.Name;
        const string State = "sed 's/.*) //; s/ .*//' /proc/$(systemctl show --property=MainPID --value slurmctld)/stat";
        Assert.Equal("T", (await lab.OnNodeAsync("head", State)).Trim());

        var reaped = await lab.ExpectAsync(0, "reap");

        Assert.Contains($"removed  fault controller of cluster {cluster}", reaped.Output, StringComparison.Ordinal);
        Assert.NotEqual("T", (await lab.OnNodeAsync("head", State)).Trim());
        Assert.DoesNotContain("fault", (await lab.ExpectAsync(0, "reap")).Output, StringComparison.Ordinal);
    }
}
