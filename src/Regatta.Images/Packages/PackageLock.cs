namespace Regatta.Images.Packages;

/// <summary>The signed index of one suite that a lock was made from.</summary>
/// <param name="Repo">Repository: <c>debian</c> or <c>debian-security</c>.</param>
/// <param name="Suite">Suite, such as <c>bookworm-updates</c>.</param>
/// <param name="Date">When the suite was published.</param>
/// <param name="InReleaseSha256">sha256 (hex) of its <c>InRelease</c>.</param>
public sealed record LockedRelease(string Repo, string Suite, DateTimeOffset Date, string InReleaseSha256)
{
    /// <summary>Until when it was good, where the lock was made from it later; null otherwise.</summary>
    public DateTimeOffset? ExpiredAt { get; init; }
}

/// <summary>One package, or one file of a source package, pinned to its bytes.</summary>
/// <param name="Name">Debian package name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Architecture"><c>amd64</c> or <c>all</c>; <see cref="Source"/> for a file of a source package.</param>
/// <param name="Repo">Repository that holds it.</param>
/// <param name="Path">Path of the file below the repository.</param>
/// <param name="Size">Its length, bytes.</param>
/// <param name="Sha256">sha256 (hex) of the file.</param>
/// <param name="Essential">True when dpkg needs it before it can run.</param>
public sealed record LockedPackage(string Name, string Version, string Architecture, string Repo, string Path, long Size, string Sha256, bool Essential)
{
    /// <summary>The architecture of files of source packages.</summary>
    public const string Source = "source";

    /// <summary>Name of the file in the Nix store, which knows fewer characters than Debian's versions. A source package has several files.</summary>
    public string StoreName =>
        (Architecture == Source ? Path[(Path.LastIndexOf('/') + 1)..] : $"{Name}_{Version}.deb").Replace(':', '.').Replace('~', '_').Replace('%', '_');
}

/// <summary>Where the first program of the sandbox lies inside its package.</summary>
/// <param name="Package">Package, such as <c>busybox-static</c>.</param>
/// <param name="DataOffset">Offset of the member <c>data.tar.xz</c>, bytes.</param>
/// <param name="DataLength">Its length, bytes.</param>
/// <param name="DataSha256">Its sha256 (hex).</param>
/// <param name="NarSha256">sha256 (hex) of the unpacked tree as a Nix archive.</param>
public sealed record LockedSeed(string Package, long DataOffset, long DataLength, string DataSha256, string NarSha256);

/// <summary>Everything that an image, or the tools that make it, are built from.</summary>
public sealed record PackageLock
{
    /// <summary>The version of the format that this program reads and writes.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Name of the role it belongs to, or <c>tools</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Debian's name of the processor architecture.</summary>
    public required string Architecture { get; init; }

    /// <summary>Time stamp (<c>yyyyMMddTHHmmssZ</c>) at which a snapshot archive holds all packages.</summary>
    public required string Snapshot { get; init; }

    /// <summary><c>SOURCE_DATE_EPOCH</c> of the build: when the newest suite was published, seconds since 1970-01-01.</summary>
    public required long SourceDateEpoch { get; init; }

    /// <summary>The packages that were asked for.</summary>
    public required ImmutableArray<string> Roots { get; init; }

    /// <summary>The suites.</summary>
    public required ImmutableArray<LockedRelease> Releases { get; init; }

    /// <summary>The packages with all they depend on, sorted by name.</summary>
    public required ImmutableArray<LockedPackage> Packages { get; init; }

    /// <summary>Packages that the build uses and the image does not hold.</summary>
    public ImmutableArray<LockedPackage> Build { get; init; } = [];

    /// <summary>Compilers and what they depend on, which are only unpacked, sorted by name.</summary>
    public ImmutableArray<LockedPackage> Toolchain { get; init; } = [];

    /// <summary>Files of the source packages that are compiled, without their descriptions.</summary>
    public ImmutableArray<LockedPackage> Sources { get; init; } = [];

    /// <summary>The first program of the sandbox; only the tools have it.</summary>
    public LockedSeed? Seed { get; init; }

    /// <summary>All files that are needed to build.</summary>
    public IEnumerable<LockedPackage> Files => Packages.Concat(Build).Concat(Toolchain).Concat(Sources);
}
