using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using Regatta.Diagnostics;

namespace Regatta.Workloads;

/// <summary>Workload files: SWF (<c>.swf</c>, <c>.swf.gz</c>), or JSON lines with everything a job has (<c>.jsonl</c>, <c>.jsonl.gz</c>).</summary>
public static class WorkloadFile
{
    /// <summary>Whether a file of this name holds JSON lines.</summary>
    public static bool IsJsonLines(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".jsonl.gz", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Reads a workload; what kind of file it is the name says.</summary>
    /// <exception cref="DiagnosticException">It cannot be read.</exception>
    public static Workload Read(Stream stream, string name, SwfMode mode = SwfMode.Lenient, CancellationToken cancellationToken = default)
    {
        if (IsJsonLines(name)) return ReadJsonLines(stream, name, cancellationToken);
        using var reader = new SwfReader(stream, name, mode, cancellationToken);
        return SwfJobs.Load(reader, name, cancellationToken);
    }

    /// <summary>Writes a workload; what kind of file it becomes the name says.</summary>
    /// <returns>A warning for what the format has no place for.</returns>
    public static IReadOnlyList<Diagnostic> Write(Workload workload, Stream stream, string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workload);
        var gzip = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        if (!IsJsonLines(name)) return SwfJobs.Write(workload, stream, gzip, cancellationToken);
        using var packed = gzip ? new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true) : null;
        foreach (var job in workload.Jobs)
        {
            cancellationToken.ThrowIfCancellationRequested();
            JsonSerializer.Serialize(packed ?? stream, job, JobJson.Default.Job);
            (packed ?? stream).WriteByte((byte)'\n');
        }

        return [];
    }

    private static Workload ReadJsonLines(Stream stream, string name, CancellationToken cancellationToken)
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
