using System.Net.Sockets;
using System.Text;
using Regatta.Images.Payloads;

namespace Regatta.Tests.Images.Payloads;

public sealed class PayloadTests : PayloadFixtureTests
{
    [Fact]
    public async Task A_directory_is_its_own_prefix_and_gives_what_the_role_names()
    {
        var prefix = Fixture.At("opt/tool");
        PayloadFixture.Install("", PayloadFixture.Files(prefix));

        var (payload, file) = await Fixture.PackAsync(prefix);

        Assert.Equal(("tool", prefix, "1.2.3", PayloadKind.Directory, prefix), (payload.Name, payload.Prefix, payload.Version, payload.Kind, payload.Source));
        Assert.Equal("tool-1.2.3.tar", Path.GetFileName(file));
        Assert.Equal(
            new Dictionary<string, string>
            {
                [$"{prefix[1..]}/bin/tool"] = "755 #!/bin/sh\necho tool\n",
                [$"{prefix[1..]}/lib/tool/a.so"] = "644 library",
                [$"{prefix[1..]}/lib/tool/latest"] = "->a.so",
                [$"{prefix[1..]}/lib/tool/m.py"] = "644 x = 1",
                [$"{prefix[1..]}/libexec/tool/helper"] = "644 helper",
            },
            PayloadFixture.Contents(file));
    }

    [Fact]
    public async Task The_same_files_give_the_same_bytes_in_every_form()
    {
        var files = PayloadFixture.Files("/opt/tool");
        var tar = PayloadFixture.Tar(files.Reverse());
        File.WriteAllBytes(Fixture.At("plain.tar"), tar);
        File.WriteAllBytes(Fixture.At("small.tar.gz"), PayloadFixture.Gzip(tar));
        PayloadFixture.Install(Fixture.At("root"), files);
        var (blobs, index) = PayloadFixture.Oci(tar);
        Layout("layout", blobs, index);
        File.WriteAllBytes(Fixture.At("saved.tar"), PayloadFixture.Tar(new Dictionary<string, string>
        {
            ["manifest.json"] = """[{"Config":"c.json","Layers":["one/layer.tar"]}]""",
            ["one/layer.tar"] = Encoding.UTF8.GetString(PayloadFixture.Tar(files)),
        }));

        var packed = new List<LockedPayload>();
        foreach (var source in new[] { "plain.tar", "small.tar.gz", "root", "layout", "saved.tar" }) packed.Add((await Fixture.PackAsync(Fixture.At(source))).Payload);

        Assert.Single(packed.Select(p => p.Sha256).Distinct());
        Assert.All(packed, p => Assert.Equal("/opt/tool", p.Prefix));
        Assert.Equal([PayloadKind.Archive, PayloadKind.Archive, PayloadKind.Directory, PayloadKind.Image, PayloadKind.Image], packed.Select(p => p.Kind));
    }

    [Theory]
    [InlineData("xz")]
    [InlineData("zstd")]
    public async Task Archives_that_the_hosts_programs_compressed_are_read(string program)
    {
        Assert.SkipWhen(Regatta.Host.HostTool.Find(program) is null, $"needs the real '{program}'");
        File.WriteAllBytes(Fixture.At("plain.tar"), PayloadFixture.Tar(PayloadFixture.Files("/opt/tool")));
        await Regatta.Host.HostTool.RunAsync(program, ["-k", Fixture.At("plain.tar")], PayloadFixture.Cancellation);

        var made = Directory.GetFiles(Fixture.Folder, "plain.tar*").Single(f => !f.EndsWith(".tar", StringComparison.Ordinal));

        Assert.Equal((await Fixture.PackAsync(Fixture.At("plain.tar"))).Payload.Sha256, (await Fixture.PackAsync(made)).Payload.Sha256);
    }

    [Fact]
    public async Task Layers_replace_and_remove_what_lies_below_them_and_follow_links()
    {
        var (blobs, index) = PayloadFixture.Oci(
            PayloadFixture.Tar(PayloadFixture.Files("/usr").Add("/usr/lib/tool/old.so", "old").Add("/usr/lib/tool/sub/deep.so", "deep").Add("/lib", "->usr/lib").Add("/etc/tool/rc", "rc")),
            PayloadFixture.Tar(new Dictionary<string, string> { ["lib/tool/new.so"] = "through the link", ["usr/lib/tool/.wh.old.so"] = "", ["usr/lib/tool/sub/.wh..wh..opq"] = "", ["usr/libexec/tool/helper"] = "newer" }));
        Layout("layout", blobs, index);

        var (payload, file) = await Fixture.PackAsync(Fixture.At("layout"));

        Assert.Equal("/usr", payload.Prefix);
        var contents = PayloadFixture.Contents(file);
        Assert.Equal("644 through the link", contents["usr/lib/tool/new.so"]);
        Assert.Equal("644 newer", contents["usr/libexec/tool/helper"]);
        Assert.Equal("644 rc", contents["etc/tool/rc"]);
        Assert.DoesNotContain("usr/lib/tool/old.so", contents.Keys);
        Assert.DoesNotContain("usr/lib/tool/sub/deep.so", contents.Keys);
    }

    [Fact]
    public async Task Files_that_run_anywhere_go_to_the_prefix_of_the_role()
    {
        File.WriteAllBytes(Fixture.At("top.tar"), PayloadFixture.Tar(PayloadFixture.Files("")));

        var (payload, file) = await Fixture.PackAsync(Fixture.At("top.tar"), role: PayloadFixture.Role with { Relocate = "/opt/there" });

        Assert.Equal("/opt/there", payload.Prefix);
        Assert.Contains("opt/there/bin/tool", PayloadFixture.Contents(file).Keys);
    }

    [Fact]
    public async Task What_the_user_says_is_the_version_and_without_it_the_files_must_tell()
    {
        var files = PayloadFixture.Files("/opt/tool").Remove("/opt/tool/lib/pkgconfig/tool.pc");
        PayloadFixture.Install(Fixture.At("root"), files);

        Assert.Equal("9", (await Fixture.PackAsync(Fixture.At("root"), "9")).Payload.Version);
        var fault = await Fixture.FaultAsync(Fixture.At("root"));

        Assert.Equal($"the version of payload 'tool' cannot be read from '{Fixture.At("root")}'", fault.Summary);
        Assert.Equal($"say it: --payload tool@VERSION={Fixture.At("root")}", fault.Help);
    }

    [Fact]
    public async Task A_tree_without_the_expected_files_is_told_what_it_lacks()
    {
        PayloadFixture.Install(Fixture.At("half"), [KeyValuePair.Create("/bin/tool", "x")]);
        Directory.CreateDirectory(Fixture.At("nothing"));
        File.WriteAllBytes(Fixture.At("elsewhere.tar"), PayloadFixture.Tar([KeyValuePair.Create("/usr/bin/cat", "x")]));

        var half = await Fixture.FaultAsync(Fixture.At("half"));
        Assert.Equal(("payload-incomplete", $"'{Fixture.At("half")}' does not hold the tool", $"{Fixture.At("half")} lacks libexec/tool/helper"), (half.Code, half.Summary, half.Detail));
        Assert.Equal("it lacks bin/tool, libexec/tool/helper", (await Fixture.FaultAsync(Fixture.At("nothing"))).Detail);
        Assert.Equal("it lacks bin/tool, libexec/tool/helper", (await Fixture.FaultAsync(Fixture.At("elsewhere.tar"))).Detail);
        Assert.Contains("a container image of a registry", half.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_told()
    {
        PayloadFixture.Install(Fixture.At("tool"), PayloadFixture.Files(""));
        // Nobody can read a socket, whoever they are.
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Fixture.At("tool/lib/tool/s.so")));

        var fault = await Fixture.FaultAsync(Fixture.At("tool"));

        Assert.Equal("payload-unreadable", fault.Code);
        Assert.StartsWith($"'{Fixture.At("tool")}' cannot be read whole: ", fault.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_prefix_that_is_not_known_or_not_the_only_one_is_a_fault()
    {
        File.WriteAllBytes(Fixture.At("top.tar"), PayloadFixture.Tar(PayloadFixture.Files("")));
        File.WriteAllBytes(Fixture.At("two.tar"), PayloadFixture.Tar(PayloadFixture.Files("/usr").AddRange(PayloadFixture.Files("/opt/tool"))));

        Assert.StartsWith("its files lie at the top", (await Fixture.FaultAsync(Fixture.At("top.tar"))).Detail, StringComparison.Ordinal);
        var two = await Fixture.FaultAsync(Fixture.At("two.tar"));
        Assert.Equal(("payload-prefix", "/opt/tool\n/usr"), (two.Code, two.Detail));
    }

    [Fact]
    public async Task A_source_that_is_not_there_is_told_what_sources_are()
    {
        var fault = await Fixture.FaultAsync(Fixture.At("nowhere"));

        Assert.Equal($"'{Fixture.At("nowhere")}' is not there", fault.Summary);
        Assert.StartsWith("SOURCE is one of", fault.Help, StringComparison.Ordinal);
        Assert.Equal("payload-source", (await Fixture.FaultAsync("ftp://example.org/tool.tar")).Code);
    }

    [Fact]
    public async Task Damaged_archives_and_images_are_named()
    {
        var tar = PayloadFixture.Gzip(PayloadFixture.Tar(PayloadFixture.Files("/opt/tool")));
        tar[tar.Length / 2] ^= 0xFF;
        File.WriteAllBytes(Fixture.At("damaged.tar.gz"), tar);
        File.WriteAllText(Fixture.At("text.tar"), new string('x', 4096));
        var (blobs, index) = PayloadFixture.Oci(PayloadFixture.Tar(PayloadFixture.Files("/opt/tool")));
        var layer = blobs.Keys.First();
        Layout("lacking", blobs.Where(b => b.Key != layer).ToDictionary(), index);
        Layout("changed", blobs.ToDictionary(b => b.Key, b => b.Key == layer ? PayloadFixture.Gzip([1, 2, 3]) : b.Value), index);

        Assert.Equal("payload-archive", (await Fixture.FaultAsync(Fixture.At("damaged.tar.gz"))).Code);
        Assert.Equal($"'{Fixture.At("text.tar")}' is not a whole tar archive", (await Fixture.FaultAsync(Fixture.At("text.tar"))).Summary);
        Assert.EndsWith($"it lacks its part {layer}", (await Fixture.FaultAsync(Fixture.At("lacking"))).Summary, StringComparison.Ordinal);
        var changed = await Fixture.FaultAsync(Fixture.At("changed"));
        Assert.Equal("payload-digest", changed.Code);
        Assert.Contains($"wanted {layer}", changed.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("flux")]
    [InlineData("=x")]
    [InlineData("Flux=/opt/flux")]
    [InlineData("flux@=/opt/flux")]
    public void What_is_no_reference_is_told_the_form(string text)
    {
        var fault = Assert.Throws<DiagnosticException>(() => PayloadReference.Parse(text)).Diagnostics[0];

        Assert.Equal($"'{text}' names no payload", fault.Summary);
        Assert.StartsWith("--payload NAME=SOURCE", fault.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void References_have_a_name_perhaps_a_version_and_a_source()
    {
        Assert.Equal(new PayloadReference("flux", null, "/opt/flux"), PayloadReference.Parse("flux=/opt/flux"));
        Assert.Equal(new PayloadReference("k8s-node", "1.34.1", "https://h/x?a=b"), PayloadReference.Parse("k8s-node@1.34.1=https://h/x?a=b"));
    }

    [Fact]
    public void A_lock_is_written_and_read_back_and_its_faults_are_named()
    {
        var payload = new LockedPayload("tool", "/opt/tool", "1.2.3", PayloadKind.Directory, "/opt/tool", 7, new string('a', 64));
        var text = PayloadLockFile.Format(new PayloadLock("node", [payload]));

        Assert.Equal([payload], PayloadLockFile.Parse(text, "node.lock.json", "node").Payloads);
        Assert.Equal(
            ["'node.lock.json': image: it is the lock of 'node'", "'node.lock.json': payloads[0].prefix: '../x' is not an absolute path"],
            Assert.Throws<DiagnosticException>(() => PayloadLockFile.Parse(text.Replace("\"prefix\": \"/opt/tool\"", "\"prefix\": \"../x\"", StringComparison.Ordinal), "node.lock.json", "other"))
                .Diagnostics.Select(d => d.Summary));
    }

    private void Layout(string name, Dictionary<string, byte[]> blobs, string index)
    {
        var folder = Path.Combine(Fixture.At(name), "blobs", "sha256");
        Directory.CreateDirectory(folder);
        foreach (var (digest, bytes) in blobs) File.WriteAllBytes(Path.Combine(folder, digest["sha256:".Length..]), bytes);
        File.WriteAllText(Path.Combine(Fixture.At(name), "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        File.WriteAllText(Path.Combine(Fixture.At(name), "index.json"), $$"""{"schemaVersion":2,"manifests":[{"digest":"{{index}}"}]}""");
    }
}
