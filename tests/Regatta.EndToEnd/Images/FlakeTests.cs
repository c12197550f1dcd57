using System.Text.Json;
using Regatta.Images;
using Regatta.Images.Packages;
using Regatta.Images.Store;

namespace Regatta.EndToEnd.Images;

/// <summary>Flakes of users, and what can go wrong, with real Nix.</summary>
public sealed class FlakeTests : IClassFixture<BuiltImage>, IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("regatta-flake-");

    public FlakeTests()
    {
        foreach (var name in new[] { "conf", "ansible" }) _home.CreateSubdirectory(name);
        var source = Path.Combine(RegattaProgram.Root, "images");
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(Folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private string Folder => Path.Combine(_home.FullName, "images");

    public void Dispose() => _home.Delete(recursive: true);

    [Fact]
    public async Task A_flake_of_ones_own_that_keeps_the_contract_works_as_well()
    {
        RegattaProgram.RequireRoot();
        var zeros = new string('0', 64);
        var files = string.Join(',', new[] { "initrd.img", "root.qcow2", "rootfs.tar", "vmlinuz" }.Select(f => $"\"{f}\":\"{zeros}\""));
        Write($"echo '{{\"version\":1,\"name\":\"mine\",\"kernelCommandLine\":\"root=/dev/vda\",\"sourceDateEpoch\":0,\"lockHash\":\"{zeros}\",\"packages\":[],\"files\":{{{files}}}}}' > $out/manifest.json");

        var result = await RegattaProgram.ExpectAsync(0, ["image", "build", $"path:{Folder}#mine", "--json"]);

        Assert.Equal("mine", result.Json("image").Single().GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_flake_that_breaks_the_contract_is_told_how()
    {
        RegattaProgram.RequireRoot();
        Write("""echo '{"version":1,"name":"mine"}' > $out/manifest.json""");

        var result = await RegattaProgram.ExpectAsync(2, ["image", "build", $"path:{Folder}#mine", "--json"]);

        var summaries = result.Json("diagnostic").Select(d => d.GetProperty("summary").GetString()).ToList();
        Assert.Contains("'manifest.json': kernelCommandLine: is missing", summaries);
        Assert.Contains("'manifest.json': files: is missing", summaries);
    }

    [Fact]
    public async Task A_flake_without_such_an_image_names_the_nearest()
    {
        RegattaProgram.RequireRoot();
        Write("true");

        var result = await RegattaProgram.ExpectAsync(2, ["image", "build", $"path:{Folder}#mien", "--json"]);

        Assert.Equal("did you mean 'mine'?", result.Json("diagnostic").Single().GetProperty("help").GetString());
    }

    [Fact]
    public async Task A_build_that_fails_shows_the_end_of_its_log()
    {
        RegattaProgram.RequireRoot();
        Write("echo 'dpkg: error processing package munge'; exit 3");

        var result = await RegattaProgram.ExpectAsync(1, ["image", "build", $"path:{Folder}#mine", "--json"]);

        var diagnostic = result.Json("diagnostic").Single();
        Assert.Equal("building image 'mine' failed", diagnostic.GetProperty("summary").GetString());
        Assert.Contains("dpkg: error processing package munge", diagnostic.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("the whole log: nix-store --read-log /nix/store/", diagnostic.GetProperty("help").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_name_of_an_image_may_hold_dots()
    {
        RegattaProgram.RequireRoot();
        File.WriteAllText(Path.Combine(Folder, "roles", "mine-1.2.json"), """{ "version": 1, "name": "mine-1.2", "extends": "slurm" }""");
        var own = await File.ReadAllTextAsync(Path.Combine(Folder, "locks", "slurm.lock.json"), TestContext.Current.CancellationToken);
        File.WriteAllText(Path.Combine(Folder, "locks", "mine-1.2.lock.json"), own.Replace("\"name\": \"slurm\"", "\"name\": \"mine-1.2\"", StringComparison.Ordinal));
        // What is in the image does not matter here.
        File.WriteAllText(Path.Combine(Folder, "builders", "image.sh"), """
            mkdir "$out"
            files=
            for name in initrd.img root.qcow2 rootfs.tar vmlinuz; do
              echo "$name" > "$out/$name"
              sum=$(sha256sum "$out/$name")
              files="$files${files:+,}\"$name\":\"${sum%% *}\""
            done
            sed 's/}$//' "$manifestPath" | tr -d '\n' > "$out/manifest.json"
            printf ',"files":{%s}}\n' "$files" >> "$out/manifest.json"
            """);

        var built = await RegattaProgram.ExpectAsync(0, ["image", "build", "mine-1.2", "--json"], environment: new Dictionary<string, string?> { ["REGATTA_HOME"] = _home.FullName });

        Assert.EndsWith("-mine-1.2", built.Json("image").Single().GetProperty("directory").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_build_that_is_different_each_time_is_caught_and_the_bytes_are_named()
    {
        RegattaProgram.RequireRoot();
        File.WriteAllText(Path.Combine(Folder, "builders", "image.sh"), """
            mkdir "$out"
            files=
            for name in initrd.img root.qcow2 rootfs.tar vmlinuz; do
              echo "the same in $name" > "$out/$name"
              [ "$name" != vmlinuz ] || head -c 8 /dev/urandom >> "$out/$name"
              sum=$(sha256sum "$out/$name")
              files="$files${files:+,}\"$name\":\"${sum%% *}\""
            done
            sed 's/}$//' "$manifestPath" | tr -d '\n' > "$out/manifest.json"
            printf ',"files":{%s}}\n' "$files" >> "$out/manifest.json"
            """);

        var scratch = Scratch();
        var result = await RegattaProgram.ExpectAsync(1, ["image", "verify", "slurm", "--json"], environment: new Dictionary<string, string?> { ["REGATTA_HOME"] = _home.FullName });

        var verification = result.Json("verification").Single();
        Assert.False(verification.GetProperty("identical").GetBoolean());
        var differences = verification.GetProperty("differences").EnumerateArray().ToList();
        Assert.Equal(["manifest.json", "vmlinuz"], differences.Select(d => d.GetProperty("file").GetString()));
        Assert.Equal("the same in vmlinuz\n".Length, differences[1].GetProperty("offset").GetInt64());
        var diagnostic = result.Json("diagnostic").Single();
        Assert.Contains("vmlinuz: first difference at byte 20: ", diagnostic.GetProperty("detail").GetString(), StringComparison.Ordinal);
        var second = diagnostic.GetProperty("help").GetString()!.Split(' ')[^1];
        Assert.True(Directory.Exists(second));
        Directory.Delete(second, recursive: true);
        Assert.Equal(scratch, Scratch());

        static string[] Scratch() => [.. Directory.EnumerateDirectories(Path.GetTempPath(), "nix-build-slurm*").Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Locks_are_made_with_the_machines_own_apt()
    {
        RegattaProgram.RequireRoot();
        File.WriteAllText(Path.Combine(Folder, "roles", "slurm.json"), """
            {
              "version": 1,
              "name": "slurm",
              "extends": "base",
              "packages": ["munge"]
            }
            """);

        var result = await RegattaProgram.ExpectAsync(0, ["image", "lock", "slurm", "--json"], environment: new Dictionary<string, string?> { ["REGATTA_HOME"] = _home.FullName });

        var made = PackageLockFile.Read(result.Json("lock").Single().GetProperty("file").GetString()!);
        Assert.Contains(made.Packages, p => p.Name == "munge" && !p.Essential);
        Assert.Contains(made.Packages, p => p.Name == "libc6" && p.Essential);
        Assert.Contains(made.Packages, p => p.Name == "libmunge2");
        Assert.DoesNotContain(made.Packages, p => p.Name == "slurmctld");
        Assert.Contains(result.Json("lock").Single().GetProperty("changes").EnumerateArray(), c => c.GetProperty("name").GetString() == "slurmctld");
    }

    [Fact]
    public async Task Nix_joins_roles_as_the_program_does()
    {
        RegattaProgram.RequireRoot();
        var roles = Path.Combine(Folder, "roles");
        File.WriteAllText(Path.Combine(roles, "mine.json"), """{ "version": 1, "name": "mine", "extends": "slurm", "aliases": ["own"], "packages": ["htop", "zstd", "!slurmrestd"], "suites": { "sid": { "releases": [{ "repo": "debian", "suite": "sid" }], "packages": ["!htop"] } } }""");
        File.Copy(Path.Combine(Folder, "locks", "slurm.lock.json"), Path.Combine(Folder, "locks", "mine@sid.lock.json"));

        using var joined = JsonDocument.Parse(await new NixCommand().OutputAsync("nix", ["eval", "--json", $"path:{Folder}#lib.roles"], TestContext.Current.CancellationToken));

        var expected = new ImageCatalog(Folder).Roles();
        Assert.Equal(["flux", "kubernetes", "kubernetes@sid", "kubernetes@trixie", "mine", "mine@sid", "slurm", "slurm-accounting", "slurm@sid", "slurm@trixie"], expected.Select(r => r.Name));
        Assert.Equal(expected.Select(r => r.Name), joined.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.All(expected, role =>
        {
            var found = joined.RootElement.GetProperty(role.Name);
            Assert.Equal(role.Packages, Texts(found, "packages").Order(StringComparer.Ordinal));
            Assert.Equal(role.Aliases, Texts(found, "aliases"));
            Assert.Equal(role.Build, Texts(found, "build"));
            Assert.Equal(role.Suite, found.GetProperty("suite").GetString());
            Assert.Equal(role.Releases, found.GetProperty("releases").EnumerateArray().Select(r => new SuiteReference(r.GetProperty("repo").GetString()!, r.GetProperty("suite").GetString()!) { Expires = r.TryGetProperty("expires", out var expires) && expires.GetBoolean() }));
        });

        static IEnumerable<string> Texts(JsonElement role, string key) => role.GetProperty(key).EnumerateArray().Select(t => t.GetString()!);
    }

    // An image of one's own, made with the tools of the checkout's flake.
    private void Write(string manifest)
    {
        File.WriteAllText(Path.Combine(Folder, "build.sh"), $"""
            mkdir $out
            for name in initrd.img root.qcow2 rootfs.tar vmlinuz; do echo $name > $out/$name; done
            {manifest}
            """);
        File.WriteAllText(Path.Combine(Folder, "flake.nix"), """
            {
              outputs = { self }:
                let images = import ./lib.nix { mirrors = { debian = "http://none.invalid"; debian-security = "http://none.invalid"; }; };
                in {
                  packages.x86_64-linux.mine = derivation {
                    name = "mine";
                    system = "x86_64-linux";
                    builder = "${images.seed}/usr/bin/busybox";
                    args = [ "sh" "-eu" ./build.sh ];
                  };
                };
            }
            """);
    }
}
