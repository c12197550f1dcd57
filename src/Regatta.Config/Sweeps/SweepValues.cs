using System.IO.Enumeration;
using System.Numerics;

namespace Regatta.Config;

/// <summary>Walks through the values of a sweep, one at a time.</summary>
public static class SweepValues
{
    /// <summary>The values of a sweep as texts that overrides can hold.</summary>
    /// <param name="entry">The override with the sweep.</param>
    /// <param name="optionsOf">The options of a group, for globs.</param>
    /// <exception cref="Regatta.Diagnostics.DiagnosticException">The sweep cannot be enumerated.</exception>
    public static IEnumerable<string> Texts(Override entry, Func<string, IReadOnlyList<string>> optionsOf)
    {
        switch (entry.Sweep)
        {
            case ChoiceSweep choice:
                if (choice.Values.Any(v => Holds(v, nested: true)))
                    throw ConfigFault.Error("nested-sweep", $"override '{entry.Text}': a sweep cannot hold another sweep", entry.Origin, "write all values in one sweep");
                return (choice.Shuffled ? new ChoiceOrder(choice.Values).Shuffled() : choice.Values).Select(OverrideText.Of);
            case RangeSweep range:
                CheckStep(entry, range);
                return range.Shuffled ? Shuffled(entry, range) : Range(range).Select(OverrideText.Of);
            case GlobSweep glob:
                return optionsOf(entry.Key).Where(o => Fits(o, glob));
            case IntervalSweep:
                throw ConfigFault.Error("sweep-type-unsupported", $"override '{entry.Text}': an interval has no values to go through", entry.Origin, "write range(start,stop,step) or a choice of values");
            default:
                return [OverrideText.Of(entry.Value)];
        }
    }

    /// <summary>How many values a sweep has; null when it never ends.</summary>
    /// <exception cref="Regatta.Diagnostics.DiagnosticException">The sweep cannot be enumerated.</exception>
    public static long? Count(Override entry, Func<string, IReadOnlyList<string>> optionsOf)
    {
        if (entry.Sweep is not RangeSweep range) return Texts(entry, optionsOf).LongCount();
        CheckStep(entry, range);
        if (!IsWhole(range))
        {
            var ends = double.IsFinite(OverrideCasts.ToDouble(range.Start)) && double.IsFinite(OverrideCasts.ToDouble(range.Stop)) && double.IsFinite(OverrideCasts.ToDouble(range.Step));
            if (!ends) return Range(range).Take(1).Any() ? null : 0;
            var estimate = (OverrideCasts.ToDouble(range.Stop) - OverrideCasts.ToDouble(range.Start)) / OverrideCasts.ToDouble(range.Step);
            return estimate > SweepPlan.Limit ? (long)Math.Min(estimate, long.MaxValue / 2) : Range(range).LongCount();
        }

        var (start, stop, step) = (OverrideCasts.Whole(range.Start), OverrideCasts.Whole(range.Stop), OverrideCasts.Whole(range.Step));
        var distance = step.Sign > 0 ? stop - start : start - stop;
        if (distance.Sign <= 0) return 0;
        var count = (distance + BigInteger.Abs(step) - 1) / BigInteger.Abs(step);
        return count > long.MaxValue ? null : (long)count;
    }

    private static bool IsWhole(RangeSweep range) => range is { Start: not double, Stop: not double, Step: not double };

    private static bool Holds(object? value, bool nested) => value switch
    {
        Sweep => nested,
        IReadOnlyList<object?> items => items.Any(i => Holds(i, true)),
        PlainMap map => map.Items.Any(i => Holds(i.Value, true)),
        _ => false,
    };

    private static void CheckStep(Override entry, RangeSweep range)
    {
        if (OverrideCasts.ToDouble(range.Step) == 0)
            throw ConfigFault.Error("range-step-zero", $"override '{entry.Text}': a range with step 0 never moves", entry.Origin, "give a step other than 0");
    }

    private static IEnumerable<string> Shuffled(Override entry, RangeSweep range)
    {
        var values = Range(range).Take(SweepPlan.Limit + 1).ToList();
        if (values.Count > SweepPlan.Limit)
            throw ConfigFault.Error("sweep-too-large", $"override '{entry.Text}': a range of more than {SweepPlan.Limit} values cannot be shuffled", entry.Origin);
        return new ChoiceOrder(values).Shuffled().Select(OverrideText.Of);
    }

    private static IEnumerable<object?> Range(RangeSweep range)
    {
        if (IsWhole(range))
        {
            var step = OverrideCasts.Whole(range.Step);
            var stop = OverrideCasts.Whole(range.Stop);
            for (var value = OverrideCasts.Whole(range.Start); step.Sign > 0 ? value < stop : value > stop; value += step)
                yield return PythonText.Normalize(value);
            yield break;
        }

        var (start, end, by) = (OverrideCasts.ToDouble(range.Start), OverrideCasts.ToDouble(range.Stop), OverrideCasts.ToDouble(range.Step));
        if (double.IsNaN(start) || double.IsNaN(end) || double.IsNaN(by)) yield break;
        if (!double.IsFinite(start) || !double.IsFinite(end) || !double.IsFinite(by))
        {
            for (var value = start; by > 0 ? value < end : value > end; value += by) yield return value;
            yield break;
        }

        var limit = DecimalNumber.Of(range.Stop);
        var distance = DecimalNumber.Of(range.Step);
        for (var value = DecimalNumber.Of(range.Start); distance.Sign > 0 ? value < limit : value > limit; value += distance)
            yield return value.ToDouble();
    }

    private static bool Fits(string option, GlobSweep glob) =>
        glob.Include.Any(p => FileNamePattern.Fits(option, p)) && !glob.Exclude.Any(p => FileNamePattern.Fits(option, p));
}

/// <summary>Patterns of file names: <c>*</c>, <c>?</c>, <c>[abc]</c>, <c>[!abc]</c>.</summary>
internal static class FileNamePattern
{
    public static bool Fits(string name, string pattern)
    {
        if (!pattern.Contains('[', StringComparison.Ordinal)) return !pattern.Contains('\\', StringComparison.Ordinal) && FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
        return Fits(name, 0, pattern, 0);
    }

    private static bool Fits(string name, int n, string pattern, int p)
    {
        while (p < pattern.Length)
        {
            switch (pattern[p])
            {
                case '*':
                    for (var rest = n; rest <= name.Length; rest++)
                    {
                        if (Fits(name, rest, pattern, p + 1)) return true;
                    }

                    return false;
                case '?':
                    if (n++ >= name.Length) return false;
                    p++;
                    break;
                case '[' when Set(pattern, p) is var close and > 0:
                    if (n >= name.Length || !InSet(pattern[(p + 1)..close], name[n++])) return false;
                    p = close + 1;
                    break;
                default:
                    if (n >= name.Length || name[n++] != pattern[p++]) return false;
                    break;
            }
        }

        return n == name.Length;
    }

    private static int Set(string pattern, int start)
    {
        var from = start + 1;
        if (from < pattern.Length && pattern[from] == '!') from++;
        if (from < pattern.Length && pattern[from] == ']') from++;
        return from >= pattern.Length ? -1 : pattern.IndexOf(']', from);
    }

    private static bool InSet(string set, char c)
    {
        var negated = set.StartsWith('!');
        if (negated) set = set[1..];
        var found = false;
        for (var i = 0; i < set.Length; i++)
        {
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                found |= c >= set[i] && c <= set[i + 2];
                i += 2;
            }
            else
            {
                found |= set[i] == c;
            }
        }

        return found != negated;
    }
}
