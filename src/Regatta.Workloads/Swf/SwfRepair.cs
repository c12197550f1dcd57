namespace Regatta.Workloads;

/// <summary>What a lenient reader found and mended, or only noticed.</summary>
public enum SwfRepairKind
{
    /// <summary>No header comment stands before the first job. Nothing is changed.</summary>
    NoHeader,

    /// <summary>The file begins with a byte order mark, which is skipped.</summary>
    ByteOrderMark,

    /// <summary>Lines end with carriage return and line feed. The carriage return is dropped.</summary>
    CarriageReturn,

    /// <summary>The last line has no end, and as many fields as others. It is kept.</summary>
    NoFinalNewline,

    /// <summary>The last line has no end and fewer fields than every other: the file was cut off. The line is dropped.</summary>
    TruncatedLine,

    /// <summary>An empty line, skipped.</summary>
    BlankLine,

    /// <summary>A comment after the first job, dropped.</summary>
    CommentInBody,

    /// <summary>A line longer than the limit, skipped.</summary>
    LongLine,

    /// <summary>A line whose job number or submit time cannot be read, skipped.</summary>
    UnreadableLine,

    /// <summary>Fewer than 18 fields; the rest counts as unknown.</summary>
    MissingFields,

    /// <summary>More than 18 fields; the rest is dropped.</summary>
    ExtraFields,

    /// <summary>A field that is no number, or one out of range; it counts as unknown.</summary>
    NotANumber,

    /// <summary>A negative number other than -1; it counts as unknown.</summary>
    NegativeValue,

    /// <summary>A time with a fraction of a second, which the format allows; kept exactly, and only noticed because some programs read whole numbers.</summary>
    FractionalTime,

    /// <summary>A count with a fraction; rounded to the nearest whole number.</summary>
    FractionalCount,

    /// <summary>A submit time before that of an earlier line. The line is kept where it stands; jobs are sorted when they are loaded.</summary>
    Unsorted,

    /// <summary>A job number that is not above the one before. The line is kept; a number used twice is replaced when jobs are loaded.</summary>
    NumberNotAscending,

    /// <summary>A gap in the job numbers. Nothing is changed.</summary>
    SparseNumber,

    /// <summary>A status that the format does not know; it counts as unknown.</summary>
    UnknownStatus,
}

/// <summary>How often something was repaired.</summary>
/// <param name="Kind">What.</param>
/// <param name="Count">How often, at least 1.</param>
/// <param name="FirstLine">Line of the first, from 1.</param>
/// <param name="FirstColumn">Column of the first, from 1; 0 when it concerns the line.</param>
public sealed record SwfRepair(SwfRepairKind Kind, long Count, long FirstLine, int FirstColumn);

/// <summary>Counts of everything that a lenient reader repaired or noticed.</summary>
public sealed class SwfRepairs
{
    private readonly long[] _counts = new long[Enum.GetValues<SwfRepairKind>().Length];
    private readonly (long Line, int Column)[] _first = new (long, int)[Enum.GetValues<SwfRepairKind>().Length];

    /// <summary>True when the file was as the format wants it.</summary>
    public bool None => _counts.All(count => count == 0);

    /// <summary>How often this kind was met.</summary>
    public long this[SwfRepairKind kind] => _counts[(int)kind];

    /// <summary>Every kind that was met, in the order of <see cref="SwfRepairKind"/>.</summary>
    public ImmutableArray<SwfRepair> All =>
        [.. Enum.GetValues<SwfRepairKind>().Where(kind => _counts[(int)kind] > 0)
            .Select(kind => new SwfRepair(kind, _counts[(int)kind], _first[(int)kind].Line, _first[(int)kind].Column))];

    /// <summary>One diagnostic a kind: a warning where something was dropped or changed, a hint where it was only noticed. Fractions of seconds are kept, and the format allows them: nothing to say.</summary>
    /// <param name="source">Name of the file, for people.</param>
    public ImmutableArray<Diagnostic> Diagnostics(string source) => [.. All.Where(repair => repair.Kind != SwfRepairKind.FractionalTime).Select(repair => Describe(repair, source))];

    internal void Count(SwfRepairKind kind, long line, int column = 0)
    {
        if (_counts[(int)kind]++ == 0) _first[(int)kind] = (line, column);
    }

    private static Diagnostic Describe(SwfRepair repair, string source)
    {
        var n = repair.Count;
        string Times(string one, string many) => n == 1 ? $"1 {one}" : $"{n.ToString(CultureInfo.InvariantCulture)} {many}";
        var (code, text, harmless) = repair.Kind switch
        {
            SwfRepairKind.NoHeader => ("no-header", "no header comment stands before the first job", true),
            SwfRepairKind.ByteOrderMark => ("byte-order-mark", "the byte order mark at the start was skipped", true),
            SwfRepairKind.CarriageReturn => ("carriage-return", $"{Times("line ends", "lines end")} with CR LF: read as LF", true),
            SwfRepairKind.NoFinalNewline => ("no-final-newline", "the last line has no line end; it was kept, and is not whole if the file was cut off in its last number", true),
            SwfRepairKind.TruncatedLine => ("truncated-line", "the last line is cut off and was dropped: the file is not complete", false),
            SwfRepairKind.BlankLine => ("blank-line", $"{Times("empty line was", "empty lines were")} skipped", true),
            SwfRepairKind.CommentInBody => ("comment-in-body", $"{Times("comment", "comments")} after the first job dropped", true),
            SwfRepairKind.LongLine => ("long-line", $"{Times("overlong line was", "overlong lines were")} skipped", false),
            SwfRepairKind.UnreadableLine => ("unreadable-line", $"{Times("line", "lines")} without a readable job number and submit time skipped", false),
            SwfRepairKind.MissingFields => ("missing-fields", $"{Times("line has", "lines have")} fewer than 18 fields: the rest counts as unknown", false),
            SwfRepairKind.ExtraFields => ("extra-fields", $"{Times("line has", "lines have")} more than 18 fields: the rest was dropped", false),
            SwfRepairKind.NotANumber => ("not-a-number", $"{Times("field is", "fields are")} no number or out of range: taken as unknown", false),
            SwfRepairKind.NegativeValue => ("negative-value", $"{Times("field is", "fields are")} negative but not -1: taken as unknown", false),
            SwfRepairKind.FractionalCount => ("fractional-count", $"{Times("count has", "counts have")} a fraction: rounded", false),
            SwfRepairKind.Unsorted => ("unsorted", $"{Times("job stands", "jobs stand")} after one that was submitted later: sorted by submit time when loaded", false),
            SwfRepairKind.NumberNotAscending => ("number-order", $"{Times("job number is", "job numbers are")} not above the one before", false),
            SwfRepairKind.SparseNumber => ("sparse-number", $"{Times("gap", "gaps")} in the job numbers", true),
            SwfRepairKind.UnknownStatus => ("unknown-status", $"{Times("status is", "statuses are")} not one of the format: taken as unknown", false),
            _ => throw new ArgumentOutOfRangeException(nameof(repair)),
        };
        return new Diagnostic(harmless ? Severity.Hint : Severity.Warning, $"swf-{code}", $"{source}: {text}")
        {
            Where = new SourceRange(source, (int)Math.Min(repair.FirstLine, int.MaxValue), repair.FirstColumn),
        };
    }
}
