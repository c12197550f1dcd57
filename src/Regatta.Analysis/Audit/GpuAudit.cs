using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>No GPU was given to two jobs at once, as far as their number and their models tell.</summary>
internal static class GpuAudit
{
    /// <summary>Adds what was found.</summary>
    public static void Check(Trial trial, List<AuditFinding> findings)
    {
        var (record, jobs) = trial;
        if (record.Gpus.IsDefaultOrEmpty) return;
        var slack = new ClockSlack(record);
        var there = NodeGpus.ByModel(record.Gpus, record.Workers.Length);
        var wanted = jobs.Requests.Select(r => GenericResource.Gpus(r.Gres).ToArray()).ToArray();
        var changes = new List<(long Time, long Change, string? Model)>();
        for (var row = 0; row < jobs.Count; row++)
        {
            if (jobs.RequestIndex(row) is not (>= 0 and var request) || wanted[request].Length == 0 || !slack.Held(jobs, row, out var from, out var to)) continue;
            foreach (var gpus in wanted[request])
            {
                changes.Add((from, gpus.Count, gpus.Type));
                changes.Add((to, -gpus.Count, gpus.Type));
            }
        }

        changes.Sort((a, b) => (a.Time, a.Change).CompareTo((b.Time, b.Change)));
        foreach (var (model, most) in there.Select(t => ((string?)t.Key, t.Value)).Append((null, there.Values.Sum())))
        {
            long held = 0, peak = 0, at = 0;
            foreach (var change in changes.Where(c => model is null || c.Model == model))
            {
                held += change.Change;
                if (held > peak) (peak, at) = (held, change.Time);
            }

            if (peak <= most) continue;
            findings.Add(new(record.Injection is null ? AuditWeight.Invalidates : AuditWeight.Note, "gpus-overcommitted",
                FormattableString.Invariant($"{peak} GPUs{(model is null ? "" : $" of the model {model}")} were held at once on a machine of {most}, {OccupancyAudit.Since(record, at)} after the start.")));
        }
    }
}
