using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace Regatta.Workloads;

/// <summary>JSON lines: one job a line, with everything that a job has.</summary>
public sealed class JsonLinesFormat : ITraceFormat
{
    private const int Chunk = 1 << 16;

    /// <inheritdoc/>
    public string Name => "JSON lines";

    /// <inheritdoc/>
    public ImmutableArray<string> Extensions => [".jsonl"];

    /// <inheritdoc/>
    public Workload Read(Stream stream, string name, TraceReading reading, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reading);
        using var lines = new SwfLineSource(stream, name);
        var jobs = new List<Job>();
        var usual = new JobLineReader();
        var unknown = new Dictionary<string, (long Count, long FirstLine)>(StringComparer.Ordinal);
        while (lines.Read(out var line, out _, out var tooLong, cancellationToken))
        {
            if (tooLong) throw Fault(name, lines.Line, 1, $"the line is longer than {SwfLineSource.MaxLineLength} bytes", null);
            if (line.Trim(" \r\t"u8).IsEmpty) continue;
            if (!Utf8.IsValid(line)) throw Fault(name, lines.Line, 1, "it is no UTF-8", null);
            if (usual.Read(line) is { } read)
            {
                jobs.Add(read);
                JobLimit.Check(jobs.Count, name);
                continue;
            }

            try
            {
                var job = JsonSerializer.Deserialize(line, JobJson.Default.JobLine) ?? throw Fault(name, lines.Line, 1, "null is no job", null);
                var strangers = JobKeys.Unknown(line);
                if (job.Missing.Any()) throw Fault(name, lines.Line, 1, $"it lacks {string.Join(", ", job.Missing)}", null, Meant(strangers));
                foreach (var key in strangers) unknown[key] = unknown.TryGetValue(key, out var seen) ? (seen.Count + 1, seen.FirstLine) : (1, lines.Line);
                jobs.Add(job.ToJob());
                if (!strangers.Any()) usual.Learn(line, jobs[^1]);
                JobLimit.Check(jobs.Count, name);
            }
            catch (JsonException e)
            {
                throw Fault(name, lines.Line, (int)(e.BytePositionInLine ?? 0) + 1, JobKeys.Describe(line, e), e);
            }
            catch (InvalidOperationException e)
            {
                // What the reader says of an escape for half a character.
                throw Fault(name, lines.Line, 1, JobKeys.NoText, e);
            }
        }

        var strange = unknown.Select(key => Stranger(key.Key, key.Value, reading.Mode == SwfMode.Strict ? Severity.Error : Severity.Warning, name)).ToImmutableArray();
        var faults = JobValidation.Check(jobs, name);
        if (!faults.IsEmpty || (reading.Mode == SwfMode.Strict && !strange.IsEmpty)) throw new DiagnosticException([.. faults, .. strange]);
        return new Workload { Name = name, Jobs = Workload.Sort(jobs), Description = $"Read from {name}.", Diagnostics = strange };
    }

    /// <inheritdoc/>
    public void Write(Workload workload, Stream stream, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(stream);
        var writer = new JobLineWriter();
        // For all lines: a serializer that is given the stream makes one for each.
        var buffer = new ArrayBufferWriter<byte>(2 * Chunk);
        using var json = new Utf8JsonWriter(buffer);
        foreach (var job in workload.Jobs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            writer.Write(json, job);
            json.Flush();
            json.Reset();
            buffer.Write("\n"u8);
            if (buffer.WrittenCount < Chunk) continue;
            stream.Write(buffer.WrittenSpan);
            buffer.ResetWrittenCount();
        }

        stream.Write(buffer.WrittenSpan);
    }

    /// <inheritdoc/>
    public IEnumerable<string> Loses(Workload workload)
    {
        ArgumentNullException.ThrowIfNull(workload);
        if (workload.SourceProcessors is { } processors) yield return $"the size of the machine ({processors} processors; scale=fit then needs scale_source={processors})";
        if (workload.Header.Lines.Any(line => line.AsSpan().ContainsAnyExcept("; \t"))) yield return "the header";
        if (!workload.LeftOut.IsEmpty) yield return $"{workload.LeftOut.Length} rows that are no jobs";
    }

    private static Diagnostic Stranger(string key, (long Count, long FirstLine) seen, Severity severity, string name) =>
        new(severity, "workload-json-key", $"{name}: {(seen.Count == 1 ? "1 line has" : $"{seen.Count} lines have")} the key '{key}', which no job has{(severity == Severity.Error ? "" : ": it was ignored")}")
        {
            Where = new SourceRange(name, (int)Math.Min(seen.FirstLine, int.MaxValue)), Help = JobKeys.Nearest(key) is { } near ? $"did you mean '{near}'?" : null,
        };

    private static string? Meant(IEnumerable<string> strangers)
    {
        var meant = strangers.Select(key => (key, Near: JobKeys.Nearest(key))).Where(pair => pair.Near is not null).Select(pair => $"'{pair.Near}' by '{pair.key}'").ToList();
        return meant.Count == 0 ? null : $"did you mean {string.Join(" and ", meant)}?";
    }

    private static DiagnosticException Fault(string name, long line, int column, string fault, Exception? cause, string? help = null) =>
        new(Diagnostic.Error("workload-json", $"{name}: line {line} is no job: {fault}") with
        {
            Where = new SourceRange(name, (int)Math.Min(line, int.MaxValue), column),
            Help = help ?? "each line is one job as JSON; 'regatta workload convert' writes such files",
        }, cause);
}
