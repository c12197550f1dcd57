using System.Text.Json;

namespace Regatta.Workloads;

/// <summary>
/// Workloads of the simulator Batsim: one JSON object of <c>nb_res</c>, <c>jobs</c> and <c>profiles</c>, as its documentation (<c>docs/input-workload.rst</c>) and its own
/// workloads have it, of either naming of profiles. Profiles that name a time (<c>delay</c>, and compositions of such) are read; what others take is for a simulator to say.
/// </summary>
public sealed class BatsimFormat : ITraceFormat
{
    private static readonly JsonDocumentOptions Options = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <inheritdoc/>
    public string Name => "Batsim";

    /// <inheritdoc/>
    public ImmutableArray<string> Extensions => [".json"];

    /// <summary>Whether it begins as a JSON object that has one of Batsim's own keys.</summary>
    public bool Recognizes(ReadOnlySpan<byte> head) => head.TrimStart("\uFEFF \t\r\n"u8) is [(byte)'{', ..] && (head.IndexOf("\"nb_res\""u8) >= 0 || head.IndexOf("\"subtime\""u8) >= 0);

    /// <inheritdoc/>
    public Workload Read(Stream stream, string name, TraceReading reading, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reading);
        try
        {
            using var document = JsonDocument.Parse(new HeadStream(stream).Unpacked(), Options);
            return new BatsimJobs(name, reading.Mode).Read(document.RootElement, cancellationToken);
        }
        catch (JsonException e)
        {
            throw new DiagnosticException(Diagnostic.Error("batsim-json", $"{name} is no JSON: {e.Message}") with { Where = new SourceRange(name, (int)(e.LineNumber ?? 0) + 1), Help = BatsimJobs.Shape }, e);
        }
        catch (InvalidOperationException e)
        {
            // What the reader says of an escape for half a character.
            throw new DiagnosticException(Diagnostic.Error("batsim-json", $"{name} holds text that is no UTF-16") with { Where = new SourceRange(name), Help = BatsimJobs.Shape }, e);
        }
        catch (InvalidDataException e)
        {
            throw new DiagnosticException(Diagnostic.Error("swf-gzip", $"{name}: the compressed data are damaged or cut off") with { Where = new SourceRange(name), Help = "fetch the file again" }, e);
        }
    }

    /// <summary>Writes the jobs with a profile of kind <c>delay</c> for each run time.</summary>
    public void Write(Workload workload, Stream stream, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workload);
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("description", workload.Description);
        json.WriteNumber("nb_res", workload.SourceProcessors ?? workload.Jobs.Max(job => job.Processors));
        json.WriteStartArray("jobs");
        foreach (var job in workload.Jobs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            json.WriteStartObject();
            json.WriteString("id", job.Id.ToString(CultureInfo.InvariantCulture));
            json.WriteNumber("subtime", job.Submit.TotalSeconds);
            if (job.RequestedTime is { } limit) json.WriteNumber("walltime", limit.TotalSeconds);
            json.WriteNumber("res", job.Processors);
            json.WriteString("profile", Profile(job));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("profiles");
        foreach (var job in workload.Jobs.DistinctBy(job => job.RunTime))
        {
            json.WriteStartObject(Profile(job));
            json.WriteString("type", "delay");
            json.WriteNumber("delay", job.RunTime.TotalSeconds);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <inheritdoc/>
    public IEnumerable<string> Loses(Workload workload)
    {
        ArgumentNullException.ThrowIfNull(workload);
        (string What, Func<Job, bool> Has)[] all =
        [
            ("nodes", job => job.Nodes > 0), ("memory", job => job.MemoryPerProcessor is not null), ("user, group and queue", job => job.User >= 0 || job.Group >= 0 || job.Queue >= 0),
            ("priority", job => job.Priority != 0), ("draining", job => job.Drains), ("array", job => job.Array is not null), ("heterogeneous job", job => job.HeterogeneousJob is not null), ("names, GPUs and other requests", job => job.Request is not null), ("gang minimum", job => job.GangMinimum > 0),
            ("payload", job => job.Payload.Kind != PayloadKind.Sleep), ("dependencies", job => !job.Dependencies.IsEmpty), ("what was recorded", job => job.Recorded is not null),
        ];
        foreach (var (what, has) in all)
        {
            if (workload.Jobs.Count(has) is > 0 and var count) yield return $"{what} of {count} jobs";
        }

        if (workload.Header.Lines.Any(line => line.AsSpan().ContainsAnyExcept("; \t"))) yield return "the header";
        if (!workload.LeftOut.IsEmpty) yield return $"{workload.LeftOut.Length} rows that are no jobs";
    }

    private static string Profile(Job job) => string.Create(CultureInfo.InvariantCulture, $"delay{job.RunTime.TotalSeconds}");
}
