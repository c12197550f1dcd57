using Regatta.Archives.Verification;
using Regatta.Runs;
using Regatta.Runs.Archives;
using Regatta.Tests.Cli;

namespace Regatta.Tests.Archives;

/// <summary>Tests on a copy of the quickstart's sample under the name of a run.</summary>
public abstract class ArchiveTests : ScratchTests
{
    protected const string Id = "20261129T210333Z-quickstart-e81ed533";

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The sample's run directory, copied to <paramref name="below"/>.</summary>
    protected string CopySample(string below = "runs", string sample = "quickstart", string id = Id)
    {
        var to = Path.Combine(Scratch, below, id);
        Copy(Path.Combine(Repository.Root, "samples", sample), to);
        return to;
    }

    /// <summary>An archive of the sample, made by the command line.</summary>
    protected async Task<string> ArchiveAsync(string? run = null, params string[] more)
    {
        var file = Path.Combine(Scratch, "quickstart.zip");
        (await ProgramRun.Of(["archive", run ?? CopySample(), "--output", file, .. more])).Says(0, "Archive: ", "sha256:");
        return file;
    }

    protected UnpackedArchive Unpack(string file, ArchiveLimits? limits = null) =>
        UnpackedArchive.Of(file, Directory.CreateDirectory(Path.Combine(Scratch, "unpacked-" + Guid.NewGuid().ToString("N"))).FullName, limits, Cancellation);

    protected static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var below in Directory.GetDirectories(from)) Copy(below, Path.Combine(to, Path.GetFileName(below)));
    }
}

public sealed class ArchiveWritingTests : ArchiveTests
{
    [Fact]
    public async Task The_same_run_gives_the_same_bytes_wherever_it_lies_and_whenever_it_is_archived()
    {
        var first = CopySample("a");
        var second = CopySample("b");
        foreach (var file in Directory.GetFiles(second, "*", SearchOption.AllDirectories)) File.SetLastWriteTimeUtc(file, new DateTime(2020, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        File.WriteAllText(Path.Combine(second, ".lock"), "1\n");

        await ProgramRun.Of("archive", first, "--output", Path.Combine(Scratch, "a.zip"));
        await ProgramRun.Of("archive", second, "--output", Path.Combine(Scratch, "b.zip"));

        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(Scratch, "a.zip"), Cancellation), await File.ReadAllBytesAsync(Path.Combine(Scratch, "b.zip"), Cancellation));
    }

    [Fact]
    public async Task Holds_the_run_its_jobs_by_hash_the_lists_and_the_report_in_at_most_2_MB()
    {
        var file = await ArchiveAsync();

        var archive = Unpack(file);

        Assert.Empty(archive.Faults);
        Assert.True(new FileInfo(file).Length < 2_000_000, $"{new FileInfo(file).Length} bytes");
        foreach (var name in new[] { "ro-crate-metadata.json", "manifest-sha256.txt", "regatta-archive.json", $"runs/{Id}/experiment.yaml", $"runs/{Id}/plan.json", $"runs/{Id}/journal.jsonl", $"runs/{Id}/trials/fifo/1/events.jsonl", $"runs/{Id}/report/index.html" })
            Assert.True(File.Exists(Path.Combine(archive.Directory, name)), name);
        var workload = Assert.Single(archive.Content.Workloads.Select(w => w.File).Distinct());
        Assert.Equal(workload, $"workloads/{Sha256(Path.Combine(archive.Directory, workload))}.jsonl");
        Assert.Equal(12, ReplayedJobs.ReadAll(Path.Combine(archive.Directory, workload), Cancellation).Jobs.Length);
        Assert.False(File.Exists(Path.Combine(archive.Directory, "runs", Id, ".lock")));
    }

    [Fact]
    public async Task A_run_remembers_its_archives_and_its_report_links_to_them()
    {
        var run = CopySample();
        var file = await ArchiveAsync(run);
        var before = await File.ReadAllBytesAsync(file, Cancellation);
        (await ProgramRun.Of("report", run, "--no-figures")).Says(0);
        var page = await File.ReadAllTextAsync(Path.Combine(run, "report", "index.html"), Cancellation);

        Assert.Equal([new ArchivedAs("quickstart.zip", Sha256(file)) { Path = "../../quickstart.zip" }], RunArchives.Of(run));
        Assert.Contains("<pre>regatta rerun quickstart.zip</pre>", page, StringComparison.Ordinal);
        Assert.Contains($"<a href=\"../../../quickstart.zip\">quickstart.zip</a>, sha256 <code>{Sha256(file)}</code>", page, StringComparison.Ordinal);
        (await ProgramRun.Of("verify", run)).Says(0, "the page is the one that the events give", "not checked: in which archives the run is comes of no event");

        // What a run remembers is no part of it: written again the archive is the same, and is remembered once.
        await ArchiveAsync(run);
        Assert.Equal(before, await File.ReadAllBytesAsync(file, Cancellation));
        await ArchiveAsync(run, "--license", "CC0-1.0");
        Assert.Equal(Sha256(file), Assert.Single(RunArchives.Of(run)).Sha256);
    }

    [Fact]
    public async Task The_report_inside_an_archive_says_that_it_is_and_how_it_is_run_again()
    {
        var (run, second) = (CopySample(), CopySample("runs", "policies", "20261129T212041Z-policies-1a2b3c4d"));
        var alone = Unpack(await ArchiveAsync(run));
        var file = Path.Combine(Scratch, "both.zip");
        (await ProgramRun.Of("archive", run, second, "--output", file)).Says(0);
        var both = Unpack(file);

        static string Page(UnpackedArchive archive, string id) => File.ReadAllText(Path.Combine(archive.Directory, "runs", id, "report", "index.html"));
        Assert.Contains($"<pre>regatta rerun {Id}.zip</pre>", Page(alone, Id), StringComparison.Ordinal);
        Assert.Contains("<a href=\"../../../manifest-sha256.txt\">", Page(alone, Id), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.GetFullPath(Path.Combine(alone.Directory, "runs", Id, "report", "../../../manifest-sha256.txt"))));
        Assert.Contains($"<pre>regatta rerun {Id}.zip --run {Id}</pre>", Page(both, Id), StringComparison.Ordinal);
        (await ProgramRun.Of("verify", file)).Says(0, "the page is the one that the events give", "holds:");
    }

    [Fact]
    public async Task A_run_that_cannot_remember_is_archived_all_the_same_and_what_it_remembers_is_checked()
    {
        var run = CopySample();
        Directory.CreateDirectory(Path.Combine(run, "archives.json.new"));
        (await ProgramRun.Of("archive", run, "--output", Path.Combine(Scratch, "x.zip"))).Says(0, "hint[archive-not-remembered]");
        await File.WriteAllTextAsync(Path.Combine(run, "archives.json"), "{\"version\":2}", Cancellation);
        (await ProgramRun.Of("report", run)).Says(1, "error[run-version]: archives.json of the run has version 2");
        await File.WriteAllTextAsync(Path.Combine(run, "archives.json"), "{", Cancellation);
        (await ProgramRun.Of("report", run)).Says(1, "error[run-file]: archives.json of the run cannot be read");
    }

    [Fact]
    public async Task Says_so_when_the_jobs_cannot_be_made_again()
    {
        var run = CopySample();
        var plan = Path.Combine(run, "plan.json");
        File.WriteAllText(plan, File.ReadAllText(plan).Replace("\"jobs\": 12", "\"jobs\": 13", StringComparison.Ordinal));

        (await ProgramRun.Of("archive", run, "--output", Path.Combine(Scratch, "x.zip"))).Says(0, "warning[archive-workload]", "has 12 jobs now, and had 13");
        (await ProgramRun.Of("verify", Path.Combine(Scratch, "x.zip"))).Says(0, "not checked: the jobs themselves are not at hand");
    }

    [Theory]
    [InlineData("--license", "do what you want", "'do what you want' is no identifier of a licence")]
    [InlineData("--author", "Ada https://orcid.org/12", "'12' is no ORCID")]
    [InlineData("--author", "https://orcid.org/0000-0002-1825-0097", "names no author")]
    public async Task Refuses_terms_that_cannot_be(string option, string value, string text) =>
        (await ProgramRun.Of("archive", CopySample(), "--output", Path.Combine(Scratch, "x.zip"), option, value)).Says(2, "error[archive-terms]", text);

    [Fact]
    public async Task Refuses_a_run_without_a_trial_and_a_place_that_cannot_be_written()
    {
        var run = CopySample();
        (await ProgramRun.Of("archive", run, "--output", "/proc/none/x.zip")).Says(3, "error[archive-write]");
        Directory.Delete(Path.Combine(run, "trials"), recursive: true);
        (await ProgramRun.Of("archive", run, "--output", Path.Combine(Scratch, "x.zip"))).Says(1, "error[report-no-trial]");
    }

    [Fact]
    public void Refuses_a_file_that_changes_while_it_is_archived()
    {
        var sizes = new Queue<byte[]>([[1], [2]]);
        var source = ArchiveSource.Of([1]) with { Open = () => new MemoryStream(sizes.Count == 2 ? sizes.Dequeue() : sizes.Peek()) };
        source.Open();

        var fault = Assert.Throws<DiagnosticException>(() => ArchiveWriter.Write(Path.Combine(Scratch, "x.zip"), new Dictionary<string, ArchiveSource> { ["a"] = source }, Cancellation));

        Assert.Equal("archive-source-changed", fault.Diagnostics[0].Code);
        Assert.Empty(Directory.GetFiles(Scratch));
    }

    [Fact]
    public async Task Commands_about_results_read_an_archive_as_they_read_a_run()
    {
        var run = CopySample();
        var file = await ArchiveAsync(run);
        var page = Path.Combine(Scratch, "page.html");

        var (_, ofRun, _) = await ProgramRun.Of("compare", run);
        var (code, ofFile, _) = await ProgramRun.Of("compare", file);
        Assert.Equal((0, ofRun), (code, ofFile));
        (await ProgramRun.Of("query", "select count(*) as jobs from jobs", "--run", file, "--format", "csv", "--runs", Path.Combine(Scratch, "none"))).Says(0);
        (await ProgramRun.Of("export", file, "--output", Path.Combine(Scratch, "jobs.csv"))).Says(0);
        Assert.Equal(145, (await File.ReadAllLinesAsync(Path.Combine(Scratch, "jobs.csv"), Cancellation)).Length);
        (await ProgramRun.Of("check", file, "--bound", "wait-mean <= 1h")).Says(0);
        (await ProgramRun.Of("report", file, "--output", page, "--no-figures")).Says(0);
        var html = await File.ReadAllTextAsync(page, Cancellation);
        Assert.Contains("regatta rerun quickstart.zip", html, StringComparison.Ordinal);
        Assert.Contains(Sha256(file), html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_two_archives_of_one_run()
    {
        var file = await ArchiveAsync();
        var again = Path.Combine(Scratch, "again.zip");
        File.Copy(file, again);

        (await ProgramRun.Of("compare", file, again)).Says(2, "error[archive-run-twice]", $"the run {Id} is named twice", "quickstart.zip", "again.zip");
    }

    private static string Sha256(string file) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)));
}
