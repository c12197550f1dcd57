using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Slurm;

/// <summary>slurmrestd on its UNIX socket, over connections that are kept.</summary>
internal sealed class SlurmRest : IDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly HttpClient _client;
    private readonly string _root;

    public SlurmRest(string socket, string api, int connections)
    {
        _root = $"http://localhost/slurm/{api}/";
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

    /// <summary>Ends a job.</summary>
    public Task<RestAnswer<PlainResponse>> CancelAsync(long id, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Delete, $"job/{id}", null, SlurmRestJson.Default.PlainResponse, cancellation);

    public void Dispose() => _client.Dispose();

    private async Task<RestAnswer<T>> SendAsync<T>(HttpMethod method, string path, byte[]? body, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : PlainResponse
    {
        using var request = new HttpRequestMessage(method, _root + path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = Json;
        }

        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellation).ConfigureAwait(false);
            var text = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
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
            return new RestAnswer<T>(RestResult.Unclear, null, $"slurmrestd answered with what is not JSON: {exception.Message}");
        }
    }

    private static RestAnswer<T> Answer<T>(HttpStatusCode status, T? response)
        where T : PlainResponse
    {
        if (response is null) return new RestAnswer<T>(RestResult.Unclear, null, $"slurmrestd answered {(int)status} with nothing");
        var errors = response.Errors ?? [];
        if (status == HttpStatusCode.OK) return new RestAnswer<T>(RestResult.Done, response, errors.Length == 0 ? null : Words(errors));
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

/// <summary>A job to submit.</summary>
internal sealed record SubmitRequest(string Script, SubmitJob Job);

/// <summary>The properties of a job to submit.</summary>
internal sealed record SubmitJob
{
    public required string Name { get; init; }

    public required string Partition { get; init; }

    public required int Tasks { get; init; }

    public int? Nodes { get; init; }

    /// <summary>Minutes.</summary>
    public long? TimeLimit { get; init; }

    /// <summary>MiB.</summary>
    public long? MemoryPerCpu { get; init; }

    public string? Dependency { get; init; }

    public required string CurrentWorkingDirectory { get; init; }

    public required string StandardOutput { get; init; }

    public required string StandardError { get; init; }

    public required Dictionary<string, string> Environment { get; init; }
}

/// <summary>An error.</summary>
internal sealed record RestError(int? ErrorCode, int? ErrorNumber, string? Error, string? Description)
{
    /// <summary>Slurm's number; the interface has two names for it.</summary>
    [JsonIgnore]
    public int? Code => ErrorCode ?? ErrorNumber;
}

/// <summary>An answer that holds no more than errors.</summary>
internal record PlainResponse
{
    public RestError[]? Errors { get; init; }
}

/// <summary>The answer to a submission.</summary>
internal sealed record SubmitResponse : PlainResponse
{
    public long? JobId { get; init; }
}

/// <summary>Jobs.</summary>
internal sealed record JobsResponse : PlainResponse
{
    public SlurmJob[]? Jobs { get; init; }
}

/// <summary>A job as slurmrestd shows it; times are whole seconds.</summary>
internal sealed record SlurmJob
{
    public long JobId { get; init; }

    public string? Name { get; init; }

    public string? JobState { get; init; }

    public string? StateReason { get; init; }

    /// <summary>Raw wait status.</summary>
    public int? ExitCode { get; init; }

    public long EndTime { get; init; }

    /// <summary>How it ended; null while it has not.</summary>
    [JsonIgnore]
    public JobState? Ended => JobState switch
    {
        "COMPLETED" => Workloads.JobState.Completed,
        "FAILED" or "OUT_OF_MEMORY" or "DEADLINE" => Workloads.JobState.Failed,
        "TIMEOUT" => Workloads.JobState.TimedOut,
        "CANCELLED" or "PREEMPTED" => Workloads.JobState.Cancelled,
        "NODE_FAIL" or "BOOT_FAIL" => Workloads.JobState.NodeFailed,
        _ => null,
    };

    /// <summary>Exit code as a shell would give it.</summary>
    [JsonIgnore]
    public int? Code => ExitCode is not { } status ? null : (status & 0x7f) != 0 ? 128 + (status & 0x7f) : (status >> 8) & 0xff;
}

/// <summary>JSON of slurmrestd.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SubmitRequest))]
[JsonSerializable(typeof(SubmitResponse))]
[JsonSerializable(typeof(JobsResponse))]
[JsonSerializable(typeof(PlainResponse))]
internal sealed partial class SlurmRestJson : JsonSerializerContext;
