using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>The rate at which a latency of clients passes a bound, over points that differ in it.</summary>
/// <param name="Kind">What the clients do.</param>
/// <param name="Within">The highest rate, calls a second, at which the latency is within the bound; null where the lowest rate is beyond it.</param>
/// <param name="Beyond">The lowest rate above it at which the latency is beyond the bound; null where the highest rate is within it.</param>
/// <param name="Rate">The rate in between at which it passes the bound, by interpolation of logarithms; null where one of the two is missing.</param>
public sealed record ClientKnee(ClientKind Kind, double? Within, double? Beyond, double? Rate)
{
    /// <summary>The knee of latencies that were measured at several rates.</summary>
    /// <param name="kind">What the clients do.</param>
    /// <param name="measured">Rates, above 0, and the latency at each, in seconds; at least one.</param>
    /// <param name="bound">The bound, seconds, above 0.</param>
    public static ClientKnee Of(ClientKind kind, IEnumerable<(double Rate, double Latency)> measured, double bound)
    {
        var ordered = measured.OrderBy(m => m.Rate).ToList();
        var first = ordered.FindIndex(m => m.Latency > bound);
        if (first < 0) return new ClientKnee(kind, ordered[^1].Rate, null, null);
        if (first == 0) return new ClientKnee(kind, null, ordered[0].Rate, null);
        var (below, above) = (ordered[first - 1], ordered[first]);
        var share = below.Latency > 0 ? Math.Log(bound / below.Latency) / Math.Log(above.Latency / below.Latency) : 1;
        return new ClientKnee(kind, below.Rate, above.Rate, below.Rate * Math.Pow(above.Rate / below.Rate, share));
    }
}
