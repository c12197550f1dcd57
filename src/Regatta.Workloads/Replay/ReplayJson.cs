using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Regatta.Workloads;

/// <summary>The JSON lines that the program and its agent exchange.</summary>
public static class ReplayJson
{
    /// <summary>One line, without its line break.</summary>
    public static byte[] Line(ReplayHeader header) => JsonSerializer.SerializeToUtf8Bytes(header, ReplayJsonContext.Default.ReplayHeader);

    /// <summary>One line, without its line break.</summary>
    public static byte[] Line(Job job) => JsonSerializer.SerializeToUtf8Bytes(job, ReplayJsonContext.Default.Job);

    /// <summary>One line, without its line break.</summary>
    public static byte[] Line(JobEvent happened) => JsonSerializer.SerializeToUtf8Bytes(happened, ReplayJsonContext.Default.JobEvent);

    /// <summary>The text of <c>summary.json</c>.</summary>
    public static byte[] Line(ReplaySummary summary) => JsonSerializer.SerializeToUtf8Bytes(summary, ReplayJsonContext.Default.ReplaySummary);

    /// <summary>One line, without its line break.</summary>
    public static byte[] Line(ClientCall call) => JsonSerializer.SerializeToUtf8Bytes(call, ReplayJsonContext.Default.ClientCall);

    /// <summary>Reads a header.</summary>
    /// <exception cref="DiagnosticException">It is none, or of a version that cannot be read.</exception>
    public static ReplayHeader ReadHeader(ReadOnlySpan<byte> line, string source, int number)
    {
        var header = Read(line, ReplayJsonContext.Default.ReplayHeader, source, number, "replay header");
        if (header.Version is < 1 or > ReplayHeader.Newest)
        {
            throw new DiagnosticException(Diagnostic.Error("replay-version", $"the replay is of version {header.Version}; this agent reads 1 to {ReplayHeader.Newest}") with
            {
                Where = new SourceRange(source, number), Help = "copy the agent of the same Regatta to the head: regatta cluster configure",
            });
        }

        return header;
    }

    /// <summary>Reads a job.</summary>
    /// <exception cref="DiagnosticException">It is none.</exception>
    public static Job ReadJob(ReadOnlySpan<byte> line, string source, int number)
    {
        var job = Read(line, ReplayJsonContext.Default.Job, source, number, "job");
        // What the line leaves out arrives as null and not as the record's default.
        return job with { Dependencies = job.Dependencies.IsDefault ? [] : job.Dependencies, Payload = job.Payload ?? Payload.Sleep };
    }

    /// <summary>Reads an event.</summary>
    /// <exception cref="DiagnosticException">It is none.</exception>
    public static JobEvent ReadEvent(ReadOnlySpan<byte> line, string source, int number) =>
        Read(line, ReplayJsonContext.Default.JobEvent, source, number, "job event");

    /// <summary>Reads a call of a client.</summary>
    /// <exception cref="DiagnosticException">It is none.</exception>
    public static ClientCall ReadCall(ReadOnlySpan<byte> line, string source, int number) =>
        Read(line, ReplayJsonContext.Default.ClientCall, source, number, "call of a client");

    /// <summary>Reads a summary.</summary>
    /// <exception cref="DiagnosticException">It is none.</exception>
    public static ReplaySummary ReadSummary(ReadOnlySpan<byte> text, string source) =>
        Read(text, ReplayJsonContext.Default.ReplaySummary, source, 1, "replay summary");

    private static T Read<T>(ReadOnlySpan<byte> line, JsonTypeInfo<T> type, string source, int number, string what)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(line, type) ?? throw Fault("it is null", 1);
        }
        catch (JsonException exception)
        {
            throw Fault(exception.Message, (int)(exception.BytePositionInLine ?? 0) + 1, exception);
        }

        DiagnosticException Fault(string detail, int column, Exception? cause = null) =>
            new(Diagnostic.Error("replay-line", $"line {number} of {source} is not a {what}") with { Where = new SourceRange(source, number, column), Detail = detail }, cause);
    }
}

/// <summary>JSON of the agent's contract.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ReplayHeader))]
[JsonSerializable(typeof(ReplaySummary))]
[JsonSerializable(typeof(Job))]
[JsonSerializable(typeof(JobEvent))]
[JsonSerializable(typeof(ClientCall))]
internal sealed partial class ReplayJsonContext : JsonSerializerContext;
