using Regatta.Experiments.Running;

namespace Regatta.Tests.Experiments;

/// <summary>The directory of a trial that is run by itself.</summary>
public sealed class TrialDirectoryTests : ScratchTests
{
    [Fact]
    public void An_attempt_that_does_not_count_leaves_its_logs()
    {
        var output = Path.Combine(Scratch, "trial");
        using (var directory = new TrialDirectory(output))
        {
            var first = directory.Place.Draft();
            File.WriteAllText(Path.Combine(first, "logs", "agent.log"), "first");
            File.WriteAllText(Path.Combine(first, "events.jsonl"), "{}");
            directory.Place.SetAside();
            var second = directory.Place.Draft();
            Assert.False(File.Exists(Path.Combine(second, "events.jsonl")));
            File.WriteAllText(Path.Combine(second, "logs", "agent.log"), "second");
            Assert.False(Directory.Exists(output));
            directory.Appear();
        }

        Assert.Equal(
            ["logs/agent.log", "logs/failed-1/agent.log"],
            Directory.EnumerateFiles(output, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(output, f)).Order(StringComparer.Ordinal));
        Assert.Equal([output], Directory.EnumerateFileSystemEntries(Scratch));
    }

    [Fact]
    public void What_is_interrupted_leaves_nothing()
    {
        using (var directory = new TrialDirectory(Path.Combine(Scratch, "trial"))) directory.Place.SetAside();

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
}
