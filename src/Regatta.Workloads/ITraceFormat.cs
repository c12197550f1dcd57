namespace Regatta.Workloads;

/// <summary>A file format of workloads. A new one is a class and an entry in <see cref="TraceFormats.All"/>.</summary>
public interface ITraceFormat
{
    /// <summary>What it is called, such as <c>SWF</c>.</summary>
    string Name { get; }

    /// <summary>The endings of its files, such as <c>.swf</c>; each also with <c>.gz</c> behind it.</summary>
    ImmutableArray<string> Extensions { get; }

    /// <summary>Reads a workload; submit times stay as the file has them.</summary>
    /// <param name="stream">The file, plain or gzip; left open.</param>
    /// <param name="name">Name of the file, for diagnostics.</param>
    /// <param name="mode">Whether what is not as the format wants it is repaired or refused.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="DiagnosticException">It cannot be read.</exception>
    Workload Read(Stream stream, string name, SwfMode mode, CancellationToken cancellationToken);

    /// <summary>Writes a workload, not compressed.</summary>
    void Write(Workload workload, Stream stream, CancellationToken cancellationToken);

    /// <summary>What of a workload it has no place for, each with a count where there is one; empty when it keeps everything.</summary>
    IEnumerable<string> Loses(Workload workload);
}
