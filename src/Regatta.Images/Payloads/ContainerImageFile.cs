using System.Text.Json;

namespace Regatta.Images.Payloads;

/// <summary>Container images on disk: OCI layouts (a directory or a tar of one) and what <c>docker save</c> writes.</summary>
internal static class ContainerImageFile
{
    /// <summary>True when a directory is an OCI layout.</summary>
    public static bool IsLayout(string directory) => File.Exists(Path.Combine(directory, "oci-layout"));

    /// <summary>Reads an OCI layout.</summary>
    /// <exception cref="DiagnosticException">It is malformed, or has no image for this processor.</exception>
    public static async Task<LayeredTree> ReadLayoutAsync(string directory, string name, string folder, CancellationToken cancellation)
    {
        var image = new OciImage(name, (digest, _) => Task.FromResult(BlobIn(directory, digest, name)));
        var index = await File.ReadAllTextAsync(Path.Combine(directory, "index.json"), cancellation);
        return await image.LayersAsync(OciImage.Document(index, name), folder, cancellation);
    }

    /// <summary>Reads a tar that may be a container image; null when it is an ordinary archive.</summary>
    /// <exception cref="DiagnosticException">It is malformed, or has no image for this processor.</exception>
    public static async Task<LayeredTree?> TryReadAsync(string archive, string name, string folder, CancellationToken cancellation)
    {
        if (await HeadAsync(archive, name, cancellation) is not { } members) return null;
        var unpacked = Directory.CreateDirectory(Path.Combine(folder, $"image-{Guid.NewGuid():N}")).FullName;
        foreach (var (path, file) in members)
        {
            var target = Path.Combine(unpacked, path.TrimStart('/'));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            var (source, copy) = (file.Open(), File.Create(target));
            await using (source)
            await using (copy) await CopyAsync(source, copy, file.Length, cancellation);
        }

        return IsLayout(unpacked)
            ? await ReadLayoutAsync(unpacked, name, folder, cancellation)
            : await DockerAsync(unpacked, name, folder, cancellation);
    }

    /// <summary>Copies so many bytes.</summary>
    internal static async Task CopyAsync(Stream source, Stream target, long length, CancellationToken cancellation)
    {
        var buffer = new byte[128 * 1024];
        for (var left = length; left > 0;)
        {
            var read = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), cancellation);
            if (read == 0) throw new EndOfStreamException("a file became shorter while it was read");
            await target.WriteAsync(buffer.AsMemory(0, read), cancellation);
            left -= read;
        }
    }

    // docker save: manifest.json names the layers, the lowest first.
    private static async Task<LayeredTree> DockerAsync(string directory, string name, string folder, CancellationToken cancellation)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(directory, "manifest.json"), cancellation);
        var tree = new LayeredTree();
        var images = OciImage.Document(text, name);
        if (images.ValueKind != JsonValueKind.Array || images.GetArrayLength() != 1)
            throw OciImage.Malformed(name, "manifest.json must hold one image: save one image alone");
        foreach (var layer in images[0].TryGetProperty("Layers", out var layers) ? layers.EnumerateArray() : throw OciImage.Malformed(name, "manifest.json names no layers"))
        {
            var file = Path.GetFullPath(Path.Combine(directory, layer.GetString()!));
            if (!file.StartsWith(directory + "/", StringComparison.Ordinal) || !File.Exists(file)) throw OciImage.Malformed(name, $"it lacks its layer '{layer.GetString()}'");
            await tree.AddAsync(await ArchiveFile.PlainAsync(file, name, folder, cancellation), name, cancellation);
        }

        return tree;
    }

    private static string BlobIn(string directory, string digest, string name)
    {
        var file = Path.Combine(directory, "blobs", digest.Replace(':', '/'));
        return File.Exists(file) ? file : throw OciImage.Malformed(name, $"it lacks its part {digest}");
    }

    /// <summary>The members of a container image in a tar; null when the tar is none.</summary>
    private static async Task<IReadOnlyDictionary<string, PayloadFile>?> HeadAsync(string archive, string name, CancellationToken cancellation)
    {
        var tree = new LayeredTree();
        await tree.AddAsync(archive, name, cancellation);
        var members = tree.Files;
        if (members.ContainsKey("/oci-layout") && members.ContainsKey("/index.json")) return members;
        if (!members.TryGetValue("/manifest.json", out var manifest) || manifest.Length > 1 << 20) return null;
        using var stream = manifest.Open();
        var bytes = new byte[manifest.Length];
        stream.ReadExactly(bytes);
        return bytes.AsSpan().IndexOf("\"Layers\""u8) >= 0 ? members : null;
    }
}
