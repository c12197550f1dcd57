using Regatta.Host;
using Regatta.Images.Payloads;

namespace Regatta.Tests.Images.Payloads;

/// <summary>A payload that is compiled here, out of a Debian source package and patches of one's own.</summary>
public sealed class SourcePackageFileTests : PayloadFixtureTests
{
    private static readonly PayloadRole Role = PayloadFixture.Role with
    {
        Source = new SourceBuild(["dpkg"], ["""sh tool.sh > tool""", """install -D tool "$DESTDIR/opt/tool/bin/tool" """, """install -D -m 644 tool.sh "$DESTDIR/opt/tool/libexec/tool/helper" """, """install -D -m 644 tool.pc "$DESTDIR/opt/tool/lib/pkgconfig/tool.pc" """]),
    };

    public SourcePackageFileTests() => Assert.SkipWhen(HostTool.Find("dpkg-source") is null || HostTool.Find("patch") is null, "needs dpkg-dev and patch");

    [Fact]
    public async Task It_is_compiled_as_the_role_says_with_the_patches_in_their_order()
    {
        var package = await PackageAsync();
        Patch("patches/b.patch", "made by hand", "made by two hands");
        Patch("patches/a.diff", "made of source", "made by hand");
        File.WriteAllText(Fixture.At("patches/README"), "no patch");

        var (plain, _) = await Fixture.PackAsync(package, role: Role);
        var (patched, file) = await Fixture.PackAsync($"{package}+{Fixture.At("patches")}/", role: Role);

        Assert.Equal(("tool", "/opt/tool", "1.2.3", PayloadKind.Source, package), (plain.Name, plain.Prefix, plain.Version, plain.Kind, plain.Source));
        Assert.Equal((PayloadKind.Source, $"{package}+{Fixture.At("patches")}"), (patched.Kind, patched.Source));
        Assert.NotEqual(plain.Sha256, patched.Sha256);
        Assert.Equal("755 made by two hands\n", PayloadFixture.Contents(file)["opt/tool/bin/tool"]);
        Assert.Equal(plain.Sha256, (await Fixture.PackAsync(package, role: Role)).Payload.Sha256);
        Assert.Empty(Directory.GetFiles(Fixture.Folder, "compiling-*"));
    }

    [Fact]
    public async Task A_file_series_says_which_patches_there_are()
    {
        var package = await PackageAsync();
        Patch("patches/second", "made by hand", "made by series");
        Patch("patches/first.patch", "made of source", "made by hand", "");
        Patch("patches/other.patch", "made of source", "not taken");
        File.WriteAllText(Fixture.At("patches/series"), "# of mine\nfirst.patch -p0\n\nsecond # the last\n");

        var (_, file) = await Fixture.PackAsync($"{package}+{Fixture.At("patches")}", role: Role);

        Assert.Equal("755 made by series\n", PayloadFixture.Contents(file)["opt/tool/bin/tool"]);
    }

    [Fact]
    public async Task A_patch_that_does_not_fit_is_named()
    {
        var package = await PackageAsync();
        Patch("patches/late.patch", "made of stone", "made of wood");

        var fault = await Fixture.FaultAsync($"{package}+{Fixture.At("patches")}", role: Role);

        Assert.Equal(("payload-patch", $"patch '{Fixture.At("patches/late.patch")}' does not fit 'tool_1.2.3.dsc'"), (fault.Code, fault.Summary));
        Assert.Contains("Hunk #1 FAILED", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_without_patches_and_a_series_that_cannot_be_followed_are_told()
    {
        var package = await PackageAsync();
        var patches = Directory.CreateDirectory(Fixture.At("patches")).FullName;
        async Task<string> FaultAsync(string? series)
        {
            if (series is not null) File.WriteAllText(Path.Combine(patches, "series"), series);
            return (await Fixture.FaultAsync($"{package}+{patches}", role: Role)).ToString();
        }

        Assert.Equal($"error[payload-patch]: '{patches}' holds no patches\n  help: *.patch and *.diff are applied in the order of their names, or those that a file 'series' names", await FaultAsync(null));
        Assert.Equal($"error[payload-patch]: '{patches}/series' names 'a.patch', which is not there", await FaultAsync("a.patch"));
        Assert.Equal($"error[payload-patch]: '{patches}/series' says 'a.patch -R', which is not understood\n  help: NAME, or NAME -p0", await FaultAsync("a.patch -R"));
        Assert.Equal($"'{patches}x' is no directory of patches", (await Fixture.FaultAsync($"{package}+{patches}x", role: Role)).Summary);
    }

    [Fact]
    public async Task What_this_host_lacks_is_named_with_the_command_that_installs_it()
    {
        var fault = await Fixture.FaultAsync(await PackageAsync(), role: Role with { Source = Role.Source! with { Needs = ["dpkg", "libnone-of-that-dev"] } });

        Assert.Equal("error[payload-build-needs]: this host lacks what a source package is compiled with: libnone-of-that-dev\n  help: apt-get install --no-install-recommends libnone-of-that-dev", fault.ToString());
    }

    [Fact]
    public async Task What_does_not_compile_shows_the_end_of_its_log_and_keeps_it()
    {
        var fault = await Fixture.FaultAsync(await PackageAsync(), role: Role with { Source = Role.Source! with { Steps = ["echo the tool is broken", "exit 3", "echo not reached"] } });

        var log = Fixture.At("compiling-tool.log");
        Assert.Equal(("payload-build", "'tool_1.2.3.dsc' does not compile", $"the whole log lies in {log}"), (fault.Code, fault.Summary, fault.Help));
        Assert.Equal("+ echo the tool is broken\nthe tool is broken\n+ exit 3", fault.Detail);
        Assert.Equal(fault.Detail + "\n", await File.ReadAllTextAsync(log, PayloadFixture.Cancellation));
    }

    [Fact]
    public async Task A_package_that_is_damaged_or_not_whole_is_refused()
    {
        var package = await PackageAsync();
        var tar = Assert.Single(Directory.GetFiles(Path.GetDirectoryName(package)!, "tool_*.tar.*"));
        await File.AppendAllTextAsync(tar, "x", PayloadFixture.Cancellation);
        var damaged = await Fixture.FaultAsync(package, role: Role);
        File.Delete(tar);
        var lacking = await Fixture.FaultAsync(package, role: Role);

        Assert.All([damaged, lacking], f => Assert.Equal(("payload-archive", $"'{package}' cannot be unpacked"), (f.Code, f.Summary)));
        Assert.Contains(Path.GetFileName(tar), damaged.Detail, StringComparison.Ordinal);
        Assert.Equal(("payload-source", $"'{package}x.dsc' is not there"), (await Fixture.FaultAsync(package + "x.dsc", role: Role)) is var fault ? (fault.Code, fault.Summary) : default);
    }

    [Fact]
    public async Task A_payload_that_nobody_says_how_to_compile_comes_compiled_only()
    {
        var package = await PackageAsync();

        Assert.Equal(("payload-source", $"'{package}' is a source package, and how payload 'tool' is compiled is not known"), (await Fixture.FaultAsync(package)) is var fault ? (fault.Code, fault.Summary) : default);
    }

    private async Task<string> PackageAsync()
    {
        PayloadFixture.Install(Fixture.At("tool-1.2.3"), new Dictionary<string, string>
        {
            ["/debian/changelog"] = "tool (1.2.3) unstable; urgency=low\n\n  * A tool.\n\n -- Some Body <some@body.example>  Sat, 01 Aug 2026 00:00:00 +0000\n",
            ["/debian/control"] = "Source: tool\nMaintainer: Some Body <some@body.example>\n\nPackage: tool\nArchitecture: any\nDescription: a tool\n",
            ["/debian/source/format"] = "3.0 (native)\n",
            ["/tool.sh"] = "# a tool\n\necho made of source\n\n# its end\n",
            ["/tool.pc"] = "Name: tool\nVersion: 1.2.3\n",
        });
        await HostTool.RunAsync("sh", ["-c", $"cd '{Fixture.Folder}' && dpkg-source -b tool-1.2.3"], PayloadFixture.Cancellation);
        return Fixture.At("tool_1.2.3.dsc");
    }

    private void Patch(string name, string before, string after, string above = "a/") =>
        PayloadFixture.Install(Fixture.Folder, [KeyValuePair.Create("/" + name, $"--- {above}tool.sh\n+++ {above}tool.sh\n@@ -1,5 +1,5 @@\n # a tool\n \n-echo {before}\n+echo {after}\n \n # its end\n")]);
}
