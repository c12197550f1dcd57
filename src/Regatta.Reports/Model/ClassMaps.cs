using System.Collections.Immutable;
using System.Globalization;
using Regatta.Analysis;

namespace Regatta.Reports.Model;

/// <summary>Means by size class and run-time class, all valid repetitions of a point together.</summary>
internal static class ClassMaps
{
    public static ImmutableArray<HeatMap> Of(ImmutableArray<string> points, IReadOnlyList<RacedTrial> trials, MeasureSettings settings)
    {
        var compared = trials.Where(t => t.Standing != TrialStanding.Invalid).ToList();
        var maps = ImmutableArray.CreateBuilder<HeatMap>();
        foreach (var (family, title, unit) in new[] { ("wait", "Mean wait", Unit.Seconds), ("bounded-slowdown", "Mean bounded slowdown", Unit.Ratio) })
        {
            foreach (var point in points)
            {
                if (Map(point, family, title, unit, [.. compared.Where(t => t.Trial.Record.Point == point).Select(t => t.Trial)], settings) is { } map) maps.Add(map);
            }
        }

        // Classes without a job at any point would only make the tables wider.
        var columns = Enumerable.Range(0, settings.RunTimeClasses.Length + 1).Where(c => maps.Any(m => m.Rows.Any(r => r.Cells[c].Jobs > 0))).ToList();
        var rows = Enumerable.Range(0, settings.SizeClasses.Length + 1).Where(r => maps.Any(m => m.Rows[r].Cells.Any(c => c.Jobs > 0))).ToList();
        return [.. maps.Select(m => m with
        {
            Columns = [.. columns.Select(c => m.Columns[c])],
            Rows = [.. rows.Select(r => m.Rows[r] with { Cells = [.. columns.Select(c => m.Rows[r].Cells[c])] })],
        })];
    }

    private static HeatMap? Map(string point, string family, string title, Unit unit, List<Trial> trials, MeasureSettings settings)
    {
        if (trials.Count == 0) return null;
        var sums = new double[settings.SizeClasses.Length + 1, settings.RunTimeClasses.Length + 1];
        var counts = new int[settings.SizeClasses.Length + 1, settings.RunTimeClasses.Length + 1];
        foreach (var trial in trials)
        {
            var cut = Cut.Of(trial.Jobs, settings);
            var column = JobColumns.Column(family, trial.Jobs, settings);
            for (var row = 0; row < trial.Jobs.Count; row++)
            {
                if (!cut.Holds(trial.Jobs, row) || column(row) is var value && double.IsNaN(value)) continue;
                var (size, time) = (Class(settings.SizeClasses, (double)trial.Jobs.Processors[row] / trial.Record.Processors), Class([.. settings.RunTimeClasses.Select(t => t.TotalSeconds)], trial.Jobs.RunTime[row] / 1e6));
                sums[size, time] += column(row);
                counts[size, time]++;
            }
        }

        var processors = trials[0].Record.Processors;
        return new HeatMap(
            point,
            title,
            unit,
            [.. Enumerable.Range(0, settings.RunTimeClasses.Length + 1).Select(c => Name(c, settings.RunTimeClasses.Length, i => Quantity.Seconds(settings.RunTimeClasses[i].TotalSeconds)))],
            [.. Enumerable.Range(0, settings.SizeClasses.Length + 1).Select(r => new HeatRow(
                Sizes(r, settings.SizeClasses, processors),
                [.. Enumerable.Range(0, settings.RunTimeClasses.Length + 1).Select(c => new HeatCell(counts[r, c] == 0 ? null : sums[r, c] / counts[r, c], counts[r, c]))]))]);
    }

    private static int Class(ImmutableArray<double> ends, double value)
    {
        for (var i = 0; i < ends.Length; i++)
        {
            if (value <= ends[i]) return i;
        }

        return ends.Length;
    }

    private static string Name(int index, int last, Func<int, string> end) => index < last ? $"up to {end(index)}" : $"over {end(last - 1)}";

    // In processors rather than shares: that is what users ask for.
    private static string Sizes(int index, ImmutableArray<double> ends, int processors)
    {
        int End(int i) => (int)Math.Floor(ends[i] * processors);
        var (low, high) = (index == 0 ? 1 : End(index - 1) + 1, index < ends.Length ? End(index) : processors);
        if (high < low) return string.Create(CultureInfo.InvariantCulture, $"up to {ends[Math.Min(index, ends.Length - 1)]:P0} of the machine");
        return low == high ? Quantity.Count(low, "processor") : string.Create(CultureInfo.InvariantCulture, $"{low}–{high} processors");
    }
}
