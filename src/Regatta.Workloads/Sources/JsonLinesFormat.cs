using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Regatta.Diagnostics;

namespace Regatta.Workloads;

/// <summary>JSON lines: one job a line, with everything that a job has.</summary>
public sealed class JsonLinesFormat : ITraceFormat
{
    /// <inheritdoc/>
    public string Name => "JSON lines";

    /// <inheritdoc/>
    public ImmutableArray<string> Extensions => [".jsonl"];

    /// <inheritdoc/>
    public Workload Read(Stream stream, string name, SwfMode mode, CancellationToken cancellationToken)
    {
        using var lines = new SwfLineSource(stream, name);
        var jobs = new List<Job>();
        while (lines.Read(out var line, out _, out var tooLong, cancellationToken))
        {
            if (tooLong) throw Fault(name, lines.Line, 1, $"the line is longer than {SwfLineSource.MaxLineLength} bytes", null);
            if (line.Trim(" \r\t"u8).IsEmpty) continue;
            try
            {
                var job = JsonSerializer.Deserialize(line, JobJson.Default.JobLine) ?? throw Fault(name, lines.Line, 1, "null is no job", null);
                if (job.Missing.Any()) throw Fault(name, lines.Line, 1, $"it lacks {string.Join(", ", job.Missing)}", null);
                jobs.Add(job.ToJob());
                JobLimit.Check(jobs.Count, name);
            }
            catch (JsonException e)
            {
                throw Fault(name, lines.Line, (int)(e.BytePositionInLine ?? 0) + 1, e.Message.Split(" Path:", 2)[0].Replace("Regatta.Workloads.JobLine", "a job", StringComparison.Ordinal), e);
            }
        }

        var faults = JobValidation.Check(jobs, name);
        if (!faults.IsEmpty) throw new DiagnosticException(faults);
        return new Workload { Name = name, Jobs = Workload.Sort(jobs), Description = $"Read from {name}." };
    }

    /// <inheritdoc/>
    public void Write(Workload workload, Stream stream, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(stream);
        foreach (var job in workload.Jobs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            JsonSerializer.Serialize(stream, job, JobJson.Default.Job);
            stream.WriteByte((byte)'\n');
        }
    }

    /// <inheritdoc/>
    public IEnumerable<string> Loses(Workload workload)
    {
        ArgumentNullException.ThrowIfNull(workload);
        if (workload.SourceProcessors is { } processors) yield return $"the size of the machine ({processors} processors; scale=fit then needs scale.source={processors})";
        if (workload.Header.Lines.Any(line => line.AsSpan().ContainsAnyExcept("; \t"))) yield return "the header";
        if (!workload.LeftOut.IsEmpty) yield return $"{workload.LeftOut.Length} rows that are no jobs";
    }

    private static DiagnosticException Fault(string name, long line, int column, string fault, Exception? cause) =>
        new(Diagnostic.Error("workload-json", $"{name}: line {line} is no job: {fault}") with
        {
            Where = new SourceRange(name, (int)Math.Min(line, int.MaxValue), column),
            Help = "each line is one job as JSON; 'regatta workload convert' writes such files",
        }, cause);
}

/// <summary>Jobs as JSON lines: camel case, what is not known left out, times as <c>hh:mm:ss.fffffff</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(Job))]
[JsonSerializable(typeof(JobLine))]
internal sealed partial class JobJson : JsonSerializerContext;
