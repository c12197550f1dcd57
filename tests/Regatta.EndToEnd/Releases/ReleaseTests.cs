using CliWrap;
using CliWrap.Buffered;

namespace Regatta.EndToEnd.Releases;

/// <summary>A release, built twice, and used where nothing is installed: a bare root of Debian 12 without .NET.</summary>
public sealed class ReleaseTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_builds_give_the_same_bytes_and_run_in_a_bare_root_without_dotnet()
    {
        RegattaProgram.RequireRoot();
        Assert.SkipUnless(File.Exists("/usr/sbin/debootstrap"), "debootstrap is not on this host (apt install debootstrap)");
        var scratch = Directory.CreateTempSubdirectory("regatta-release-test-").FullName;
        try
        {
            var (first, second, root) = (Path.Combine(scratch, "1"), Path.Combine(scratch, "2"), Path.Combine(scratch, "root"));
            await RunAsync(Path.Combine(RegattaProgram.Root, "release"), first);
            await RunAsync(Path.Combine(RegattaProgram.Root, "release"), second);
            Assert.Equal(await File.ReadAllTextAsync(Path.Combine(first, "SHA256SUMS"), Cancellation), await File.ReadAllTextAsync(Path.Combine(second, "SHA256SUMS"), Cancellation));

            await RunAsync("debootstrap", "--variant=minbase", "--include=libssl3", "bookworm", root);
            var archive = Directory.GetFiles(first, "*.tar.gz").Single();
            await RunAsync("tar", "-xzf", archive, "-C", root);
            var program = "/" + Path.GetFileName(archive)[..^".tar.gz".Length] + "/regatta";
            Assert.Contains("policies", await InAsync(root, program, "run", "policies", "--runs", "/tmp/runs"), StringComparison.Ordinal);
            Assert.Contains("Report: ", await InAsync(root, program, "report", "latest", "--runs", "/tmp/runs", "--output", "/tmp/page.html"), StringComparison.Ordinal);
            await InAsync(root, program, "archive", "latest", "--runs", "/tmp/runs", "--output", "/tmp/policies.zip");
            Assert.Contains("/tmp/policies.zip holds", await InAsync(root, program, "verify", "/tmp/policies.zip"), StringComparison.Ordinal);

            var package = Directory.GetFiles(first, "*.deb").Single();
            File.Copy(package, Path.Combine(root, "regatta.deb"));
            await InAsync(root, "/usr/bin/dpkg", "--install", "/regatta.deb");
            Assert.Contains("holds", await InAsync(root, "/usr/bin/regatta", "verify", "/usr/lib/regatta/samples/quickstart"), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    // With a /proc of its own, which goes with the processes.
    private static Task<string> InAsync(string root, params string[] command) =>
        RunAsync("unshare", ["--mount", "--pid", "--fork", $"--mount-proc={Path.Combine(root, "proc")}", "chroot", root, "/usr/bin/env", "-i", "HOME=/root", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", .. command]);

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var result = await CliWrap.Cli.Wrap(program).WithArguments(arguments).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(Cancellation);
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {result.ExitCode}\n{result.StandardOutput}\n{result.StandardError}");
        return result.StandardOutput + result.StandardError;
    }
}
