using System.Text;
using System.Text.Json.Nodes;
using Regatta.Images;

namespace Regatta.Tests.Images;

public sealed class ImageContractTests : ScratchTests
{
    [Fact]
    public void An_image_directory_is_read()
    {
        var image = ImageContract.Read(ImageDirectories.Write(Scratch), "node-head");

        Assert.Equal("node-head", image.Name);
        Assert.Equal("node", image.Manifest.Name);
        Assert.Equal("root=/dev/vda", image.Manifest.KernelCommandLine);
        Assert.Equal(new ImagePackage("bash", "5.2-1", "amd64", new string('b', 64)), Assert.Single(image.Manifest.Packages));
        Assert.Equal(4, image.Manifest.Files.Count);
    }

    [Fact]
    public void Every_violation_is_named()
    {
        ImageDirectories.Write(Scratch, manifest =>
        {
            manifest["version"] = 2;
            manifest.Remove("kernelCommandLine");
            manifest["files"]!["vmlinuz"] = "ABC";
        });
        File.Delete(Path.Combine(Scratch, "root.qcow2"));
        File.WriteAllText(Path.Combine(Scratch, "initrd.img"), "");

        var faults = Assert.Throws<DiagnosticException>(() => ImageContract.Read(Scratch)).Diagnostics;

        Assert.All(faults, f => Assert.Equal("image-contract", f.Code));
        Assert.Equal(
            [
                "'manifest.json': 'initrd.img' beside it is empty",
                "'manifest.json': beside it lies no file 'root.qcow2'",
                "'manifest.json': version: this program knows version 1 of the contract",
                "'manifest.json': kernelCommandLine: is missing",
                "'manifest.json': files.vmlinuz: 'ABC' is not a sha256 of 64 lower-case hexadecimal digits",
            ],
            faults.Select(f => f.Summary));
    }

    [Fact]
    public void A_directory_without_a_manifest_is_no_image()
    {
        var fault = Assert.Throws<DiagnosticException>(() => ImageContract.Read(Scratch)).Diagnostics[0];

        Assert.Equal($"'{Scratch}' is not an image: it has no manifest.json", fault.Summary);
    }

    [Fact]
    public async Task A_file_that_is_not_what_the_manifest_says_is_found()
    {
        var image = ImageContract.Read(ImageDirectories.Write(Scratch));
        Assert.Empty(await ImageComparison.WithManifestAsync(image, TestContext.Current.CancellationToken));

        File.AppendAllText(Path.Combine(Scratch, "vmlinuz"), "!");

        Assert.Equal("vmlinuz", Assert.Single(await ImageComparison.WithManifestAsync(image, TestContext.Current.CancellationToken)).File);
    }

    [Fact]
    public async Task The_first_byte_that_differs_is_named()
    {
        var (first, second) = (Directory.CreateDirectory(Path.Combine(Scratch, "1")).FullName, Directory.CreateDirectory(Path.Combine(Scratch, "2")).FullName);
        var long1 = new byte[(1 << 20) + 100];
        var long2 = (byte[])long1.Clone();
        long2[(1 << 20) + 7] = 0xff;
        Write("disk", long1, long2);
        Write("same", [1, 2], [1, 2]);
        Write("short", [1, 2, 3], [1, 2]);
        File.WriteAllBytes(Path.Combine(second, "more"), [1]);

        var differences = await ImageComparison.OfDirectoriesAsync(first, second, TestContext.Current.CancellationToken);

        Assert.Equal(
            [
                "disk: first difference at byte 1048583: 00000000000000000000000000000000 against ff000000000000000000000000000000 (lengths 1048676 and 1048676)",
                "more: only the second build has it",
                "short: first difference at byte 2: 03 against end (lengths 3 and 2)",
            ],
            differences.Select(d => d.ToString()));

        void Write(string name, byte[] a, byte[] b)
        {
            File.WriteAllBytes(Path.Combine(first, name), a);
            File.WriteAllBytes(Path.Combine(second, name), b);
        }
    }

    [Fact]
    public void The_bill_of_materials_is_SPDX_and_the_same_each_time()
    {
        var contents = ImageContents.Of(ImageContract.Read(ImageDirectories.Write(Scratch)).Manifest);

        var document = SpdxDocument.Create(contents);

        Assert.Equal("SPDX-2.3", (string?)document["spdxVersion"]);
        Assert.Equal("2026-01-31T00:00:00Z", (string?)document["creationInfo"]!["created"]);
        Assert.Equal(["node", "bash"], document["packages"]!.AsArray().Select(p => (string?)p!["name"]));
        var bash = document["packages"]![1]!;
        Assert.Equal("5.2-1", (string?)bash["versionInfo"]);
        Assert.Equal("pkg:deb/debian/bash@5.2-1?arch=amd64", (string?)bash["externalRefs"]![0]!["referenceLocator"]);
        Assert.Equal(new string('b', 64), (string?)bash["checksums"]![0]!["checksumValue"]);
        Assert.Equal(["DESCRIBES", "CONTAINS"], document["relationships"]!.AsArray().Select(r => (string?)r!["relationshipType"]));
        Assert.Equal(SpdxDocument.Format(document), SpdxDocument.Format(SpdxDocument.Create(contents)));
    }
}

/// <summary>Tiny image directories that keep the contract.</summary>
internal static class ImageDirectories
{
    public static string Write(string directory, Action<JsonObject>? change = null)
    {
        Directory.CreateDirectory(directory);
        var files = new JsonObject();
        foreach (var name in ImageContract.Files)
        {
            var content = Encoding.UTF8.GetBytes("content of " + name);
            File.WriteAllBytes(Path.Combine(directory, name), content);
            files[name] = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));
        }

        var manifest = new JsonObject
        {
            ["version"] = 1,
            ["name"] = "node",
            ["kernelCommandLine"] = "root=/dev/vda",
            ["sourceDateEpoch"] = 1_769_817_600,
            ["lockHash"] = new string('a', 64),
            ["packages"] = new JsonArray(new JsonObject { ["name"] = "bash", ["version"] = "5.2-1", ["architecture"] = "amd64", ["sha256"] = new string('b', 64) }),
            ["files"] = files,
        };
        change?.Invoke(manifest);
        File.WriteAllText(Path.Combine(directory, "manifest.json"), manifest.ToJsonString());
        return directory;
    }
}
