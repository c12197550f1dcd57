using System.Text.Json;
using Regatta.Workloads;

namespace Regatta.EndToEnd.Experiments;

/// <summary>The whole way as a user goes it: real image, real containers, real Ansible, real Slurm.</summary>
public sealed class WholeWayTests : IDisposable
{
    private readonly string _work = Directory.CreateTempSubdirectory("regatta-e2e-").FullName;

    public WholeWayTests() => RegattaProgram.RequireRoot();

    public void Dispose()
    {
        if (Directory.Exists(_work)) Directory.Delete(_work, recursive: true);
    }

    [Fact]
    public async Task The_quickstart_races_two_configurations_and_reports()
    {
        var result = await RegattaProgram.ExpectAsync(0, ["run", "quickstart", "--yes", "--json"], _work);

        var run = Assert.Single(Directory.GetDirectories(Path.Combine(_work, "runs")));
        var trials = Directory.GetFiles(Path.Combine(run, "trials"), "trial.json", SearchOption.AllDirectories);
        Assert.Equal(12, trials.Length);
        foreach (var trial in trials)
        {
            using var record = JsonDocument.Parse(await File.ReadAllTextAsync(trial, TestContext.Current.CancellationToken));
            Assert.Equal("slurm", record.RootElement.GetProperty("scheduler").GetString());
            Assert.Equal("24.11.5", record.RootElement.GetProperty("schedulerVersion").GetString());
            Assert.Equal(8, record.RootElement.GetProperty("processors").GetInt32());
            Assert.Equal(64, record.RootElement.GetProperty("image").GetString()!.Length);
            var directory = Path.GetDirectoryName(trial)!;
            Assert.Equal(Quickstart.Count, Regex(Path.Combine(directory, "events.jsonl"), "\"kind\":\"Started\""));
            Assert.Equal(Quickstart.Count, Regex(Path.Combine(directory, "events.jsonl"), "\"state\":\"Completed\""));
            using var audit = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(directory, "audit.json"), TestContext.Current.CancellationToken));
            // A shared host may make the client late; nothing else may be wrong.
            Assert.NotEqual("Invalid", audit.RootElement.GetProperty("verdict").GetString());
        }

        var page = await File.ReadAllTextAsync(Path.Combine(run, "report", "index.html"), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("Too few runs for a verdict: ", page, StringComparison.Ordinal);
        Assert.Single(result.Json("report"));
        await RepeatAsync(run);
        await AssertNothingLeftAsync();
    }

    // The same experiment from its archive, on images that are built anew out of what the archive brings.
    private async Task RepeatAsync(string run)
    {
        var archive = Path.Combine(_work, "quickstart.zip");
        await RegattaProgram.ExpectAsync(0, ["archive", run, "--with-images", "--output", archive], _work);
        Assert.Contains("quickstart.zip holds", (await RegattaProgram.ExpectAsync(0, ["verify", archive], _work)).Output, StringComparison.Ordinal);

        // On a busy host the times of two repetitions may differ from those of six: that is no fault of the program.
        var again = await RegattaProgram.RunAsync(["rerun", archive, "measure.repetitions=2", "--images", "rebuilt", "--yes", "--json"], _work);

        Assert.True(again.Code is 0 or 1, again.Error);
        var image = Assert.Single(again.Json("rebuilt"));
        Assert.True(image.GetProperty("same").GetBoolean(), image.GetRawText());
        var repetition = Assert.Single(again.Json("repetition"));
        Assert.Equal(Path.GetFileName(run), repetition.GetProperty("original").GetString());
        Assert.Equal(2, repetition.GetProperty("results").GetProperty("metrics").GetArrayLength());
    }

    private static int Regex(string file, string pattern) => System.Text.RegularExpressions.Regex.Count(File.ReadAllText(file), pattern);

    private async Task AssertNothingLeftAsync()
    {
        var clusters = await RegattaProgram.ExpectAsync(0, ["cluster", "list", "--json"], _work);
        Assert.Empty(clusters.Json("cluster"));
    }
}
