using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;
using Regatta.Analysis;

namespace Regatta.Benchmarks;

/// <summary>What one interval did over many simulated groups of runs.</summary>
/// <param name="Coverage">Share of the intervals that held the true value.</param>
/// <param name="Width">Their mean width over the standard deviation of a run; an interval without an end makes it infinite.</param>
/// <param name="Missing">Share of the groups that gave no interval; they count as not covered.</param>
internal readonly record struct Covered(double Coverage, double Width, double Missing);

/// <summary>A distribution of runs with what is known of it.</summary>
/// <param name="Name">Its name in tables.</param>
/// <param name="Mean">Its mean.</param>
/// <param name="Deviation">Its standard deviation.</param>
/// <param name="Draw">Draws one value.</param>
internal sealed record RunDistribution(string Name, double Mean, double Deviation, Func<Random, double> Draw)
{
    /// <summary>The distributions of the table, from none to much skew; all but the tail of the first and the last are positive.</summary>
    public static IReadOnlyList<RunDistribution> All { get; } =
    [
        new("normal", 10, 1, random => Normal.Sample(random, 10, 1)),
        new("log-normal 0.5", Math.Exp(0.125), LogDeviation(0.5), random => Math.Exp(Normal.Sample(random, 0, 0.5))),
        new("exponential", 1, 1, random => Exponential.Sample(random, 1)),
        new("log-normal 1", Math.Exp(0.5), LogDeviation(1), random => Math.Exp(Normal.Sample(random, 0, 1))),
        // A run in four meets another state: its values lie ten of the common state's deviations higher.
        new("two states", 12.5, Math.Sqrt(1 + (0.25 * 0.75 * 100)), random => Normal.Sample(random, random.NextDouble() < 0.25 ? 20 : 10, 1)),
    ];

    private static double LogDeviation(double sigma) => Math.Sqrt((Math.Exp(sigma * sigma) - 1) * Math.Exp(sigma * sigma));
}

/// <summary>
/// How often intervals hold what they are of, by simulation: runs are drawn from known distributions, the interval is made as the program makes it,
/// and whether it holds the true value is counted. The same arguments give the same numbers.
/// </summary>
/// <param name="groups">Groups of runs for each number.</param>
/// <param name="resamples">Resamples of each bootstrap.</param>
internal sealed class IntervalSimulation(int groups, int resamples)
{
    private const double Confidence = 0.95;
    private const int TruthDraws = 1_000_000;

    /// <summary>Intervals of the mean by name.</summary>
    public static IReadOnlyList<string> MeanIntervals { get; } =
        ["BCa", "percentile", "t", "Johnson t", "bootstrap-t", "percentile, t", "BCa, t", "log t (median)", "Cox"];

    /// <summary>The standard error of a coverage that was simulated.</summary>
    public double Error(double coverage) => Math.Sqrt(coverage * (1 - coverage) / groups);

    /// <summary>The intervals that <paramref name="interval"/> makes of <paramref name="n"/> runs.</summary>
    private Covered Of(RunDistribution runs, int n, double truth, Func<double[], int, Interval?> interval)
    {
        var random = Source(runs, n);
        var counted = new Count();
        var values = new double[n];
        for (var group = 0; group < groups; group++)
        {
            Draw(runs, random, values);
            counted.Add(interval(values, group) is { } i ? (i.Low, i.High) : null, truth);
        }

        return counted.Of(groups, runs.Deviation);
    }

    /// <summary>The intervals of the shift between two groups of <paramref name="n"/> runs, the second drawn with <paramref name="scale"/> times the first's values.</summary>
    private Covered OfShift(RunDistribution runs, int n, double scale, Func<double[], double[], Interval?> interval)
    {
        var random = Source(runs, n);
        double First() => runs.Draw(random);
        double Second() => scale * runs.Draw(random);
        var truth = scale == 1 ? 0 : Truth(new Xoshiro256StarStar(1, threadSafe: false), from => (scale * runs.Draw(from)) - runs.Draw(from));
        var counted = new Count();
        for (var group = 0; group < groups; group++)
        {
            double[] x = [.. Enumerable.Range(0, n).Select(_ => First())], y = [.. Enumerable.Range(0, n).Select(_ => Second())];
            counted.Add(interval(x, y) is { } i ? (i.Low, i.High) : null, truth);
        }

        return counted.Of(groups, runs.Deviation);
    }

    /// <summary>The pseudo-median: the median of the mean of two draws.</summary>
    private static double PseudoMedian(RunDistribution runs) => Truth(new Xoshiro256StarStar(1, threadSafe: false), random => (runs.Draw(random) + runs.Draw(random)) / 2);

    /// <summary>The interval that the program shows of <paramref name="n"/> runs, with the number of resamples of this simulation.</summary>
    public Covered Shown(Estimate estimate, RunDistribution runs, int n)
    {
        switch (estimate)
        {
            case Estimate.Mean:
                return Of(runs, n, runs.Mean, (values, group) => MeanInterval.Of(values, Confidence, resamples, group));
            case Estimate.PairedShift:
                return Of(runs, n, PseudoMedian(runs), (values, _) => WilcoxonSignedRank.ShiftInterval(values, Confidence));
            case Estimate.Shift:
                var (alike, wider) = (OfShift(runs, n, 1, Shift), OfShift(runs, n, 2, Shift));
                return alike.Coverage < wider.Coverage ? alike : wider;
            default:
                return OfLaw(runs, n);
        }

        static Interval? Shift(double[] x, double[] y) => HodgesLehmann.ShiftInterval(x, y, Confidence);
    }

    // Fans of 4, 8, 16 and 32 tasks a processor in turn, whose overhead varies by a fifth; what is covered is the exponent, 1.
    private Covered OfLaw(RunDistribution runs, int n) => Of(runs, n, 1, (values, _) => LaunchLatencyFit.Of(
        [.. values.Select((v, i) => new LaunchPoint(4 << (i % 4), 0.1 * (4 << (i % 4)) * Math.Exp(0.2 * (v - runs.Mean) / runs.Deviation)))], Confidence)?.ExponentInterval);

    /// <summary>Every interval of <see cref="MeanIntervals"/> over the same groups of <paramref name="n"/> runs.</summary>
    public Covered[] Means(RunDistribution runs, int n)
    {
        var random = Source(runs, n);
        var counts = MeanIntervals.Select(_ => new Count()).ToArray();
        var values = new double[n];
        var resampled = new Resampled(n, resamples);
        for (var group = 0; group < groups; group++)
        {
            Draw(runs, random, values);
            var bca = Bootstrap.Mean(values, Confidence, resamples, group);
            counts[0].Add(bca is { } i ? (i.Low, i.High) : null, runs.Mean);
            var sample = new Moments(values);
            var t = StudentT.InvCDF(0, 1, n - 1, (1 + Confidence) / 2);
            counts[2].Add((sample.Mean - (t * sample.Error), sample.Mean + (t * sample.Error)), runs.Mean);
            var skew = sample.Variance > 0 ? sample.Third / (6 * sample.Variance * n) : 0;
            counts[3].Add((sample.Mean + skew - (t * sample.Error), sample.Mean + skew + (t * sample.Error)), runs.Mean);
            // The normal quantile that Student's with the sample's own deviation would be: Hesterberg, The American Statistician 2015, section 4.
            var expanded = Normal.CDF(0, 1, -Math.Sqrt(n / (n - 1.0)) * t);
            resampled.Draw(values, sample, group);
            counts[1].Add(resampled.Percentile((1 - Confidence) / 2), runs.Mean);
            counts[4].Add(resampled.Studentised(sample, (1 - Confidence) / 2), runs.Mean);
            counts[5].Add(resampled.Percentile(expanded), runs.Mean);
            var wide = Bootstrap.Mean(values, 1 - (2 * expanded), resamples, group);
            counts[6].Add(wide is { } w ? (w.Low, w.High) : null, runs.Mean);
            Logarithms(runs, values, t, counts[7], counts[8]);
        }

        return [.. counts.Select(c => c.Of(groups, runs.Deviation))];
    }

    // Of logarithms, Student's interval is one of the geometric mean, which is the median of log-normal runs; Cox's (Olsson, Journal of Statistics Education 2005) one of their mean.
    private static void Logarithms(RunDistribution runs, double[] values, double t, Count geometric, Count cox)
    {
        if (values.Any(v => v <= 0))
        {
            geometric.Add(null, runs.Mean);
            cox.Add(null, runs.Mean);
            return;
        }

        var n = values.Length;
        var logs = new Moments([.. values.Select(v => Math.Log(v))]);
        geometric.Add((Math.Exp(logs.Mean - (t * logs.Error)), Math.Exp(logs.Mean + (t * logs.Error))), runs.Mean);
        var centre = logs.Mean + (logs.Variance / 2);
        var reach = t * Math.Sqrt((logs.Variance / n) + (logs.Variance * logs.Variance / (2.0 * (n - 1))));
        cox.Add((Math.Exp(centre - reach), Math.Exp(centre + reach)), runs.Mean);
    }

    private static Xoshiro256StarStar Source(RunDistribution runs, int n) => new((1000 * n) + RunDistribution.All.TakeWhile(d => d.Name != runs.Name).Count(), threadSafe: false);

    private static void Draw(RunDistribution runs, Random random, double[] values)
    {
        for (var i = 0; i < values.Length; i++) values[i] = runs.Draw(random);
    }

    private static double Truth(Random random, Func<Random, double> draw)
    {
        var draws = new double[TruthDraws];
        for (var i = 0; i < draws.Length; i++) draws[i] = draw(random);
        return OrderStatistics.Quantiles(draws, 0.5)[0];
    }

    private sealed class Count
    {
        private int _held;
        private int _missing;
        private double _width;

        public void Add((double Low, double High)? interval, double truth)
        {
            if (interval is not { } i)
            {
                _missing++;
                return;
            }

            if (i.Low <= truth && truth <= i.High) _held++;
            _width += i.High - i.Low;
        }

        public Covered Of(int groups, double deviation) => new((double)_held / groups, _width / Math.Max(1, groups - _missing) / deviation, (double)_missing / groups);
    }

    private readonly struct Moments
    {
        public Moments(ReadOnlySpan<double> values)
        {
            foreach (var value in values) Mean += value / values.Length;
            foreach (var value in values)
            {
                Variance += Math.Pow(value - Mean, 2) / (values.Length - 1);
                Third += Math.Pow(value - Mean, 3) / values.Length;
            }

            Error = Math.Sqrt(Variance / values.Length);
        }

        public double Mean { get; }

        public double Variance { get; }

        public double Third { get; }

        public double Error { get; }
    }

    /// <summary>Resamples' means, and their distances from the sample's mean in their own standard errors.</summary>
    private sealed class Resampled(int n, int resamples)
    {
        private readonly double[] _means = new double[resamples];
        private readonly double[] _distances = new double[resamples];

        public void Draw(double[] values, Moments sample, int seed)
        {
            var random = new Xoshiro256StarStar(seed, threadSafe: false);
            for (var b = 0; b < resamples; b++)
            {
                double sum = 0, squares = 0;
                for (var i = 0; i < n; i++)
                {
                    var deviation = values[random.Next(n)] - sample.Mean;
                    sum += deviation;
                    squares += deviation * deviation;
                }

                var shift = sum / n;
                var error = Math.Sqrt(Math.Max(0, (squares - (sum * shift)) / (n - 1.0) / n));
                _means[b] = sample.Mean + shift;
                // A resample of one value over and over is as far away as can be.
                _distances[b] = error > 1e-9 * sample.Error ? shift / error : shift == 0 ? 0 : double.PositiveInfinity * Math.Sign(shift);
            }

            Array.Sort(_means);
            Array.Sort(_distances);
        }

        public (double Low, double High)? Percentile(double tail) => (At(_means, tail), At(_means, 1 - tail));

        public (double Low, double High)? Studentised(Moments sample, double tail) =>
            (sample.Mean - (At(_distances, 1 - tail) * sample.Error), sample.Mean - (At(_distances, tail) * sample.Error));

        private static double At(double[] sorted, double probability) => sorted[(int)Math.Round(probability * (sorted.Length - 1))];
    }
}
