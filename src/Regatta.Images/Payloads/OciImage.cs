using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Regatta.Images.Payloads;

/// <summary>An image by the OCI image specification (and Docker's schema 2, which has the same shape): an index or a manifest, and layers by digest.</summary>
/// <param name="name">What a person calls it.</param>
/// <param name="blob">Gets a part by its digest as a file; what it holds is checked here.</param>
internal sealed class OciImage(string name, Func<string, CancellationToken, Task<string>> blob)
{
    private const int Deepest = 4;

    /// <summary>Lays the layers over each other.</summary>
    /// <param name="document">An index or a manifest.</param>
    /// <param name="folder">Where layers are unpacked to plain tars.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">It is malformed, a part has another digest, or it has no image for this processor.</exception>
    public async Task<LayeredTree> LayersAsync(JsonElement document, string folder, CancellationToken cancellation)
    {
        var manifest = await ManifestAsync(document, 0, cancellation);
        var tree = new LayeredTree();
        foreach (var layer in manifest.GetProperty("layers").EnumerateArray())
        {
            var file = await CheckedAsync(DigestOf(layer), cancellation);
            await tree.AddAsync(await ArchiveFile.PlainAsync(file, name, folder, cancellation), name, cancellation);
        }

        return tree;
    }

    /// <summary>Parses JSON.</summary>
    /// <exception cref="DiagnosticException">It is none.</exception>
    public static JsonElement Document(string text, string name)
    {
        try
        {
            using var parsed = JsonDocument.Parse(text);
            return parsed.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            throw Malformed(name, exception.Message);
        }
    }

    /// <summary>Says what is wrong with an image.</summary>
    public static DiagnosticException Malformed(string name, string why) =>
        new(Diagnostic.Error("payload-image", $"'{name}' is no container image that can be read: {why}"));

    /// <summary>Says that bytes are not those that a digest names.</summary>
    public static DiagnosticException OtherDigest(string name, string wanted, string found) =>
        new(Diagnostic.Error("payload-digest", $"'{name}': {wanted} has another digest") with
        {
            Detail = $"wanted {wanted}\nfound  {found}",
            Help = "it was changed or damaged on the way: fetch it again",
        });

    /// <summary>The digest of a file.</summary>
    public static async Task<string> DigestAsync(string file, CancellationToken cancellation)
    {
        var stream = File.OpenRead(file);
        await using (stream)
            return "sha256:" + Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation));
    }

    private async Task<JsonElement> ManifestAsync(JsonElement document, int depth, CancellationToken cancellation)
    {
        if (document.ValueKind != JsonValueKind.Object) throw Malformed(name, "its manifest is no object");
        if (document.TryGetProperty("layers", out var layers) && layers.ValueKind == JsonValueKind.Array) return document;
        if (depth == Deepest || !document.TryGetProperty("manifests", out var manifests) || manifests.ValueKind != JsonValueKind.Array)
            throw Malformed(name, "it names neither layers nor manifests");
        var all = manifests.EnumerateArray().ToList();
        // Attestations stand beside the images in an index, as images for an unknown processor.
        var fitting = all.Count == 1 ? all : [.. all.Where(m => m.TryGetProperty("platform", out var p) && Is(p, "os", "linux") && Is(p, "architecture", "amd64"))];
        if (fitting.Count != 1) throw Malformed(name, fitting.Count == 0 ? "it has no image for linux/amd64" : "it has several images for linux/amd64");
        var file = await CheckedAsync(DigestOf(fitting[0]), cancellation);
        return await ManifestAsync(Document(await File.ReadAllTextAsync(file, Encoding.UTF8, cancellation), name), depth + 1, cancellation);
    }

    private async Task<string> CheckedAsync(string digest, CancellationToken cancellation)
    {
        var file = await blob(digest, cancellation);
        var found = await DigestAsync(file, cancellation);
        return found == digest ? file : throw OtherDigest(name, digest, found);
    }

    private string DigestOf(JsonElement descriptor) =>
        descriptor.TryGetProperty("digest", out var digest) && digest.GetString() is { } text && PayloadSource.Digest().IsMatch(text)
            ? text
            : throw Malformed(name, "a part has no sha256 digest");

    private static bool Is(JsonElement platform, string property, string value) => platform.TryGetProperty(property, out var found) && found.GetString() == value;
}
