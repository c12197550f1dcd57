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
    /// <exception cref="ArgumentException">More than sixty probabilities.</exception>
    /// <param name="probabilities">Rising, each from 0 to 1.</param>
    /// <returns>One quantile for each probability; NaN when there are no numbers.</returns>
    public static double[] Quantiles(Span<double> values, params ReadOnlySpan<double> probabilities)
    {
        if (probabilities.Length > 60) throw new ArgumentException("more than sixty probabilities", nameof(probabilities));
        var quantiles = new double[probabilities.Length];
        if (values.IsEmpty)
        {
            Array.Fill(quantiles, double.NaN);
            return quantiles;
        }

        if (values.Length >= SmallestHistogram) ByHistogram(values, probabilities, quantiles);
        else BySelection(values, probabilities, quantiles);
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

    private static void BySelection(Span<double> values, ReadOnlySpan<double> probabilities, double[] quantiles)
    {
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
    }

    // One pass counts numbers by their leading bits, which rise with them; a second one gathers the few among which an order statistic is.
    private static void ByHistogram(ReadOnlySpan<double> values, ReadOnlySpan<double> probabilities, double[] quantiles)
    {
        var counts = new int[1 << BucketBits];
        foreach (var value in values) counts[Bucket(value)]++;
        var wanted = new SortedSet<int>();
        foreach (var probability in probabilities)
        {
            var k = (int)Math.Floor(probability * (values.Length - 1));
            wanted.Add(k);
            wanted.Add(Math.Min(k + 1, values.Length - 1));
        }

        var regions = Regions(values, counts, wanted);
        var found = new Dictionary<int, double>();
        foreach (var (first, rented) in regions)
        {
            using var owned = rented;
            var region = owned.Items;
            var from = 0;
            foreach (var k in wanted.GetViewBetween(first, first + region.Length - 1))
            {
                Select(region, from, k - first);
                from = k - first;
                found.Add(k, region[from]);
            }
        }

        for (var i = 0; i < probabilities.Length; i++)
        {
            var place = probabilities[i] * (values.Length - 1);
            var k = (int)Math.Floor(place);
            var low = found[k];
            quantiles[i] = place > k ? low + ((place - k) * (found[k + 1] - low)) : low;
        }
    }

    /// <summary>The numbers of each bucket that holds a wanted order statistic, with the rank of its smallest.</summary>
    private static List<(int First, Rented<double> Numbers)> Regions(ReadOnlySpan<double> values, int[] counts, SortedSet<int> wanted)
    {
        var regions = new List<(int First, Rented<double> Numbers)>();
        var regionOf = new sbyte[1 << BucketBits];
        int bucket = 0, before = 0;
        foreach (var k in wanted)
        {
            while (before + counts[bucket] <= k) before += counts[bucket++];
            if (regionOf[bucket] != 0) continue;
            regions.Add((before, new Rented<double>(counts[bucket])));
            regionOf[bucket] = (sbyte)regions.Count;
        }

        var filled = new int[regions.Count];
        foreach (var value in values)
        {
            var region = regionOf[Bucket(value)] - 1;
            if (region >= 0) regions[region].Numbers.Items[filled[region]++] = value;
        }

        return regions;
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
