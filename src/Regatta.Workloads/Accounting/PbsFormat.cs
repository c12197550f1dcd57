namespace Regatta.Workloads;

/// <summary>The accounting logs of PBS Professional, OpenPBS and Torque: a line a record, <c>time;kind;job;key=value …</c>; the records of ends (<c>E</c>) are read.</summary>
public sealed class PbsFormat : ITraceFormat
{
    private static readonly AccountedSource Source = new(
        "an accounting log of PBS", "a PBS cluster", "a record of an end is MM/DD/YYYY HH:MM:SS;E;JOB;key=value …, with ctime, start and end in seconds",
        "a job must have ended: only records of kind E say how long it ran");

    /// <inheritdoc/>
    public string Name => "PBS accounting";

    /// <inheritdoc/>
    public ImmutableArray<string> Extensions => [".pbs"];

    /// <inheritdoc/>
    public bool Writes => false;

    /// <summary>Whether the first line is a record: a date, a time, one capital letter and a job.</summary>
    public bool Recognizes(ReadOnlySpan<byte> head)
    {
        var end = head.IndexOf((byte)'\n');
        return PbsRecord.Kind(end < 0 ? head : head[..end]) != '\0';
    }

    /// <inheritdoc/>
    public Workload Read(Stream stream, string name, TraceReading reading, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reading);
        var jobs = new AccountedJobs(name, Source);
        using var lines = new SwfLineSource(stream, name);
        while (lines.Read(out var line, out _, out var tooLong, cancellationToken))
        {
            line = line.TrimEnd(" \r\t"u8);
            if (!tooLong && (line.IsEmpty || Take(line, jobs))) continue;
            if (reading.Mode == SwfMode.Strict) throw Source.Row(name, lines.Line);
            jobs.Unreadable(lines.Line);
        }

        return jobs.Workload();
    }

    /// <inheritdoc/>
    /// <exception cref="DiagnosticException">Always: PBS writes its log itself.</exception>
    public void Write(Workload workload, Stream stream, CancellationToken cancellationToken) => throw Source.Written();

    /// <inheritdoc/>
    public IEnumerable<string> Loses(Workload workload) => ["everything"];

    private static bool Take(ReadOnlySpan<byte> line, AccountedJobs jobs)
    {
        var kind = PbsRecord.Kind(line);
        if (kind == '\0') return false;
        // What else happened to a job: queued, started, deleted, reserved and so on.
        if (kind != 'E') return true;
        if (PbsRecord.Read(line, jobs) is not { } row) return false;
        jobs.Add(row);
        return true;
    }
}
