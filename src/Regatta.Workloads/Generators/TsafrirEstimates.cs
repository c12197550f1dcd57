namespace Regatta.Workloads;

/// <summary>
/// User estimates as people give them: D. Tsafrir, Y. Etsion, D. G. Feitelson, "Modeling user runtime estimates", JSSPP 2005. Twenty round values hold 89 % of
/// the jobs, the largest of them the most; the other values are many and rare. Sizes, numbers and times follow the paper's formulas and its four traces;
/// which of the twenty is how popular follows the mean rank over the four traces.
/// </summary>
public sealed record TsafrirEstimates
{
    private const int HeadCount = 20;
    private const double HeadShare = 0.89;
    private const int Minute = 60;
    private const int Hour = 3600;

    // Values that all four traces share among their twenty most popular.
    private static readonly int[] Common =
    [
        5 * Minute, 10 * Minute, 15 * Minute, 20 * Minute, 30 * Minute, Hour, 2 * Hour, 3 * Hour, 4 * Hour, 5 * Hour, 6 * Hour, 8 * Hour, 10 * Hour, 12 * Hour, 18 * Hour,
    ];

    private static readonly int[] RoundSteps = [200 * Hour, 100 * Hour, 50 * Hour, 10 * Hour, 5 * Hour, 2 * Hour, Hour, 20 * Minute, 10 * Minute, 5 * Minute];

    // Places in order of time, from 1, in the order of their mean popularity over the four traces; the largest value stands before them all.
    private static readonly int[] PopularPlaces = [1, 5, 2, 8, 9, 3, 6, 18, 11, 12, 13, 14, 16, 4, 17, 7, 19, 15, 10];

    // Jobs and distinct estimates, between which the paper draws straight lines.
    private static readonly (double Jobs, double Values)[] DistinctValues = [(0, 0), (20, 10), (200, 20), (1000, 35), (10_000, 90), (70_000, 340), (250_000, 565)];

    /// <summary>The largest estimate, at least one hour; null takes the longest run time, rounded up to 6 hours.</summary>
    public TimeSpan? Maximum { get; init; }

    /// <summary>Share of the jobs that give the largest estimate, above 0 and below 0.89; null lets the formula decide (about 0.1).</summary>
    public double? MaximumShare { get; init; }

    /// <summary>Seed.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Gives every job a requested time. Longest jobs choose first among all estimates that are long enough for them.</summary>
    /// <exception cref="DiagnosticException">A parameter is out of its range.</exception>
    public Workload Apply(Workload workload)
    {
        ArgumentNullException.ThrowIfNull(workload);
        var longest = workload.Jobs.Max(job => job.RunTime);
        var maximum = Maximum ?? TimeSpan.FromHours(Math.Max(6, Math.Ceiling(longest.TotalHours / 6) * 6));
        if (maximum < TimeSpan.FromHours(1))
        {
            throw new DiagnosticException(Diagnostic.Error("tsafrir-maximum", $"the largest estimate is {maximum.TotalSeconds:0} s; the model needs at least one hour") with
            {
                Help = "give a larger estimates_maximum, and compress time afterwards with time_scale",
            });
        }

        if (MaximumShare is { } share && share is not (> 0 and < HeadShare))
            throw new DiagnosticException(Diagnostic.Error("tsafrir-share", "the share of the largest estimate must lie between 0 and 0.89"));
        var values = Values(workload.Jobs.Length, (int)maximum.TotalSeconds);
        values.Sort();
        var random = RandomStream.For(Seed, "tsafrir assignment");
        var order = Enumerable.Range(0, workload.Jobs.Length).OrderByDescending(i => workload.Jobs[i].RunTime).ToArray();
        var jobs = workload.Jobs.ToArray();
        var pool = new List<int>();
        var next = values.Count - 1;
        var beyond = 0;
        foreach (var i in order)
        {
            while (next >= 0 && values[next] >= jobs[i].RunTime.TotalSeconds) pool.Add(values[next--]);
            int estimate;
            if (pool.Count == 0)
            {
                // Nothing is left that is long enough: such a job asks for the most, and runs into it where even that is short.
                estimate = (int)maximum.TotalSeconds;
                if (jobs[i].RunTime > maximum) beyond++;
            }
            else
            {
                var at = random.Below(pool.Count);
                estimate = pool[at];
                pool[at] = pool[^1];
                pool.RemoveAt(pool.Count - 1);
            }

            jobs[i] = jobs[i] with { RequestedTime = TimeSpan.FromSeconds(estimate) };
        }

        IEnumerable<Diagnostic> diagnostics = beyond == 0 ? [] :
            [Diagnostic.Warning("tsafrir-beyond", $"{beyond} jobs run longer than the largest estimate of {maximum.TotalSeconds:0} s and are killed there")];
        return (workload with { Jobs = ImmutableArray.Create(jobs) }).Note($"User estimates by the model of Tsafrir, Etsion and Feitelson (2005): maximum {maximum.TotalSeconds:0} s, seed {Seed}.", diagnostics);
    }

    /// <summary>How many distinct estimates so many jobs use.</summary>
    internal static int Distinct(int jobs)
    {
        for (var i = 1; i < DistinctValues.Length; i++)
        {
            var (a, b) = (DistinctValues[i - 1], DistinctValues[i]);
            if (jobs <= b.Jobs || i == DistinctValues.Length - 1) return Math.Max(1, (int)Math.Round(a.Values + ((jobs - a.Jobs) * (b.Values - a.Values) / (b.Jobs - a.Jobs))));
        }

        throw new InvalidOperationException("the table of distinct estimates is empty");
    }

    /// <summary>One estimate a job, in seconds.</summary>
    private List<int> Values(int jobs, int maximum)
    {
        var distinct = Distinct(jobs);
        var times = HeadTimes(maximum);
        var shares = HeadShares(times.Count);
        var histogram = times.Zip(shares).ToList();
        var tail = Tail(maximum, distinct, [.. times]);
        histogram.AddRange(tail);
        var sum = histogram.Sum(bin => bin.Second);
        var values = new List<int>(jobs);
        var exact = 0.0;
        foreach (var (time, share) in histogram)
        {
            // Rounding carries over, so that exactly as many estimates come out as there are jobs.
            exact += share / sum * jobs;
            while (values.Count < (int)Math.Round(exact)) values.Add(time);
        }

        while (values.Count < jobs) values.Add(maximum);
        return values;
    }

    /// <summary>The popular values in order of popularity: the largest first.</summary>
    private static List<int> HeadTimes(int maximum)
    {
        var times = Common.Where(time => time < maximum).ToList();
        foreach (var step in RoundSteps)
        {
            for (var time = maximum / step * step; time > 0 && times.Count < HeadCount - 1; time -= step)
            {
                if (time < maximum && !times.Contains(time)) times.Add(time);
            }
        }

        times.Sort();
        return [maximum, .. PopularPlaces.Where(place => place <= times.Count).Select(place => times[place - 1])];
    }

    /// <summary>Size of rank x: 14.0491 exp(-0.177531 x) + 0.462513 percent; the first holds what is missing to 89 %.</summary>
    private double[] HeadShares(int count)
    {
        var shares = new double[count];
        for (var rank = 2; rank <= count; rank++) shares[rank - 1] = ((14.0491 * Math.Exp(-0.177531 * rank)) + 0.462513) / 100;
        var rest = shares.Sum();
        shares[0] = MaximumShare ?? Math.Max(HeadShare - rest, shares.ElementAtOrDefault(1));
        if (MaximumShare is { } given)
        {
            for (var i = 1; i < count; i++) shares[i] *= (HeadShare - given) / rest;
        }

        return shares;
    }

    /// <summary>Rare values: size 795.6 x^-2.267 of rank x from 21; times (a-1)y / (a-y) of the maximum at relative place y, a = 1 + 12.1039 K^-0.6026.</summary>
    private IEnumerable<(int Time, double Share)> Tail(int maximum, int distinct, HashSet<int> taken)
    {
        var a = 1 + (12.1039 * Math.Pow(distinct, -0.6026));
        var times = new List<int>();
        for (var i = 1; i <= distinct; i++)
        {
            var y = (double)i / distinct;
            var time = (int)Math.Max(1, Math.Round((a - 1) * y / (a - y) * maximum / Minute)) * Minute;
            if (time < maximum && taken.Add(time)) times.Add(time);
        }

        var wanted = Math.Min(times.Count, Math.Max(0, distinct - HeadCount));
        var picked = times.ToArray();
        RandomStream.For(Seed, "tsafrir tail").Shuffle<int>(picked);
        var sizes = Enumerable.Range(HeadCount + 1, wanted).Select(rank => 795.6 * Math.Pow(rank, -2.267)).ToList();
        var sum = sizes.Sum();
        return picked.Take(wanted).Zip(sizes, (time, size) => (time, size / sum * (1 - HeadShare)));
    }
}
