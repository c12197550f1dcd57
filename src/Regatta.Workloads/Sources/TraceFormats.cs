namespace Regatta.Workloads;

/// <summary>The formats that there are.</summary>
public static class TraceFormats
{
    private const string Packed = ".gz";

    /// <summary>All formats; the first is that of files whose ending says nothing.</summary>
    public static ImmutableArray<ITraceFormat> All { get; } = [new SwfFormat(), new JsonLinesFormat(), new SacctFormat(), new PbsFormat(), new BatsimFormat(), new EvalysFormat(), new GwfFormat(), new SeparatedSwfFormat()];

    /// <summary>The endings of files that can be written, as help texts list them.</summary>
    public static string Endings { get; } = List([.. All.Where(format => format.Writes).SelectMany(format => format.Extensions).SelectMany(e => new[] { e, e + Packed })]);

    /// <summary>What can be read, as help texts list it.</summary>
    public static string Readable { get; } = $"{Endings}, or the output of sacct -P or --json, an accounting log of PBS, a table of evalys, or a GWF trace";

    /// <summary>The format of a file by the ending of its name; null where that is the ending of none.</summary>
    internal static ITraceFormat? Named(string name) => All.FirstOrDefault(format => Ends(name, format));

    /// <summary>Whether a name ends as those of a format do.</summary>
    internal static bool Ends(string name, ITraceFormat format)
    {
        var plain = IsPacked(name) ? name[..^Packed.Length] : name;
        return format.Extensions.Any(e => plain.EndsWith(e, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The format that a file shows in its first bytes, else that of its ending, else the first.</summary>
    internal static ITraceFormat Of(string name, ReadOnlySpan<byte> head)
    {
        foreach (var format in All)
        {
            if (format.Recognizes(head)) return format;
        }

        return Named(name) ?? All[0];
    }

    internal static bool IsPacked(string name) => name.EndsWith(Packed, StringComparison.OrdinalIgnoreCase);

    private static string List(string[] names) => $"{string.Join(", ", names[..^1])} or {names[^1]}";
}
