using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Regatta.Host;
using Regatta.Images.Packages;

namespace Regatta.Images.Mirrors;

/// <summary>A package together with the time stamp of the lock that names it.</summary>
public sealed record FetchRequest(LockedPackage Package, string Snapshot);

/// <summary>How fetching goes about it.</summary>
public sealed record FetchSettings
{
    /// <summary>Packages fetched at the same time.</summary>
    public int Parallelism { get; init; } = 8;

    /// <summary>How often one mirror is asked for one package when it fails for a reason that may pass.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>How long a mirror may be silent: before it answers, and between any two pieces of the answer.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Pause before the second attempt; doubled before each further one.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(500);
}

/// <summary>Fetches packages from several mirrors, checks their bytes, and says which mirror failed in which way.</summary>
/// <param name="client">Client to ask with; its own time limit must be off.</param>
/// <param name="mirrors">Mirrors in the order they are tried.</param>
/// <param name="settings">How to go about it.</param>
/// <param name="time">Clock for time limits and pauses.</param>
public sealed class PackageFetcher(HttpClient client, ImmutableArray<Mirror> mirrors, FetchSettings settings, TimeProvider time)
{
    // A mirror that was silent or unreachable is asked last from then on.
    private readonly ConcurrentDictionary<Mirror, bool> _unreachable = new();

    /// <summary>A client for fetching: no time limit of its own, proxies of the environment.</summary>
    public static HttpClient CreateClient() => new(new SocketsHttpHandler
    {
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Fetches packages into a directory, each under its name in the store.</summary>
    /// <returns>The files, in the order of the requests.</returns>
    /// <exception cref="DiagnosticException">Some could not be fetched; each kind of fault names its packages.</exception>
    public async Task<ImmutableArray<string>> FetchAsync(IReadOnlyList<FetchRequest> requests, string directory, IActivityMonitor monitor, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(requests);
        var total = requests.Sum(r => r.Package.Size);
        var (done, count) = (0L, 0);
        var failures = new ConcurrentQueue<PackageFailure>();
        var files = new string[requests.Count];
        var began = time.GetTimestamp();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, requests.Count),
            new ParallelOptions { MaxDegreeOfParallelism = settings.Parallelism, CancellationToken = cancellation },
            async (index, token) =>
            {
                var request = requests[index];
                files[index] = Path.Combine(directory, request.Package.StoreName);
                if (await FetchOneAsync(request, files[index], token) is { } failure)
                {
                    failures.Enqueue(failure);
                    return;
                }

                var bytes = Interlocked.Add(ref done, request.Package.Size);
                var number = Interlocked.Increment(ref count);
                monitor.Report(new Activity("image", "packages", string.Create(CultureInfo.InvariantCulture, $"fetching {requests.Count} packages, {total / 1e6:F0} MB"))
                {
                    Fraction = Math.Max(0.001, (double)bytes / Math.Max(1, total)),
                    Detail = string.Create(CultureInfo.InvariantCulture, $"{number} of {requests.Count}"),
                });
            });

        if (!failures.IsEmpty) throw new DiagnosticException(FetchDiagnostics.Explain([.. failures.OrderBy(f => f.Package.Name, StringComparer.Ordinal)]));
        monitor.Report(new Activity("image", "packages", string.Create(CultureInfo.InvariantCulture, $"fetched {requests.Count} packages, {total / 1e6:F0} MB"), ActivityState.Done)
        {
            Elapsed = time.GetElapsedTime(began),
        });
        return [.. files];
    }

    private async Task<PackageFailure?> FetchOneAsync(FetchRequest request, string file, CancellationToken cancellation)
    {
        var refusals = new List<MirrorRefusal>();
        foreach (var mirror in mirrors.OrderBy(m => _unreachable.ContainsKey(m)).ThenBy(m => m.Layout == MirrorLayout.Snapshot))
        {
            if (mirror.AddressOf(request.Package, request.Snapshot) is not { } address) continue;
            for (var attempt = 1; ; attempt++)
            {
                var refusal = await AskAsync(mirror, address, request.Package, file, cancellation);
                if (refusal is null) return null;
                if (refusal.Kind is RefusalKind.Silent or RefusalKind.Unreachable) _unreachable[mirror] = true;
                // What a mirror holds does not change within seconds; and a silent one has had its time.
                if (refusal.Kind != RefusalKind.Broken || attempt >= settings.Attempts)
                {
                    refusals.Add(refusal);
                    break;
                }

                await Task.Delay(settings.Pause * Math.Pow(2, attempt - 1), time, cancellation);
            }
        }

        return new PackageFailure(request.Package, [.. refusals]);
    }

    private async Task<MirrorRefusal?> AskAsync(Mirror mirror, Uri address, LockedPackage package, string file, CancellationToken cancellation)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var limit = time.CreateTimer(_ => silence.Cancel(), null, settings.Silence, Timeout.InfiniteTimeSpan);
        try
        {
            Stream source;
            HttpResponseMessage? response = null;
            if (address.IsFile)
            {
                if (!File.Exists(address.LocalPath)) return new MirrorRefusal(mirror, RefusalKind.Absent, "no such file");
                source = File.OpenRead(address.LocalPath);
            }
            else
            {
                response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, silence.Token);
                if (!response.IsSuccessStatusCode)
                {
                    using (response)
                    {
                        var kind = response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone ? RefusalKind.Absent : RefusalKind.Broken;
                        return new MirrorRefusal(mirror, kind, string.Create(CultureInfo.InvariantCulture, $"HTTP {(int)response.StatusCode}"));
                    }
                }

                source = await response.Content.ReadAsStreamAsync(silence.Token);
            }

            using (response)
            await using (source)
            {
                var sha256 = await CopyAsync(source, file, () => limit.Change(settings.Silence, Timeout.InfiniteTimeSpan), package.Size, silence.Token);
                return sha256 == package.Sha256 ? null : new MirrorRefusal(mirror, RefusalKind.OtherBytes, sha256);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new MirrorRefusal(mirror, RefusalKind.Silent, string.Create(CultureInfo.InvariantCulture, $"silent for {settings.Silence.TotalSeconds:0.#} s"));
        }
        catch (IOException exception) when (DiskSpace.IsSpent(exception))
        {
            throw new DiagnosticException(FetchDiagnostics.NoSpace(Path.GetDirectoryName(file)!), exception);
        }
        catch (HttpRequestException exception)
        {
            var kind = exception.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError ? RefusalKind.Unreachable : RefusalKind.Broken;
            return new MirrorRefusal(mirror, kind, exception.Message);
        }
        catch (IOException exception)
        {
            return new MirrorRefusal(mirror, RefusalKind.Broken, exception.Message);
        }
    }

    private static async Task<string> CopyAsync(Stream source, string file, Action heard, long expected, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var target = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.None, 0, useAsync: true);
        await using (target)
        {
            var buffer = new byte[128 * 1024];
            var length = 0L;
            while (await source.ReadAsync(buffer, cancellation) is > 0 and var read)
            {
                heard();
                hash.AppendData(buffer, 0, read);
                await target.WriteAsync(buffer.AsMemory(0, read), cancellation);
                // An answer that never ends is wrong already when it is too long.
                if ((length += read) > expected) break;
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>In which way a mirror did not give a package.</summary>
internal enum RefusalKind
{
    Absent,
    OtherBytes,
    Silent,
    Unreachable,
    Broken,
}

/// <summary>What one mirror did.</summary>
internal sealed record MirrorRefusal(Mirror Mirror, RefusalKind Kind, string Text);

/// <summary>What all mirrors did about a package that could not be had.</summary>
internal sealed record PackageFailure(LockedPackage Package, ImmutableArray<MirrorRefusal> Refusals);
