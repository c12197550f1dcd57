using System.Text;
using Regatta.Tests.Cli;

namespace Regatta.Tests.Archives;

public sealed class PseudonymTests : ArchiveTests
{
    private static readonly string[] Names = ["adalovelace", "physics-dept", "lab-group", "maintenance-window"];

    [Fact]
    public async Task Names_and_paths_are_replaced_and_the_archive_still_holds()
    {
        var run = await RunAsync();
        var key = Path.Combine(Scratch, "key");

        var file = await ArchiveAsync(run, "--pseudonyms", "--key-file", key);

        (await ProgramRun.Of("verify", file)).Says(0, "values of the report are what the events give", "the page is the one that the events give", "holds:");
        var unpacked = Unpack(file);
        Assert.True(unpacked.Content.Pseudonyms);
        foreach (var name in Names.Append(Scratch))
        {
            var found = Directory.GetFiles(unpacked.Directory, "*", SearchOption.AllDirectories)
                .Where(f => Encoding.Latin1.GetString(File.ReadAllBytes(f)).Contains(name, StringComparison.Ordinal)).Select(f => Path.GetRelativePath(unpacked.Directory, f));
            Assert.True(!found.Any(), $"{name} stands in {string.Join(", ", found)}");
        }

        Assert.DoesNotContain(Directory.GetDirectories(unpacked.Directory, "logs", SearchOption.AllDirectories), _ => true);
        (await ProgramRun.Of("query", "select distinct account from jobs order by 1", "--run", file, "--format", "csv")).Says(0);
    }

    [Fact]
    public async Task The_same_key_gives_the_same_bytes_and_another_one_other_names()
    {
        var run = await RunAsync();
        var (key, other) = (Path.Combine(Scratch, "key"), Path.Combine(Scratch, "other"));
        string[] files = [Path.Combine(Scratch, "1.zip"), Path.Combine(Scratch, "2.zip"), Path.Combine(Scratch, "3.zip")];

        foreach (var (file, secret) in files.Zip([key, key, other])) (await ProgramRun.Of("archive", run, "--pseudonyms", "--key-file", secret, "--output", file)).Says(0);

        var bytes = files.Select(File.ReadAllBytes).ToList();
        Assert.Equal(bytes[0], bytes[1]);
        Assert.NotEqual(bytes[0], bytes[2]);
    }

    [Fact]
    public async Task What_was_archived_under_pseudonyms_runs_again()
    {
        var file = await ArchiveAsync(await RunAsync(), "--pseudonyms", "--key-file", Path.Combine(Scratch, "key"));

        (await ProgramRun.Of("rerun", file, "--runs", Path.Combine(Scratch, "again"))).Says(0, "Original against repetition: ");
    }

    [Fact]
    public async Task A_key_that_is_too_short_is_refused()
    {
        var key = Path.Combine(Scratch, "key");
        await File.WriteAllTextAsync(key, "short", Cancellation);

        (await ProgramRun.Of("archive", CopySample(), "--pseudonyms", "--key-file", key, "--output", Path.Combine(Scratch, "x.zip"))).Says(2, "error[site-key-file]");
    }

    private async Task<string> RunAsync()
    {
        var jobs = Path.Combine(Scratch, "jobs.jsonl");
        var lines = Enumerable.Range(1, 20).Select(i => $$$"""{"id":{{{i}}},"submit":{{{i}}},"processors":2,"runTime":5,"request":{"user":"{{{Names[0]}}}","account":"{{{Names[1]}}}","group":"{{{Names[2]}}}","reservation":"{{{Names[3]}}}"}}""");
        await File.WriteAllLinesAsync(jobs, lines, Cancellation);
        var runs = Path.Combine(Scratch, "runs-" + Guid.NewGuid().ToString("N"));
        (await ProgramRun.Of("run", "reference", "workload=trace", $"workload.file={jobs}", "measure.repetitions=2", "--runs", runs)).Says(0);
        return Directory.GetDirectories(runs).Single();
    }
}
