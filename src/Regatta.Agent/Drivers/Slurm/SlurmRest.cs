using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Slurm;

/// <summary>slurmrestd on its UNIX socket, over connections that are kept.</summary>
internal sealed class SlurmRest : IDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    // Interfaces are numbered one by one; of those that are newer than what is known, so many are tried.
    private const int Further = 15;

    private readonly HttpClient _client;
    private readonly string? _asked;
    private readonly SemaphoreSlim _finding = new(1);
    private volatile string? _unserved;

    /// <summary>Connects to slurmrestd when it is first asked.</summary>
    /// <param name="socket">Its socket.</param>
    /// <param name="api">The version of its interface to speak; null for the newest that it serves.</param>
    /// <param name="connections">The most connections at once.</param>
    public SlurmRest(string socket, string? api, int connections)
    {
        _asked = api;
        Interface = api ?? SlurmDialect.Newest.Interface;
        _client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellation) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellation);
                    return new NetworkStream(connection, ownsSocket: true);
                }
                catch
                {
                    connection.Dispose();
                    throw;
                }
            },
            MaxConnectionsPerServer = connections,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
        })
        {
            Timeout = TimeSpan.FromMinutes(2),
        };
    }

    /// <summary>The versions of the interface that are asked for, one after the other: those of the table from the newest down, then newer ones.</summary>
    public static IEnumerable<string> Interfaces { get; } =
    [
        .. SlurmDialect.All.Reverse().Select(d => d.Interface),
        .. Enumerable.Range(int.Parse(SlurmDialect.Newest.Interface[(SlurmDialect.Newest.Interface.LastIndexOf('.') + 1)..], CultureInfo.InvariantCulture) + 1, Further)
            .Select(n => string.Create(CultureInfo.InvariantCulture, $"v0.0.{n}")),
    ];

    /// <summary>The version of the interface that is spoken.</summary>
    public string Interface { get; private set; }

    /// <summary>Slurm's own version, as slurmrestd tells it; null before <see cref="FindAsync"/>.</summary>
    public string? Release { get; private set; }

    /// <summary>Finds a version of the interface that both sides speak, unless one was asked for, and Slurm's own version.</summary>
    /// <returns>The answer to the last question: done where a version was found.</returns>
    public async Task<RestAnswer<PlainResponse>> FindAsync(CancellationToken cancellation)
    {
        RestAnswer<PlainResponse> answer;
        string version;
        var versions = new Queue<string>(_asked is null ? Interfaces : [_asked]);
        do
        {
            version = versions.Dequeue();
            answer = await SendAsync(HttpMethod.Get, version, "ping", null, SlurmRestJson.Default.PlainResponse, cancellation);
        }
        // What is not loaded is answered with a text that is not JSON; where nobody listens there is nothing more to try.
        while (answer.Result is not (RestResult.Done or RestResult.NotSent) && versions.Count > 0);

        if (answer.Result == RestResult.Done) (Interface, Release) = (version, answer.Response?.Meta?.Release);
        return answer;
    }

    /// <summary>Finds a version of the interface anew where slurmrestd has said that it does not serve the one that is spoken: another version took its place.</summary>
    /// <param name="spoken">The interface that a request was written for.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>True when another one is spoken now, and the request is to be written anew.</returns>
    public async Task<bool> FollowAsync(string spoken, CancellationToken cancellation)
    {
        if (Interface == spoken && _unserved != spoken) return false;
        await _finding.WaitAsync(cancellation);
        try
        {
            if (Interface == spoken) await FindAsync(cancellation);
        }
        finally
        {
            _finding.Release();
        }

        return Interface != spoken;
    }

    /// <summary>A submission as the interface takes it.</summary>
    public byte[] Written(SubmitRequest request) => JsonSerializer.SerializeToUtf8Bytes(Fitted(request), SlurmRestJson.Default.SubmitRequest);

    /// <summary>Submits a job.</summary>
    public Task<RestAnswer<SubmitResponse>> SubmitAsync(byte[] request, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Post, "job/submit", request, SlurmRestJson.Default.SubmitResponse, cancellation);

    /// <summary>Asks whether the controller answers.</summary>
    public Task<RestAnswer<PlainResponse>> PingAsync(CancellationToken cancellation) =>
        SendAsync(HttpMethod.Get, "ping", null, SlurmRestJson.Default.PlainResponse, cancellation);

    /// <summary>One job.</summary>
    public Task<RestAnswer<JobsResponse>> JobAsync(long id, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Get, $"job/{id}", null, SlurmRestJson.Default.JobsResponse, cancellation);

    /// <summary>All jobs: large, and only for the case that an answer was lost.</summary>
    public Task<RestAnswer<JobsResponse>> JobsAsync(CancellationToken cancellation) =>
        SendAsync(HttpMethod.Get, "jobs", null, SlurmRestJson.Default.JobsResponse, cancellation);

    /// <summary>What slurmctld counts of itself, as <c>sdiag</c> shows it.</summary>
    public Task<RestAnswer<DiagResponse>> DiagAsync(CancellationToken cancellation) =>
        SendAsync(HttpMethod.Get, "diag", null, SlurmRestJson.Default.DiagResponse, cancellation);

    /// <summary>Ends a job.</summary>
    public Task<RestAnswer<PlainResponse>> CancelAsync(long id, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Delete, $"job/{id}", null, SlurmRestJson.Default.PlainResponse, cancellation);

    public void Dispose()
    {
        _client.Dispose();
        _finding.Dispose();
    }

    private SubmitRequest Fitted(SubmitRequest request) => !SlurmDialect.OfInterface(Interface).WritesLists ? request : request with
    {
        Job = request.Job with
        {
            Nodes = request.Job.Nodes is { } nodes ? JsonValue.Create(nodes.ToJsonString()) : null,
            Gpus = null,
            TresPerJob = request.Job.Gpus is { } gpus ? string.Join(',', gpus.Split(',').Select(g => $"gres/gpu:{g}")) : null,
            Environment = new JsonArray([.. request.Job.Environment.AsObject().Select(v => (JsonNode)JsonValue.Create($"{v.Key}={v.Value}"))]),
        },
    };

    private Task<RestAnswer<T>> SendAsync<T>(HttpMethod method, string path, byte[]? body, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : PlainResponse => SendAsync(method, Interface, path, body, type, cancellation);

    private async Task<RestAnswer<T>> SendAsync<T>(HttpMethod method, string version, string path, byte[]? body, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : PlainResponse
    {
        using var request = new HttpRequestMessage(method, $"http://localhost/slurm/{version}/{path}");
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = Json;
        }

        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellation);
            var text = await response.Content.ReadAsByteArrayAsync(cancellation);
            return Answer(response.StatusCode, JsonSerializer.Deserialize(text, type));
        }
        catch (HttpRequestException exception)
        {
            return new RestAnswer<T>(exception.HttpRequestError == HttpRequestError.ConnectionError ? RestResult.NotSent : RestResult.Unclear, null, $"slurmrestd: {Words(exception)}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new RestAnswer<T>(RestResult.Unclear, null, "slurmrestd did not answer within 2 minutes");
        }
        catch (JsonException exception)
        {
            // So it answers for an interface that it has not loaded.
            _unserved = version;
            return new RestAnswer<T>(RestResult.Unclear, null, $"slurmrestd answered with what is not JSON: {exception.Message}");
        }
    }

    private static RestAnswer<T> Answer<T>(HttpStatusCode status, T? response)
        where T : PlainResponse
    {
        if (response is null) return new RestAnswer<T>(RestResult.Unclear, null, $"slurmrestd answered {(int)status} with nothing");
        // An answer of 200 may hold that a job cannot be cancelled.
        var kept = (response.Status ?? []).Select(s => s.Error).Where(e => e?.Code is > 0).Select(e => new RestError(e!.Code, null, e.Message, null)).ToList();
        RestError[] errors = [.. response.Errors ?? [], .. kept];
        if (status == HttpStatusCode.OK && kept.Count == 0)
        {
            // A warning is the only word about a field that was not understood.
            return new RestAnswer<T>(RestResult.Done, response, Words([.. errors, .. response.Warnings ?? []]) is { Length: > 0 } words ? words : null);
        }

        // Slurm's numbers 1000 to 1999 and 5000 to 5999 speak of talking to the controller, 11 of a queue that is full: none of the job itself.
        var passing = errors.Any(e => e.Code is 11 or (>= 1000 and < 2000) or (>= 5000 and < 6000));
        return new RestAnswer<T>(passing ? RestResult.Unclear : RestResult.Refused, response, errors.Length == 0 ? $"slurmrestd answered {(int)status}" : Words(errors));
    }

    private static string Words(RestError[] errors) => string.Join("; ", errors.Select(e => e.Error ?? e.Description).Where(e => !string.IsNullOrEmpty(e)).Distinct());

    private static string Words(HttpRequestException exception) => exception.InnerException is SocketException socket ? socket.SocketErrorCode.ToString() : exception.Message;
}

/// <summary>What became of a request.</summary>
internal enum RestResult
{
    /// <summary>Slurm did it.</summary>
    Done,

    /// <summary>Slurm will not do it.</summary>
    Refused,

    /// <summary>It never left: it may be sent again.</summary>
    NotSent,

    /// <summary>Whether Slurm did it is not known.</summary>
    Unclear,
}

/// <summary>An answer.</summary>
/// <param name="Result">What became of the request.</param>
/// <param name="Response">What slurmrestd said.</param>
/// <param name="Words">Its errors, in its words.</param>
internal sealed record RestAnswer<T>(RestResult Result, T? Response, string? Words);
