namespace Regatta.Analysis;

/// <summary>Ranks, with ties sharing their mean rank.</summary>
internal static class Ranks
{
    /// <summary>Twice the midranks of <paramref name="values"/>, which are whole numbers even for ties.</summary>
    public static int[] Doubled(ReadOnlySpan<double> values)
    {
        var keys = values.ToArray();
        var places = new int[keys.Length];
        for (var i = 0; i < places.Length; i++) places[i] = i;
        Array.Sort(keys, places);
        var ranks = new int[keys.Length];
        for (int i = 0, j; i < keys.Length; i = j)
        {
            j = i + 1;
            while (j < keys.Length && keys[j] == keys[i]) j++;
            for (var k = i; k < j; k++) ranks[places[k]] = i + 1 + j;
        }

        return ranks;
    }

    /// <summary>The sum of <c>t^3 - t</c> over groups of <c>t</c> tied values.</summary>
    public static double TieTerm(IEnumerable<int> ranks) =>
        ranks.GroupBy(r => r).Sum(g => Math.Pow(g.Count(), 3) - g.Count());
}
