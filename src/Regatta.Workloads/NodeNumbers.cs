namespace Regatta.Workloads;

/// <summary>Nodes by number, from 1 on.</summary>
/// <param name="Ranges">First and last number of each range, in order; empty for all nodes.</param>
public sealed record NodeNumbers(ImmutableArray<(int First, int Last)> Ranges)
{
    /// <summary>All nodes.</summary>
    public static NodeNumbers All { get; } = new(ImmutableArray<(int, int)>.Empty);

    /// <summary>Reads <c>all</c>, or ranges such as <c>1-2,4</c>; null when it is neither.</summary>
    public static NodeNumbers? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Trim().Equals("all", StringComparison.OrdinalIgnoreCase)) return All;
        var ranges = ImmutableArray.CreateBuilder<(int, int)>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var ends = part.Split('-', StringSplitOptions.TrimEntries);
            if (ends.Length > 2 || !Number(ends[0], out var first) || !Number(ends[^1], out var last) || first < 1 || last < first) return null;
            ranges.Add((first, last));
        }

        return new NodeNumbers(ranges.ToImmutable());
    }

    /// <summary>The names of the nodes among all.</summary>
    /// <param name="nodes">The names of all nodes, in order.</param>
    public ImmutableArray<string> Of(ImmutableArray<string> nodes) =>
        Ranges.IsEmpty ? nodes : [.. nodes.Where((_, place) => Holds(place))];

    /// <summary>Whether the node at a place, from 0 on, is one of them.</summary>
    public bool Holds(int place) => Ranges.IsEmpty || Ranges.Any(range => place + 1 >= range.First && place + 1 <= range.Last);

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => Ranges.IsEmpty ? "all" : string.Join(',', Ranges.Select(range => range.First == range.Last ? range.First.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{range.First}-{range.Last}")));

    private static bool Number(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
