using System.Text.Json;

namespace Regatta.Workloads;

/// <summary>The accounting of Slurm as <c>sacct -P</c>, <c>sacct -p</c> and <c>sacct --json</c> print it; read only.</summary>
public sealed class SacctFormat : ITraceFormat
{
    /// <inheritdoc/>
    public string Name => "sacct";

    /// <inheritdoc/>
    public ImmutableArray<string> Extensions => [".sacct"];

    /// <inheritdoc/>
    public bool Writes => false;

    /// <summary>Whether a file begins with names of sacct's columns, or as its JSON does.</summary>
    public bool Recognizes(ReadOnlySpan<byte> head)
    {
        head = head.TrimStart("\uFEFF"u8);
        if (IsJson(head)) return head.IndexOf("\"meta\""u8) >= 0 && head.IndexOf("lurm"u8) >= 0 || head.IndexOf("\"jobs\""u8) >= 0 && head.IndexOf("\"account\""u8) >= 0;
        var end = head.IndexOf((byte)'\n');
        return SacctHeader.Parse(end < 0 ? head : head[..end]) is not null;
    }

    /// <inheritdoc/>
    public Workload Read(Stream stream, string name, TraceReading reading, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(reading);
        var clock = new SacctClock(reading.Zone);
        var jobs = new AccountedJobs(name, SacctFaults.Source);
        var head = new HeadStream(stream);
        if (IsJson(head.Text.AsSpan().TrimStart("\uFEFF"u8))) ReadJson(head.Unpacked(), name, reading.Mode, jobs, cancellationToken);
        else ReadText(head, name, reading.Mode, clock, jobs, cancellationToken);
        return jobs.Workload(clock, reading.Zone);
    }

    /// <inheritdoc/>
    /// <exception cref="DiagnosticException">Always: sacct has its data from Slurm's database.</exception>
    public void Write(Workload workload, Stream stream, CancellationToken cancellationToken) => throw SacctFaults.Source.Written();

    /// <inheritdoc/>
    public IEnumerable<string> Loses(Workload workload) => ["everything"];

    private static bool IsJson(ReadOnlySpan<byte> head) => head.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];

    private static void ReadText(Stream stream, string name, SwfMode mode, SacctClock clock, AccountedJobs jobs, CancellationToken cancellationToken)
    {
        using var lines = new SwfLineSource(stream, name);
        if (!lines.Read(out var first, out _, out _, cancellationToken) || SacctHeader.Parse(first) is not { } header) throw SacctFaults.Columns(name, ["its line of column names"]);
        if (header.Missing().ToList() is { Count: > 0 } missing) throw SacctFaults.Columns(name, missing);
        var text = new SacctText(header, clock, jobs);
        while (lines.Read(out var line, out _, out var tooLong, cancellationToken))
        {
            if (!tooLong && (line.Trim(" \r\t"u8).IsEmpty || text.Take(line))) continue;
            if (mode == SwfMode.Strict) throw SacctFaults.Source.Row(name, lines.Line);
            jobs.Unreadable(lines.Line);
        }
    }

    private static void ReadJson(Stream stream, string name, SwfMode mode, AccountedJobs jobs, CancellationToken cancellationToken)
    {
        var reader = new SacctJson(jobs);
        var number = 0L;
        try
        {
            foreach (var job in new JsonItems(stream, "jobs").All(cancellationToken))
            {
                number++;
                if (reader.Take(job)) continue;
                if (mode == SwfMode.Strict) throw SacctFaults.Json(name, $"job {number} of its list cannot be read");
                jobs.Unreadable(number);
            }
        }
        catch (JsonException e)
        {
            throw SacctFaults.Json(name, e.Message, e);
        }
        catch (InvalidOperationException e)
        {
            // What the reader says of an escape for half a character.
            throw SacctFaults.Json(name, $"job {number + 1} of its list holds text that is no UTF-16", e);
        }
        catch (InvalidDataException e)
        {
            throw SacctFaults.Json(name, "the compressed data are damaged or cut off", e);
        }
    }
}
