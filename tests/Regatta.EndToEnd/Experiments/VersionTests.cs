using System.Text.Json;
using Regatta.Workloads;

namespace Regatta.EndToEnd.Experiments;

/// <summary>Each dialect of Slurm beside that of the quickstart against the real release: images of other suites, the interface and the log of each, one run.</summary>
public sealed class VersionTests
{
    [Fact]
    public async Task Other_releases_of_slurm_run_every_job_and_tell_all_of_it()
    {
        await using var lab = ProgramLab.Open();
        foreach (var image in new[] { "slurm", "slurm@sid" }) await RequireAsync(lab, image);

        await lab.ExpectAsync(0, "run", "quickstart", "~points", "scheduler.version=22.05,26.05", "machines=lxc", "measure.repetitions=1", "--yes", "--json");

        foreach (var (point, version) in new[] { ("22.05", "22.05.8"), ("26.05", "26.05.5") })
        {
            var record = lab.Trial($"{point}/1");
            Assert.Equal(version, record.GetProperty("schedulerVersion").GetString());
            var settings = record.GetProperty("settings");
            Assert.Equal(point == "26.05", settings.TryGetProperty("slurm.DebugFlags", out var flags) && flags.GetString()!.Contains("hetjob", StringComparison.OrdinalIgnoreCase));
            // What slurmrestd warns of would stand there: every field was understood.
            Assert.False(record.TryGetProperty("notes", out var notes) && notes.GetArrayLength() > 0, notes.ToString());
            var events = await File.ReadAllLinesAsync(Path.Combine(lab.Run, "trials", point, "1", "events.jsonl"), TestContext.Current.CancellationToken);
            foreach (var kind in new[] { "Accepted", "Eligible", "Decided", "Started", "Finished", "Ended", "Released" })
                Assert.Equal((kind, Quickstart.Count), (kind, events.Count(e => e.Contains($"\"kind\":\"{kind}\"", StringComparison.Ordinal))));
            Assert.Equal(Quickstart.Count, events.Count(e => e.Contains("\"state\":\"Completed\"", StringComparison.Ordinal)));
            // A shared host may make the client late; nothing else may be wrong.
            var (verdict, why) = lab.Audit($"{point}/1");
            Assert.False(verdict == "Invalid", why);
        }

        using var provenance = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(lab.Run, "provenance.json"), TestContext.Current.CancellationToken));
        Assert.Equal("22.05.8, 26.05.5", provenance.RootElement.GetProperty("schedulers").GetProperty("slurm").GetString());
        Assert.Equal(["slurm", "slurm@sid"], provenance.RootElement.GetProperty("images").EnumerateObject().Select(i => i.Name));
    }

    /// <summary>Mirrors keep the newest packages only, and those of sid move on within days.</summary>
    internal static async Task RequireAsync(ProgramLab lab, string image)
    {
        var built = await RegattaProgram.RunAsync(["image", "build", image, "--json"], lab.Work, lab.Environment);
        Assert.SkipWhen(
            built.Code != 0 && built.Json("diagnostic").Any(d => d.GetProperty("code").GetString() is "package-fetch" or "mirror-missing"),
            $"no mirror has the locked packages of {image} any more: regatta image lock {image}, or REGATTA_SNAPSHOT");
        Assert.True(built.Code == 0, built.Output + built.Error);
    }
}
