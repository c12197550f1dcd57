using Regatta.Images.Packages;

namespace Regatta.Images.Payloads;

/// <summary>Whether programs can run in an image at all: where they lie, for its processor, with its C library.</summary>
internal static class PayloadFitness
{
    private const string Loader = "/lib64/ld-linux-x86-64.so.2";

    // What is empty in an image, or is another file system on a node.
    private static readonly string[] Empty = ["/dev", "/nix", "/proc", "/run", "/sys", "/tmp", "/var/tmp"];

    /// <summary>Looks at every program and library of a packed payload.</summary>
    /// <param name="file">The payload's tar.</param>
    /// <param name="payload">The payload.</param>
    /// <param name="role">The image.</param>
    /// <param name="packages">The packages of the image.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">It lies where an image keeps nothing (<c>payload-prefix</c>), is for another processor (<c>payload-architecture</c>), or needs another C library than the image has (<c>payload-libc</c>).</exception>
    public static async Task CheckAsync(string file, LockedPayload payload, ImageRole role, PackageLock packages, CancellationToken cancellation)
    {
        if (Empty.FirstOrDefault(e => payload.Prefix == e || payload.Prefix.StartsWith(e + "/", StringComparison.Ordinal)) is { } empty)
        {
            throw new DiagnosticException(Diagnostic.Error("payload-prefix", $"'{payload.Prefix}' cannot be a prefix: an image keeps nothing below {empty}") with
            {
                Help = $"build it for another one, such as /opt/{payload.Name}; where it is built does not matter",
            });
        }

        var tree = new LayeredTree();
        await tree.AddAsync(file, payload.Source, cancellation);
        var programs = tree.Files.Values.Where(f => f.Target is null).OrderBy(f => f.Path, StringComparer.Ordinal)
            .Select(f => (f.Path, Elf: ElfFile.Read(f))).Where(f => f.Elf is not null).Select(f => (f.Path, Elf: f.Elf!)).ToList();
        var others = programs.Where(p => p.Elf.Machine != ElfFile.OfImages).ToList();
        if (others.Count > 0)
        {
            throw new DiagnosticException(Diagnostic.Error("payload-architecture", $"'{payload.Source}' was built for {string.Join(", ", others.Select(p => p.Elf.Machine).Distinct())}, and images are {ElfFile.OfImages}") with
            {
                Detail = First(others.Select(p => p.Path)),
                Help = $"take a build for {ElfFile.OfImages} (amd64)",
            });
        }

        var loaders = programs.Where(p => p.Elf.Loader is not null and not Loader).ToList();
        if (loaders.Count > 0)
        {
            throw new DiagnosticException(Diagnostic.Error("payload-libc", $"'{payload.Source}' was built for another C library: its programs are loaded by {loaders[0].Elf.Loader}, and Debian has {Loader}") with
            {
                Detail = First(loaders.Select(p => p.Path)),
                Help = Help(role),
            });
        }

        if (packages.Packages.FirstOrDefault(p => p.Name == "libc6")?.Version is not { } text || !Version.TryParse(text.Split('-')[0], out var there)) return;
        var newer = programs.Where(p => p.Elf.Glibc > there).ToList();
        if (newer.Count == 0) return;
        throw new DiagnosticException(Diagnostic.Error("payload-libc", $"'{payload.Source}' needs glibc {newer.Max(p => p.Elf.Glibc)}, and image '{role.Name}' has {there}") with
        {
            Detail = First(newer.Select(p => $"{p.Path} needs {p.Elf.Glibc}")),
            Help = Help(role),
        });
    }

    private static string Help(ImageRole role) =>
        $"build it on Debian's {role.Suite ?? "suite of the image"}, or name an image of the suite that it was built on, such as {role.PackagesName.Split('@')[0]}@SUITE ('regatta image list')";

    private static string First(IEnumerable<string> lines)
    {
        var all = lines.ToList();
        return string.Join('\n', all.Take(5)) + (all.Count > 5 ? string.Create(CultureInfo.InvariantCulture, $"\nand {all.Count - 5} more") : "");
    }
}
