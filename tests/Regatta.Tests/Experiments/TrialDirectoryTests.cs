using Regatta.Experiments.Running;
using Regatta.Runs;

namespace Regatta.Tests.Experiments;

/// <summary>The directory of a trial that is run by itself.</summary>
public sealed class TrialDirectoryTests : ScratchTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_two_attempts_the_one_that_does_not_count_leaves_its_logs(bool repetitionCounts)
    {
        var output = Path.Combine(Scratch, "trial");
        using (var directory = new TrialDirectory(output))
        {
            var first = directory.Place.Draft();
            Log(first, "first");
            File.WriteAllText(Path.Combine(first, "events.jsonl"), "{}");
            using var held = new HeldTrial(first);
            var second = directory.Place.Draft();
            Assert.False(File.Exists(Path.Combine(second, "events.jsonl")));
            Log(second, "second");
            File.WriteAllText(Path.Combine(second, "events.jsonl"), "{\"second\":1}");
            if (repetitionCounts) held.KeepLogs(directory.Place);
            else held.Restore(directory.Place);
            Assert.False(Directory.Exists(output));
            directory.Appear();
        }

        Assert.Equal(
            repetitionCounts ? ["events.jsonl {\"second\":1}", "logs/agent.log second", "logs/failed-1/agent.log first"] : ["events.jsonl {}", "logs/agent.log first", "logs/failed-1/agent.log second"],
            Directory.EnumerateFiles(output, "*", SearchOption.AllDirectories).Select(f => $"{Path.GetRelativePath(output, f)} {File.ReadAllText(f)}").Order(StringComparer.Ordinal));
        Assert.Equal([output], Directory.EnumerateFileSystemEntries(Scratch));
    }

    [Theory]
    [InlineData(true, "second")]
    [InlineData(false, "first")]
    public void What_was_recorded_beside_an_attempt_goes_with_it(bool repetitionCounts, string counts)
    {
        var output = Path.Combine(Scratch, "trial");
        using (var directory = new TrialDirectory(output))
        {
            var first = directory.Place.Draft();
            foreach (var file in TrialFiles.Beside) File.WriteAllText(Path.Combine(first, file), "first");
            using var held = new HeldTrial(first);
            var second = directory.Place.Draft();
            foreach (var file in TrialFiles.Beside) File.WriteAllText(Path.Combine(second, file), "second");
            if (repetitionCounts) held.KeepLogs(directory.Place);
            else held.Restore(directory.Place);
            directory.Appear();
        }

        Assert.All(TrialFiles.Beside, file => Assert.Equal(counts, File.ReadAllText(Path.Combine(output, file))));
    }

    [Fact]
    public void What_is_interrupted_leaves_nothing()
    {
        using (var directory = new TrialDirectory(Path.Combine(Scratch, "trial")))
        using (var held = new HeldTrial(directory.Place.Draft()))
            held.KeepLogs(directory.Place);

        Assert.Empty(Directory.EnumerateFileSystemEntries(Scratch));
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_said()
    {
        var file = Path.Combine(Scratch, "file");
        File.WriteAllText(file, "");

        var fault = Assert.Throws<DiagnosticException>(() => new TrialDirectory(Path.Combine(file, "trial"))).Diagnostics[0];

        Assert.Equal(("output-unwritable", "name another directory with --output"), (fault.Code, fault.Help));
    }

    private static void Log(string draft, string text) => File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(draft, "logs")).FullName, "agent.log"), text);
}
