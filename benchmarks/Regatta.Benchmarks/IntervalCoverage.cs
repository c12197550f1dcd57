using Regatta.Analysis;

namespace Regatta.Benchmarks;

/// <summary>Prints the tables that intervals of few runs are chosen by, and that the program shows beside them.</summary>
internal static class IntervalCoverage
{
    private static readonly int[] Runs = [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40];

    public static void Run(string[] arguments)
    {
        var groups = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 10_000;
        var resamples = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 2_000;
        var simulation = new IntervalSimulation(groups, resamples);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"95 % intervals of the mean, {groups:#,0} groups of runs, {resamples:#,0} resamples; coverage in per cent (mean width in deviations of a run); standard error at 90 %: {100 * simulation.Error(0.9):0.00}"));
        foreach (var runs in RunDistribution.All)
        {
            Row(runs.Name, [.. IntervalSimulation.MeanIntervals]);
            foreach (var n in Runs)
                Row(n.ToString(CultureInfo.InvariantCulture), [.. simulation.Means(runs, n).Select(Cell)]);
        }
    }

    /// <summary>The intervals that the program shows, as rows of <see cref="SimulatedCoverage"/>.</summary>
    public static void Shown(string[] arguments)
    {
        var simulation = new IntervalSimulation(arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 10_000, 2_000);
        foreach (var estimate in Enum.GetValues<Estimate>())
        {
            Console.WriteLine($"Estimate.{estimate}");
            foreach (var n in estimate == Estimate.Mean ? Runs : [.. Runs.Where(n => n < SimulatedCoverage.ShownBelow && (n > 2 || estimate != Estimate.LaunchLaw))])
            {
                var shares = RunDistribution.All.Select(runs => simulation.Shown(estimate, runs, n).Coverage.ToString("0.000", CultureInfo.InvariantCulture));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"            new({n}, {string.Join(", ", shares)}),"));
                Console.Out.Flush();
            }
        }
    }

    private static string Cell(Covered c) => string.Create(CultureInfo.InvariantCulture, $"{100 * c.Coverage:0.0} ({(double.IsInfinity(c.Width) ? "inf" : c.Width.ToString("0.00", CultureInfo.InvariantCulture))})");

    private static void Row(string head, string[] cells)
    {
        Console.WriteLine($"| {head} | {string.Join(" | ", cells)} |");
        Console.Out.Flush();
    }
}
