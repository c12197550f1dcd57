using System.Security.Cryptography;
using System.Text.Json.Nodes;
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

            await ContainerAsync(Directory.GetFiles(first, "*-oci.tar").Single(), Path.Combine(scratch, "container"));

            await RunAsync("debootstrap", "--variant=minbase", "bookworm", root);
            var archive = Directory.GetFiles(first, "*.tar.gz").Single();
            await RunAsync("tar", "-xzf", archive, "-C", root);
            var program = "/" + Path.GetFileName(archive)[..^".tar.gz".Length] + "/regatta";
            var (code, said) = await TryInAsync(root, program, "--version");
            Assert.Equal((3, true), (code, said.Contains("apt install libssl3", StringComparison.Ordinal)));

            // The package brings what both need.
            File.Copy(Directory.GetFiles(first, "*.deb").Single(), Path.Combine(root, "regatta.deb"));
            File.Copy("/etc/resolv.conf", Path.Combine(root, "etc", "resolv.conf"), overwrite: true);
            await InAsync(root, "/usr/bin/apt-get", "update");
            await InAsync(root, "/usr/bin/apt-get", "install", "--yes", "--no-install-recommends", "/regatta.deb");
            Assert.Contains("holds", await InAsync(root, "/usr/bin/regatta", "verify", "/usr/lib/regatta/samples/quickstart"), StringComparison.Ordinal);

            Assert.Contains("policies", await InAsync(root, program, "run", "policies", "--runs", "/tmp/runs"), StringComparison.Ordinal);
            Assert.Contains("Report: ", await InAsync(root, program, "report", "latest", "--runs", "/tmp/runs", "--output", "/tmp/page.html"), StringComparison.Ordinal);
            await InAsync(root, program, "archive", "latest", "--runs", "/tmp/runs", "--output", "/tmp/policies.zip");
            Assert.Contains("/tmp/policies.zip holds", await InAsync(root, program, "verify", "/tmp/policies.zip"), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    /// <summary>The layers of an OCI archive, each the one that its configuration names, laid over each other and used as a runtime does: as its user, with its entry point, without a network.</summary>
    private static async Task ContainerAsync(string archive, string root)
    {
        var layout = root + "-layout";
        Directory.CreateDirectory(layout);
        Directory.CreateDirectory(root);
        await RunAsync("tar", "-xf", archive, "-C", layout);
        Assert.Equal("""{"imageLayoutVersion":"1.0.0"}""", await File.ReadAllTextAsync(Path.Combine(layout, "oci-layout"), Cancellation));
        var index = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(layout, "index.json"), Cancellation))!;
        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(Blob(layout, Assert.Single(index["manifests"]!.AsArray())!), Cancellation))!;
        var config = JsonNode.Parse(await File.ReadAllTextAsync(Blob(layout, manifest["config"]!), Cancellation))!;
        foreach (var layer in manifest["layers"]!.AsArray()) await RunAsync("tar", "-xzf", Blob(layout, layer!), "-C", root, "--numeric-owner", "--preserve-permissions");
        Assert.Equal(manifest["layers"]!.AsArray().Count, config["rootfs"]!["diff_ids"]!.AsArray().Count);
        Assert.Equal(("1000:1000", "/work"), ((string?)config["config"]!["User"], (string?)config["config"]!["WorkingDir"]));
        var home = (string)config["config"]!["WorkingDir"]!;
        var entry = (string)Assert.Single(config["config"]!["Entrypoint"]!.AsArray())!;
        await RunInContainerAsync(root, entry, "run", "policies", "--runs", $"{home}/runs");
        await RunInContainerAsync(root, entry, "archive", "latest", "--runs", $"{home}/runs", "--output", $"{home}/p.zip");
        Assert.Contains($"{home}/p.zip holds", await RunInContainerAsync(root, entry, "verify", $"{home}/p.zip"), StringComparison.Ordinal);
        // What the script of a pod asks for, so that it serves launcher=kubernetes.
        Assert.Equal("1\n", await RunInContainerAsync(root, "/bin/sh", "-c", "d=$(mktemp -d) && (flock -n 9) 9>\"$d/lock\" && echo x | tee \"$d/log\" | sed -n 1p | grep -c x && rm -r \"$d\""));
        if (File.Exists("/usr/bin/skopeo")) Assert.Contains("\"org.opencontainers.image.title\": \"regatta\"", await RunAsync("skopeo", "inspect", "oci-archive:" + archive), StringComparison.Ordinal);
    }

    private static Task<string> RunInContainerAsync(string root, params string[] command) => RunAsync(
        "unshare", ["--mount", "--pid", "--net", "--fork", $"--mount-proc={Path.Combine(root, "proc")}", "sh", "-c", "mount --rbind /dev \"$0/dev\" && exec env -i HOME=/work /usr/sbin/chroot --userspec=1000:1000 \"$0\" \"$@\"", root, .. command]);

    // A blob is called by its hash, and described with its size.
    private static string Blob(string layout, JsonNode descriptor)
    {
        var digest = ((string)descriptor["digest"]!)["sha256:".Length..];
        var file = Path.Combine(layout, "blobs", "sha256", digest);
        Assert.Equal((digest, (long)descriptor["size"]!), (Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))), new FileInfo(file).Length));
        return file;
    }

    private static async Task<string> InAsync(string root, params string[] command)
    {
        var (code, said) = await TryInAsync(root, command);
        Assert.True(code == 0, $"{string.Join(' ', command)}: {code}\n{said}");
        return said;
    }

    // With a /proc of its own, which goes with the processes.
    private static Task<(int Code, string Said)> TryInAsync(string root, params string[] command) =>
        TryAsync("unshare", ["--mount", "--pid", "--fork", $"--mount-proc={Path.Combine(root, "proc")}", "chroot", root, "/usr/bin/env", "-i", "HOME=/root", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", .. command]);

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var (code, said) = await TryAsync(program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}: {code}\n{said}");
        return said;
    }

    private static async Task<(int Code, string Said)> TryAsync(string program, params string[] arguments)
    {
        var result = await CliWrap.Cli.Wrap(program).WithArguments(arguments).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(Cancellation);
        return (result.ExitCode, result.StandardOutput + result.StandardError);
    }
}
