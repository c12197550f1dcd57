namespace Regatta.Analysis;

/// <summary>Sizes of effects, and corrections for many tests.</summary>
public static class EffectSize
{
    /// <summary>Cliff's delta, <c>P(x &gt; y) - P(x &lt; y)</c>, from -1 to 1; NaN when a group is empty. Cliff 1993.</summary>
    public static double CliffsDelta(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        long more = 0, less = 0;
        foreach (var a in x)
        {
            foreach (var b in y)
            {
                if (a > b) more++;
                else if (a < b) less++;
            }
        }

        return (double)(more - less) / ((long)x.Length * y.Length);
    }

    /// <summary>The size of a Cliff's delta in words, by the bounds of Romano et al. 2006: 0.147, 0.33, 0.474.</summary>
    public static string Words(double delta) => Math.Abs(delta) switch
    {
        < 0.147 => "negligible",
        < 0.33 => "small",
        < 0.474 => "medium",
        _ => "large",
    };

    /// <summary>The p-values adjusted for their number, in the order given: Holm, Scandinavian Journal of Statistics 1979.</summary>
    public static double[] Holm(ReadOnlySpan<double> p)
    {
        var order = new int[p.Length];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        Array.Sort(p.ToArray(), order);
        var adjusted = new double[p.Length];
        double floor = 0;
        for (var i = 0; i < order.Length; i++)
        {
            floor = Math.Max(floor, Math.Min(1, (p.Length - i) * p[order[i]]));
            adjusted[order[i]] = floor;
        }

        return adjusted;
    }
}
