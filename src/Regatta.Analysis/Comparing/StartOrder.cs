namespace Regatta.Analysis;

/// <summary>How alike two trials of the same jobs started them.</summary>
/// <param name="Tau">Kendall's tau-b of the starts, -1 to 1: 1 for the same order, jobs that started at one moment in one trial told apart in the other counting for neither. NaN when fewer than two jobs started in both, or all at once.</param>
/// <param name="MeanDifference">Mean of how far the starts of a job are apart, each from the start of its trial, in seconds; NaN without a job.</param>
/// <param name="Jobs">How many jobs started in both.</param>
public sealed record StartOrder(double Tau, double MeanDifference, int Jobs)
{
    /// <summary>Compares two trials.</summary>
    public static StartOrder Of(Trial first, Trial second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        var starts = Starts(second).ToDictionary(s => s.Job, s => s.Start);
        var both = Starts(first).Where(s => starts.ContainsKey(s.Job)).Select(s => (X: s.Start, Y: starts[s.Job])).ToArray();
        return new StartOrder(Kendall(both), both.Length == 0 ? double.NaN : both.Average(b => Math.Abs(b.X - b.Y)) / 1e6, both.Length);
    }

    private static IEnumerable<(long Job, long Start)> Starts(Trial trial)
    {
        var (jobs, starts) = (trial.Jobs.Job.ToArray(), trial.Jobs.Start.ToArray());
        return jobs.Zip(starts).Where(s => s.Second != JobTable.Missing).Select(s => (s.First, s.Second - trial.Record.Started));
    }

    /// <summary>Knight's way of counting pairs: sorted by the one, as many exchanges as sorting by the other takes are in the other order (JASA 1966).</summary>
    private static double Kendall((long X, long Y)[] pairs)
    {
        Array.Sort(pairs);
        var tiedX = Ties(pairs.Select(p => (p.X, 0L)));
        var tiedBoth = Ties(pairs);
        var y = pairs.Select(p => p.Y).ToArray();
        var exchanges = Sort(y, new long[y.Length], 0, y.Length);
        var tiedY = Ties(y.Select(v => (v, 0L)));
        var all = (double)pairs.Length * (pairs.Length - 1) / 2;
        return (all - tiedX - tiedY + tiedBoth - (2.0 * exchanges)) / Math.Sqrt((all - tiedX) * (all - tiedY));
    }

    /// <summary>Pairs of equal neighbours' runs in a sorted sequence.</summary>
    private static double Ties(IEnumerable<(long, long)> sorted)
    {
        double pairs = 0;
        long run = 0;
        (long, long)? last = null;
        foreach (var value in sorted)
        {
            run = value == last ? run + 1 : 0;
            pairs += run;
            last = value;
        }

        return pairs;
    }

    private static long Sort(long[] values, long[] room, int from, int to)
    {
        if (to - from < 2) return 0;
        var middle = (from + to) / 2;
        var exchanges = Sort(values, room, from, middle) + Sort(values, room, middle, to);
        for (int left = from, right = middle, at = from; at < to; at++)
        {
            if (right >= to || (left < middle && values[left] <= values[right]))
            {
                room[at] = values[left++];
            }
            else
            {
                room[at] = values[right++];
                exchanges += middle - left;
            }
        }

        Array.Copy(room, from, values, from, to - from);
        return exchanges;
    }
}
