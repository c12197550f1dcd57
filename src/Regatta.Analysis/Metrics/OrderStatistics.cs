namespace Regatta.Analysis;

/// <summary>Quantiles without sorting, for columns of many million numbers.</summary>
public static class OrderStatistics
{
    /// <summary>Sign, exponent and the first five bits of the fraction: what the histogram counts numbers by.</summary>
    private const int BucketBits = 17;

    /// <summary>For fewer numbers the histogram costs more than it saves.</summary>
    private const int SmallestHistogram = 1 << 16;

    /// <summary>
    /// Quantiles by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996, the default of R and NumPy).
    /// </summary>
    /// <param name="values">The numbers, none NaN; they may be put into another order.</param>
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

        if (values.Length < SmallestHistogram)
        {
            Select(values, values.Length, probabilities, new int[probabilities.Length], quantiles);
            return quantiles;
        }

        var below = new int[probabilities.Length];
        using var rented = Narrow(values, probabilities, below);
        Select(rented.Items, values.Length, probabilities, below, quantiles);
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

    /// <summary>Quantiles of <paramref name="count"/> numbers of which <paramref name="values"/> are enough: <paramref name="below"/> says how many that are not there lie under each.</summary>
    private static void Select(Span<double> values, int count, ReadOnlySpan<double> probabilities, ReadOnlySpan<int> below, Span<double> quantiles)
    {
        var from = 0;
        for (var i = 0; i < probabilities.Length; i++)
        {
            var place = probabilities[i] * (count - 1);
            var k = (int)Math.Floor(place);
            var own = k - below[i];
            // Everything before an order statistic that was found is no larger than it, so later ones lie behind it.
            Select(values, from, own);
            from = own;
            var low = values[own];
            quantiles[i] = place > k ? low + ((place - k) * (Minimum(values[(own + 1)..]) - low)) : low;
        }
    }

    /// <summary>
    /// Of many numbers the few that quantiles can lie between. One pass counts them by their leading bits, which rise with them; a second one takes those of the buckets in which
    /// an order statistic is that is asked for, or the one above it.
    /// </summary>
    private static Rented<double> Narrow(ReadOnlySpan<double> values, ReadOnlySpan<double> probabilities, Span<int> below)
    {
        var counts = new int[1 << BucketBits];
        foreach (var value in values) counts[Bucket(value)]++;
        var taken = new bool[1 << BucketBits];
        int bucket = 0, before = 0, left = 0;
        for (var i = 0; i < probabilities.Length; i++)
        {
            var k = (int)Math.Floor(probabilities[i] * (values.Length - 1));
            for (; before + counts[bucket] <= k; bucket++)
            {
                before += counts[bucket];
                if (!taken[bucket]) left += counts[bucket];
            }

            taken[bucket] = true;
            below[i] = left;
            if (k + 1 == values.Length || k + 1 < before + counts[bucket]) continue;
            var above = bucket + 1;
            while (counts[above] == 0) above++;
            taken[above] = true;
        }

        var count = 0;
        for (var i = 0; i < counts.Length; i++) count += taken[i] ? counts[i] : 0;
        var narrow = new Rented<double>(count);
        var numbers = narrow.Items;
        var n = 0;
        foreach (var value in values)
        {
            if (taken[Bucket(value)]) numbers[n++] = value;
        }

        return narrow;
    }

    private static int Bucket(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        return (int)((ulong)(bits ^ ((bits >> 63) | long.MinValue)) >> (64 - BucketBits));
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
