using System.Text.Json;
using CliWrap;
using CliWrap.Buffered;

namespace Regatta.EndToEnd.Images;

/// <summary>Another release of Nix, from an empty store, gives the same bytes as this host's.</summary>
public sealed class NixReleaseTests(BuiltImage built) : IClassFixture<BuiltImage>, IDisposable
{
    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("regatta-nix-");

    /// <summary>Debian 13's; others by <c>REGATTA_NIX_SUITES</c>, suites of Debian with commas between them.</summary>
    public static TheoryData<string> Suites => [.. (Environment.GetEnvironmentVariable("REGATTA_NIX_SUITES") ?? "trixie").Split(',', StringSplitOptions.RemoveEmptyEntries)];

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task Every_file_of_an_image_has_the_same_hash(string suite)
    {
        RegattaProgram.RequireRoot();
        var programs = await ProgramsAsync(suite);
        var (host, other) = (await VersionAsync("nix"), await VersionAsync(Path.Combine(programs, "nix")));
        Assert.SkipWhen(host == other, $"this host's Nix is {host} as well");

        // An installation and a store of its own, so that nothing is known from this host's; the packages alone are fetched again.
        foreach (var part in new[] { "conf", "ansible", "images" })
            await RunAsync("cp", "-r", Path.Combine(RegattaProgram.Root, part), Path.Combine(_scratch.FullName, part));
        Directory.CreateDirectory(Path.Combine(_scratch.FullName, "nix"));
        var result = await CliWrap.Cli.Wrap("unshare")
            .WithArguments(["-m", "--propagation", "private", "sh", "-euc", "mount --bind \"$1/nix\" /nix; exec \"$2\" image build slurm --json", "sh", _scratch.FullName, RegattaProgram.Launcher])
            .WithEnvironmentVariables(e => e
                .Set("REGATTA_HOME", _scratch.FullName)
                .Set("REGATTA_STATE", Path.Combine(_scratch.FullName, "state"))
                .Set("PATH", $"{programs}:{Environment.GetEnvironmentVariable("PATH")}"))
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        Assert.True(result.ExitCode == 0, $"{other}: {result.StandardOutput}{result.StandardError}");

        var directory = new ProgramResult(0, result.StandardOutput, "").Json("image").Single().GetProperty("directory").GetString()!;
        Assert.Equal(built.Image.Directory, directory);
        var manifest = Path.Combine(_scratch.FullName, directory.TrimStart('/'), "manifest.json");
        using var read = JsonDocument.Parse(await File.ReadAllTextAsync(manifest, TestContext.Current.CancellationToken));
        Assert.Equal(
            built.Image.Manifest.Files.OrderBy(f => f.Key, StringComparer.Ordinal),
            read.RootElement.GetProperty("files").EnumerateObject().Select(f => KeyValuePair.Create(f.Name, f.Value.GetString()!)).OrderBy(f => f.Key, StringComparer.Ordinal));
    }

    public void Dispose()
    {
        // What a store holds cannot be written to.
        foreach (var directory in _scratch.EnumerateDirectories("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
            directory.UnixFileMode |= UnixFileMode.UserWrite;
        _scratch.Delete(recursive: true);
    }

    private static async Task<string> ProgramsAsync(string suite)
    {
        var result = await CliWrap.Cli.Wrap(Path.Combine(RegattaProgram.Root, "tests", "nix.sh"))
            .WithArguments([suite, Path.Combine(RegattaProgram.Root, "artifacts", "nix", suite)])
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        Assert.SkipWhen(result.ExitCode != 0, $"the Nix of Debian's {suite} cannot be fetched: {result.StandardError.Trim().Split('\n')[^1]}");
        return result.StandardOutput.Trim();
    }

    private static async Task<string> VersionAsync(string program) => (await RunAsync(program, "--version")).Trim().Split(' ')[^1];

    private static async Task<string> RunAsync(string program, params string[] arguments) =>
        (await CliWrap.Cli.Wrap(program).WithArguments(arguments).ExecuteBufferedAsync(TestContext.Current.CancellationToken)).StandardOutput;
}
