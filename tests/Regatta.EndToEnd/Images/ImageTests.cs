using System.Formats.Tar;
using System.Text.Json;
using Regatta.Images;

namespace Regatta.EndToEnd.Images;

/// <summary>The Slurm image, built by the program with real Nix out of the committed lock; once for all tests.</summary>
public sealed class BuiltImage : IAsyncLifetime
{
    public Image Image { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        RegattaProgram.RequireRoot();
        var built = await RegattaProgram.ExpectAsync(0, ["image", "build", "slurm", "--json"]);
        Image = ImageContract.Read(built.Json("image").Single().GetProperty("directory").GetString()!);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

public sealed class ImageTests(BuiltImage built) : IClassFixture<BuiltImage>
{
    [Fact]
    public async Task The_manifest_tells_the_truth_and_a_second_build_finds_nothing_to_do()
    {
        Assert.Empty(await ImageComparison.WithManifestAsync(built.Image, TestContext.Current.CancellationToken));

        var again = await RegattaProgram.ExpectAsync(0, ["image", "build", "slurm-worker", "--json"]);

        Assert.Equal(built.Image.Directory, again.Json("image").Single().GetProperty("directory").GetString());
        Assert.Contains(again.Json("activity"), a => a.GetProperty("state").GetString() == "Unchanged");
    }

    [Fact]
    public async Task A_second_build_gives_the_same_bytes()
    {
        var verified = await RegattaProgram.ExpectAsync(0, ["image", "verify", "slurm", "--json"]);

        var verification = verified.Json("verification").Single();
        Assert.True(verification.GetProperty("identical").GetBoolean());
        Assert.Equal(built.Image.Directory, verification.GetProperty("directory").GetString());
    }

    [Fact]
    public async Task The_image_holds_no_secret_and_no_identity_and_starts_no_scheduler()
    {
        var files = await RootAsync();

        Assert.DoesNotContain(files.Keys, name => name.StartsWith("etc/ssh/ssh_host_", StringComparison.Ordinal) || name.EndsWith("authorized_keys", StringComparison.Ordinal));
        Assert.DoesNotContain("etc/munge/munge.key", files.Keys);
        Assert.DoesNotContain("etc/slurm/slurm.conf", files.Keys);
        Assert.DoesNotContain("var/lib/systemd/random-seed", files.Keys);
        Assert.Equal("", files["etc/machine-id"].Text);
        Assert.Equal("", files["etc/fstab"].Text);
        Assert.All(Lines("etc/shadow"), line => Assert.Contains(line.Split(':')[1], new[] { "*", "!", "!*" }));
        Assert.Contains("PermitRootLogin prohibit-password", Lines("etc/ssh/sshd_config.d/regatta.conf"));
        foreach (var unit in new[] { "munge", "slurmctld", "slurmd", "slurmrestd" })
        {
            Assert.Contains($"usr/lib/systemd/system/{unit}.service", files.Keys);
            Assert.DoesNotContain($"etc/systemd/system/multi-user.target.wants/{unit}.service", files.Keys);
        }

        Assert.Contains("etc/systemd/system/multi-user.target.wants/ssh.service", files.Keys);
        IEnumerable<string> Lines(string name) => files[name].Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    [Fact]
    public async Task Owners_and_modes_are_those_of_the_packages()
    {
        var files = await RootAsync();

        Assert.Equal((64030, 64030), Owner("var/lib/slurm/slurmctld/"));
        Assert.Equal((960, 960), Owner("var/lib/munge/"));
        Assert.True(files["usr/bin/su"].Mode.HasFlag(UnixFileMode.SetUser));
        var users = files["etc/passwd"].Text.Split('\n').Where(l => l.Length > 0).ToDictionary(l => l.Split(':')[0], l => l.Split(':')[2]);
        Assert.Equal(("960", "64030"), (users["munge"], users["slurm"]));
        Assert.DoesNotContain("flux", users.Keys);

        (int, int) Owner(string name) => (files[name].User, files[name].Group);
    }

    [Fact]
    public async Task The_interface_that_jobs_are_submitted_through_is_there()
    {
        var files = await RootAsync();

        Assert.Contains("usr/lib/x86_64-linux-gnu/slurm-wlm/openapi_v0_0_38.so", files.Keys);
        Assert.Contains("usr/lib/x86_64-linux-gnu/slurm-wlm/rest_auth_local.so", files.Keys);
        Assert.Contains("usr/bin/python3", files.Keys);
    }

    [Fact]
    public async Task The_bill_of_materials_names_every_package_of_the_image()
    {
        var shown = await RegattaProgram.ExpectAsync(0, ["image", "show", "slurm", "--sbom"]);

        using var sbom = JsonDocument.Parse(shown.Output);
        Assert.Equal("SPDX-2.3", sbom.RootElement.GetProperty("spdxVersion").GetString());
        Assert.Equal(
            built.Image.Manifest.Packages.Select(p => p.Name).Prepend("slurm"),
            sbom.RootElement.GetProperty("packages").EnumerateArray().Select(p => p.GetProperty("name").GetString()!));
    }

    [Fact]
    public async Task An_unknown_image_ends_with_the_nearest_name()
    {
        var result = await RegattaProgram.ExpectAsync(2, ["image", "build", "slurn"]);

        Assert.Contains("there is no image 'slurn'", result.Error, StringComparison.Ordinal);
        Assert.Contains("did you mean 'slurm'?", result.Error, StringComparison.Ordinal);
    }

    private async Task<Dictionary<string, RootFile>> RootAsync()
    {
        var files = new Dictionary<string, RootFile>(StringComparer.Ordinal);
        await using var stream = File.OpenRead(built.Image.RootTar);
        await using var tar = new TarReader(stream);
        while (await tar.GetNextEntryAsync(cancellationToken: TestContext.Current.CancellationToken) is { } entry)
        {
            var name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
            var text = "";
            if (entry is { DataStream: { } data, Length: < 65536 } && name.StartsWith("etc/", StringComparison.Ordinal))
            {
                using var reader = new StreamReader(data);
                text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
            }

            files[name] = new RootFile(entry.Uid, entry.Gid, entry.Mode, text);
        }

        return files;
    }

    private sealed record RootFile(int User, int Group, UnixFileMode Mode, string Text);
}
