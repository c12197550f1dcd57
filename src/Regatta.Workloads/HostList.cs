namespace Regatta.Workloads;

/// <summary>The notation of node names that Slurm and Flux share: <c>w[1-3,07],head</c>.</summary>
public static class HostList
{
    private const int Most = 100_000;

    /// <summary>
    /// The names that <paramref name="list"/> stands for; empty when it cannot be understood. A name with several brackets, such as <c>r[1-2]n[1-2]</c>, stands for every
    /// combination, the last number changing first, as Slurm writes machines of several dimensions.
    /// </summary>
    public static ImmutableArray<string> Expand(string list)
    {
        ArgumentNullException.ThrowIfNull(list);
        var names = ImmutableArray.CreateBuilder<string>();
        foreach (var part in Split(list))
        {
            if (part.Length == 0 || Combinations(part) is not { } combined || names.Count + combined.Count > Most) return [];
            names.AddRange(combined);
        }

        return names.ToImmutable();
    }

    /// <summary>The list of the nodes whose names are <paramref name="prefix"/> and a number in one of <paramref name="ranges"/>, each from its first number to its last, rising; at least one.</summary>
    public static string Of(string prefix, IEnumerable<(int First, int Last)> ranges)
    {
        var numbers = string.Join(',', ranges.Select(r => r.First == r.Last ? string.Create(CultureInfo.InvariantCulture, $"{r.First}") : string.Create(CultureInfo.InvariantCulture, $"{r.First}-{r.Last}")));
        return numbers.AsSpan().ContainsAny(',', '-') ? $"{prefix}[{numbers}]" : prefix + numbers;
    }

    /// <summary>Every name of one part of a list; null when its brackets cannot be understood or it stands for too many.</summary>
    private static List<string>? Combinations(string part)
    {
        List<string> heads = [""];
        var at = 0;
        while (part.IndexOf('[', at) is >= 0 and var open)
        {
            var close = part.IndexOf(']', open);
            if (close < 0 || Numbers(part[(open + 1)..close]) is not { } numbers || (long)heads.Count * numbers.Count > Most) return null;
            var before = part[at..open];
            heads = [.. heads.SelectMany(head => numbers.Select(number => head + before + number))];
            at = close + 1;
        }

        var rest = part[at..];
        return part.AsSpan(at).Contains(']') ? null : [.. heads.Select(head => head + rest)];
    }

    /// <summary>The numbers within a pair of brackets, as wide as their ranges write them; null when one is no number.</summary>
    private static List<string>? Numbers(string ranges)
    {
        var numbers = new List<string>();
        foreach (var range in ranges.Split(','))
        {
            var ends = range.Split('-');
            if (ends.Length > 2 || !Number(ends[0], out var first) || !Number(ends[^1], out var last) || last < first || last - first >= Most - numbers.Count) return null;
            for (var n = first; n <= last; n++) numbers.Add(n.ToString(CultureInfo.InvariantCulture).PadLeft(ends[0].Length, '0'));
        }

        return numbers;
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
