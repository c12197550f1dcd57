using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>
/// The API server over a few connections that are kept. Many requests share a connection (HTTP/2); watches have one of their own, so that
/// a burst of submissions does not hold back what is observed.
/// </summary>
internal sealed class KubernetesApi : IDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json"), MergePatch = new("application/merge-patch+json");

    // A little more than the server gives itself.
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(65);

    private readonly HttpClient[] _clients;
    private readonly HttpClient _watches;
    private int _turn;

    private static string Silent => $"the API server did not answer within {AnswerWithin.TotalSeconds:0} s";

    /// <param name="config">Where the server is, and who one is.</param>
    /// <param name="connections">Connections for requests.</param>
    /// <param name="requests">Requests that may be under way at once.</param>
    public KubernetesApi(Kubeconfig config, int connections, int requests)
    {
        // Without TLS there is no HTTP/2, and a connection carries one request at a time.
        _clients = [.. Enumerable.Range(0, config.Server.Scheme == "https" ? connections : 1).Select(_ => Client(config, requests, AnswerWithin))];
        _watches = Client(config, 64, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many connections requests take turns on.</summary>
    public int Connections => _clients.Length;

    /// <summary>Reads an object or a list.</summary>
    public Task<ApiAnswer<T>> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class => SendAsync(HttpMethod.Get, path, null, Json, type, cancellation);

    /// <summary>Creates an object.</summary>
    public Task<ApiAnswer<AnyObject>> CreateAsync(string path, byte[] body, CancellationToken cancellation) => CreateAsync(path, body, KubernetesJson.Default.AnyObject, cancellation);

    /// <summary>Creates an object and reads it back as the server took it.</summary>
    public Task<ApiAnswer<T>> CreateAsync<T>(string path, byte[] body, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class => SendAsync(HttpMethod.Post, path, body, Json, type, cancellation);

    /// <summary>Merges something into an object (RFC 7386).</summary>
    public Task<ApiAnswer<AnyObject>> MergeAsync(string path, byte[] body, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Patch, path, body, MergePatch, KubernetesJson.Default.AnyObject, cancellation);

    /// <summary>Deletes an object; what it owns goes with it.</summary>
    /// <param name="path">The object.</param>
    /// <param name="options">A <c>DeleteOptions</c> as JSON.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public Task<ApiAnswer<AnyObject>> DeleteAsync(string path, byte[] options, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Delete, path, options, Json, KubernetesJson.Default.AnyObject, cancellation);

    /// <summary>Opens a watch; <see cref="ApiAnswer{T}.Value"/> is its stream, to be disposed of.</summary>
    public async Task<ApiAnswer<HttpResponseMessage>> WatchAsync(string path, CancellationToken cancellation)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(AnswerWithin);
            var response = await _watches.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (response.IsSuccessStatusCode) return new ApiAnswer<HttpResponseMessage>(ApiResult.Done, (int)response.StatusCode, response, null);
            using (response)
            {
                var text = await response.Content.ReadAsByteArrayAsync(cancellation);
                var (result, words) = Judge(response.StatusCode, text);
                return new ApiAnswer<HttpResponseMessage>(result, (int)response.StatusCode, null, words);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return new ApiAnswer<HttpResponseMessage>(ApiResult.Trouble, 0, null, Words(exception));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new ApiAnswer<HttpResponseMessage>(ApiResult.Trouble, 0, null, Silent);
        }
    }

    public void Dispose()
    {
        foreach (var client in _clients) client.Dispose();
        _watches.Dispose();
    }

    /// <summary>What an answer other than success means, and the server's words.</summary>
    internal static (ApiResult Result, string Words) Judge(HttpStatusCode status, byte[] text)
    {
        // What is said of a kind of objects that there is not, and by proxies, is plain text.
        ApiStatus? told = null;
        try
        {
            told = JsonSerializer.Deserialize(text, KubernetesJson.Default.ApiStatus);
        }
        catch (JsonException)
        {
        }

        var words = told?.Message ?? $"the API server answered {(int)status}: {Encoding.UTF8.GetString(text).Trim()}";
        return ((int)status switch
        {
            409 when told?.Reason == "AlreadyExists" => ApiResult.Exists,
            404 => told is null ? ApiResult.NoSuchKind : ApiResult.Missing,
            410 => ApiResult.Gone,
            // A conflict, too many requests, a webhook or etcd that did not answer: the same request may do better.
            409 or 429 or >= 500 => ApiResult.Trouble,
            _ => ApiResult.Refused,
        }, words);
    }

    private async Task<ApiAnswer<T>> SendAsync<T>(HttpMethod method, string path, byte[]? body, MediaTypeHeaderValue media, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
    {
        var client = _clients[(uint)Interlocked.Increment(ref _turn) % (uint)_clients.Length];
        using var request = new HttpRequestMessage(method, path) { Version = client.DefaultRequestVersion, VersionPolicy = client.DefaultVersionPolicy };
        if (body is not null) request.Content = new ByteArrayContent(body) { Headers = { ContentType = media } };
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellation);
            var text = await response.Content.ReadAsByteArrayAsync(cancellation);
            if (response.IsSuccessStatusCode) return new ApiAnswer<T>(ApiResult.Done, (int)response.StatusCode, JsonSerializer.Deserialize(text, type), null);
            var (result, words) = Judge(response.StatusCode, text);
            return new ApiAnswer<T>(result, (int)response.StatusCode, null, words);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return new ApiAnswer<T>(ApiResult.Trouble, 0, null, Words(exception));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new ApiAnswer<T>(ApiResult.Trouble, 0, null, Silent);
        }
        catch (JsonException exception)
        {
            return new ApiAnswer<T>(ApiResult.Trouble, 0, null, $"the API server answered with what is not JSON: {exception.Message}");
        }
    }

    private static string Words(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException socket) return $"the API server cannot be reached: {socket.SocketErrorCode}";
        }

        return $"the API server cannot be reached: {(exception.InnerException ?? exception).Message}";
    }

    private static HttpClient Client(Kubeconfig config, int requests, TimeSpan timeout)
    {
        var secure = config.Server.Scheme == "https";
        var handler = new SocketsHttpHandler
        {
            // A connection of HTTP/2 carries some hundred requests, and more are made when they do not do.
            MaxConnectionsPerServer = secure ? int.MaxValue : requests,
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            // A server that is gone without a word is noticed.
            KeepAlivePingDelay = TimeSpan.FromSeconds(10),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            ConnectTimeout = TimeSpan.FromSeconds(10),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            SslOptions = Tls(config),
        };
        var client = new HttpClient(handler)
        {
            BaseAddress = config.Server,
            Timeout = timeout,
            DefaultRequestVersion = HttpVersion.Version20,
            // With a version to fall back to, requests that waited for a server to come back have been seen to wait for ever.
            DefaultVersionPolicy = secure ? HttpVersionPolicy.RequestVersionExact : HttpVersionPolicy.RequestVersionOrLower,
        };
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (config.Token is { } token) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>Whom to trust, and who one is.</summary>
    internal static SslClientAuthenticationOptions Tls(Kubeconfig config)
    {
        var tls = new SslClientAuthenticationOptions();
        if (config.Client is { } client) tls.ClientCertificateContext = SslStreamCertificateContext.Create(client, null, offline: true);
        if (config.Authority is { } authority)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.Add(authority);
        }

        return tls;
    }
}

/// <summary>What became of a request.</summary>
internal enum ApiResult
{
    /// <summary>It was done.</summary>
    Done,

    /// <summary>An object of that name is there already.</summary>
    Exists,

    /// <summary>There is no such object.</summary>
    Missing,

    /// <summary>There is no such kind of objects; a server that was just started says so of kinds that it will have in a moment.</summary>
    NoSuchKind,

    /// <summary>What is asked for is too old.</summary>
    Gone,

    /// <summary>The server will not do it.</summary>
    Refused,

    /// <summary>Whether it was done is not known; it may be asked for again.</summary>
    Trouble,
}

/// <summary>An answer.</summary>
/// <param name="Result">What became of the request.</param>
/// <param name="Status">HTTP status; 0 when none came.</param>
/// <param name="Value">What was asked for.</param>
/// <param name="Words">The server's words when it did not do it.</param>
internal sealed record ApiAnswer<T>(ApiResult Result, int Status, T? Value, string? Words)
    where T : class;
