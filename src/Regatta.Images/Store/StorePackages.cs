using Regatta.Images.Mirrors;
using Regatta.Images.Packages;

namespace Regatta.Images.Store;

/// <summary>What fetching came to.</summary>
/// <param name="Wanted">Packages that the locks name.</param>
/// <param name="Fetched">Packages that were not in the store before.</param>
/// <param name="Bytes">Their length, bytes.</param>
public sealed record FetchSummary(int Wanted, int Fetched, long Bytes);

/// <summary>
/// Brings locked packages into the Nix store as paths fixed by their hash, before Nix builds: where they came from has no influence on what is built.
/// </summary>
/// <param name="nix">Nix.</param>
/// <param name="fetcher">Makes the fetcher, once something has to be fetched.</param>
/// <param name="folder">Directory for what is on its way.</param>
public sealed class StorePackages(NixCommand nix, Func<PackageFetcher> fetcher, string folder)
{
    // Nix reads a list of arguments of this length on every kernel.
    private const int Batch = 400;

    /// <summary>Fetches what the store does not hold.</summary>
    /// <exception cref="DiagnosticException">Something could not be fetched or added.</exception>
    public async Task<FetchSummary> EnsureAsync(IReadOnlyList<PackageLock> locks, IActivityMonitor monitor, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(monitor);
        var wanted = locks.SelectMany(l => l.Files.Select(p => new FetchRequest(p, l.Snapshot)))
            .DistinctBy(r => (r.Package.StoreName, r.Package.Sha256)).ToList();
        var paths = wanted.ToDictionary(r => StorePath.OfFile(r.Package.StoreName, r.Package.Sha256));
        var missing = (await InvalidAsync([.. paths.Keys], cancellation)).Select(p => paths[p]).ToList();
        if (missing.Count == 0)
        {
            monitor.Report(new Activity("image", "packages", string.Create(CultureInfo.InvariantCulture, $"all {wanted.Count} packages are in the store"), ActivityState.Unchanged));
            return new FetchSummary(wanted.Count, 0, 0);
        }

        var bytes = missing.Sum(r => r.Package.Size);
        RequireSpace(folder, 2 * bytes);
        var directory = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"fetch-{Environment.ProcessId}-{Guid.NewGuid():N}"));
        Directory.CreateDirectory(directory);
        try
        {
            monitor.Report(new Activity("image", "packages", string.Create(CultureInfo.InvariantCulture, $"fetching {missing.Count} packages, {bytes / 1e6:F0} MB")));
            ImmutableArray<string> files;
            try
            {
                files = await fetcher().FetchAsync(missing, directory, monitor, cancellation);
            }
            catch (DiagnosticException)
            {
                // What did come is kept: the next attempt asks only for the rest.
                await AddAsync([.. missing.Where(r => IsWhole(directory, r)).Select(r => Path.Combine(directory, r.Package.StoreName))], cancellation);
                throw;
            }

            await AddAsync(files, cancellation);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        return new FetchSummary(wanted.Count, missing.Count, bytes);
    }

    /// <summary>Refuses to begin what the disk cannot hold.</summary>
    /// <param name="directory">A directory on the disk; it need not exist yet.</param>
    /// <param name="bytes">What is needed.</param>
    /// <exception cref="DiagnosticException">There is less.</exception>
    public static void RequireSpace(string directory, long bytes)
    {
        var existing = directory;
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent) existing = parent;
        var free = new DriveInfo(existing).AvailableFreeSpace;
        if (free >= bytes) return;
        var diagnostic = FetchDiagnostics.NoSpace(directory);
        throw new DiagnosticException(diagnostic with
        {
            Detail = string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F0} MB are needed, {free / 1e6:F0} MB are free"),
        });
    }

    /// <summary>Those of the paths that the store does not hold.</summary>
    public async Task<IReadOnlyList<string>> InvalidAsync(IReadOnlyList<string> paths, CancellationToken cancellation)
    {
        var invalid = new List<string>();
        foreach (var batch in paths.Chunk(Batch))
        {
            var output = await nix.OutputAsync("nix-store", ["--check-validity", "--print-invalid", .. batch], cancellation);
            invalid.AddRange(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }

        return invalid;
    }

    private static bool IsWhole(string directory, FetchRequest request)
    {
        var file = Path.Combine(directory, request.Package.StoreName);
        if (!File.Exists(file)) return false;
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(stream)) == request.Package.Sha256;
    }

    private async Task AddAsync(IReadOnlyList<string> files, CancellationToken cancellation)
    {
        foreach (var batch in files.Chunk(Batch))
            await nix.OutputAsync("nix-store", ["--add-fixed", "sha256", .. batch], cancellation);
    }
}
