using Regatta.Images.Mirrors;
using Regatta.Images.Packages;
using Regatta.Images.Payloads;
using Regatta.Images.Store;

namespace Regatta.Images;

/// <summary>
/// All that an image is built from, as files below one directory, from which it can be built where mirrors have moved on: the definitions, the packages as a mirror lays them
/// out, and the payloads beside their locks.
/// </summary>
/// <param name="Files">Files of the store and of the checkout, by their names below the directory.</param>
/// <param name="Texts">Files that are written for it, by their names.</param>
public sealed record ImageInputs(ImmutableSortedDictionary<string, string> Files, ImmutableSortedDictionary<string, string> Texts)
{
    private const string Definitions = "definitions", Packages = "packages", PayloadFolder = "payloads";

    // Where a payload came from on another machine helps nobody, and may name people and places.
    private const string NoSource = "the archive";

    /// <summary>A builder of the images whose inputs lie in a directory; it asks for packages there before it asks a mirror.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="state">Directory for stamps and links.</param>
    /// <param name="nix">Nix.</param>
    /// <param name="mirrors">The mirrors behind the one that is given first.</param>
    /// <param name="time">Clock.</param>
    public static NixImageBuilder Builder(string directory, string state, NixCommand nix, Func<Mirror, MirrorList> mirrors, TimeProvider time)
    {
        var first = new Mirror(new Uri(Path.Combine(directory, Packages)).AbsoluteUri, MirrorLayout.Parent);
        return new NixImageBuilder(new ImageCatalog(Path.Combine(directory, Definitions)) { PayloadLocks = Path.Combine(directory, PayloadFolder) }, state, nix, () => mirrors(first), time);
    }

    /// <summary>Name of the tar of a payload beside its lock.</summary>
    internal static string TarName(LockedPayload payload) => payload.Sha256 + ".tar";

    /// <summary>The inputs of an image, all of which are in the store.</summary>
    internal static ImageInputs Of(ImageCatalog catalog, ImageRole role)
    {
        var files = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(catalog.Directory, "*", SearchOption.AllDirectories)) files[$"{Definitions}/{Path.GetRelativePath(catalog.Directory, file)}"] = file;
        PackageLock[] locks = [catalog.Lock(catalog.RoleOrTools(ImageCatalog.Tools)), catalog.Lock(role)];
        foreach (var package in locks.SelectMany(l => l.Files)) files[$"{Packages}/{package.Repo}/{package.Path}"] = StorePath.OfFile(package.StoreName, package.Sha256);
        var payloads = catalog.Payloads(role);
        foreach (var payload in payloads) files[$"{PayloadFolder}/{TarName(payload)}"] = payload.StorePath;
        var texts = ImmutableSortedDictionary<string, string>.Empty;
        if (!payloads.IsEmpty) texts = texts.Add($"{PayloadFolder}/{role.Name}.lock.json", PayloadLockFile.Format(new PayloadLock(role.Name, [.. payloads.Select(p => p with { Source = NoSource })])));
        return new ImageInputs(files.ToImmutable(), texts);
    }
}
