namespace Regatta.Analysis;

/// <summary>How GPUs were used, and how many stood free that no waiting job could have.</summary>
internal static class GpuMetrics
{
    /// <summary>Fragmentation is looked at in trials of at most so many jobs.</summary>
    public const int MostJobs = 100_000;

    /// <summary>Adds the metrics; none where no node has GPUs.</summary>
    public static void Compute(Trial trial, Cut cut, MetricValues values)
    {
        var (record, jobs) = trial;
        if (record.Gpus.IsDefaultOrEmpty || cut.To <= cut.From) return;
        var all = record.Gpus.Sum(g => g.Of(record.Workers.Length));
        if (all == 0) return;
        var span = (double)(cut.To - cut.From);
        int[] asked = [.. jobs.Requests.Select(r => r.Gpus)];
        double used = 0;
        for (var row = 0; row < jobs.Count; row++)
        {
            if (jobs.RequestIndex(row) is not (>= 0 and var request) || asked[request] is not (> 0 and var gpus)) continue;
            var (_, start, end) = MachineSweep.Spans(jobs, row, cut.To);
            if (start == JobTable.Missing) continue;
            used += gpus * (double)Math.Max(0, Math.Min(end, cut.To) - Math.Max(start, cut.From));
        }

        values.Add("gpu-utilisation", used / (all * span));
        if (jobs.Count <= MostJobs && Fragmentation(trial, cut) is { } idle) values.Add("gpu-fragmentation", idle / (all * span));
    }

    /// <summary>GPU microseconds that stood free while jobs waited for GPUs, none of which could have had them; null where the nodes of a job are not known.</summary>
    private static double? Fragmentation(Trial trial, Cut cut)
    {
        var (record, jobs) = trial;
        var machine = new GpuMachine(record, jobs);
        var events = new List<(long Time, Change Change, int Row)>(jobs.Count * 3);
        for (var row = 0; row < jobs.Count; row++)
        {
            var (waits, start, end) = MachineSweep.Spans(jobs, row, cut.To);
            if (start != JobTable.Missing)
            {
                if (jobs.NodeList(row) is null) return null;
                events.Add((start, Change.Start, row));
                events.Add((Math.Max(start, end), Change.End, row));
            }

            if (waits == JobTable.Missing || !machine.Asks(row)) continue;
            var until = start != JobTable.Missing ? start : end;
            if (until <= waits) continue;
            events.Add((waits, Change.Wait, row));
            events.Add((until, Change.WaitNoMore, row));
        }

        // What ends makes room before others start.
        events.Sort((a, b) => (a.Time, a.Change, a.Row).CompareTo((b.Time, b.Change, b.Row)));
        double idle = 0;
        for (var i = 0; i < events.Count; i++)
        {
            var (time, change, row) = events[i];
            switch (change)
            {
                case Change.End: machine.Release(row); break;
                case Change.Start: machine.Take(row); break;
                case Change.Wait: machine.Wait(row, 1); break;
                default: machine.Wait(row, -1); break;
            }

            var (from, to) = (Math.Clamp(time, cut.From, cut.To), Math.Clamp(i + 1 < events.Count ? events[i + 1].Time : cut.To, cut.From, cut.To));
            if (to > from && machine.Waiting > 0) idle += (to - from) * (double)machine.Useless();
        }

        return idle;
    }

    private enum Change
    {
        End,
        WaitNoMore,
        Start,
        Wait,
    }
}
