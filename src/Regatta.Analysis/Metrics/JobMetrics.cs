using System.Runtime.InteropServices;

namespace Regatta.Analysis;

/// <summary>One kind of stamp of all jobs.</summary>
internal delegate ReadOnlySpan<long> StampColumn(JobTable jobs);

/// <summary>One number a job, NaN where it is not defined for that job.</summary>
public static class JobColumns
{
    /// <summary>Families of the catalogue that are a column of jobs, with how each is computed for one row.</summary>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    public static Func<int, double> Column(string family, JobTable jobs, MeasureSettings settings)
    {
        if (Stamps(family) is var (from, to)) return row => Seconds(from(jobs)[row], to(jobs)[row]);
        var tau = settings.Tau.TotalSeconds;
        return family switch
        {
            "turnaround" => row => jobs.Start[row] == JobTable.Missing ? double.NaN : Seconds(jobs.Sent[row], jobs.Finish[row]),
            "slowdown" => row => Run(jobs, row) is var p and > 0 ? (Wait(jobs, row) + p) / p : double.NaN,
            "bounded-slowdown" => row => BoundedSlowdown(Wait(jobs, row), Run(jobs, row), tau),
            "per-processor-bounded-slowdown" => row => BoundedSlowdown(Wait(jobs, row), Run(jobs, row), tau, jobs.Processors[row]),
            _ => throw new ArgumentException($"'{family}' is not a column of jobs", nameof(family)),
        };
    }

    /// <summary>The two stamps that a family is the plain difference of; null for families that are more than that.</summary>
    internal static (StampColumn From, StampColumn To)? Stamps(string family) => family switch
    {
        "wait" => (jobs => jobs.Sent, jobs => jobs.Start),
        "accept" => (jobs => jobs.Sent, jobs => jobs.Accepted),
        "queue" => (jobs => jobs.Eligible, jobs => jobs.Decided),
        "launch" => (jobs => jobs.Decided, jobs => jobs.Start),
        "release" => (jobs => jobs.Finish, jobs => jobs.Released),
        "lateness" => (jobs => jobs.Planned, jobs => jobs.Sent),
        _ => null,
    };

    /// <summary>The defined values of <paramref name="family"/> over the jobs in the cut, rising: what an ECDF is drawn from.</summary>
    public static double[] Sorted(string family, Trial trial, MeasureSettings? settings = null)
    {
        settings ??= MeasureSettings.Default;
        var cut = Cut.Of(trial.Jobs, settings);
        var column = Column(family, trial.Jobs, settings);
        var values = new double[trial.Jobs.Count];
        var n = 0;
        for (var row = 0; row < values.Length; row++)
        {
            if (cut.Holds(trial.Jobs, row) && column(row) is var value && !double.IsNaN(value)) values[n++] = value;
        }

        Array.Resize(ref values, n);
        Array.Sort(values);
        return values;
    }

    /// <summary>Run time <c>p = f - s</c> in seconds; NaN when a stamp is missing.</summary>
    internal static double Run(JobTable jobs, int row) => Seconds(jobs.Start[row], jobs.Finish[row]);

    /// <summary>Seconds from one stamp to another; NaN when one is missing.</summary>
    internal static double Seconds(long from, long to) =>
        from == JobTable.Missing || to == JobTable.Missing ? double.NaN : (to - from) / 1e6;

    /// <summary>Wait <c>w = s - r</c> in seconds; NaN when a stamp is missing.</summary>
    internal static double Wait(JobTable jobs, int row) => Seconds(jobs.Sent[row], jobs.Start[row]);

    /// <summary>Bounded slowdown of a job that waited and ran so many seconds; NaN when either is.</summary>
    internal static double BoundedSlowdown(double wait, double run, double tau, int processors = 1) =>
        Math.Max((wait + run) / (processors * Math.Max(run, tau)), 1);
}

/// <summary>The metrics that are statistics over jobs.</summary>
internal static class JobMetrics
{
    private static readonly string[] Families =
    [
        "wait", "turnaround", "slowdown", "bounded-slowdown", "per-processor-bounded-slowdown", "accept", "queue", "launch", "release", "lateness",
    ];

    /// <summary>The pieces of work, which may be done at once and in any order.</summary>
    public static IEnumerable<Action> Parts(Trial trial, Cut cut, MeasureSettings settings, MetricValues values)
    {
        var jobs = trial.Jobs;
        yield return () => values.Add("fairness-jain", Jain(jobs, cut, settings));
        foreach (var family in Families)
            yield return () => values.Add(family, Compute(family, jobs, cut, settings));
        Func<int, bool>? counts = cut.IsWhole ? null : row => cut.Holds(jobs, row);
        yield return () => values.Add("submitted", Rate.Of(jobs.Sent, counts));
        yield return () => values.Add("started", Rate.Of(jobs.Start, counts));
        yield return () => values.Add("released", Rate.Of(jobs.Released, counts));
        yield return () => Makespan(trial, cut, values);
        yield return () => values.Add("share-error", ShareError.Of(trial, cut));
        yield return () => GpuMetrics.Compute(trial, cut, values);
        yield return () => FairStartMetrics.Compute(trial, cut, settings, values);
    }

    private static Distribution Compute(string family, JobTable jobs, Cut cut, MeasureSettings settings)
    {
        using var rented = new Rented<double>(jobs.Count);
        var scratch = rented.Items;
        // A difference of two stamps is most of what there is, and needs no call for each job.
        if (cut.IsWhole && JobColumns.Stamps(family) is var (from, to)) return Distribution.Of(scratch[..Differences(from(jobs), to(jobs), scratch)]);
        var column = JobColumns.Column(family, jobs, settings);
        var weighted = family.EndsWith("slowdown", StringComparison.Ordinal);
        var n = 0;
        double weights = 0, sum = 0;
        for (var row = 0; row < jobs.Count; row++)
        {
            if (!cut.Holds(jobs, row)) continue;
            var value = column(row);
            if (double.IsNaN(value)) continue;
            scratch[n++] = value;
            if (!weighted) continue;
            var weight = jobs.Processors[row] * JobColumns.Run(jobs, row);
            weights += weight;
            sum += weight * value;
        }

        return Distribution.Of(scratch[..n]) with { WeightedMean = weighted ? sum / weights : double.NaN };
    }

    private static int Differences(ReadOnlySpan<long> from, ReadOnlySpan<long> to, Span<double> values)
    {
        var n = 0;
        for (var row = 0; row < from.Length; row++)
        {
            if (from[row] != JobTable.Missing && to[row] != JobTable.Missing) values[n++] = (to[row] - from[row]) / 1e6;
        }

        return n;
    }

    private static void Makespan(Trial trial, Cut cut, MetricValues values)
    {
        var jobs = trial.Jobs;
        long first = long.MaxValue, last = long.MinValue, path = long.MinValue;
        Int128 area = 0, workloadArea = 0;
        for (var row = 0; row < jobs.Count; row++)
        {
            if (!cut.Holds(jobs, row)) continue;
            workloadArea += (Int128)jobs.Processors[row] * jobs.RunTime[row];
            if (jobs.Sent[row] == JobTable.Missing) continue;
            first = Math.Min(first, jobs.Sent[row]);
            if (jobs.Start[row] == JobTable.Missing || jobs.Finish[row] == JobTable.Missing) continue;
            last = Math.Max(last, jobs.Finish[row]);
            path = Math.Max(path, jobs.Sent[row] + jobs.Finish[row] - jobs.Start[row]);
            area += (Int128)jobs.Processors[row] * (jobs.Finish[row] - jobs.Start[row]);
        }

        if (last == long.MinValue) return;
        var makespan = (last - first) / 1e6;
        var bound = Math.Max((double)area / trial.Record.Processors / 1e6, (path - first) / 1e6);
        values.Add("makespan", makespan);
        values.Add("makespan-lower-bound", bound);
        values.Add("makespan-ratio", makespan / bound);
        if (cut.IsWhole && trial.Record.Workload.StartsWith("esp", StringComparison.OrdinalIgnoreCase))
            values.Add("esp-efficiency", (double)workloadArea / trial.Record.Processors / 1e6 / makespan);
    }

    private static double Jain(JobTable jobs, Cut cut, MeasureSettings settings)
    {
        var column = JobColumns.Column("bounded-slowdown", jobs, settings);
        var users = new Dictionary<int, (double Sum, int Count)>();
        for (var row = 0; row < jobs.Count; row++)
        {
            if (jobs.User[row] < 0 || !cut.Holds(jobs, row)) continue;
            var value = column(row);
            if (double.IsNaN(value)) continue;
            ref var user = ref CollectionsMarshal.GetValueRefOrAddDefault(users, jobs.User[row], out _);
            user = (user.Sum + value, user.Count + 1);
        }

        if (users.Count < 2) return double.NaN;
        var means = users.Values.Select(u => u.Sum / u.Count).ToArray();
        return Fairness.Jain(means);
    }
}

/// <summary>Indices of fairness.</summary>
public static class Fairness
{
    /// <summary>Jain's index <c>(sum x)^2 / (n * sum x^2)</c>: 1 when all are equal, <c>1/n</c> when one has all; NaN without a value above 0. Jain, Chiu and Hawe 1984.</summary>
    public static double Jain(ReadOnlySpan<double> values)
    {
        double sum = 0, squares = 0;
        foreach (var value in values)
        {
            sum += value;
            squares += value * value;
        }

        return sum * sum / (values.Length * squares);
    }
}
