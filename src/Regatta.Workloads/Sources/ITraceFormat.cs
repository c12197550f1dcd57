using System.Collections.Immutable;
using Regatta.Diagnostics;

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

/// <summary>The formats that there are.</summary>
public static class TraceFormats
{
    private const string Packed = ".gz";

    /// <summary>All formats; the first is that of files whose ending says nothing.</summary>
    public static ImmutableArray<ITraceFormat> All { get; } = [new SwfFormat(), new JsonLinesFormat()];

    /// <summary>The endings of files, as help texts list them.</summary>
    public static string Endings { get; } = List([.. All.SelectMany(format => format.Extensions).SelectMany(e => new[] { e, e + Packed })]);

    /// <summary>The format of a file by the ending of its name.</summary>
    public static ITraceFormat Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var plain = IsPacked(name) ? name[..^Packed.Length] : name;
        return All.FirstOrDefault(format => format.Extensions.Any(e => plain.EndsWith(e, StringComparison.OrdinalIgnoreCase))) ?? All[0];
    }

    internal static bool IsPacked(string name) => name.EndsWith(Packed, StringComparison.OrdinalIgnoreCase);

    private static string List(string[] names) => $"{string.Join(", ", names[..^1])} or {names[^1]}";
}
