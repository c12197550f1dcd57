using System.Collections.Immutable;
using System.Globalization;

namespace Regatta.Workloads;

/// <summary>The notation of node names that Slurm and Flux share: <c>w[1-3,07],head</c>.</summary>
public static class HostList
{
    private const int Most = 100_000;

    /// <summary>The names that <paramref name="list"/> stands for; empty when it cannot be understood.</summary>
    public static ImmutableArray<string> Expand(string list)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        foreach (var part in Split(list))
        {
            var open = part.IndexOf('[', StringComparison.Ordinal);
            if (open < 0)
            {
                if (part.Length == 0) return [];
                names.Add(part);
                continue;
            }

            var close = part.IndexOf(']', open);
            if (close < 0 || part.IndexOf('[', close) >= 0) return [];
            foreach (var range in part[(open + 1)..close].Split(','))
            {
                var ends = range.Split('-');
                if (ends.Length > 2 || !Number(ends[0], out var first) || !Number(ends[^1], out var last) || last < first || last - first > Most) return [];
                for (var n = first; n <= last; n++)
                    names.Add(part[..open] + n.ToString(CultureInfo.InvariantCulture).PadLeft(ends[0].Length, '0') + part[(close + 1)..]);
            }
        }

        return names.ToImmutable();
    }

    /// <summary>The list of the nodes whose names are <paramref name="prefix"/> and a number in one of <paramref name="ranges"/>, each from its first number to its last, rising; at least one.</summary>
    public static string Of(string prefix, IEnumerable<(int First, int Last)> ranges)
    {
        var numbers = string.Join(',', ranges.Select(r => r.First == r.Last ? string.Create(CultureInfo.InvariantCulture, $"{r.First}") : string.Create(CultureInfo.InvariantCulture, $"{r.First}-{r.Last}")));
        return numbers.AsSpan().ContainsAny(',', '-') ? $"{prefix}[{numbers}]" : prefix + numbers;
    }

    private static IEnumerable<string> Split(string list)
    {
        int depth = 0, from = 0;
        for (var i = 0; i < list.Length; i++)
        {
            if (list[i] == '[') depth++;
            else if (list[i] == ']') depth--;
            else if (list[i] == ',' && depth == 0)
            {
                yield return list[from..i];
                from = i + 1;
            }
        }

        yield return list[from..];
    }

    private static bool Number(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
