namespace Regatta.Workloads;

/// <summary>The gamma distribution's cumulative probability.</summary>
internal static class GammaDistribution
{
    /// <summary>
    /// Probability of at most <paramref name="x"/>: the regularised lower incomplete gamma function, by its series below shape + 1 and its continued
    /// fraction above (Abramowitz and Stegun, 6.5.29 and 6.5.31), to about 1e-12.
    /// </summary>
    public static double Cumulative(double x, double shape, double scale)
    {
        x /= scale;
        if (x <= 0) return 0;
        var front = Math.Exp((shape * Math.Log(x)) - x - LogGamma(shape));
        if (x < shape + 1)
        {
            double term = 1 / shape, sum = term;
            for (var n = 1; n < 10_000 && term > sum * 1e-15; n++)
            {
                term *= x / (shape + n);
                sum += term;
            }

            return sum * front;
        }

        // Lentz's way to evaluate a continued fraction.
        const double Tiny = 1e-300;
        double b = x + 1 - shape, c = 1 / Tiny, d = 1 / b, h = d;
        for (var i = 1; i < 10_000; i++)
        {
            var a = -i * (i - shape);
            b += 2;
            d = 1 / NotZero((a * d) + b);
            c = NotZero(b + (a / c));
            var change = d * c;
            h *= change;
            if (Math.Abs(change - 1) < 1e-15) break;
        }

        return 1 - (front * h);

        static double NotZero(double value) => Math.Abs(value) < Tiny ? Tiny : value;
    }

    /// <summary>Logarithm of the gamma function by Stirling's series (Abramowitz and Stegun, 6.1.41), its argument raised above 10 first.</summary>
    internal static double LogGamma(double x)
    {
        var shift = 0.0;
        for (; x < 10; x++) shift -= Math.Log(x);
        var r = 1 / (x * x);
        var series = (1.0 / 12) - (r * ((1.0 / 360) - (r * ((1.0 / 1260) - (r * ((1.0 / 1680) - (r * (1.0 / 1188))))))));
        return shift + ((x - 0.5) * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI)) + (series / x);
    }
}
