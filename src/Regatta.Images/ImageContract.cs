using System.Text.RegularExpressions;

namespace Regatta.Images;

/// <summary>The contract that every image directory keeps, whoever built it.</summary>
public static partial class ImageContract
{
    /// <summary>Version of the contract.</summary>
    public const int Version = 1;

    private const string Help = "docs/images.md describes what an image directory holds";

    /// <summary>The files beside <c>manifest.json</c>.</summary>
    public static ImmutableArray<string> Files { get; } = ["initrd.img", "root.qcow2", "rootfs.tar", "vmlinuz"];

    /// <summary>Reads an image directory and checks the contract, without reading the large files.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">Name that it was asked for by; the manifest's when null.</param>
    /// <exception cref="DiagnosticException">The contract is broken; every violation is named.</exception>
    public static Image Read(string directory, string? name = null)
    {
        var path = Path.Combine(directory, "manifest.json");
        var shape = new JsonShape(path, "image-contract", Help);
        foreach (var file in Files)
        {
            var info = new FileInfo(Path.Combine(directory, file));
            if (!info.Exists) shape.Fault("", $"beside it lies no file '{file}'");
            else if (info.Length == 0) shape.Fault("", $"'{file}' beside it is empty");
        }

        if (!File.Exists(path))
        {
            throw new DiagnosticException(Diagnostic.Error("image-contract", $"'{directory}' is not an image: it has no manifest.json") with
            {
                Help = Help,
            });
        }

        var manifest = Manifest(shape, File.ReadAllText(path));
        return new Image(name ?? manifest.Name, directory, manifest);
    }

    /// <summary>Reads a manifest alone, without the files that it speaks of.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DiagnosticException">The contract is broken; every violation is named.</exception>
    public static ImageManifest ReadManifest(string path) => Manifest(new JsonShape(path, "image-contract", Help), File.ReadAllText(path));

    private static ImageManifest Manifest(JsonShape shape, string text)
    {
        var parsed = shape.Parse(text);
        if (parsed is not { } root)
        {
            shape.ThrowOnFaults();
            throw new InvalidOperationException("a manifest that cannot be parsed has a fault");
        }

        var version = shape.Integer(root, "", "version");
        if (version != Version) shape.Fault("version", $"this program knows version {Version} of the contract");
        var manifest = new ImageManifest
        {
            Version = (int)version,
            Name = shape.Text(root, "", "name", ImageName(), "a name of letters, digits and hyphens"),
            KernelCommandLine = shape.Text(root, "", "kernelCommandLine"),
            SourceDateEpoch = shape.Integer(root, "", "sourceDateEpoch"),
            LockHash = shape.Sha256(root, "", "lockHash"),
            Packages =
            [
                .. shape.Objects(root, "", "packages").Select(o => new ImagePackage(
                    shape.Text(o.Element, o.Path, "name"), shape.Text(o.Element, o.Path, "version"),
                    shape.Text(o.Element, o.Path, "architecture"), shape.Sha256(o.Element, o.Path, "sha256"))),
            ],
            Payloads = root.TryGetProperty("payloads", out _)
                ? [
                    .. shape.Objects(root, "", "payloads").Select(o => new ImagePayload(
                        shape.Text(o.Element, o.Path, "name"), shape.Text(o.Element, o.Path, "prefix"), shape.Text(o.Element, o.Path, "version"),
                        shape.Text(o.Element, o.Path, "kind"), shape.Sha256(o.Element, o.Path, "sha256"))),
                ]
                : [],
            Files = Hashes(shape, root),
        };
        shape.ThrowOnFaults();
        return manifest;
    }

    private static ImmutableSortedDictionary<string, string> Hashes(JsonShape shape, System.Text.Json.JsonElement root)
    {
        if (shape.Object(root, "", "files") is not { } files) return ImmutableSortedDictionary<string, string>.Empty;
        return Files.ToImmutableSortedDictionary(f => f, f => shape.Sha256(files, "files.", f), StringComparer.Ordinal);
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._@+-]*$")]
    private static partial Regex ImageName();
}
