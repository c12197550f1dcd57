using System.Numerics;

namespace Regatta.Config;

/// <summary>The casts of the override grammar, on scalars, lists, mappings and sweeps, and the arithmetic of ranges.</summary>
internal static class OverrideCasts
{
    public static object? Int(object? value) => Through(value, Int) ?? value switch
    {
        bool flag => flag ? 1L : 0L,
        long or BigInteger => value,
        double number when double.IsFinite(number) => PythonText.Normalize(new BigInteger(Math.Truncate(number))),
        string text when PythonText.TryInt(text, out var number) => number,
        _ => throw Fault(value, "int"),
    };

    public static object? Float(object? value) => Through(value, Float) ?? value switch
    {
        bool flag => flag ? 1.0 : 0.0,
        long number => (double)number,
        BigInteger number => (double)number,
        double => value,
        string text when PythonText.TryFloat(text, out var number) => number,
        _ => throw Fault(value, "float"),
    };

    public static object? Text(object? value)
    {
        if (value is RangeSweep) throw new OverrideFunctionException("a range can only be cast to int or float");
        if (value is IntervalSweep) throw new OverrideFunctionException("an interval cannot be cast to str");
        return Through(value, Text) ?? value switch
        {
            bool flag => flag ? "true" : "false",
            long or BigInteger or double or string => PythonText.Str(value),
            _ => throw Fault(value, "str"),
        };
    }

    public static object? Bool(object? value)
    {
        if (value is RangeSweep) throw new OverrideFunctionException("a range can only be cast to int or float");
        if (value is IntervalSweep) throw new OverrideFunctionException("an interval cannot be cast to bool");
        return Through(value, Bool) ?? value switch
        {
            null => false,
            bool => value,
            long number => number != 0,
            BigInteger number => !number.IsZero,
            double number => number != 0,
            string text when text.Equals("true", StringComparison.OrdinalIgnoreCase) => true,
            string text when text.Equals("false", StringComparison.OrdinalIgnoreCase) => false,
            _ => throw Fault(value, "bool"),
        };
    }

    public static List<object?> Sorted(IReadOnlyList<object?> values, bool reverse)
    {
        var plain = values.Select(Override.Unquoted).ToList();
        var texts = plain.TrueForAll(v => v is string);
        var numbers = plain.TrueForAll(v => v is long or BigInteger or double or bool);
        var lists = plain.TrueForAll(v => v is IReadOnlyList<object?> items && items.All(i => i is long or BigInteger or double or bool));
        if (!texts && !numbers && !lists) throw new OverrideFunctionException("only numbers among themselves, or texts among themselves, can be sorted");
        var comparer = Comparer<object?>.Create(Compare);
        return (reverse ? values.OrderDescending(Comparer<object?>.Create((a, b) => comparer.Compare(Override.Unquoted(a), Override.Unquoted(b))))
            : values.Order(Comparer<object?>.Create((a, b) => comparer.Compare(Override.Unquoted(a), Override.Unquoted(b))))).ToList();
    }

    public static int Compare(object? a, object? b)
    {
        if (a is string left && b is string right) return ComparePoints(left, right);
        if (a is IReadOnlyList<object?> first && b is IReadOnlyList<object?> second)
        {
            for (var i = 0; i < first.Count && i < second.Count; i++)
            {
                if (Compare(first[i], second[i]) is var order and not 0) return order;
            }

            return first.Count.CompareTo(second.Count);
        }

        if (a is double || b is double) return ToDouble(a).CompareTo(ToDouble(b));
        return Whole(a).CompareTo(Whole(b));
    }

    public static object Add(object a, object b) => a is double || b is double ? ToDouble(a) + ToDouble(b) : PythonText.Normalize(Whole(a) + Whole(b));

    public static object Subtract(object a, object b) => a is double || b is double ? ToDouble(a) - ToDouble(b) : PythonText.Normalize(Whole(a) - Whole(b));

    public static object Negate(object a) => a is double number ? -number : PythonText.Normalize(-Whole(a));

    public static object Abs(object a) => a is double number ? Math.Abs(number) : PythonText.Normalize(BigInteger.Abs(Whole(a)));

    public static double ToDouble(object? value) => value switch
    {
        double number => number,
        long number => number,
        bool flag => flag ? 1 : 0,
        BigInteger number => (double)number,
        _ => double.NaN,
    };

    public static BigInteger Whole(object? value) => value switch
    {
        long number => number,
        bool flag => flag ? 1 : 0,
        BigInteger number => number,
        _ => BigInteger.Zero,
    };

    private static int ComparePoints(string a, string b)
    {
        using var left = a.EnumerateRunes().GetEnumerator();
        using var right = b.EnumerateRunes().GetEnumerator();
        while (true)
        {
            var more = left.MoveNext();
            if (!right.MoveNext()) return more ? 1 : 0;
            if (!more) return -1;
            var order = left.Current.CompareTo(right.Current);
            if (order != 0) return order;
        }
    }

    // Applies a cast inside of what holds values; null for a scalar.
    private static object? Through(object? value, Func<object?, object?> cast)
    {
        switch (value)
        {
            case QuotedText quoted:
                return cast(quoted.Text);
            case IReadOnlyList<object?> items:
                return items.Select(cast).ToList();
            case PlainMap map:
                var result = new PlainMap();
                foreach (var (key, item) in map.Items) result.Set(key, cast(item));
                return result;
            case ChoiceSweep choice:
                return new ChoiceSweep(choice.Values.Select(cast).ToList(), choice.IsSimple);
            case RangeSweep range:
                return new RangeSweep(cast(range.Start)!, cast(range.Stop)!, cast(range.Step)!);
            case IntervalSweep interval:
                return new IntervalSweep(cast(interval.Start)!, cast(interval.End)!) { Tags = interval.Tags };
            default:
                return null;
        }
    }

    private static OverrideFunctionException Fault(object? value, string type) => new($"{Conversion.Describe(value)} cannot be cast to {type}");
}
