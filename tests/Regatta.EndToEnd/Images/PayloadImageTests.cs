using System.Formats.Tar;

namespace Regatta.EndToEnd.Images;

/// <summary>An image with what Debian lacks: real Flux, packed from where it is installed.</summary>
public sealed class PayloadImageTests(FluxImage built) : IClassFixture<FluxImage>
{
    [Fact]
    public async Task The_manifest_names_the_payload_and_a_second_build_gives_the_same_bytes()
    {
        var payload = Assert.Single(built.Image.Manifest.Payloads);
        Assert.Equal(("flux", FluxPrefix.Require(), "directory"), (payload.Name, payload.Prefix, payload.Kind));

        var verified = await RegattaProgram.ExpectAsync(0, ["image", "verify", "flux", "--json"], environment: FluxImage.Environment);

        Assert.True(verified.Json("verification").Single().GetProperty("identical").GetBoolean());
    }

    [Fact]
    public async Task Another_place_of_the_same_files_gives_the_same_lock()
    {
        var prefix = FluxPrefix.Require();
        var archive = Path.Combine(Path.GetTempPath(), $"regatta-flux-{Guid.NewGuid():N}.tar.gz");
        try
        {
            // Flux's own settings lie below /etc where it was configured so.
            string[] settings = Directory.Exists("/etc/flux") ? ["etc/flux"] : [];
            await Regatta.Host.HostTool.RunAsync("tar", ["-C", "/", "-czf", archive, prefix.TrimStart('/'), .. settings], TestContext.Current.CancellationToken);

            var locked = await RegattaProgram.ExpectAsync(0, ["image", "lock", "flux", "--payload", $"flux={archive}", "--json"], environment: FluxImage.Environment);

            Assert.Equal(built.Image.Manifest.Payloads[0].Sha256, locked.Json("payload").Single().GetProperty("payload").GetProperty("sha256").GetString());
        }
        finally
        {
            File.Delete(archive);
            await RegattaProgram.ExpectAsync(0, ["image", "lock", "flux", "--payload", $"flux={prefix}"], environment: FluxImage.Environment);
        }
    }

    [Fact]
    public async Task A_payload_that_is_no_longer_what_was_locked_is_not_taken()
    {
        FluxPrefix.Require();
        var state = Directory.CreateTempSubdirectory("regatta-payload-");
        try
        {
            var environment = new Dictionary<string, string?> { ["REGATTA_STATE"] = state.FullName };
            var locks = Directory.CreateDirectory(Path.Combine(state.FullName, "payloads"));
            var own = await File.ReadAllTextAsync(Path.Combine(FluxImage.Environment["REGATTA_STATE"]!, "payloads", "flux.lock.json"), TestContext.Current.CancellationToken);
            var known = built.Image.Manifest.Payloads[0].Sha256;
            var other = new string('0', known.Length);
            Assert.Contains(known, own, StringComparison.Ordinal);
            await File.WriteAllTextAsync(Path.Combine(locks.FullName, "flux.lock.json"), own.Replace(known, other, StringComparison.Ordinal), TestContext.Current.CancellationToken);

            var refused = await RegattaProgram.ExpectAsync(1, ["image", "build", "flux"], environment: environment);

            var text = refused.Output + refused.Error;
            Assert.Contains("error[payload-hash]: payload 'flux' has another sha256 than its lock says", text, StringComparison.Ordinal);
            Assert.Contains($"the lock says {other}", text, StringComparison.Ordinal);
            Assert.Contains($"now it is     {known}", text, StringComparison.Ordinal);
            Assert.Contains("regatta image lock flux --payload flux=", text, StringComparison.Ordinal);
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task It_holds_Flux_with_a_fixed_user_a_disabled_unit_and_nothing_of_a_cluster()
    {
        var prefix = FluxPrefix.Require()[1..];
        var files = new Dictionary<string, TarEntry>(StringComparer.Ordinal);
        var passwd = "";
        await using var stream = File.OpenRead(built.Image.RootTar);
        await using var tar = new TarReader(stream);
        while (await tar.GetNextEntryAsync(cancellationToken: TestContext.Current.CancellationToken) is { } entry)
        {
            var name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
            files[name] = entry;
            if (name == "etc/passwd")
            {
                using var reader = new StreamReader(entry.DataStream!);
                passwd = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
            }
        }

        Assert.Contains("\nflux:x:961:961:", passwd, StringComparison.Ordinal);
        Assert.Equal("/" + prefix + "/bin/flux", files["usr/local/bin/flux"].LinkName);
        if (files.TryGetValue(prefix + "/libexec/flux/flux-imp", out var imp)) Assert.True(imp.Mode.HasFlag(UnixFileMode.SetUser));
        Assert.Contains("usr/lib/systemd/system/flux.service", files.Keys);
        Assert.DoesNotContain("etc/systemd/system/multi-user.target.wants/flux.service", files.Keys);
        Assert.DoesNotContain(files.Keys, name => name.EndsWith("curve.cert", StringComparison.Ordinal) || name.EndsWith("munge.key", StringComparison.Ordinal) || name.EndsWith("system.toml", StringComparison.Ordinal));
    }
}

/// <summary>What a user is told who has brought no payload, or the wrong one.</summary>
public sealed class PayloadFaultTests : IDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("regatta-payloads-");

    private Dictionary<string, string?> Environment =>
        new Dictionary<string, string?> { ["REGATTA_STATE"] = _state.FullName, [FluxPrefix.Variable] = null };

    public void Dispose() => _state.Delete(recursive: true);

    [Fact]
    public async Task Without_the_payload_the_command_that_locks_it_is_named_before_anything_is_built_or_run()
    {
        var build = await RegattaProgram.ExpectAsync(3, ["image", "build", "flux"], environment: Environment);
        Assert.Contains("image 'flux' needs Flux, which Debian lacks", build.Output + build.Error, StringComparison.Ordinal);
        Assert.Contains("regatta image lock flux --payload flux=SOURCE", build.Output + build.Error, StringComparison.Ordinal);

        var directory = Path.Combine(_state.FullName, "here");
        Directory.CreateDirectory(directory);
        var run = await RegattaProgram.ExpectAsync(3, ["run", "quickstart", "scheduler=flux"], directory, Environment);
        Assert.Contains("regatta image lock flux --payload flux=SOURCE", run.Output + run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(directory, "runs")));
    }

    [Fact]
    public async Task A_directory_that_holds_no_flux_is_told_what_it_lacks()
    {
        var result = await RegattaProgram.ExpectAsync(2, ["image", "lock", "flux", "--payload", $"flux={_state.FullName}", "--json"], environment: Environment);

        var fault = result.Json("diagnostic").Single();
        Assert.Equal($"'{_state.FullName}' does not hold Flux", fault.GetProperty("summary").GetString());
        Assert.StartsWith("it lacks bin/flux", fault.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_takes_no_such_payload_says_so()
    {
        var other = await RegattaProgram.ExpectAsync(2, ["image", "lock", "flux", "--payload", "fluxx=/opt/flux", "--json"], environment: Environment);
        Assert.Equal("image 'flux' takes no payload 'fluxx'", other.Json("diagnostic").Single().GetProperty("summary").GetString());
        var none = await RegattaProgram.ExpectAsync(2, ["image", "lock", "slurm", "--payload", "flux=/opt/flux", "--json"], environment: Environment);
        Assert.Equal("image 'slurm' takes no payload 'flux'", none.Json("diagnostic").Single().GetProperty("summary").GetString());
    }
}
