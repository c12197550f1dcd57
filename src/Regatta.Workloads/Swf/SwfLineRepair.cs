using System.Text;

namespace Regatta.Workloads;

/// <summary>Looks closer at a line that is not 18 whole numbers: repairs it, or in strict mode throws with line and column.</summary>
internal sealed class SwfLineRepair(string source, SwfMode mode, SwfRepairs repairs)
{
    /// <summary>With fewer fields than these nothing can be said about a job: number, submit, wait, run time, processors.</summary>
    public const int LeastFields = 5;

    /// <summary>Counts a repair; in strict mode it is an error instead.</summary>
    public void Notice(SwfRepairKind kind, long line, int column, string fault, ReadOnlySpan<byte> text = default, int length = 0)
    {
        if (mode == SwfMode.Strict) throw Fault(kind, line, column, fault, text, length);
        repairs.Count(kind, line, column);
    }

    /// <summary>The record of a line; false when it cannot be read and is skipped.</summary>
    public bool Repair(ReadOnlySpan<byte> text, long line, in SwfLine parsed, out SwfRecord record)
    {
        Span<double> values = stackalloc double[SwfField.Count];
        values.Fill(-1);
        record = default;
        if (mode == SwfMode.Lenient && !Readable(text, parsed))
        {
            repairs.Count(SwfRepairKind.UnreadableLine, line, 1);
            return false;
        }

        var count = Math.Min(parsed.Fields, SwfField.Count);
        for (var field = 0; field < count; field++) values[field] = Field(text, line, parsed, field);
        if (parsed.Fields < SwfField.Count)
            Notice(SwfRepairKind.MissingFields, line, text.Length + 1, $"the line has {parsed.Fields} fields instead of 18", text);
        else if (parsed.Fields > SwfField.Count)
            Notice(SwfRepairKind.ExtraFields, line, SwfLine.Locate(text, SwfField.Count).Start + 1, "the line has more than 18 fields", text);
        record = Record(values, parsed);
        return true;
    }

    private static bool Readable(ReadOnlySpan<byte> text, in SwfLine parsed)
    {
        if (parsed.Fields < LeastFields) return false;
        for (var field = 0; field < 2; field++)
        {
            if ((parsed.Odd & 1u << field) == 0) continue;
            var (start, length) = SwfLine.Locate(text, field);
            if (!SwfLine.TryDecimal(text.Slice(start, length), out _)) return false;
        }

        return true;
    }

    private double Field(ReadOnlySpan<byte> text, long line, in SwfLine parsed, int field)
    {
        var bit = 1u << field;
        double value = parsed[field];
        if ((parsed.Odd & bit) != 0)
        {
            var (start, length) = SwfLine.Locate(text, field);
            var token = text.Slice(start, length);
            if (!SwfLine.TryDecimal(token, out value))
            {
                Notice(SwfRepairKind.NotANumber, line, start + 1, $"the {SwfField.Names[field]} is '{Show(token, 40)}', which is no number in range", text, length);
                return -1;
            }

            if ((SwfField.Times & bit) == 0)
            {
                Notice(SwfRepairKind.FractionalCount, line, start + 1, $"the {SwfField.Names[field]} is '{Show(token, 40)}', not a whole number", text, length);
                value = Math.Round(value, MidpointRounding.AwayFromZero);
            }
            else if (mode == SwfMode.Lenient && bit != SwfField.AverageCpuTime)
            {
                repairs.Count(SwfRepairKind.FractionalTime, line, start + 1);
            }
        }

        if (value < 0 && value != -1 && field != 1)
        {
            var (start, length) = SwfLine.Locate(text, field);
            Notice(SwfRepairKind.NegativeValue, line, start + 1, $"the {SwfField.Names[field]} is negative", text, length);
            return -1;
        }

        if ((SwfField.Small & bit) != 0 && value > int.MaxValue)
        {
            var (start, length) = SwfLine.Locate(text, field);
            Notice(SwfRepairKind.NotANumber, line, start + 1, $"the {SwfField.Names[field]} is out of range", text, length);
            return -1;
        }

        if (field == 10 && value > 5)
        {
            var (start, length) = SwfLine.Locate(text, field);
            Notice(SwfRepairKind.UnknownStatus, line, start + 1, $"the status is {Show(text.Slice(start, length), 20)}; the format knows -1 to 5", text, length);
            return -1;
        }

        return value;
    }

    /// <summary>Whole numbers are taken from the line itself: doubles hold them exactly only up to 2^53.</summary>
    private static SwfRecord Record(ReadOnlySpan<double> v, in SwfLine parsed)
    {
        long Whole(ReadOnlySpan<double> values, in SwfLine line, int field) =>
            field < line.Fields && (line.Odd & 1u << field) == 0 && values[field] >= 0 ? line[field] : (long)values[field];
        return new SwfRecord
        {
            JobNumber = Whole(v, parsed, 0), Submit = v[1], Wait = v[2], RunTime = v[3], AllocatedProcessors = Whole(v, parsed, 4),
            AverageCpuTime = v[5], UsedMemory = Whole(v, parsed, 6), RequestedProcessors = Whole(v, parsed, 7), RequestedTime = v[8],
            RequestedMemory = Whole(v, parsed, 9), Status = (int)v[10], User = (int)v[11], Group = (int)v[12], Executable = (int)v[13],
            Queue = (int)v[14], Partition = (int)v[15], PrecedingJob = Whole(v, parsed, 16), ThinkTime = v[17],
        };
    }

    private DiagnosticException Fault(SwfRepairKind kind, long line, int column, string fault, ReadOnlySpan<byte> text, int length)
    {
        var code = new SwfRepairs();
        code.Count(kind, line, column);
        return new DiagnosticException(Diagnostic.Error(code.Diagnostics(source)[0].Code, $"{source}: {fault}") with
        {
            Where = new SourceRange(source, (int)Math.Min(line, int.MaxValue), column, length),
            Excerpt = text.IsEmpty || text.Length > 160 ? null : Show(text, 160),
            Help = "read it in lenient mode (strict=false), which repairs such lines and counts the repairs",
        });
    }

    private static string Show(ReadOnlySpan<byte> text, int limit)
    {
        var shown = new StringBuilder();
        foreach (var b in text.Length > limit ? text[..limit] : text) shown.Append(b is >= 32 and < 127 ? (char)b : b == '\t' ? ' ' : '?');
        if (text.Length > limit) shown.Append('…');
        return shown.ToString();
    }
}
