using System.Buffers.Text;
using System.Runtime.CompilerServices;

namespace Regatta.Workloads;

/// <summary>
/// The fields of one line after one pass over its bytes. The pass keeps to whole numbers, which is what nearly every field is; whatever
/// else stands there is only marked, and looked at again where it is met.
/// </summary>
internal ref struct SwfLine
{
    private readonly Span<long> _values;

    private SwfLine(Span<long> values) => _values = values;

    /// <summary>Fields found, at most 19: the last stands for any number of extra ones.</summary>
    public int Fields;

    /// <summary>Fields that are not whole numbers of at most 18 digits.</summary>
    public uint Odd;

    /// <summary>Fields below -1.</summary>
    public uint Negative;

    public readonly long this[int field] => _values[field];

    /// <summary>True when the line is 18 fields of whole numbers, none below -1, small ones small, the status known.</summary>
    public readonly bool Plain => Fields == SwfField.Count && (Odd | Negative) == 0 && SmallFit;

    private readonly bool SmallFit
    {
        get
        {
            if ((ulong)(_values[10] + 1) > 6) return false;
            var all = _values[11] | _values[12] | _values[13] | _values[14] | _values[15];
            // -1 sets every bit: only look closer when a high bit is set.
            if ((ulong)all <= int.MaxValue) return true;
            for (var i = 11; i < 16; i++)
            {
                if (_values[i] != (int)_values[i]) return false;
            }

            return true;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsBlank(byte b) => b is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\v' or (byte)'\f';

    /// <summary>Reads the fields of a line. <paramref name="values"/> has room for 18.</summary>
    public static SwfLine Parse(ReadOnlySpan<byte> line, Span<long> values)
    {
        var parsed = new SwfLine(values);
        var i = 0;
        var field = 0;
        while (true)
        {
            while (i < line.Length && IsBlank(line[i])) i++;
            if (i == line.Length) break;
            if (field == SwfField.Count)
            {
                field++;
                break;
            }

            var start = i;
            var negative = line[i] == (byte)'-';
            if (negative) i++;
            var first = i;
            var value = 0L;
            while (i < line.Length)
            {
                var digit = (uint)(line[i] - '0');
                if (digit > 9) break;
                value = (value * 10) + digit;
                i++;
            }

            var digits = i - first;
            if (digits is 0 or > 18 || (i < line.Length && !IsBlank(line[i])))
            {
                parsed.Odd |= 1u << field;
                i = start;
                while (i < line.Length && !IsBlank(line[i])) i++;
            }
            else if (negative)
            {
                value = -value;
                if (value < -1) parsed.Negative |= 1u << field;
            }

            values[field++] = value;
        }

        parsed.Fields = field;
        return parsed;
    }

    /// <summary>Where a field stands in its line: first byte and length.</summary>
    public static (int Start, int Length) Locate(ReadOnlySpan<byte> line, int field)
    {
        var i = 0;
        for (var f = 0; ; f++)
        {
            while (i < line.Length && IsBlank(line[i])) i++;
            var start = i;
            while (i < line.Length && !IsBlank(line[i])) i++;
            if (f == field || start == line.Length) return (start, i - start);
        }
    }

    /// <summary>A decimal number, finite and below 2^53 in size.</summary>
    public static bool TryDecimal(ReadOnlySpan<byte> text, out double value)
    {
        if (text.Length > 0 && text[0] == (byte)'+') text = text[1..];
        return Utf8Parser.TryParse(text, out value, out var consumed) && consumed == text.Length && double.IsFinite(value)
            && Math.Abs(value) <= 1L << 53;
    }
}
