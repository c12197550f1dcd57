using System.IO.Compression;

namespace Regatta.Workloads;

/// <summary>Workload files of every format in <see cref="TraceFormats"/>, plain or gzip; the ending of the name says which, or what the file begins with.</summary>
public static class WorkloadFile
{
    /// <summary>No log's first job comes more than three years after the log's start: such times count from 1970.</summary>
    internal static readonly TimeSpan SinceEpoch = TimeSpan.FromSeconds(100_000_000);

    /// <summary>Reads a workload. Submit times that count from 1970 are made to count from the first row, which is said.</summary>
    /// <exception cref="DiagnosticException">It cannot be read.</exception>
    public static Workload Read(Stream stream, string name, SwfMode mode = SwfMode.Lenient, CancellationToken cancellationToken = default) =>
        Read(stream, name, new TraceReading(mode), cancellationToken);

    /// <summary>Reads a workload. Submit times that count from 1970 are made to count from the first row, which is said.</summary>
    /// <exception cref="DiagnosticException">It cannot be read.</exception>
    public static Workload Read(Stream stream, string name, TraceReading reading, CancellationToken cancellationToken = default)
    {
        var head = new HeadStream(stream);
        FileKinds.Check(head.Text, name);
        return FromFirstRow(TraceFormats.Of(name, head.Text).Read(head, name, reading, cancellationToken));
    }

    /// <summary>Reads a workload to say what it looks like: an SWF file that can be read twice without keeping its jobs, every other as <see cref="Read(Stream, string, TraceReading, CancellationToken)"/> does.</summary>
    /// <param name="stream">The file, plain or gzip; left open.</param>
    /// <param name="name">Name of the file.</param>
    /// <param name="reading">How it is to be read.</param>
    /// <param name="processors">Processors to count load for; null takes the workload's own machine, or its largest job.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The summary of the workload, and its <see cref="Workload.Diagnostics"/>.</returns>
    /// <exception cref="DiagnosticException">It cannot be read.</exception>
    public static (WorkloadSummary Summary, ImmutableArray<Diagnostic> Diagnostics) Summarise(Stream stream, string name, TraceReading reading, int? processors = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(reading);
        if (stream.CanSeek)
        {
            var begin = stream.Position;
            var head = new HeadStream(stream);
            FileKinds.Check(head.Text, name);
            if (TraceFormats.Of(name, head.Text) is SwfFormat)
            {
                using var reader = new SwfReader(head, name, reading.Mode, cancellationToken);
                if (SwfSummary.Of(reader, name, processors, cancellationToken) is { } found) return found;
            }

            stream.Position = begin;
        }

        var workload = Read(stream, name, reading, cancellationToken);
        return (WorkloadSummary.Of(workload, processors), workload.Diagnostics);
    }

    /// <summary>Writes a workload.</summary>
    /// <returns>A warning for what the format has no place for.</returns>
    /// <exception cref="DiagnosticException">The ending of the name is that of no format, or of one that is only read.</exception>
    public static IReadOnlyList<Diagnostic> Write(Workload workload, Stream stream, string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(name);
        var format = TraceFormats.Named(name)
            ?? throw new DiagnosticException(Diagnostic.Error("trace-ending", $"the ending of {name} is that of no format of workloads") with { Help = $"name a file that ends in {TraceFormats.Endings}" });
        using (var packed = TraceFormats.IsPacked(name) ? new GZipStream(stream, CompressionLevel.Optimal, leaveOpen: true) : null)
            format.Write(workload, packed ?? stream, cancellationToken);

        var lost = format.Loses(workload).ToImmutableArray();
        if (lost.IsEmpty) return [];
        // One that keeps everything; to write what was read from such a file into one again is no advice.
        var better = TraceFormats.All.FirstOrDefault(other => other.Writes && !other.Loses(workload).Any() && !TraceFormats.Ends(workload.Name, other));
        return
        [
            Diagnostic.Warning("trace-loses", $"{name}: {format.Name} has no place for: {string.Join(", ", lost)}") with
            {
                Help = better is null ? null : $"write a file ending in {better.Extensions[0]} to keep everything",
            },
        ];
    }

    private static Workload FromFirstRow(Workload workload)
    {
        var first = workload.LeftOut.IsEmpty ? workload.Jobs[0].Submit.TotalSeconds : Math.Min(workload.Jobs[0].Submit.TotalSeconds, workload.LeftOut[0].Submit);
        if (first < SinceEpoch.TotalSeconds) return workload;
        var origin = TimeSpan.FromSeconds(Math.Floor(first));
        var header = workload.Header.With("UnixStartTime", origin.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        return (workload.StartingAt(origin) with { Header = header }).Note("",
            Diagnostic.Hint("workload-epoch", string.Create(CultureInfo.InvariantCulture,
                $"{workload.Name}: submit times count from 1970; they now count from the first one, {DateTimeOffset.UnixEpoch + origin:yyyy-MM-dd HH:mm:ss} UTC, {origin.TotalSeconds:#,0} s earlier")));
    }
}
