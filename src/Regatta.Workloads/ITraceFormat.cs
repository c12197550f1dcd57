namespace Regatta.Workloads;

/// <summary>A file format of workloads. A new one is a class and an entry in <see cref="TraceFormats.All"/>.</summary>
public interface ITraceFormat
{
    /// <summary>What it is called, such as <c>SWF</c>.</summary>
    string Name { get; }

    /// <summary>The endings of its files, such as <c>.swf</c>; each also with <c>.gz</c> behind it.</summary>
    ImmutableArray<string> Extensions { get; }

    /// <summary>Whether workloads can be written in it.</summary>
    bool Writes => true;

    /// <summary>Whether a file is of this format whatever its ending says.</summary>
    /// <param name="head">The first bytes of the file, unpacked: some thousand, or all that there are.</param>
    bool Recognizes(ReadOnlySpan<byte> head) => false;

    /// <summary>Reads a workload; submit times stay as the file has them.</summary>
    /// <param name="stream">The file, plain or gzip; left open.</param>
    /// <param name="name">Name of the file, for diagnostics.</param>
    /// <param name="reading">How it is to be read.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="DiagnosticException">It cannot be read.</exception>
    Workload Read(Stream stream, string name, TraceReading reading, CancellationToken cancellationToken);

    /// <summary>Writes a workload, not compressed.</summary>
    void Write(Workload workload, Stream stream, CancellationToken cancellationToken);

    /// <summary>What of a workload it has no place for, each with a count where there is one; empty when it keeps everything.</summary>
    IEnumerable<string> Loses(Workload workload);
}

/// <summary>How a trace is to be read.</summary>
/// <param name="Mode">Whether what is not as the format wants it is repaired or refused.</param>
/// <param name="Zone">Time zone of a file whose times are those of a wall clock and name none; null when nobody said.</param>
public sealed record TraceReading(SwfMode Mode = SwfMode.Lenient, TimeZoneInfo? Zone = null);
