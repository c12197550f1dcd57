using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Regatta.Cli.Commands;
using Regatta.Cli.Terminal;
using Regatta.Images;
using Regatta.Images.Mirrors;
using Regatta.Images.Payloads;
using Regatta.Images.Store;
using Regatta.Runs;
using Regatta.Runs.Archives;
using Regatta.Tests.Cli;
using Regatta.Tests.Images;
using Spectre.Console.Testing;

namespace Regatta.Tests.Archives;

/// <summary>What images are built from, in archives: laid out, and taken from there before a mirror or a payload's source is asked. A small real program stands in the place of Nix.</summary>
public sealed class ImageInputsTests : ArchiveTests
{
    private static readonly byte[] Package = Encoding.ASCII.GetBytes("a package");

    private string Inputs => Path.Combine(Scratch, "inputs");

    [Fact]
    public async Task A_package_comes_from_the_archive_and_not_from_a_mirror()
    {
        var (builder, path) = Builder();
        WritePackage(path, Package);

        var summary = await builder.FetchAsync(builder.Catalog.Role("slurm"), SilentMonitor.Instance, Cancellation);

        Assert.Equal((1, Package.Length), (summary.Fetched, summary.Bytes));
        Assert.Equal(["a package"], Added("dash_"));
    }

    [Fact]
    public async Task A_package_that_is_another_one_or_lacks_is_not_taken()
    {
        var (builder, path) = Builder();
        WritePackage(path, [.. Package, 1]);
        var other = (await Assert.ThrowsAsync<DiagnosticException>(() => builder.FetchAsync(builder.Catalog.Role("slurm"), SilentMonitor.Instance, Cancellation))).Diagnostics[0];
        File.Delete(Path.Combine(Inputs, "packages", "debian", path));
        var lacking = (await Assert.ThrowsAsync<DiagnosticException>(() => builder.FetchAsync(builder.Catalog.Role("slurm"), SilentMonitor.Instance, Cancellation))).Diagnostics[0];

        Assert.Contains("dash", other.Summary + other.Detail, StringComparison.Ordinal);
        Assert.Contains("dash", lacking.Summary + lacking.Detail, StringComparison.Ordinal);
        Assert.Empty(Added("dash_"));
    }

    [Fact]
    public async Task A_payload_comes_from_the_archive_wherever_it_was_locked_from()
    {
        var (builder, payload) = WithPayload("its tar");

        await builder.FetchAsync(builder.Catalog.Role("flux"), SilentMonitor.Instance, Cancellation);

        Assert.Equal(["its tar"], Added(payload.StoreName));
    }

    [Fact]
    public async Task A_payload_that_is_another_one_is_refused()
    {
        var (builder, payload) = WithPayload("its tar");
        await File.WriteAllTextAsync(Path.Combine(Inputs, "payloads", payload.Sha256 + ".tar"), "another", Cancellation);

        var fault = (await Assert.ThrowsAsync<DiagnosticException>(() => builder.FetchAsync(builder.Catalog.Role("flux"), SilentMonitor.Instance, Cancellation))).Diagnostics[0];

        Assert.Equal(("payload-hash", "payload 'flux' has another sha256 than its lock says"), (fault.Code, fault.Summary));
        Assert.Empty(Added(payload.StoreName));
    }

    [Fact]
    public async Task What_an_image_is_built_from_is_laid_out_as_it_is_taken()
    {
        var (builder, payload) = WithPayload("its tar");

        var inputs = await builder.InputsAsync(builder.Catalog.Role("flux"), SilentMonitor.Instance, Cancellation);

        Assert.Contains("definitions/flake.nix", inputs.Files.Keys);
        Assert.Contains("definitions/locks/flux.lock.json", inputs.Files.Keys);
        Assert.All(inputs.Files.Where(f => f.Key.StartsWith("packages/debian", StringComparison.Ordinal)), f => Assert.StartsWith("/nix/store/", f.Value, StringComparison.Ordinal));
        var wanted = builder.Catalog.Lock(builder.Catalog.Role("flux")).Files.Concat(builder.Catalog.Lock(builder.Catalog.RoleOrTools(ImageCatalog.Tools)).Files).Select(p => $"packages/{p.Repo}/{p.Path}").ToHashSet();
        Assert.Equal(wanted.Order(StringComparer.Ordinal), inputs.Files.Keys.Where(k => k.StartsWith("packages/", StringComparison.Ordinal)));
        Assert.Equal(payload.StorePath, inputs.Files[$"payloads/{payload.Sha256}.tar"]);
        // Where the payload came from is a matter of the machine that locked it.
        Assert.DoesNotContain("/home/ada", inputs.Texts["payloads/flux.lock.json"], StringComparison.Ordinal);
        Assert.Equal(payload with { Source = "the archive" }, Assert.Single(PayloadLockFile.Parse(inputs.Texts["payloads/flux.lock.json"], "x", "flux").Payloads));
    }

    [Fact]
    public void Programs_stay_programs_and_what_is_compressed_is_kept_as_it_is()
    {
        var file = Path.Combine(Scratch, "x.zip");
        var zeros = new byte[10_000];
        var content = new ArchiveContent { Program = new ProgramFacts("1"), Runs = [new ArchivedRun("r", "r")], Workloads = [], Locks = [], Images = ["slurm"] };
        ArchiveWriter.Write(file, new Dictionary<string, ArchiveSource>
        {
            [ArchiveContent.FileName] = ArchiveSource.Of(ArchiveWriter.Bytes(content)),
            ["images/definitions/overlay/run"] = ArchiveSource.Of(zeros) with { IsExecutable = true },
            ["images/packages/debian/a.deb"] = ArchiveSource.Of(zeros) with { IsCompressed = true },
        }, Cancellation);

        var unpacked = Unpack(file);
        using var zip = ZipFile.OpenRead(file);

        Assert.Empty(unpacked.Faults);
        Assert.Equal(["slurm"], unpacked.Content.Images);
        Assert.True(File.GetUnixFileMode(Path.Combine(unpacked.Directory, "images/definitions/overlay/run")).HasFlag(UnixFileMode.UserExecute));
        Assert.False(File.GetUnixFileMode(Path.Combine(unpacked.Directory, "images/packages/debian/a.deb")).HasFlag(UnixFileMode.UserExecute));
        Assert.True(zip.GetEntry("images/packages/debian/a.deb")!.CompressedLength >= zeros.Length);
        Assert.True(zip.GetEntry("images/definitions/overlay/run")!.CompressedLength < 100);
        // The builder of a run in it takes the definitions of the archive; that of any other run those of the installation.
        Assert.Equal(Path.Combine(unpacked.Directory, "images", "definitions"), ArchivedImages.BuilderOf(Terminal(), new OpenedRun("r", unpacked)).Catalog.Directory);
        Assert.Equal(Path.Combine(Repository.Root, "images"), ArchivedImages.BuilderOf(Terminal(), new OpenedRun("r")).Catalog.Directory);
    }

    [Fact]
    public void A_lock_of_an_archive_that_is_another_one_is_built_from_where_it_fits()
    {
        var here = Path.Combine(Repository.Root, "images", "locks", "slurm.lock.json");
        using var human = new TestConsole();
        human.Profile.Width = 300;

        // The same packages in another file; and the lock of another image under its name.
        var fits = ArchivedImages.BuilderOf(Terminal(human), Locked("slurm", File.ReadAllText(here) + "\n"));
        Assert.NotEqual(Path.Combine(Repository.Root, "images"), fits.Catalog.Directory);
        Assert.Equal(File.ReadAllText(here) + "\n", File.ReadAllText(fits.Catalog.LockPath("slurm")));
        Assert.True(File.Exists(Path.Combine(fits.Catalog.Directory, "flake.nix")));
        Assert.DoesNotContain("warning", human.Output, StringComparison.Ordinal);

        var other = ArchivedImages.BuilderOf(Terminal(human), Locked("slurm", File.ReadAllText(Path.Combine(Repository.Root, "images", "locks", "flux.lock.json"))));
        Assert.Equal(File.ReadAllText(here), File.ReadAllText(other.Catalog.LockPath("slurm")));
        Assert.Contains("warning[rerun-image-other]: the image 'slurm' is not the one of the original", human.Output, StringComparison.Ordinal);

        Assert.Equal(Path.Combine(Repository.Root, "images"), ArchivedImages.BuilderOf(Terminal(), Locked("slurm", File.ReadAllText(here))).Catalog.Directory);
    }

    [Fact]
    public async Task Packages_are_fetched_as_files_and_an_unknown_one_is_told()
    {
        var (builder, path) = Builder();
        WritePackage(path, Package);
        var role = builder.Catalog.Role("slurm");

        var file = Assert.Single(await builder.FetchFilesAsync(role, ["dash"], Path.Combine(Scratch, "debs"), SilentMonitor.Instance, Cancellation));
        var fault = (await Assert.ThrowsAsync<DiagnosticException>(() => builder.FetchFilesAsync(role, ["dahs"], Path.Combine(Scratch, "debs"), SilentMonitor.Instance, Cancellation))).Diagnostics[0];

        Assert.Equal(Package, await File.ReadAllBytesAsync(file, Cancellation));
        Assert.Equal(("image-package-unknown", "image 'slurm' has no package 'dahs'", "did you mean 'dash'?"), (fault.Code, fault.Summary, fault.Help));
        (await ProgramRun.Of("image", "fetch", "slurm", "--output", Path.Combine(Scratch, "debs"))).Says(2, "error[image-fetch-files]", "--package libc6");
    }

    [Fact]
    public async Task Runs_without_an_image_have_no_inputs_and_an_image_that_is_another_one_is_left_out()
    {
        var simulated = CopySample("policies", "policies", "20261129T212041Z-policies-1a2b3c4d");
        (await ProgramRun.Of("archive", simulated, "--with-images", "--output", Path.Combine(Scratch, "a.zip"))).Says(0, "hint[archive-images]: no node of these runs was booted from an image");

        var run = CopySample();
        var provenance = Path.Combine(run, "provenance.json");
        var text = JsonNode.Parse(await File.ReadAllTextAsync(provenance, Cancellation))!;
        text["images"]!["slurm@trixie"]!["hash"] = new string('0', 64);
        await File.WriteAllTextAsync(provenance, text.ToJsonString(), Cancellation);
        var file = Path.Combine(Scratch, "b.zip");
        (await ProgramRun.Of("archive", run, "--with-images", "--output", file)).Says(0, "warning[archive-image-other]: the image 'slurm@trixie' that is built here is not the one of the run");
        Assert.Empty(Unpack(file).Content.Images);
    }

    private static ConsoleTerminal Terminal(TestConsole? human = null) => new(json: false, human ?? new TestConsole(), TextWriter.Null, interactive: false, TimeProvider.System);

    private OpenedRun Locked(string image, string text)
    {
        var file = Path.Combine(Scratch, Guid.NewGuid().ToString("N") + ".zip");
        var content = new ArchiveContent { Program = new ProgramFacts("1"), Runs = [new ArchivedRun("r", "r")], Workloads = [], Locks = [new ArchivedLock(image, "locks/l")] };
        ArchiveWriter.Write(file, new Dictionary<string, ArchiveSource> { [ArchiveContent.FileName] = ArchiveSource.Of(ArchiveWriter.Bytes(content)), ["locks/l"] = ArchiveSource.Of(text, Encoding.UTF8) }, Cancellation);
        return new OpenedRun("r", Unpack(file));
    }

    private void WritePackage(string path, byte[] content)
    {
        var file = Path.Combine(Inputs, "packages", "debian", path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, content);
    }

    // Definitions whose lock has a package of the test's own bytes, which is the only one that the store lacks.
    private (NixImageBuilder Builder, string Path) Builder()
    {
        using var copy = new CatalogCopy();
        Copy(copy.Catalog.Directory, Path.Combine(Inputs, "definitions"));
        Directory.CreateDirectory(Path.Combine(Inputs, "payloads"));
        var file = Path.Combine(Inputs, "definitions", "locks", "slurm.lock.json");
        var read = JsonNode.Parse(File.ReadAllText(file))!;
        var dash = read["packages"]!.AsArray().Single(p => (string?)p!["name"] == "dash")!;
        (dash["size"], dash["sha256"]) = (Package.Length, Convert.ToHexStringLower(SHA256.HashData(Package)));
        File.WriteAllText(file, read.ToJsonString());
        return (Nix("dash_"), (string)dash["path"]!);
    }

    private (NixImageBuilder Builder, LockedPayload Payload) WithPayload(string tar)
    {
        Builder();
        var payload = new LockedPayload("flux", "/opt/flux", "0.66.0", PayloadKind.Directory, "/home/ada/flux", tar.Length, Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(tar))));
        File.WriteAllText(Path.Combine(Inputs, "payloads", payload.Sha256 + ".tar"), tar);
        File.WriteAllText(Path.Combine(Inputs, "payloads", "flux.lock.json"), PayloadLockFile.Format(new PayloadLock("flux", [payload])));
        return (Nix(payload.StoreName), payload);
    }

    // A store that lacks what is called like this, and keeps what is added beside the test.
    private NixImageBuilder Nix(string lacking)
    {
        Directory.CreateDirectory(Path.Combine(Scratch, "store"));
        Program("nix", "echo 'nix (Nix) 2.8.0'");
        Program("nix-store", $$"""
            case "$1" in
              --check-validity) for path; do case "$path" in *{{lacking}}*) echo "$path" ;; esac; done ;;
              --add-fixed) shift 2; cp "$@" {{Scratch}}/store ;;
            esac
            """);
        return ImageInputs.Builder(Inputs, Path.Combine(Scratch, "state"), new NixCommand(Scratch), first => new MirrorList([first], null), TimeProvider.System);
    }

    private IEnumerable<string> Added(string name) => Directory.GetFiles(Path.Combine(Scratch, "store"), name + "*").Select(File.ReadAllText);

    private void Program(string name, string script)
    {
        var path = Path.Combine(Scratch, name);
        File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
