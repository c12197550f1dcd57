using System.Text;
using Regatta.Images;
using Regatta.Images.Locking;
using Regatta.Images.Mirrors;
using Regatta.Images.Packages;
using Regatta.Images.Store;

namespace Regatta.Tests.Images;

public sealed class NixTests : ScratchTests
{
    [Fact]
    public void Store_paths_are_those_that_Nix_computes()
    {
        // Both as Nix 2.8.0 named them.
        Assert.Equal(
            "/nix/store/v841dxrmgg0pr7f569891fgqb8d1vkx4-zstd_1.5.4+dfsg2-5.deb",
            StorePath.OfFile("zstd_1.5.4+dfsg2-5.deb", "3f6f833ae2fd533a0c9238310aef1148f51a64aa5d5f1278451ddc793d4d6d15"));
        Assert.Equal(
            "/nix/store/4ngqdgf4qq60va5w1b0zsqdm00780kmp-openssh-server_1.9.2p1-2+deb12u10.deb",
            StorePath.OfFile("openssh-server_1.9.2p1-2+deb12u10.deb", "933cd92a2329f9bf26d22660a834ae18ebdbe8df9c6127e4d9fcb098dac9cf72"));
    }

    [Fact]
    public void The_configuration_passes_what_this_host_needs_and_leaves_the_last_word_to_the_user()
    {
        Assert.Equal(
            """
            extra-experimental-features = nix-command flakes
            sandbox = true
            sandbox-fallback = false
            max-jobs = auto
            substituters =
            warn-dirty = false
            build-users-group =
            extra-sandbox-paths = /bin/sh=/usr/bin/bash-static
            max-jobs = 1

            """,
            NixCommand.Configuration("max-jobs = 1", root: true, buildUsers: false, "/usr/bin/bash-static"));
        Assert.DoesNotContain("build-users-group", NixCommand.Configuration(null, root: true, buildUsers: true, null), StringComparison.Ordinal);
        Assert.DoesNotContain("build-users-group", NixCommand.Configuration(null, root: false, buildUsers: false, null), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_Nix_the_command_that_installs_it_is_named()
    {
        var nix = new NixCommand(Scratch);

        var fault = (await Assert.ThrowsAsync<DiagnosticException>(() => nix.RequireAsync(TestContext.Current.CancellationToken))).Diagnostics[0];

        Assert.Equal("nix-missing", fault.Code);
        Assert.Equal("Nix is not installed: images are built with it", fault.Summary);
        Assert.Contains("apt-get install --no-install-recommends nix-bin bash-static", fault.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Nix_that_is_too_old_is_refused()
    {
        Program("nix", "echo 'nix (Nix) 2.3.16'");

        var fault = (await Assert.ThrowsAsync<DiagnosticException>(() => new NixCommand(Scratch).RequireAsync(TestContext.Current.CancellationToken))).Diagnostics[0];

        Assert.Equal("Nix 2.8 or newer is needed; this host has 'nix (Nix) 2.3.16'", fault.Summary);
    }

    // What Nix 2.8.0 printed when a builder failed, when the disk was full, and when a user without rights called it.
    [Theory]
    [InlineData(
        "building '/nix/store/qn6r6srahhbk433yc13bx9qdq16d2111-bad.drv'...\nbad> unpacking\nbad> dpkg: error processing package munge\nerror: builder for '/nix/store/qn6r6srahhbk433yc13bx9qdq16d2111-bad.drv' failed with exit code 3",
        "nix-failed", "building image 'bad' failed", "the whole log: nix-store --read-log /nix/store/qn6r6srahhbk433yc13bx9qdq16d2111-bad.drv")]
    [InlineData(
        "full> sh: line 1: echo: write error: No space left on device\nerror: builder for '/nix/store/9xv3iqf7gn6582jriqy5i62vvc7194jd-full.drv' failed with exit code 1",
        "image-no-space", "building image 'bad': no space is left", "nix-collect-garbage")]
    [InlineData(
        "error: could not set permissions on '/nix/var/nix/profiles/per-user' to 755: Operation not permitted",
        "nix-store-access", "building image 'bad': the Nix store of this host cannot be written", "run it as root, or install Nix with its daemon")]
    [InlineData(
        "slurm> unshare: unshare(0x3c020000): Operation not permitted\nerror: builder for '/nix/store/a-slurm.drv' failed with exit code 1",
        "nix-sandbox", "building image 'bad': this host does not let the build make namespaces", "sysctl -w kernel.unprivileged_userns_clone=1")]
    [InlineData(
        "flux> ## payloads after 31 s\nflux> payload flux needs libraries that the image lacks: liblua5.4.so.0 libzmq.so.6 \nerror: builder for '/nix/store/a-flux.drv' failed with exit code 1",
        "payload-libraries", "building image 'bad': the payload 'flux' needs what the image lacks: liblua5.4.so.0 libzmq.so.6", "build it on Debian 12")]
    public void What_Nix_prints_when_it_fails_becomes_a_cause_and_a_cure(string log, string code, string summary, string help)
    {
        var fault = NixDiagnostics.Explain("building image 'bad'", log);

        Assert.Equal(code, fault.Code);
        Assert.Equal(summary, fault.Summary);
        Assert.StartsWith(help, fault.Help, StringComparison.Ordinal);
        Assert.Equal(log, fault.Detail);
    }

    [Fact]
    public async Task An_unchanged_image_costs_no_call_of_Nix_and_a_changed_one_does()
    {
        using var copy = new CatalogCopy();
        var builder = Builder(copy, "");

        var image = await EnsureAsync(builder);
        Assert.Equal(Path.Combine(Scratch, "image"), image.Directory);
        Assert.Equal(1, Calls("build"));

        Assert.Equal(image.Directory, (await EnsureAsync(builder)).Directory);
        Assert.Equal("slurm-worker", (await EnsureAsync(builder, "slurm-worker")).Name);
        Assert.Equal(1, Calls("build"));
        Assert.Equal(1, Calls("eval"));

        File.AppendAllText(Path.Combine(copy.Catalog.Directory, "builders", "disk.sh"), "\n");
        await EnsureAsync(builder);
        Assert.Equal(2, Calls("build"));

        // An image that was cut short behind the program's back is not taken for whole.
        File.AppendAllText(Path.Combine(image.Directory, "rootfs.tar"), "x");
        await EnsureAsync(builder);
        Assert.Equal(3, Calls("build"));
    }

    [Fact]
    public async Task Two_that_want_the_same_image_at_once_build_it_once()
    {
        using var copy = new CatalogCopy();
        var builder = Builder(copy, "");

        var images = await Task.WhenAll(EnsureAsync(builder), EnsureAsync(builder, "slurm-head"));

        Assert.Equal(images[0].Directory, images[1].Directory);
        Assert.Equal(1, Calls("build"));
    }

    [Fact]
    public async Task A_build_that_fails_shows_its_last_lines()
    {
        using var copy = new CatalogCopy();
        var builder = Builder(copy, "i=0; while [ $i -lt 60 ]; do echo \"slurm> line $i\" >&2; i=$((i+1)); done; echo \"error: builder for '/nix/store/x-slurm.drv' failed with exit code 1\" >&2; exit 1");

        var fault = (await Assert.ThrowsAsync<DiagnosticException>(() => EnsureAsync(builder))).Diagnostics[0];

        Assert.Equal("building image 'slurm' failed", fault.Summary);
        Assert.Equal(20, fault.Detail!.Split('\n').Length);
        Assert.StartsWith("slurm> line 41", fault.Detail, StringComparison.Ordinal);
        Assert.EndsWith("failed with exit code 1", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_image_is_refused_before_Nix_is_called()
    {
        using var copy = new CatalogCopy();

        var fault = (await Assert.ThrowsAsync<DiagnosticException>(() => EnsureAsync(Builder(copy, ""), "slurm-haed"))).Diagnostics[0];

        Assert.Equal("there is no image 'slurm-haed'", fault.Summary);
        Assert.Equal("did you mean 'slurm-head'?", fault.Help);
        Assert.Equal(0, Calls("eval"));
    }

    [Fact]
    public void A_disk_that_is_too_small_is_refused_before_anything_starts()
    {
        var fault = Assert.Throws<DiagnosticException>(() => StorePackages.RequireSpace(Path.Combine(Scratch, "not", "yet"), long.MaxValue)).Diagnostics[0];

        Assert.Equal("image-no-space", fault.Code);
        Assert.StartsWith("9223372036855 MB are needed, ", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_member_of_a_package_is_found()
    {
        var archive = Encoding.ASCII.GetBytes(
            "!<arch>\n" +
            "debian-binary   1700000000  0     0     100644  3         `\n2.0\n" +
            "data.tar.xz/    1700000000  0     0     100644  5         `\nhello");

        Assert.Equal((132L, 5L), DebArchive.Find(archive, "data.tar.xz"));
        Assert.Null(DebArchive.Find(archive, "data.tar.zst"));
        Assert.Throws<InvalidDataException>(() => DebArchive.Find("PK"u8, "x"));
    }

    [Fact]
    public void What_apt_would_install_is_read_from_its_simulation()
    {
        // As apt 2.6.1 prints it.
        var chosen = AptResolver.Installed("""
            Inst gcc-12-base (12.2.0-14+deb12u1 Debian:12.13/oldstable [amd64])
            Inst libc6 [2.36-9] (2.36-9+deb12u13 Debian:12.13/oldstable, Debian-Security:12/oldstable-security [amd64]) [libc6:amd64 ]
            Inst adduser (3.134 Debian:12.13/oldstable [all])
            Conf adduser (3.134 Debian:12.13/oldstable [all])
            """);

        Assert.Equal([("gcc-12-base", "12.2.0-14+deb12u1", "amd64"), ("libc6", "2.36-9+deb12u13", "amd64"), ("adduser", "3.134", "all")], chosen);
    }

    [Fact]
    public void Hashes_come_from_the_index()
    {
        var index = new PackageIndex();
        using var text = new StringReader(
            $"Package: dpkg\nEssential: yes\nVersion: 1.21.22\nArchitecture: amd64\nDescription: a package\n that goes on\nFilename: pool/main/d/dpkg/dpkg_1.21.22_amd64.deb\nSize: 12\nSHA256: {new string('c', 64)}\n\nPackage: jq\nVersion: 1.6\nArchitecture: amd64\nFilename: pool/jq.deb\nSize: 1\nSHA256: {new string('d', 64)}\n");
        index.Add("debian", text);

        Assert.Equal(["dpkg"], index.Required);
        Assert.Equal(new LockedPackage("dpkg", "1.21.22", "amd64", "debian", "pool/main/d/dpkg/dpkg_1.21.22_amd64.deb", 12, new string('c', 64), Essential: false), index.Find("dpkg", "1.21.22", "amd64"));
        Assert.Null(index.Find("jq", "1.7", "amd64"));
    }

    private static Task<Image> EnsureAsync(NixImageBuilder builder, string name = "slurm") =>
        builder.EnsureAsync(new ImageSpec($"path:images#{name}"), SilentMonitor.Instance, TestContext.Current.CancellationToken);

    // A small real program in the place of Nix: it writes down how it was called and hands out an image that lies there.
    private NixImageBuilder Builder(CatalogCopy copy, string build)
    {
        var image = ImageDirectories.Write(Path.Combine(Scratch, "image"));
        Program("nix", $$"""
            echo "$1" >> {{Scratch}}/calls
            case "$1" in
              --version) echo 'nix (Nix) 2.8.0' ;;
              eval) echo {{image}} ;;
              build) {{build}}
                while [ "$1" != --out-link ]; do shift; done
                ln -sfn {{image}} "$2" ;;
            esac
            """);
        Program("nix-store", "exit 0");
        return new NixImageBuilder(copy.Catalog, Path.Combine(Scratch, "state"), new NixCommand(Scratch), () => new MirrorList([], null), TimeProvider.System);
    }

    private void Program(string name, string script)
    {
        var path = Path.Combine(Scratch, name);
        File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private int Calls(string command)
    {
        var path = Path.Combine(Scratch, "calls");
        return File.Exists(path) ? File.ReadLines(path).Count(l => l == command) : 0;
    }
}
