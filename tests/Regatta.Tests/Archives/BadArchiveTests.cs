using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Regatta.Runs.Archives;
using Regatta.Tests.Cli;

namespace Regatta.Tests.Archives;

/// <summary>Files that are no archives, or not to be unpacked; what would do harm is small here, and the limits are smaller.</summary>
public sealed class BadArchiveTests : ArchiveTests
{
    private const string Content = """{"version":1,"program":{"version":"1"},"runs":[{"id":"r","name":"r"}],"workloads":[],"locks":[]}""";

    [Fact]
    public async Task A_file_that_was_cut_short_is_no_whole_zip_file()
    {
        var file = await ArchiveAsync();
        var bytes = await File.ReadAllBytesAsync(file, Cancellation);
        await File.WriteAllBytesAsync(file, bytes[..(bytes.Length / 2)], Cancellation);

        (await ProgramRun.Of("verify", file)).Says(1, "error[archive-broken]: quickstart.zip: it is no whole zip file", "a download that broke off looks so");
    }

    [Fact]
    public void Sizes_that_are_declared_are_held_to_the_limit() =>
        Refuses("archive-too-large", [("a", new string('0', 5000))], "5000B together, more than 1000B", new ArchiveLimits { MostBytes = 1000 });

    [Fact]
    public void Numbers_of_files_are_held_to_the_limit() =>
        Refuses("archive-too-large", [("a", ""), ("b", ""), ("c", "")], "it names 3 files, more than 2", new ArchiveLimits { MostFiles = 2 });

    [Fact]
    public void What_describes_the_archive_is_held_to_a_limit_of_its_own() =>
        Refuses("archive-too-large", [("regatta-archive.json", Content)], "'regatta-archive.json' in it is", new ArchiveLimits { MostOfIndex = 10 });

    [Fact]
    public void What_holds_more_than_it_declares_is_not_unpacked_beyond_that()
    {
        var file = Zip(("regatta-archive.json", Content), ("runs/r/plan.json", new string('0', 100_000)), ("manifest-sha256.txt", ""));
        // The size in the directory of the zip file says 10 bytes.
        var bytes = File.ReadAllBytes(file);
        var at = Find(bytes, "runs/r/plan.json", last: true) - 46;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at + 24), 10);
        File.WriteAllBytes(file, bytes);

        var place = Directory.CreateDirectory(Path.Combine(Scratch, "u")).FullName;
        string[] codes;
        try
        {
            codes = [.. UnpackedArchive.Of(file, place, null, Cancellation).Faults.Select(f => f.Code)];
        }
        catch (DiagnosticException exception)
        {
            codes = [exception.Diagnostics[0].Code];
        }

        Assert.Contains(codes, c => c is "archive-bomb" or "archive-broken" or "archive-file-changed" or "archive-file-added");
        Assert.True(!File.Exists(Path.Combine(place, "runs/r/plan.json")) || new FileInfo(Path.Combine(place, "runs/r/plan.json")).Length <= 10);
    }

    [Fact]
    public async Task What_is_stored_beyond_the_size_that_is_declared_is_a_bomb()
    {
        var file = Path.Combine(Scratch, "bomb.zip");
        using (var zip = ZipFile.Open(file, ZipArchiveMode.Create))
        {
            foreach (var (name, text, level) in new[] { ("regatta-archive.json", Content, CompressionLevel.Optimal), ("runs/r/plan.json", new string('0', 100_000), CompressionLevel.NoCompression) })
            {
                await using var writer = new StreamWriter(await zip.CreateEntry(name, level).OpenAsync(Cancellation));
                await writer.WriteAsync(text);
            }
        }

        var bytes = await File.ReadAllBytesAsync(file, Cancellation);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Find(bytes, "runs/r/plan.json", last: true) - 46 + 24), 10);
        await File.WriteAllBytesAsync(file, bytes, Cancellation);

        (await ProgramRun.Of("verify", file)).Says(1, "error[archive-bomb]: bomb.zip: 'runs/r/plan.json' in it holds more than the 10 bytes that it declares", "do not trust it");
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("a/../../evil")]
    [InlineData("/etc/evil")]
    [InlineData("a\\evil")]
    [InlineData("a//evil")]
    [InlineData("./evil")]
    [InlineData("a\u0007b")]
    public void Names_that_leave_the_archive_are_refused(string name) => Refuses("archive-path", [(name, "x")], "is no name of a file below its directory");

    [Fact]
    public void A_name_that_is_too_long_is_refused() => Refuses("archive-path", [(new string('a', 50), "x")], "is no name of a file", new ArchiveLimits { LongestName = 49 });

    [Fact]
    public void Links_are_refused()
    {
        var file = Path.Combine(Scratch, "x.zip");
        using (var zip = ZipFile.Open(file, ZipArchiveMode.Create))
        {
            var entry = zip.CreateEntry("link");
            entry.ExternalAttributes = unchecked((int)0xA1FF0000);
            using var writer = new StreamWriter(entry.Open());
            writer.Write("/etc/passwd");
        }

        Refuses("archive-link", file, "'link' in it is a link or a device");
    }

    [Fact]
    public void Names_that_stand_twice_are_refused()
    {
        Refuses("archive-name-twice", [("a", "1"), ("a", "2")], "'a' stands in it twice");
        Refuses("archive-name-twice", [("b", "1"), ("b/c", "2")], "'b' in it is a file and a directory");
    }

    [Fact]
    public void A_crate_of_another_program_is_told_from_a_file_that_is_no_archive()
    {
        Refuses("archive-foreign", [("ro-crate-metadata.json", "{}")], "it is a crate of another program");
        Refuses("archive-foreign", [("readme", "x")], "it is no archive of Regatta");
    }

    [Fact]
    public void An_archive_of_a_newer_version_is_refused() =>
        Refuses("archive-version", [("regatta-archive.json", """{"version":2,"novel":true}""")], "it has version 2; this program reads 1 to 1");

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{"version":1,"program":{"version":"1"},"runs":[],"workloads":[],"locks":[]}""")]
    [InlineData("""{"version":1,"program":{"version":"1"},"runs":[{"id":"../r","name":"r"}],"workloads":[],"locks":[]}""")]
    [InlineData("""{"version":1,"program":{"version":"1"},"runs":[{"id":"r","name":"r"}],"workloads":[{"run":"r","point":"p","seed":1,"file":"../w"}],"locks":[]}""")]
    public void What_an_archive_says_of_itself_is_checked(string content) => Refuses("archive-content", [("regatta-archive.json", content)], "regatta-archive.json in it cannot be read");

    [Fact]
    public void Bytes_that_are_no_text_are_refused()
    {
        var file = Path.Combine(Scratch, "x.zip");
        using (var zip = ZipFile.Open(file, ZipArchiveMode.Create))
        {
            using var stream = zip.CreateEntry("regatta-archive.json").Open();
            stream.Write([0xff, 0xfe, 0x00]);
        }

        Refuses("archive-content", file, "holds bytes that are no UTF-8");
    }

    [Fact]
    public async Task Files_that_were_added_or_are_missing_are_named()
    {
        var unpacked = Unpack(await ArchiveAsync());
        File.WriteAllText(Path.Combine(unpacked.Directory, "extra"), "x");
        File.Delete(Path.Combine(unpacked.Directory, "ro-crate-metadata.json"));
        var file = Path.Combine(Scratch, "again.zip");
        await ZipFile.CreateFromDirectoryAsync(unpacked.Directory, file, Cancellation);

        (await ProgramRun.Of("compare", file)).Says(1, "error[archive-file-added]: again.zip: extra", "error[archive-file-missing]: again.zip: ro-crate-metadata.json");
    }

    [Fact]
    public async Task A_file_that_was_only_packed_again_is_no_longer_the_one_that_was_written()
    {
        var unpacked = Unpack(await ArchiveAsync());
        var file = Path.Combine(Scratch, "again.zip");
        await ZipFile.CreateFromDirectoryAsync(unpacked.Directory, file, Cancellation);

        (await ProgramRun.Of("verify", file)).Says(1, "again.zip was changed, though not in what its files hold");
    }

    [Fact]
    public async Task A_file_that_is_no_zip_is_no_whole_zip_file()
    {
        var file = Path.Combine(Scratch, "x.zip");
        await File.WriteAllTextAsync(file, "hello", Cancellation);

        (await ProgramRun.Of("verify", file)).Says(1, "error[archive-broken]");
        (await ProgramRun.Of("verify", Path.Combine(Scratch, "none.zip"))).Says(2, "error[run-unknown]");
    }

    private void Refuses(string code, (string Name, string Text)[] files, string text, ArchiveLimits? limits = null) => Refuses(code, Zip(files), text, limits);

    private void Refuses(string code, string file, string text, ArchiveLimits? limits = null)
    {
        var fault = Assert.Throws<DiagnosticException>(() => Unpack(file, limits)).Diagnostics[0];
        Assert.Equal(code, fault.Code);
        Assert.Contains(text, fault.Summary, StringComparison.Ordinal);
        Assert.NotNull(fault.Help);
        Assert.False(File.Exists(Path.Combine(Scratch, "evil")) || File.Exists("/etc/evil"));
    }

    private string Zip(params (string Name, string Text)[] files)
    {
        var file = Path.Combine(Scratch, Guid.NewGuid().ToString("N") + ".zip");
        using var zip = ZipFile.Open(file, ZipArchiveMode.Create);
        foreach (var (name, text) in files)
        {
            using var writer = new StreamWriter(zip.CreateEntry(name).Open());
            writer.Write(text);
        }

        return file;
    }

    private static int Find(byte[] bytes, string text, bool last) =>
        last ? bytes.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes(text)) : bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(text));
}
