using System.Security.Cryptography;
using CliWrap;
using Regatta.Images.Packages;
using Regatta.Images.Store;

namespace Regatta.Images.Locking;

/// <summary>Finds out what a lock says of the package that the sandbox starts with.</summary>
internal static class SeedInspector
{
    private const string Member = "data.tar.xz";

    /// <summary>Looks into the package.</summary>
    /// <param name="package">The package.</param>
    /// <param name="file">Its .deb.</param>
    /// <param name="folder">A directory to unpack into.</param>
    /// <param name="nix">Nix, which hashes the tree.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">The package is not made as the build needs it.</exception>
    public static async Task<LockedSeed> InspectAsync(LockedPackage package, string file, string folder, NixCommand nix, CancellationToken cancellation)
    {
        var archive = await File.ReadAllBytesAsync(file, cancellation);
        if (DebArchive.Find(archive, Member) is not var (offset, length))
            throw Unfit(package, $"it holds no {Member}");
        var tree = Path.Combine(folder, "seed");
        Directory.CreateDirectory(tree);
        await Cli.Wrap("dpkg-deb").WithArguments(["--extract", file, tree]).ExecuteAsync(cancellation);
        if (Directory.GetFileSystemEntries(tree) is not [var only] || Path.GetFileName(only) != "usr")
            throw Unfit(package, "Nix can unpack it only when 'usr' is its one directory");
        var nar = await nix.OutputAsync("nix-hash", ["--type", "sha256", tree], cancellation);
        return new LockedSeed(package.Name, offset, length, Convert.ToHexStringLower(SHA256.HashData(archive.AsSpan((int)offset, (int)length))), nar.Trim());
    }

    private static DiagnosticException Unfit(LockedPackage package, string why) =>
        new(Diagnostic.Error("seed-unfit", $"'{package.Name}' {package.Version} cannot be what the sandbox starts with: {why}"));
}
