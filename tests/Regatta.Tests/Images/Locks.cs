using System.Security.Cryptography;
using System.Text;
using Regatta.Images.Packages;

namespace Regatta.Tests.Images;

/// <summary>Small locks for tests.</summary>
internal static class Locks
{
    public static byte[] Content(string name) => Encoding.UTF8.GetBytes($"the bytes of {name}");

    public static LockedPackage Package(string name, string repo = "debian", string version = "1.0-1") => new(
        name, version, "amd64", repo, $"pool/main/{name}_{version}_amd64.deb", Content(name).Length, Convert.ToHexStringLower(SHA256.HashData(Content(name))), Essential: false);

    public static PackageLock Of(params LockedPackage[] packages) => new()
    {
        Name = "node",
        Architecture = "amd64",
        Snapshot = "20260131T000000Z",
        SourceDateEpoch = 1_769_817_600,
        Roots = [.. packages.Select(p => p.Name)],
        Releases = [new LockedRelease("debian", "bookworm", DateTimeOffset.UnixEpoch, new string('a', 64))],
        Packages = [.. packages],
    };
}
