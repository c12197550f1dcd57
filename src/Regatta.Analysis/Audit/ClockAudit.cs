using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>The clocks of the nodes kept still over the trial.</summary>
internal static class ClockAudit
{
    /// <summary>The largest change of an offset that a valid trial may show, in microseconds.</summary>
    public const long LargestChange = 5_000;

    /// <summary>Adds what was found; returns the largest change, or null when none was measured.</summary>
    public static long? Check(TrialRecord record, List<AuditFinding> findings)
    {
        long? largest = null;
        foreach (var before in record.ClocksBefore)
        {
            var after = record.ClocksAfter.FirstOrDefault(c => c.Node == before.Node);
            if (after is null) continue;
            var change = Math.Abs(after.Offset - before.Offset);
            largest = Math.Max(largest ?? 0, change);
            if (change > LargestChange)
            {
                findings.Add(new(AuditWeight.Invalidates, "clock-drift",
                    $"The clock of {before.Node} moved by {Milliseconds(change)} against the head's over the trial; at most {Milliseconds(LargestChange)} are allowed."));
            }
        }

        // Emulated nodes go by the clocks of the machines that they are on.
        if (record.Machines == MachineKind.Simulation || record.Trait(Trait.Emulation) is not null) return largest;
        foreach (var worker in record.Workers)
        {
            var missing = !record.ClocksBefore.Any(c => c.Node == worker) ? "before" : !record.ClocksAfter.Any(c => c.Node == worker) ? "after" : null;
            if (missing is not null)
                findings.Add(new(AuditWeight.Note, "clock-not-measured", $"The clock offset of {worker} was not measured {missing} the trial."));
        }

        return largest;
    }

    internal static string Milliseconds(double microseconds) => FormattableString.Invariant($"{microseconds / 1000:0.###} ms");
}

/// <summary>How far stamps of the nodes and of the head may be out of order by their clocks alone.</summary>
internal sealed class ClockSlack
{
    /// <summary>
    /// How far truncation alone may put two stamps out of order, in microseconds: Slurm stamps in milliseconds, the others in microseconds.
    /// </summary>
    public const long Resolution = 1_000;

    private readonly Dictionary<string, long> _byNode = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _byList = new(StringComparer.Ordinal);

    public ClockSlack(TrialRecord record)
    {
        foreach (var clock in record.ClocksBefore.Concat(record.ClocksAfter))
            _byNode[clock.Node] = Math.Max(_byNode.GetValueOrDefault(clock.Node), Math.Abs(clock.Offset) + clock.Bound);
        Largest = Resolution + (_byNode.Count == 0 ? 0 : _byNode.Values.Max());
    }

    /// <summary>The largest slack of any node, in microseconds.</summary>
    public long Largest { get; }

    /// <summary>When a job held its nodes for certain. Clocks of two nodes may make one job seem to start before another ended: each interval shrinks by what they may be wrong.</summary>
    /// <returns>False for a job that did not start or was not seen to finish, and for one that is too short to tell.</returns>
    public bool Held(JobTable jobs, int row, out long from, out long to)
    {
        (from, to) = (0, 0);
        if (jobs.Start[row] == JobTable.Missing || jobs.Finish[row] == JobTable.Missing) return false;
        var shrink = With(jobs.NodeList(row));
        (from, to) = (jobs.Start[row] + shrink, jobs.Finish[row] - shrink);
        return to > from;
    }

    /// <summary>Between a stamp of the head and one of the nodes of <paramref name="list"/>.</summary>
    public long With(string? list)
    {
        if (list is null || _byNode.Count == 0) return Largest;
        if (_byList.TryGetValue(list, out var slack)) return slack;
        var nodes = HostList.Expand(list);
        slack = nodes.IsEmpty || !nodes.All(_byNode.ContainsKey) ? Largest : Resolution + nodes.Max(n => _byNode[n]);
        _byList.Add(list, slack);
        return slack;
    }
}
