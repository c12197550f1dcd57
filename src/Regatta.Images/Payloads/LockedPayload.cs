using System.Text.Json.Serialization;

namespace Regatta.Images.Payloads;

/// <summary>In which form a payload came.</summary>
public enum PayloadKind
{
    /// <summary>A directory.</summary>
    Directory,

    /// <summary>An archive on disk or behind a URL.</summary>
    Archive,

    /// <summary>A container image: of a registry by digest, or on disk.</summary>
    Image,

    /// <summary>A Debian source package, compiled on the user's machine.</summary>
    Source,
}

/// <summary>A payload, pinned to its bytes: a tar of sorted files with fixed times, owners and modes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Prefix">Where it lies in the image.</param>
/// <param name="Version">Its version.</param>
/// <param name="Kind">In which form it came.</param>
/// <param name="Source">Where it came from, as the user said it (a path is made absolute); stays on this machine.</param>
/// <param name="Size">Length of the tar, bytes.</param>
/// <param name="Sha256">sha256 (hex) of the tar.</param>
public sealed record LockedPayload(string Name, string Prefix, string Version, PayloadKind Kind, string Source, long Size, string Sha256)
{
    /// <summary>Name of the tar in the Nix store.</summary>
    [JsonIgnore]
    public string StoreName => $"{Name}-{Version}.tar";

    /// <summary>Path of the tar in the Nix store.</summary>
    [JsonIgnore]
    public string StorePath => Store.StorePath.OfFile(StoreName, Sha256);
}

/// <summary>The payloads of an image on this machine.</summary>
/// <param name="Image">Name of the image.</param>
/// <param name="Payloads">Its payloads, sorted by name.</param>
public sealed record PayloadLock(string Image, ImmutableArray<LockedPayload> Payloads)
{
    /// <summary>The version of the format that this program reads and writes.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The lock with a payload put in the place of the one of that name.</summary>
    public PayloadLock With(LockedPayload payload) =>
        this with { Payloads = [.. Payloads.Where(p => p.Name != payload.Name).Append(payload).OrderBy(p => p.Name, StringComparer.Ordinal)] };
}
