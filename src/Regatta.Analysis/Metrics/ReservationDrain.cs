using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>What a machine does not work so that a reservation finds its nodes free.</summary>
internal static class ReservationDrain
{
    /// <summary>
    /// The processor-seconds that stood idle on the nodes of reservations before they began, while jobs waited whose limit reaches into them. A job waits so from when it is eligible and
    /// its limit would end after the reservation begins, until it starts or the reservation begins; one without a limit may always reach into it.
    /// </summary>
    /// <returns>Processor-seconds; NaN where there was no reservation, or the nodes of a job are not known.</returns>
    public static double Of(Trial trial)
    {
        var (record, jobs) = trial;
        if (record.Reservations.IsDefaultOrEmpty) return double.NaN;
        var places = record.Workers.Select((name, place) => (name, place)).ToDictionary(w => w.name, w => w.place, StringComparer.Ordinal);
        double idle = 0;
        foreach (var reserved in record.Reservations)
        {
            var nodes = HostList.Expand(reserved.Nodes).Where(places.ContainsKey).ToHashSet(StringComparer.Ordinal);
            if (Before(jobs, reserved, nodes, nodes.Sum(n => record.ProcessorsOf(places[n])), record.Started) is not { } own) return double.NaN;
            idle += own;
        }

        return idle / 1e6;
    }

    private static double? Before(JobTable jobs, ReservedTime reserved, HashSet<string> nodes, long processors, long began)
    {
        var on = new Dictionary<string, double>(StringComparer.Ordinal);
        var changes = new List<(long Time, double Busy, int Wanted)>();
        for (var row = 0; row < jobs.Count; row++)
        {
            var (waits, start, end) = MachineSweep.Spans(jobs, row, reserved.Start);
            if (start != JobTable.Missing && start < reserved.Start)
            {
                if (jobs.NodeList(row) is not { } list) return null;
                if (!on.TryGetValue(list, out var share)) on[list] = share = HostList.Expand(list) is { IsEmpty: false } own ? (double)own.Count(nodes.Contains) / own.Length : 0;
                if (share > 0)
                {
                    changes.Add((start, jobs.Processors[row] * share, 0));
                    changes.Add((end, -jobs.Processors[row] * share, 0));
                }
            }

            if (waits == JobTable.Missing || jobs.Request(row)?.Reservation is not null) continue;
            var limit = jobs.RequestedTime[row];
            var from = limit == JobTable.Missing ? waits : Math.Max(waits, reserved.Start - limit);
            var until = Math.Min(start != JobTable.Missing ? start : end, reserved.Start);
            if (until <= from) continue;
            changes.Add((from, 0, jobs.Processors[row]));
            changes.Add((until, 0, -jobs.Processors[row]));
        }

        changes.Add((reserved.Start, 0, 0));
        changes.Sort((a, b) => a.Time.CompareTo(b.Time));
        double idle = 0, busy = 0;
        long wanted = 0, now = began;
        foreach (var (time, more, waiting) in changes)
        {
            var until = Math.Min(time, reserved.Start);
            idle += Math.Max(0, until - now) * Math.Clamp(processors - busy, 0, wanted);
            now = Math.Max(now, until);
            busy += more;
            wanted += waiting;
        }

        return idle;
    }
}
