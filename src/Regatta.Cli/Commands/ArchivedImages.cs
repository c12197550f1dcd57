using System.Text;
using Regatta.Cli.Terminal;
using Regatta.Host;
using Regatta.Images;
using Regatta.Images.Mirrors;
using Regatta.Images.Store;
using Regatta.Runs;
using Regatta.Runs.Archives;

namespace Regatta.Cli.Commands;

/// <summary>The images of runs in archives: their locks, and the inputs that they are built from again.</summary>
internal static class ArchivedImages
{
    private static readonly string[] Compressed = [".deb", ".gz", ".xz", ".bz2", ".zst"];

    /// <summary>The lock files that the images of runs were built from, where they are the ones that are here; of the others it is said.</summary>
    public static IReadOnlyList<(string Image, string File)> Locks(ITerminal terminal, IEnumerable<string> runs)
    {
        var wanted = Facts(runs).Where(i => i.Facts.LockHash is not null).DistinctBy(i => (i.Name, i.Facts.LockHash)).ToList();
        var found = new List<(string Image, string File)>();
        if (wanted.Count == 0) return found;
        var catalog = ImageCommand.Builder().Catalog;
        foreach (var (image, facts) in wanted)
        {
            // A build of one's own has the packages of its image.
            var file = catalog.LockPath(image.Split('+')[0]);
            if (File.Exists(file) && TrialFiles.Hash(file) == facts.LockHash)
            {
                found.Add((image, file));
                continue;
            }

            terminal.Report(Diagnostic.Warning("archive-lock", $"the lock file that the image '{image}' was built from is not here") with
            {
                Detail = $"{file} {(File.Exists(file) ? "is another one" : "is not there")}; the run's has the sha256 {facts.LockHash}",
                Help = "archive the run with the version of the program that ran it, if it is to be run again from the same packages",
            });
        }

        return found;
    }

    /// <summary>The inputs of the images of runs; an image that is not the one that the runs were made on is left out, and said.</summary>
    /// <param name="terminal">Where that is said.</param>
    /// <param name="runs">The run directories.</param>
    /// <param name="locks">The images whose locks are here.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="DiagnosticException">A package or a payload cannot be had any more.</exception>
    public static async Task<(ImmutableArray<string> Images, ImmutableSortedDictionary<string, ArchiveSource> Files)> InputsAsync(
        ITerminal terminal, IReadOnlyList<string> runs, IReadOnlyList<(string Image, string File)> locks, CancellationToken cancellation)
    {
        var files = ImmutableSortedDictionary.CreateBuilder<string, ArchiveSource>(StringComparer.Ordinal);
        var images = ImmutableArray.CreateBuilder<string>();
        var facts = Facts(runs).ToList();
        if (facts.Count == 0) terminal.Report(Diagnostic.Hint("archive-images", "no node of these runs was booted from an image") with { Help = "leave --with-images out: there is nothing to add" });
        var builder = ImageCommand.Builder();
        foreach (var (name, lockFile) in locks.DistinctBy(l => l.Image))
        {
            var role = builder.Catalog.Role(name);
            var built = builder.Find(role)?.Manifest.Files.GetValueOrDefault("rootfs.tar");
            if (facts.Where(f => f.Name == name).Any(f => f.Facts.Hash != built))
            {
                terminal.Report(Diagnostic.Warning("archive-image-other", $"the image '{name}' that is built here is not the one of the run, and what it is built from is not archived") with
                {
                    Detail = $"its root file system has the sha256 {built ?? "of nothing: it is not built"}; that of the run had {string.Join(", ", facts.Where(f => f.Name == name).Select(f => f.Facts.Hash ?? "none recorded").Distinct())}",
                    Help = $"regatta image build {name}        with the version of the program that ran the run, then archive again",
                });
                continue;
            }

            var inputs = await terminal.WatchAsync(monitor => builder.InputsAsync(role, monitor, cancellation));
            images.Add(role.Name);
            foreach (var (input, file) in inputs.Files) files[Place(input)] = Source(file);
            foreach (var (input, text) in inputs.Texts) files[Place(input)] = ArchiveSource.Of(text, Encoding.UTF8);
        }

        return ([.. images.Distinct().Order(StringComparer.Ordinal)], files.ToImmutable());
    }

    /// <summary>
    /// The builder of the images of a run: of an archive that holds their inputs one that takes them from there, of one whose locks are other ones than those that are here one that takes
    /// the archive's, else that of this installation.
    /// </summary>
    /// <param name="terminal">Where a lock is told that does not fit the definitions that are here.</param>
    /// <param name="run">The run.</param>
    public static NixImageBuilder BuilderOf(ITerminal terminal, OpenedRun run)
    {
        if (run.Unpacked is not { } archive) return ImageCommand.Builder();
        var place = Path.Combine(archive.Directory, ArchiveContent.ImageFolder);
        if (!archive.Content.Images.IsDefaultOrEmpty) return ImageInputs.Builder(place, State, new NixCommand(), MirrorList.OfMachine, TimeProvider.System);
        var own = ImageCommand.Builder().Catalog;
        var others = archive.Content.Locks.Select(l => (Name: l.Image.Split('+')[0], File: Path.Combine(archive.Directory, l.File)))
            .Where(l => !File.Exists(own.LockPath(l.Name)) || TrialFiles.Hash(own.LockPath(l.Name)) != TrialFiles.Hash(l.File)).DistinctBy(l => l.Name).ToList();
        if (others.Count == 0) return ImageCommand.Builder();
        var catalog = own with { Directory = Directory.CreateDirectory(place).FullName };
        own.CopyTo(catalog.Directory);
        foreach (var (name, file) in others) TakeLock(terminal, catalog, name, file);
        return new NixImageBuilder(catalog, State, new NixCommand(), MirrorList.OfMachine, TimeProvider.System);
    }

    private static string State => Path.Combine(Installation.OfProcess().Artifacts, "images", "archived");

    // A lock is of the packages that its image asked for then; where it asks for others by now, the image is the one of here.
    private static void TakeLock(ITerminal terminal, ImageCatalog catalog, string image, string file)
    {
        var before = File.Exists(catalog.LockPath(image)) ? File.ReadAllBytes(catalog.LockPath(image)) : null;
        try
        {
            File.Copy(file, catalog.LockPath(image), overwrite: true);
            _ = catalog.Lock(catalog.Role(image));
        }
        catch (DiagnosticException exception)
        {
            if (before is null) File.Delete(catalog.LockPath(image));
            else File.WriteAllBytes(catalog.LockPath(image), before);
            terminal.Report(Diagnostic.Warning("rerun-image-other", $"the image '{image}' is not the one of the original") with
            {
                Detail = $"the lock in the archive does not fit the definitions that are here: {exception.Diagnostics[0].Detail ?? exception.Diagnostics[0].Summary}",
                Help = "ask for an archive that was written with --with-images, or repeat it with the version of the program that wrote it",
            });
        }
    }

    private static IEnumerable<(string Name, ImageFacts Facts)> Facts(IEnumerable<string> runs) =>
        runs.SelectMany(r => RunDirectory.ReadProvenance(r)?.Images ?? ImmutableSortedDictionary<string, ImageFacts>.Empty).Select(i => (i.Key, i.Value));

    private static string Place(string input) => $"{ArchiveContent.ImageFolder}/{input}";

    private static ArchiveSource Source(string file) => ArchiveSource.Of(file) with
    {
        IsCompressed = Compressed.Contains(Path.GetExtension(file)),
        IsExecutable = (File.GetUnixFileMode(file) & UnixFileMode.UserExecute) != 0,
    };
}
