using System.Collections.Immutable;
using Regatta.Analysis;

namespace Regatta.Reports.Model;

/// <summary>Means by size class and run-time class, all valid repetitions of a point together.</summary>
internal static class ClassMaps
{
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

    private static HeatCell Cell(IEnumerable<JobGroup> groups, Func<JobGroup, Distribution> of)
    {
        var parts = groups.Select(of).Where(d => d.Count > 0).ToList();
        var count = parts.Sum(d => d.Count);
        return new HeatCell(count == 0 ? null : parts.Sum(d => d.Mean * d.Count) / count, groups.Sum(g => g.Jobs));
    }
}
