using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Regatta.Agent.Platform;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>What a watch tells, and whom.</summary>
internal interface IWatchTrouble
{
    /// <summary>The server does not answer the one of that name.</summary>
    void Failing(string who, string words);

    /// <summary>The server answers the one of that name again.</summary>
    void Answering(string who);

    /// <summary>The server could not go on where a watch had stood: all was listed anew, and what changed in between was seen late.</summary>
    void Relisted(string who);
}

/// <summary>A watch that runs.</summary>
internal interface IKubernetesWatch
{
    /// <summary>Lists what is there now; the watch goes on from there.</summary>
    /// <returns>How many objects there are, and the server's words when it does not say.</returns>
    Task<(ApiResult Result, int Count, string? Words)> ListAsync(CancellationToken cancellation);

    /// <summary>Watches until it is cancelled.</summary>
    Task RunAsync(CancellationToken cancellation);
}

/// <summary>
/// Follows all objects of one kind. Goes on where it stood after every cut (<c>resourceVersion</c>, bookmarks); where the server has forgotten that point (410),
/// it lists anew and tells the difference, so that nothing is lost and nothing is told twice.
/// </summary>
/// <param name="api">The server.</param>
/// <param name="name">What is watched, for people: <c>pods</c>.</param>
/// <param name="path">The collection, with its selector, such as <c>/api/v1/pods?labelSelector=…</c>.</param>
/// <param name="list">JSON of a list.</param>
/// <param name="line">JSON of a line of the watch.</param>
/// <param name="told">Takes each object as it is now (or was, when it is gone), with the stamp of its arrival in UTC microseconds.</param>
/// <param name="trouble">Hears of trouble.</param>
/// <param name="time">The clock.</param>
internal sealed class KubernetesWatch<T>(
    KubernetesApi api, string name, string path, JsonTypeInfo<ApiList<T>> list, JsonTypeInfo<WatchLine<T>> line, Action<T, bool, long> told, IWatchTrouble trouble, TimeProvider time) : IKubernetesWatch
    where T : class, IApiObject
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(1);

    // The server sends a bookmark about once a minute.
    private static readonly TimeSpan SilentMost = TimeSpan.FromMinutes(3);

    private readonly Dictionary<string, T> _known = new(StringComparer.Ordinal);
    private readonly string _join = path.Contains('?', StringComparison.Ordinal) ? "&" : "?";
    private string? _version;

    public Task<(ApiResult Result, int Count, string? Words)> ListAsync(CancellationToken cancellation) => ListAsync(anew: false, cancellation);

    public async Task RunAsync(CancellationToken cancellation)
    {
        var pauses = Backoff.ForSchedulers(time);
        while (true)
        {
            var began = time.GetTimestamp();
            var words = await OnceAsync(cancellation);
            if (words is null && time.GetElapsedTime(began) > LongEnough)
            {
                pauses.Reset();
                continue;
            }

            if (words is not null) trouble.Failing(name, words);
            await pauses.WaitAsync(cancellation);
        }
    }

    private async Task<(ApiResult Result, int Count, string? Words)> ListAsync(bool anew, CancellationToken cancellation)
    {
        var answer = await api.GetAsync(path, list, cancellation);
        if (answer is not { Result: ApiResult.Done, Value: { } all }) return (answer.Result == ApiResult.Done ? ApiResult.Trouble : answer.Result, 0, answer.Words);
        // Before what was seen late is told.
        if (anew) trouble.Relisted(name);
        var now = Micros.Now(time);
        var there = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in all.Items ?? [])
        {
            there.Add(Key(item));
            Seen(item, now);
        }

        foreach (var (key, gone) in _known.Where(k => !there.Contains(k.Key)).ToList())
        {
            _known.Remove(key);
            told(gone, true, now);
        }

        _version = all.Metadata.ResourceVersion;
        return (ApiResult.Done, there.Count, null);
    }

    /// <summary>Watches until the stream ends; the server's words when that was not of its own will.</summary>
    private async Task<string?> OnceAsync(CancellationToken cancellation)
    {
        if (_version is null)
        {
            var (result, _, why) = await ListAsync(anew: true, cancellation);
            if (result != ApiResult.Done) return why ?? "the API server gave no list";
        }

        var answer = await api.WatchAsync($"{path}{_join}watch=1&allowWatchBookmarks=true&resourceVersion={_version}", cancellation);
        if (answer.Result == ApiResult.Gone)
        {
            _version = null;
            return null;
        }

        if (answer.Value is null) return answer.Words;
        trouble.Answering(name);
        using var response = answer.Value;
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(cancellation);
            await ReadAsync(stream, cancellation);
            return null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"nothing was heard for {SilentMost.TotalMinutes:0} minutes";
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            return $"the watch was cut: {(exception.InnerException ?? exception).Message}";
        }
    }

    private async Task ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var buffer = new byte[64 * 1024];
        var filled = 0;
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        while (true)
        {
            if (filled == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
            silence.CancelAfter(SilentMost);
            var count = await stream.ReadAsync(buffer.AsMemory(filled), silence.Token);
            if (count == 0) return;
            var now = Micros.Now(time);
            var (start, scan) = (0, filled);
            filled += count;
            int end;
            while ((end = buffer.AsSpan(scan, filled - scan).IndexOf((byte)'\n')) >= 0)
            {
                if (!Take(buffer.AsSpan(start, scan + end - start), now)) return;
                start = scan = scan + end + 1;
            }

            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
        }
    }

    /// <summary>Takes one line; false when the watch cannot go on from where it stands.</summary>
    private bool Take(ReadOnlySpan<byte> text, long now)
    {
        if (text.IsEmpty) return true;
        // An error holds a Status instead of an object; the type comes first on every line.
        if (text.StartsWith("{\"type\":\"ERROR\""u8))
        {
            var error = JsonSerializer.Deserialize(text, KubernetesJson.Default.WatchLineApiStatus)!.Object;
            if (error?.Code == 410) _version = null;
            else trouble.Failing(name, error?.Message ?? "the watch ended with an error");
            return false;
        }

        var happened = JsonSerializer.Deserialize(text, line)!;
        if (happened.Object is not { } item) return true;
        _version = item.Metadata.ResourceVersion;
        switch (happened.Type)
        {
            case "BOOKMARK":
                break;
            case "DELETED":
                if (_known.Remove(Key(item))) told(item, true, now);
                break;
            default:
                Seen(item, now);
                break;
        }

        return true;
    }

    private void Seen(T item, long now)
    {
        var key = Key(item);
        if (_known.TryGetValue(key, out var known) && known.Metadata.Uid == item.Metadata.Uid && known.Metadata.ResourceVersion == item.Metadata.ResourceVersion) return;
        // One of the same name that was made anew while nobody looked: the old one is gone.
        if (known is not null && known.Metadata.Uid != item.Metadata.Uid) told(known, true, now);
        _known[key] = item;
        told(item, false, now);
    }

    private static string Key(T item) => $"{item.Metadata.Namespace}/{item.Metadata.Name}";
}
