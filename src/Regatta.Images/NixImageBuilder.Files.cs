using Regatta.Images.Mirrors;

namespace Regatta.Images;

/// <summary>What images are built from, as files.</summary>
public sealed partial class NixImageBuilder
{
    /// <summary>Fetches packages of an image's lock as files, without Nix.</summary>
    /// <param name="role">The image.</param>
    /// <param name="names">Their names.</param>
    /// <param name="directory">Where to; made when it is not there.</param>
    /// <param name="monitor">Told what happens.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The files, in the order of the names.</returns>
    /// <exception cref="DiagnosticException">The image has no such package, or one could not be fetched.</exception>
    public async Task<ImmutableArray<string>> FetchFilesAsync(ImageRole role, IReadOnlyList<string> names, string directory, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var read = catalog.Lock(role);
        var packages = read.Packages.ToDictionary(p => p.Name, StringComparer.Ordinal);
        var unknown = names.Where(n => !packages.ContainsKey(n)).Select(n => Diagnostic.Error("image-package-unknown", $"image '{role.Name}' has no package '{n}'") with { Help = Suggestion.Help(n, packages.Keys) }).ToList();
        if (unknown.Count > 0) throw new DiagnosticException(unknown);
        Directory.CreateDirectory(directory);
        return await Fetcher(mirrors()).FetchAsync([.. names.Select(n => new FetchRequest(packages[n], read.Snapshot))], directory, monitor, cancellation);
    }

    /// <summary>The files that an image is built from, which are fetched first where the store lacks them, and the definitions that say how.</summary>
    /// <returns>As <see cref="ImageInputs"/> lays them out.</returns>
    /// <exception cref="DiagnosticException">Something could not be fetched.</exception>
    public async Task<ImageInputs> InputsAsync(ImageRole role, IActivityMonitor monitor, CancellationToken cancellation)
    {
        await FetchAsync(role, monitor, cancellation);
        return ImageInputs.Of(catalog, role);
    }
}
