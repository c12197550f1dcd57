using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>Which jobs of a trial are measured, and over which window. The cut is by submission time alone.</summary>
/// <param name="FirstSubmit">Jobs submitted earlier are left out; UTC microseconds.</param>
/// <param name="LastSubmit">Jobs submitted later are left out; UTC microseconds.</param>
/// <param name="From">Start of the window, <c>t0</c>: the first submission plus the warm-up.</param>
/// <param name="To">End of the window, <c>t1</c>: the last submission less the cool-down where one is cut, else the last finish of a job in the cut.</param>
/// <param name="IsWhole">Nothing is cut.</param>
public readonly record struct Cut(long FirstSubmit, long LastSubmit, long From, long To, bool IsWhole)
{
    /// <summary>Length of the window in seconds.</summary>
    public double Seconds => (To - From) / 1e6;

    /// <summary>The cut that <paramref name="settings"/> ask for of <paramref name="jobs"/>; an empty window when no job was submitted.</summary>
    public static Cut Of(JobTable jobs, MeasureSettings settings)
    {
        long first = long.MaxValue, last = long.MinValue;
        foreach (var sent in jobs.Sent)
        {
            if (sent == JobTable.Missing) continue;
            first = Math.Min(first, sent);
            last = Math.Max(last, sent);
        }

        if (first > last) return new(0, 0, 0, 0, true);
        var whole = settings.WarmUp == TimeSpan.Zero && settings.CoolDown == TimeSpan.Zero;
        var cut = new Cut(first + Micros.From(settings.WarmUp), last - Micros.From(settings.CoolDown), 0, 0, whole);
        var end = cut.LastSubmit;
        if (settings.CoolDown == TimeSpan.Zero)
        {
            for (var row = 0; row < jobs.Count; row++)
            {
                if (jobs.Finish[row] != JobTable.Missing && cut.Holds(jobs, row)) end = Math.Max(end, jobs.Finish[row]);
            }
        }

        return cut with { From = cut.FirstSubmit, To = Math.Max(end, cut.FirstSubmit) };
    }

    /// <summary>Whether the job in <paramref name="row"/> is measured. One that was never sent counts by its planned time.</summary>
    public bool Holds(JobTable jobs, int row)
    {
        if (IsWhole) return true;
        var submit = jobs.Sent[row] != JobTable.Missing ? jobs.Sent[row] : jobs.Planned[row];
        return submit >= FirstSubmit && submit <= LastSubmit;
    }
}
