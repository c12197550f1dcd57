using Regatta.Analysis;

namespace Regatta.Reports.Model;

/// <summary>Means by size class and run-time class, all valid repetitions of a point together.</summary>
internal static class ClassMaps
{
    // Bounds that people count in.
    private static readonly double[] Bounds =
        [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 86_400, 172_800];

    public static ImmutableArray<HeatMap> Of(ImmutableArray<string> points, IReadOnlyList<RacedTrial> trials, MeasureSettings settings)
    {
        var groups = points.ToDictionary(
            p => p,
            p => trials.Where(t => t.Standing != TrialStanding.Invalid && t.Trial.Record.Point == p).SelectMany(t => JobGroups.BySizeAndRunTime(t.Trial, settings)).ToLookup(g => g.Key),
            StringComparer.Ordinal);
        var width = settings.RunTimeClasses.Length + 1;
        // Classes without a job at any point would only make the tables wider.
        var keys = groups.Values.SelectMany(g => g.Select(k => k.Key)).Distinct().ToList();
        var (sizes, times) = (keys.Select(k => k / width).Distinct().Order().ToList(), keys.Select(k => k % width).Distinct().Order().ToList());
        var processors = trials[0].Measured.Record.Processors;
        var maps = ImmutableArray.CreateBuilder<HeatMap>();
        foreach (var (title, unit, of) in new (string, Unit, Func<JobGroup, Distribution>)[] { ("Mean wait", Unit.Seconds, g => g.Wait), ("Mean bounded slowdown", Unit.Ratio, g => g.BoundedSlowdown) })
        {
            foreach (var point in points.Where(p => groups[p].Count > 0))
            {
                maps.Add(new HeatMap(
                    point,
                    title,
                    unit,
                    [.. times.Select(t => JobGroups.RunTimeName(settings, t))],
                    [.. sizes.Select(s => new HeatRow(JobGroups.SizeName(settings, processors, s), [.. times.Select(t => Cell(groups[point][(s * width) + t], of))]))]));
            }
        }

        return maps.ToImmutable();
    }

    /// <summary>The settings, with classes of run times that tell the jobs of these trials apart.</summary>
    public static MeasureSettings Classes(IReadOnlyList<RacedTrial> trials, MeasureSettings usual) => usual with { RunTimeClasses = RunTimes(trials, usual) };

    // The usual classes, unless most of the jobs fall into one of them (short jobs that stand in for long ones): then bounds near the quartiles.
    private static ImmutableArray<TimeSpan> RunTimes(IReadOnlyList<RacedTrial> trials, MeasureSettings usual)
    {
        // Trials of one race have the same jobs: one of them tells the run times of all.
        var jobs = trials[0].Trial.Jobs;
        if (jobs.Count == 0) return usual.RunTimeClasses;
        var times = new double[jobs.Count];
        for (var row = 0; row < times.Length; row++) times[row] = jobs.RunTime[row] / 1e6;
        Array.Sort(times);
        var crowded = Largest(times, usual.RunTimeClasses) > times.Length * 0.8;
        if (!crowded || times[0] == times[^1]) return usual.RunTimeClasses;
        var bounds = new[] { 0.25, 0.5, 0.75 }.Select(q => times[(int)(q * (times.Length - 1))])
            .Select(t => Bounds.MinBy(b => Math.Abs(Math.Log(b / Math.Max(t, 1e-3)))))
            .Where(b => b >= times[0] && b < times[^1]).Distinct().Order().Select(TimeSpan.FromSeconds).ToImmutableArray();
        return bounds.Length > 0 ? bounds : usual.RunTimeClasses;
    }

    /// <summary>How many of the rising times the largest class holds.</summary>
    private static int Largest(double[] times, ImmutableArray<TimeSpan> classes)
    {
        int largest = 0, before = 0;
        foreach (var bound in classes.Select(c => c.TotalSeconds).Order().Append(double.PositiveInfinity))
        {
            // Those up to the bound end where the next larger number would stand.
            var end = ~Array.BinarySearch(times, double.BitIncrement(bound));
            if (end < 0) end = Array.FindIndex(times, before, t => t > bound);
            if (end < 0) end = times.Length;
            largest = Math.Max(largest, end - before);
            before = end;
        }

        return largest;
    }

    private static HeatCell Cell(IEnumerable<JobGroup> groups, Func<JobGroup, Distribution> of) =>
        new(GroupTables.Mean(groups.Select(of)), groups.Sum(g => g.Jobs));
}
