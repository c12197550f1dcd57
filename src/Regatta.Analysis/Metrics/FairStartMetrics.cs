using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>How many jobs started later than they would have without later arrivals, and by how much.</summary>
internal static class FairStartMetrics
{
    /// <summary>Trials of more jobs have no fair starts: laying them out alone would take too much memory.</summary>
    private const int MostJobs = 100_000;

    /// <summary>Fewer looked-at jobs than these say nothing of a share, unless they are all.</summary>
    private const int SmallestSample = 30;

    public static void Compute(Trial trial, Cut cut, MeasureSettings settings, MetricValues values)
    {
        var count = trial.Jobs.Count;
        if (count is 0 or > MostJobs || settings.FairStartWork == 0) return;
        // A job waits for those of its own partition alone, and the schedules that are laid out here have none.
        if (trial.Record.Settings.ContainsKey(Trait.Partitions.Name())) return;
        var most = (int)Math.Min(count, settings.FairStartWork / Math.Max(1, Met(trial.Jobs) / count));
        if (most < Math.Min(count, SmallestSample)) return;
        var options = new ReferenceOptions { Policy = NearestReference.Policy(trial.Record) };
        int n = 0, misses = 0;
        double late = 0;
        foreach (var job in FairStarts.Of(trial.Jobs.Records, NearestReference.Machine(trial.Record), options, most))
        {
            if (!cut.IsWhole && (job.Submit < cut.FirstSubmit || job.Submit > cut.LastSubmit)) continue;
            var delay = Math.Max(0, job.Miss) / 1e6;
            if (delay > settings.FairStartTolerance.TotalSeconds) misses++;
            late += delay;
            n++;
        }

        values.Add("fair-start-misses", (double)misses / n);
        values.Add("fair-start-delay", late / n);
    }

    /// <summary>The sum over all jobs of how many jobs, themselves included, were waiting or running when they were sent.</summary>
    private static long Met(JobTable jobs)
    {
        var rows = Enumerable.Range(0, jobs.Count).Where(row => jobs.Sent[row] != JobTable.Missing && jobs.Start[row] != JobTable.Missing && jobs.Finish[row] != JobTable.Missing).ToList();
        var sent = rows.Select(row => jobs.Sent[row]).Order().ToArray();
        var gone = rows.Select(row => jobs.Finish[row]).Order().ToArray();
        long met = 0;
        for (int i = 0, g = 0; i < sent.Length; i++)
        {
            while (g < gone.Length && gone[g] <= sent[i]) g++;
            met += Math.Max(1, i + 1 - g);
        }

        return met;
    }
}
