using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Regatta.Images.Payloads;

namespace Regatta.Tests.Images.Payloads;

/// <summary>A small program under a prefix, in every form that a payload can have.</summary>
internal sealed class PayloadFixture : IDisposable
{
    public static readonly PayloadRole Role = new(
        "tool", "the tool", ["bin/tool", "libexec/tool/helper"], ["bin/tool*", "lib*/tool/*", "libexec/tool/*", "/etc/tool/*", "!*.la"])
    {
        Version = new PayloadVersionPlace("lib*/pkgconfig/tool.pc", @"^Version: *(\S+)"),
    };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("regatta-payload-");

    public string Folder => _folder.FullName;

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The files of the program below a prefix: text, or a link where it begins with <c>-&gt;</c>.</summary>
    public static ImmutableSortedDictionary<string, string> Files(string prefix) => new Dictionary<string, string>
    {
        [$"{prefix}/bin/tool"] = "#!/bin/sh\necho tool\n",
        [$"{prefix}/bin/other"] = "not of the tool",
        [$"{prefix}/lib/tool/a.so"] = "library",
        [$"{prefix}/lib/tool/a.la"] = "for linking",
        [$"{prefix}/lib/tool/latest"] = "->a.so",
        [$"{prefix}/lib/tool/m.py"] = "x = 1",
        [$"{prefix}/lib/tool/__pycache__/m.pyc"] = "dated",
        [$"{prefix}/lib/pkgconfig/tool.pc"] = "Name: tool\nVersion: 1.2.3\n",
        [$"{prefix}/libexec/tool/helper"] = "helper",
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>Writes files below a directory, as one who installs them now.</summary>
    public static void Install(string root, IEnumerable<KeyValuePair<string, string>> files)
    {
        foreach (var (path, text) in files)
        {
            var file = root + path;
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            if (text.StartsWith("->", StringComparison.Ordinal)) File.CreateSymbolicLink(file, text[2..]);
            else File.WriteAllText(file, text);
            if (path.Contains("bin/", StringComparison.Ordinal)) File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.UserExecute);
        }
    }

    public string At(string name) => Path.Combine(Folder, name);

    /// <summary>A tar of files; a text of null is a whiteout.</summary>
    public static byte[] Tar(IEnumerable<KeyValuePair<string, string>> files)
    {
        using var memory = new MemoryStream();
        using (var writer = new TarWriter(memory, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var (path, text) in files)
            {
                var link = text.StartsWith("->", StringComparison.Ordinal);
                var entry = new PaxTarEntry(link ? TarEntryType.SymbolicLink : TarEntryType.RegularFile, path.TrimStart('/'))
                {
                    Mode = path.Contains("bin/", StringComparison.Ordinal) ? UnixFileMode.UserExecute | UnixFileMode.UserRead : UnixFileMode.UserRead,
                };
                if (link) entry.LinkName = text[2..];
                else entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text));
                writer.WriteEntry(entry);
            }
        }

        return memory.ToArray();
    }

    public static byte[] Gzip(byte[] bytes)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest)) gzip.Write(bytes);
        return memory.ToArray();
    }

    public static string Digest(byte[] bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>An OCI image of layers: its parts by digest, and the digest of its index, which names an image of another processor and an attestation too.</summary>
    public static (Dictionary<string, byte[]> Blobs, string Index) Oci(params byte[][] layers)
    {
        var blobs = layers.Select(Gzip).ToDictionary(Digest);
        string Add(JsonObject document)
        {
            var bytes = Encoding.UTF8.GetBytes(document.ToJsonString());
            blobs[Digest(bytes)] = bytes;
            return Digest(bytes);
        }

        var manifest = Add(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["layers"] = new JsonArray([.. layers.Select(l => (JsonNode)new JsonObject { ["digest"] = Digest(Gzip(l)) })]),
        });
        JsonObject Platform(string digest, string os, string architecture) =>
            new() { ["digest"] = digest, ["platform"] = new JsonObject { ["os"] = os, ["architecture"] = architecture } };
        var index = Add(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["manifests"] = new JsonArray(
                Platform("sha256:" + new string('1', 64), "linux", "arm64"), Platform(manifest, "linux", "amd64"), Platform("sha256:" + new string('2', 64), "unknown", "unknown")),
        });
        return (blobs, index);
    }

    /// <summary>Reads and packs a source as the program does.</summary>
    public async Task<(LockedPayload Payload, string File)> PackAsync(string source, string? version = null, PayloadRole? role = null, Func<string, string?>? environment = null)
    {
        var working = Directory.CreateDirectory(At("working-" + Guid.NewGuid().ToString("N"))).FullName;
        using var client = new HttpClient();
        var reader = new PayloadSource(() => client, environment ?? (_ => null));
        var tree = await reader.ReadAsync(source, role ?? Role, working, SilentMonitor.Instance, Cancellation);
        return await PayloadPacker.PackAsync(tree, role ?? Role, version, working, Cancellation);
    }

    /// <summary>The fault of a source that cannot be packed.</summary>
    public async Task<Diagnostic> FaultAsync(string source, string? version = null, PayloadRole? role = null) =>
        Assert.Single((await Assert.ThrowsAsync<DiagnosticException>(() => PackAsync(source, version, role))).Diagnostics);

    /// <summary>What lies in a tar: mode and text, or the target of a link.</summary>
    public static IReadOnlyDictionary<string, string> Contents(string file)
    {
        using var reader = new TarReader(File.OpenRead(file));
        var contents = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.GetNextEntry(copyData: true) is { } entry)
        {
            Assert.Equal((0, 0), (entry.Uid, entry.Gid));
            using var text = entry.DataStream is { } data ? new StreamReader(data) : null;
            contents[entry.Name] = entry.EntryType == TarEntryType.SymbolicLink ? "->" + entry.LinkName : $"{Convert.ToString((int)entry.Mode, 8)} {text?.ReadToEnd()}";
        }

        return contents;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
