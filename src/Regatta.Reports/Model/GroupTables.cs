using Regatta.Analysis;

namespace Regatta.Reports.Model;

/// <summary>The jobs of a race split in one way, point by point.</summary>
/// <param name="Title">How they are split, such as <c>User</c>.</param>
/// <param name="Rows">A row a group.</param>
/// <param name="LeftOut">How many groups, those with the least work, have no row.</param>
public sealed record GroupTable(string Title, ImmutableArray<GroupRow> Rows, int LeftOut);

/// <summary>One group of jobs.</summary>
/// <param name="Name">What its jobs have in common.</param>
/// <param name="Cells">A cell a point, in the order of the race's points.</param>
public sealed record GroupRow(string Name, ImmutableArray<GroupCell> Cells);

/// <summary>One group at one point, all repetitions that are compared together.</summary>
/// <param name="Jobs">How many jobs.</param>
/// <param name="Wait">Their mean wait in seconds; null when none started.</param>
/// <param name="BoundedSlowdown">Their mean bounded slowdown; null when none finished.</param>
public readonly record struct GroupCell(int Jobs, double? Wait, double? BoundedSlowdown);

/// <summary>Makes the tables by state, user, size and run time.</summary>
internal static class GroupTables
{
    /// <summary>Groups beyond these have no row: a table of hundreds of users is read by nobody, and an export has them all.</summary>
    private const int MostRows = 15;

    public static ImmutableArray<GroupTable> Of(ImmutableArray<string> points, IReadOnlyList<RacedTrial> trials, MeasureSettings settings)
    {
        var groups = trials.Where(t => t.Standing != TrialStanding.Invalid)
            .Select(t => (t.Measured.Record.Point, Groups: TrialGroups.Of(t.Trial, settings))).ToLookup(t => t.Point, t => t.Groups, StringComparer.Ordinal);
        ImmutableArray<GroupTable> tables =
        [
            Table("State", points, groups, g => g.State),
            Table("User", points, groups, g => g.User, byName: true),
            Table("Account", points, groups, g => g.Account, byName: true),
            Table("QOS", points, groups, g => g.Qos, byName: true),
            Table("Partition", points, groups, g => g.Partition, byName: true),
            Table("GPU type", points, groups, g => g.GpuType, byName: true),
            Table("Size", points, groups, g => g.Size),
            Table("Run time", points, groups, g => g.RunTime),
        ];
        // A split with one group says nothing that the comparison does not.
        return [.. tables.Where(t => t.Rows.Length > 1)];
    }

    /// <param name="title">How the jobs are split.</param>
    /// <param name="points">The points, in order.</param>
    /// <param name="groups">The groups of each point's trials.</param>
    /// <param name="of">The way of splitting.</param>
    /// <param name="byName">Whether groups of two trials are one when their names are alike: their keys then count the names of each trial by itself.</param>
    private static GroupTable Table(string title, ImmutableArray<string> points, ILookup<string, TrialGroups> groups, Func<TrialGroups, ImmutableArray<JobGroup>> of, bool byName = false)
    {
        var keys = byName ? Keys(points.SelectMany(p => groups[p]).SelectMany(g => of(g))) : null;
        var byPoint = points.Select(p => groups[p].SelectMany(g => of(g)).Select(g => keys is null ? g : g with { Key = keys[g.Name] }).ToLookup(g => g.Key)).ToList();
        var all = byPoint.SelectMany(g => g.SelectMany(k => k)).GroupBy(g => g.Key)
            .Select(g => (g.Key, g.First().Name, Work: g.Sum(x => x.ProcessorSeconds))).ToList();
        var shown = all.OrderByDescending(g => g.Work).Take(MostRows).OrderBy(g => g.Key).ToList();
        return new(title, [.. shown.Select(g => new GroupRow(g.Name, [.. byPoint.Select(p => Cell(p[g.Key]))]))], all.Count - shown.Count);
    }

    /// <summary>A key for each name: those of numbers first, as numbers go, then in alphabetical order.</summary>
    private static Dictionary<string, int> Keys(IEnumerable<JobGroup> groups) => groups.GroupBy(g => g.Name, StringComparer.Ordinal).Select(g => (Name: g.Key, Least: g.Min(x => x.Key)))
        .OrderBy(g => g.Least < 0 ? -1 : int.TryParse(g.Name, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue).ThenBy(g => g.Name, StringComparer.Ordinal)
        .Select((g, place) => (g.Name, place)).ToDictionary(g => g.Name, g => g.place, StringComparer.Ordinal);

    private static GroupCell Cell(IEnumerable<JobGroup> groups)
    {
        var parts = groups.ToList();
        return new(parts.Sum(g => g.Jobs), Mean(parts.Select(g => g.Wait)), Mean(parts.Select(g => g.BoundedSlowdown)));
    }

    /// <summary>The mean over all jobs of several distributions; null when they hold none.</summary>
    internal static double? Mean(IEnumerable<Distribution> distributions)
    {
        var parts = distributions.Where(d => d.Count > 0).ToList();
        return parts.Count == 0 ? null : parts.Sum(d => d.Mean * d.Count) / parts.Sum(d => (double)d.Count);
    }
}
