namespace Regatta.Analysis;

/// <summary>What an interval is of.</summary>
public enum Estimate
{
    /// <summary>The mean over runs: <see cref="MeanInterval"/>.</summary>
    Mean,

    /// <summary>The Hodges–Lehmann shift of paired runs: <see cref="WilcoxonSignedRank.ShiftInterval"/>.</summary>
    PairedShift,

    /// <summary>The Hodges–Lehmann shift between two groups of runs: <see cref="HodgesLehmann.ShiftInterval"/>.</summary>
    Shift,

    /// <summary>The exponent of the launch-latency law: <see cref="LaunchLatencyFit"/>.</summary>
    LaunchLaw,
}

/// <summary>
/// How often intervals that ask for 95 % held the true value in a simulation, by the distribution of the runs (shares from 0 to 1). The numbers are those of
/// <c>dotnet run -c Release --project benchmarks/Regatta.Benchmarks -- intervals-shown 5000</c>: 5,000 groups of runs each, so that the standard error of a share of 0.9 is 0.004.
/// </summary>
/// <param name="Runs">How many runs, pairs, runs of the smaller group or points of a law.</param>
/// <param name="Normal">Normal runs.</param>
/// <param name="LogNormal">Log-normal runs with a sigma of 0.5: skewness 1.75.</param>
/// <param name="Exponential">Exponential runs: skewness 2.</param>
/// <param name="LogNormalWide">Log-normal runs with a sigma of 1: skewness 6.2.</param>
/// <param name="TwoStates">Runs of which one in four meets another state, ten deviations higher.</param>
public sealed partial record SimulatedCoverage(int Runs, double Normal, double LogNormal, double Exponential, double LogNormalWide, double TwoStates)
{
    /// <summary>From so many runs on, intervals are shown without it.</summary>
    public const int ShownBelow = 10;

    private const double Asked = 0.95;

    /// <summary>The share of the distribution that intervals cover worst.</summary>
    public double Lowest => new[] { Normal, LogNormal, Exponential, LogNormalWide, TwoStates }.Min();

    /// <summary>The share of the distribution that intervals cover best.</summary>
    public double Highest => new[] { Normal, LogNormal, Exponential, LogNormalWide, TwoStates }.Max();

    /// <summary>From the lowest to the highest, such as <c>77 to 95 %</c>.</summary>
    public string Range()
    {
        var (low, high) = (Percent(Lowest), Percent(Highest));
        return low == high ? $"{low} %" : $"{low} to {high} %";
    }

    /// <summary>In words, such as <c>95 % of normal, 89 % of exponential and 77 % of two-state runs</c>.</summary>
    public string Words() => $"{Percent(Normal)} % for normal runs, {Percent(Exponential)} % for exponential ones, {Percent(LogNormalWide)} % for log-normal ones (sigma 1) and {Percent(TwoStates)} % where one run in four meets another state";

    /// <summary>The coverage to show beside an interval; null from <see cref="ShownBelow"/> runs on, and for a confidence that was not simulated.</summary>
    public static SimulatedCoverage? Of(Estimate estimate, int runs, double confidence) =>
        confidence != Asked || runs >= ShownBelow ? null : Table(estimate).FirstOrDefault(c => c.Runs == runs);

    /// <summary>The fewest runs from which on, as far as was simulated, at least <paramref name="share"/> of the intervals of a mean hold it; null when no number of runs that was simulated is enough.</summary>
    /// <param name="share">From 0 to 1.</param>
    /// <param name="of">The distribution, or the worst of several.</param>
    public static int? RunsFor(double share, Func<SimulatedCoverage, double> of) =>
        Table(Estimate.Mean).Reverse().TakeWhile(c => of(c) >= share).LastOrDefault()?.Runs;

    private static string Percent(double share) => Math.Round(share * 100, MidpointRounding.AwayFromZero).ToString("0", CultureInfo.InvariantCulture);
}
