using Microsoft.Extensions.Time.Testing;
using Regatta.Images.Mirrors;
using Regatta.Images.Packages;

namespace Regatta.Tests.Images;

/// <summary>Fetching, against real HTTP servers that misbehave.</summary>
public sealed class PackageFetcherTests : IDisposable
{
    private const string Snapshot = "20260131T000000Z";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("regatta-fetch-");
    private readonly HttpClient _client = PackageFetcher.CreateClient();

    public void Dispose()
    {
        _client.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Packages_come_whole_and_under_their_names_in_the_store()
    {
        await using var mirror = Good();

        var files = await FetchAsync([mirror], Locks.Package("bash"), Locks.Package("openssl", "debian-security"));

        Assert.Equal(["bash_1.0-1.deb", "openssl_1.0-1.deb"], files.Select(f => Path.GetFileName(f)));
        Assert.Equal(Locks.Content("bash"), File.ReadAllBytes(files[0]));
        Assert.Equal(["/debian-security/pool/main/openssl_1.0-1_amd64.deb", "/debian/pool/main/bash_1.0-1_amd64.deb"], mirror.Asked.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_one_mirror_lacks_the_next_one_gives()
    {
        await using var stale = new LocalMirror((_, _) => new MirrorAnswer.Status(404));
        await using var good = Good();

        var files = await FetchAsync([stale, good], Locks.Package("bash"));

        Assert.Equal(Locks.Content("bash"), File.ReadAllBytes(files[0]));
        Assert.Equal(1, Assert.Single(stale.Asked).Value);
    }

    [Fact]
    public async Task A_version_that_no_mirror_holds_is_named_with_the_command_that_mends_it()
    {
        await using var mirror = new LocalMirror((path, _) => path.Contains("bash", StringComparison.Ordinal) ? new MirrorAnswer.Status(404) : new MirrorAnswer.Bytes(Locks.Content("dash")));

        var fault = Assert.Single(await FaultsAsync([mirror], Locks.Package("bash"), Locks.Package("dash")));

        Assert.Equal("package-gone", fault.Code);
        Assert.Equal("'bash' 1.0-1: no mirror holds the locked version any more", fault.Summary);
        Assert.Equal($"pool/main/bash_1.0-1_amd64.deb\n  {mirror.Address}: HTTP 404", fault.Detail);
        Assert.StartsWith("regatta image lock ", fault.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_archive_is_asked_last_and_at_the_time_of_the_lock()
    {
        await using var mirror = new LocalMirror((_, _) => new MirrorAnswer.Status(404));
        await using var archive = Good();

        await FetchAsync([new Mirror(archive.Address, MirrorLayout.Snapshot), new Mirror(mirror.Address, MirrorLayout.Parent)], [Locks.Package("bash")], Patient);

        Assert.Single(mirror.Asked);
        Assert.Equal($"/archive/debian/{Snapshot}/pool/main/bash_1.0-1_amd64.deb", Assert.Single(archive.Asked).Key);
    }

    [Fact]
    public async Task Other_bytes_are_never_taken()
    {
        await using var mirror = new LocalMirror((_, _) => new MirrorAnswer.Bytes("something else"u8.ToArray()));
        var bash = Locks.Package("bash");

        var fault = Assert.Single(await FaultsAsync([mirror], bash));

        Assert.Equal("package-hash", fault.Code);
        Assert.Equal("'bash' 1.0-1 has another sha256 than the lock says", fault.Summary);
        Assert.StartsWith($"the lock says {bash.Sha256}\n  {mirror.Address}: gave ", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_bytes_from_one_mirror_do_not_hinder_another()
    {
        await using var bad = new LocalMirror((_, _) => new MirrorAnswer.Bytes("something else"u8.ToArray()));
        await using var good = Good();

        var files = await FetchAsync([bad, good], Locks.Package("bash"));

        Assert.Equal(Locks.Content("bash"), File.ReadAllBytes(files[0]));
    }

    [Fact]
    public async Task A_mirror_that_hangs_is_left_after_its_time_and_asked_last_from_then_on()
    {
        // Time passes for who asks the silent mirror, and for nobody else.
        var time = new FakeTimeProvider();
        await using var silent = new LocalMirror((_, _) =>
        {
            time.Advance(Patient.Silence);
            return new MirrorAnswer.Silence();
        });
        await using var good = Good();

        var files = await FetchAsync(
            [new Mirror(silent.Address, MirrorLayout.Parent), new Mirror(good.Address, MirrorLayout.Parent)],
            [Locks.Package("bash"), Locks.Package("dash"), Locks.Package("sed")],
            Patient with { Parallelism = 1 }, time);

        Assert.Equal(3, files.Count(File.Exists));
        Assert.Single(silent.Asked);
    }

    [Fact]
    public async Task A_mirror_that_stops_in_the_middle_is_named()
    {
        await using var mirror = new LocalMirror((_, _) => new MirrorAnswer.Stall(Locks.Content("bash")[..3]));

        var fault = Assert.Single(await FaultsAsync([new Mirror(mirror.Address, MirrorLayout.Parent)], [Locks.Package("bash")], Patient with { Silence = TimeSpan.FromMilliseconds(300) }));

        Assert.Equal("package-fetch", fault.Code);
        Assert.Equal("'bash' 1.0-1: could not be fetched", fault.Summary);
        Assert.Contains($"{mirror.Address}: silent for 0.3 s", fault.Detail, StringComparison.Ordinal);
        Assert.Contains("REGATTA_MIRRORS", fault.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_may_pass_is_tried_again()
    {
        await using var mirror = new LocalMirror((_, time) => time < 3 ? new MirrorAnswer.Status(503) : new MirrorAnswer.Bytes(Locks.Content("bash")));

        var files = await FetchAsync([mirror], Locks.Package("bash"));

        Assert.Equal(Locks.Content("bash"), File.ReadAllBytes(files[0]));
        Assert.Equal(3, Assert.Single(mirror.Asked).Value);
    }

    [Fact]
    public async Task A_mirror_that_nobody_answers_for_is_named()
    {
        string address;
        await using (var gone = Good()) address = gone.Address;

        var fault = Assert.Single(await FaultsAsync([new Mirror(address, MirrorLayout.Parent)], [Locks.Package("bash")], Patient));

        Assert.Equal("package-fetch", fault.Code);
        Assert.Contains(address, fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_is_called_one()
    {
        await using var mirror = Good();
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "bash_1.0-1.deb"), "/dev/full");

        var fault = Assert.Single(await FaultsAsync([mirror], Locks.Package("bash")));

        Assert.Equal("image-no-space", fault.Code);
        Assert.Equal($"no space is left for '{_folder.FullName}'", fault.Summary);
    }

    [Fact]
    public async Task A_directory_serves_as_a_mirror_too()
    {
        var pool = Directory.CreateDirectory(Path.Combine(_folder.FullName, "mirror", "debian", "pool", "main")).FullName;
        File.WriteAllBytes(Path.Combine(pool, "bash_1.0-1_amd64.deb"), Locks.Content("bash"));

        var files = await FetchAsync([new Mirror($"file://{_folder.FullName}/mirror", MirrorLayout.Parent)], [Locks.Package("bash")], Patient);

        Assert.Equal(Locks.Content("bash"), File.ReadAllBytes(files[0]));
    }

    // A mirror on a busy machine may take its time: only one that hangs on purpose is judged by a short limit, or by a clock of its own.
    private static FetchSettings Patient => new() { Pause = TimeSpan.FromMilliseconds(1) };

    private static LocalMirror Good() => new((path, _) => new MirrorAnswer.Bytes(Locks.Content(Path.GetFileName(path).Split('_')[0])));

    private static Mirror[] Of(LocalMirror[] mirrors) => [.. mirrors.Select(m => new Mirror(m.Address, MirrorLayout.Parent))];

    private Task<IReadOnlyList<string>> FetchAsync(LocalMirror[] mirrors, params LockedPackage[] packages) => FetchAsync(Of(mirrors), packages, Patient);

    private async Task<IReadOnlyList<string>> FetchAsync(Mirror[] mirrors, LockedPackage[] packages, FetchSettings settings, TimeProvider? time = null) =>
        await new PackageFetcher(_client, [.. mirrors], settings, time ?? TimeProvider.System)
            .FetchAsync([.. packages.Select(p => new FetchRequest(p, Snapshot))], _folder.FullName, SilentMonitor.Instance, TestContext.Current.CancellationToken);

    private Task<IReadOnlyList<Diagnostic>> FaultsAsync(LocalMirror[] mirrors, params LockedPackage[] packages) => FaultsAsync(Of(mirrors), packages, Patient);

    private async Task<IReadOnlyList<Diagnostic>> FaultsAsync(Mirror[] mirrors, LockedPackage[] packages, FetchSettings settings) =>
        (await Assert.ThrowsAsync<DiagnosticException>(() => FetchAsync(mirrors, packages, settings))).Diagnostics;
}
