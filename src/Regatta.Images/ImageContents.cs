using System.Security.Cryptography;
using Regatta.Images.Payloads;

namespace Regatta.Images;

/// <summary>What is inside an image: known from its lock before it is built, and from its manifest after.</summary>
/// <param name="Name">Name of the image.</param>
/// <param name="LockHash">sha256 (hex) of its lock file.</param>
/// <param name="SourceDateEpoch">When the newest of its suites was published, seconds since 1970-01-01.</param>
/// <param name="Packages">Its packages, sorted by name.</param>
public sealed record ImageContents(string Name, string LockHash, long SourceDateEpoch, ImmutableArray<ImagePackage> Packages)
{
    /// <summary>Its payloads, sorted by name.</summary>
    public ImmutableArray<ImagePayload> Payloads { get; init; } = [];

    /// <summary>The source packages that are compiled for it; empty where only its manifest is known.</summary>
    public ImmutableArray<ImagePackage> Sources { get; init; } = [];

    /// <summary>The version of a source package that is compiled for it, without Debian's revision; null where there is none of that name.</summary>
    public string? SourceVersion(string name) => Sources.FirstOrDefault(p => p.Name == name)?.Upstream is { } version
        // Debian's way to go back to an older version is 1.20.5+really1.20.2.
        ? version[(version.IndexOf(Really, StringComparison.Ordinal) is >= 0 and var at ? at + Really.Length : 0)..]
        : null;

    /// <summary>The version of a payload; null where the image has none of that name.</summary>
    public string? PayloadVersion(string name) => Payloads.FirstOrDefault(p => p.Name == name)?.Version;

    private const string Really = "+really";

    /// <summary>What a manifest says.</summary>
    public static ImageContents Of(ImageManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return new ImageContents(manifest.Name, manifest.LockHash, manifest.SourceDateEpoch, manifest.Packages) { Payloads = manifest.Payloads };
    }

    /// <summary>What the locks of a role say, as far as they are there: without a payload that this machine has not locked.</summary>
    /// <exception cref="Diagnostics.DiagnosticException">The lock of its packages is missing, malformed, or was made for other packages.</exception>
    public static ImageContents Known(ImageCatalog catalog, ImageRole role)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(role);
        var locked = catalog.Locked(role);
        return With(catalog, role, locked.IsEmpty ? [] : catalog.Payloads(role with { Payloads = [.. role.Payloads.Where(p => locked.Any(l => l.Name == p.Name))] }));
    }

    /// <summary>What the lock of a role says.</summary>
    /// <exception cref="Diagnostics.DiagnosticException">The lock is missing, malformed, or was made for other packages; or a payload is not locked.</exception>
    public static ImageContents Of(ImageCatalog catalog, ImageRole role)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return With(catalog, role, catalog.Payloads(role));
    }

    /// <summary>What an image would hold with these payloads.</summary>
    /// <exception cref="Diagnostics.DiagnosticException">The lock of its packages is missing, malformed, or was made for other packages.</exception>
    internal static ImageContents With(ImageCatalog catalog, ImageRole role, IEnumerable<LockedPayload> payloads)
    {
        var read = catalog.Lock(role);
        var hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(catalog.LockPath(read.Name))));
        return new ImageContents(role.Name, hash, read.SourceDateEpoch, [.. read.Packages.Select(p => new ImagePackage(p.Name, p.Version, p.Architecture, p.Sha256))])
        {
            Payloads = [.. payloads.Select(p => new ImagePayload(p.Name, p.Prefix, p.Version, p.Kind.ToString().ToLowerInvariant(), p.Sha256))],
            Sources = [.. read.Sources.Select(p => new ImagePackage(p.Name, p.Version, p.Architecture, p.Sha256))],
        };
    }
}
