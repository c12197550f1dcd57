using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>In how many rows a column of a table of jobs is not what it should be.</summary>
/// <param name="Column">The column, such as <c>start</c>.</param>
/// <param name="Jobs">In how many rows.</param>
/// <param name="First">Number of the first such job.</param>
/// <param name="Recorded">What the table says of it; null for nothing.</param>
/// <param name="Own">What it should say; null for nothing.</param>
public sealed record TableDifference(string Column, int Jobs, long First, string? Recorded, string? Own);

/// <summary>Compares two tables of the same jobs.</summary>
public static class TableDifferences
{
    private static readonly (string Name, Func<JobRecord, IFormattable?> Of)[] Numbers =
    [
        ("user", j => j.User), ("group", j => j.Group), ("queue", j => j.Queue), ("processors", j => j.Processors), ("nodes", j => j.Nodes), ("run time", j => j.RunTime), ("requested time", j => j.RequestedTime),
        ("planned", j => j.Planned), ("sent", j => j.Sent), ("accepted", j => j.Accepted), ("eligible", j => j.Eligible), ("decided", j => j.Decided), ("start", j => j.Start), ("finish", j => j.Finish),
        ("released", j => j.Released), ("state", j => j.State), ("exit code", j => j.ExitCode), ("requeues", j => j.Requeues), ("drains", j => j.Drains ? 1 : 0),
    ];

    private static readonly (string Name, Func<JobRecord, string?> Of)[] Texts =
    [
        .. Numbers.Select(n => (n.Name, (Func<JobRecord, string?>)(j => n.Of(j)?.ToString(null, CultureInfo.InvariantCulture)))),
        ("job", j => j.Job.ToString(CultureInfo.InvariantCulture)), ("node list", j => j.NodeList), ("request", j => JobTable.Named(j.Request)), ("scheduler's name", j => j.SchedulerId),
    ];

    /// <summary>The columns that differ; empty when all rows are equal. Node lists are equal that name the same nodes.</summary>
    /// <param name="recorded">What was recorded.</param>
    /// <param name="own">What it should be, in the same order.</param>
    /// <exception cref="ArgumentException">The tables have unlike numbers of jobs.</exception>
    public static ImmutableArray<TableDifference> Of(JobTable recorded, JobTable own)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        ArgumentNullException.ThrowIfNull(own);
        if (recorded.Count != own.Count) throw new ArgumentException($"{recorded.Count} jobs and {own.Count}", nameof(own));
        var found = new Dictionary<string, TableDifference>(StringComparer.Ordinal);
        var lists = new Dictionary<(int Recorded, int Own), bool>();
        for (var row = 0; row < recorded.Count; row++)
        {
            var sameNodes = SameNodes(lists, recorded, own, row);
            // Rows are made only of what differs: there may be millions.
            if (sameNodes && recorded.SaysTheSame(own, row)) continue;
            var (was, now) = (recorded[row], own[row]);
            if (sameNodes) was = was with { NodeList = now.NodeList };
            foreach (var (name, of) in Texts)
            {
                if (of(was) == of(now)) continue;
                found[name] = found.TryGetValue(name, out var before) ? before with { Jobs = before.Jobs + 1 } : new TableDifference(name, 1, was.Job, of(was), of(now));
            }
        }

        return [.. found.Values];
    }

    private static bool SameNodes(Dictionary<(int Recorded, int Own), bool> known, JobTable recorded, JobTable own, int row)
    {
        var pair = (recorded.NodeListIndex(row), own.NodeListIndex(row));
        if (pair is (-1, -1)) return true;
        // Many jobs run on the same nodes.
        if (!known.TryGetValue(pair, out var same)) known[pair] = same = SameNodes(recorded.NodeList(row), own.NodeList(row));
        return same;
    }

    private static bool SameNodes(string? first, string? second) =>
        first is not null && second is not null && (first == second || (HostList.Expand(first) is { IsEmpty: false } nodes && nodes.SequenceEqual(HostList.Expand(second))));
}
