using System.Text.Json.Serialization;

namespace Regatta.Images;

/// <summary>What <c>manifest.json</c> of an image holds (camelCase in the file).</summary>
public sealed record ImageManifest
{
    /// <summary>Version of the contract.</summary>
    public required int Version { get; init; }

    /// <summary>Name of the image.</summary>
    public required string Name { get; init; }

    /// <summary>Kernel command line that the image boots with; the machine adds its own words.</summary>
    public required string KernelCommandLine { get; init; }

    /// <summary><c>SOURCE_DATE_EPOCH</c> of the build, seconds since 1970-01-01.</summary>
    public required long SourceDateEpoch { get; init; }

    /// <summary>sha256 (hex) of the lock file it was built from.</summary>
    public required string LockHash { get; init; }

    /// <summary>Installed packages, sorted by name.</summary>
    public required ImmutableArray<ImagePackage> Packages { get; init; }

    /// <summary>What Debian lacks and the user brought, sorted by name.</summary>
    public ImmutableArray<ImagePayload> Payloads { get; init; } = [];

    /// <summary>sha256 (hex) of each other file of the image, by file name.</summary>
    public required ImmutableSortedDictionary<string, string> Files { get; init; }

    /// <summary>Whether there is a package or payload of a name.</summary>
    public bool Holds(string name) => Packages.Any(p => p.Name == name) || Payloads.Any(p => p.Name == name);
}

/// <summary>One package of an image.</summary>
/// <param name="Name">Debian package name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Architecture">Its architecture.</param>
/// <param name="Sha256">sha256 (hex) of the .deb.</param>
public sealed record ImagePackage(string Name, string Version, string Architecture, string Sha256)
{
    /// <summary>The version of what is packaged, without Debian's epoch and revision: <c>24.11.5</c> of <c>24.11.5-4+deb13u1</c>.</summary>
    [JsonIgnore]
    public string Upstream
    {
        get
        {
            var version = Version[(Version.IndexOf(':', StringComparison.Ordinal) + 1)..];
            return version.LastIndexOf('-') is > 0 and var revision ? version[..revision] : version;
        }
    }
}

/// <summary>One payload of an image.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Prefix">Where it lies.</param>
/// <param name="Version">Its version.</param>
/// <param name="Kind">In which form it came: <c>directory</c>, <c>archive</c>, <c>image</c>, <c>source</c>.</param>
/// <param name="Sha256">sha256 (hex) of its tar.</param>
public sealed record ImagePayload(string Name, string Prefix, string Version, string Kind, string Sha256);
