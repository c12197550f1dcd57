namespace Regatta.Analysis;

/// <summary>Quantiles without sorting, for columns of many million numbers.</summary>
public static class OrderStatistics
{
    /// <summary>
    /// Quantiles by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996, the default of R and NumPy).
    /// </summary>
    /// <param name="values">The numbers, none NaN; put into another order.</param>
    /// <param name="probabilities">Rising, each from 0 to 1.</param>
    /// <returns>One quantile for each probability; NaN when there are no numbers.</returns>
    public static double[] Quantiles(Span<double> values, params ReadOnlySpan<double> probabilities)
    {
        var quantiles = new double[probabilities.Length];
        if (values.IsEmpty)
        {
            Array.Fill(quantiles, double.NaN);
            return quantiles;
        }

        var from = 0;
        for (var i = 0; i < probabilities.Length; i++)
        {
            var place = probabilities[i] * (values.Length - 1);
            var k = (int)Math.Floor(place);
            // Everything before an order statistic that was found is no larger than it, so later ones lie behind it.
            Select(values, from, k);
            from = k;
            var low = values[k];
            quantiles[i] = place > k ? low + ((place - k) * (Minimum(values[(k + 1)..]) - low)) : low;
        }

        return quantiles;
    }

    /// <summary>The median, leaving <paramref name="values"/> as they are; NaN when there are none.</summary>
    public static double Median(IEnumerable<double> values) => Quantiles(values.ToArray(), 0.5)[0];

    private static double Minimum(ReadOnlySpan<double> values)
    {
        var minimum = values[0];
        foreach (var value in values) minimum = Math.Min(minimum, value);
        return minimum;
    }

    // Hoare's selection with a pivot of three, as Wirth gave it.
    private static void Select(Span<double> a, int left, int k)
    {
        var right = a.Length - 1;
        while (left < right)
        {
            var middle = left + ((right - left) / 2);
            if (a[middle] < a[left]) (a[middle], a[left]) = (a[left], a[middle]);
            if (a[right] < a[left]) (a[right], a[left]) = (a[left], a[right]);
            if (a[right] < a[middle]) (a[right], a[middle]) = (a[middle], a[right]);
            var pivot = a[middle];
            var i = left;
            var j = right;
            do
            {
                while (a[i] < pivot) i++;
                while (pivot < a[j]) j--;
                if (i <= j)
                {
                    (a[i], a[j]) = (a[j], a[i]);
                    i++;
                    j--;
                }
            }
            while (i <= j);
            if (j < k) left = i;
            if (k < i) right = j;
        }
    }
}
