using System.Globalization;
using Regatta.Analysis;

namespace Regatta.Benchmarks;

/// <summary>Prints the tables that intervals of few runs are chosen by, and that the program shows beside them.</summary>
internal static class IntervalCoverage
{
    private static readonly int[] s_runs = [2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20, 30];

    public static void Run(string[] arguments)
    {
        var groups = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 10_000;
        var resamples = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 2_000;
        var simulation = new IntervalSimulation(groups, resamples);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"95 % intervals of the mean, {groups:#,0} groups of runs, {resamples:#,0} resamples; coverage in per cent (mean width in deviations of a run); standard error at 90 %: {100 * simulation.Error(0.9):0.00}"));
        foreach (var runs in RunDistribution.All)
        {
            Row(runs.Name, [.. IntervalSimulation.MeanIntervals]);
            foreach (var n in s_runs)
                Row(n.ToString(CultureInfo.InvariantCulture), [.. simulation.Means(runs, n).Select(Cell)]);
        }

        foreach (var (title, of) in Shifts(simulation))
        {
            Row(title, [.. RunDistribution.All.Select(r => r.Name)]);
            foreach (var n in s_runs) Row(n.ToString(CultureInfo.InvariantCulture), [.. RunDistribution.All.Select(runs => Cell(of(runs, n)))]);
        }
    }

    private static IEnumerable<(string Title, Func<RunDistribution, int, Covered> Of)> Shifts(IntervalSimulation simulation)
    {
        yield return ("signed-rank", (runs, n) => simulation.Of(runs, n, IntervalSimulation.PseudoMedian(runs), (values, _) => WilcoxonSignedRank.ShiftInterval(values)));
        yield return ("rank-sum", (runs, n) => simulation.OfShift(runs, n, 1, (x, y) => HodgesLehmann.ShiftInterval(x, y)));
        yield return ("rank-sum, spread x 2", (runs, n) => simulation.OfShift(runs, n, 2, (x, y) => HodgesLehmann.ShiftInterval(x, y)));
    }

    private static string Cell(Covered c) => string.Create(CultureInfo.InvariantCulture, $"{100 * c.Coverage:0.0} ({(double.IsInfinity(c.Width) ? "inf" : c.Width.ToString("0.00", CultureInfo.InvariantCulture))})");

    private static void Row(string head, string[] cells)
    {
        Console.WriteLine($"| {head} | {string.Join(" | ", cells)} |");
        Console.Out.Flush();
    }
}
