using Regatta.Simulation;

namespace Regatta.Analysis;

/// <summary>Checks before a run: what would make its result worth little. Each returns what it found, as hints and warnings.</summary>
public static class Validators
{
    /// <summary>The largest offset of a clock, in microseconds, that passes for synchronised.</summary>
    public const long LargestOffset = 5_000;

    /// <summary>A longer wait before the first job is idle time of a trial that nobody meant.</summary>
    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(5);

    /// <summary>Coverage of a 95 % interval below which more repetitions are recommended.</summary>
    private const double EnoughCoverage = 0.9;

    /// <summary>Whether so many repetitions can give a verdict at all, and whether their intervals cover what they say.</summary>
    /// <param name="points">How many points are compared.</param>
    /// <param name="repetitions">Repetitions of each, one a block.</param>
    /// <param name="settings">How they will be compared.</param>
    public static IEnumerable<Diagnostic> Repetitions(int points, int repetitions, ComparisonSettings settings) =>
        Tests(points, repetitions, settings).Concat(Coverage(repetitions, settings.Confidence));

    private static IEnumerable<Diagnostic> Coverage(int repetitions, double confidence)
    {
        if (SimulatedCoverage.Of(Estimate.Mean, repetitions, confidence) is not { } covers || covers.Lowest >= EnoughCoverage) yield break;
        // Only what is more than there are already is advice.
        var more = new[] { (Runs: SimulatedCoverage.RunsFor(EnoughCoverage, c => c.Exponential), For: "exponential runs"), (Runs: SimulatedCoverage.RunsFor(EnoughCoverage, c => c.Lowest), For: "the worst that was simulated") }
            .Where(m => m.Runs > repetitions).ToList();
        yield return Diagnostic.Hint("interval-coverage",
            $"a 95 % interval of {repetitions} repetitions may cover less than it says: by simulation, {covers.Words()}") with
        {
            Help = more.Count == 0 ? null : $"{more[0].Runs} repetitions reach {Verdicts.Number(EnoughCoverage * 100)} % for {more[0].For}{string.Concat(more.Skip(1).Select(m => $", {m.Runs} for {m.For}"))}",
        };
    }

    private static IEnumerable<Diagnostic> Tests(int points, int repetitions, ComparisonSettings settings)
    {
        if (points < 2) yield break;
        var level = 1 - settings.Confidence;
        var smallest = WilcoxonSignedRank.SmallestP(repetitions);
        var pairs = settings.Baseline is null ? points * (points - 1) / 2 : points - 1;
        var tests = pairs * settings.Judged.Length;
        var enough = 1;
        while (WilcoxonSignedRank.SmallestP(enough) * tests >= level) enough++;
        if (smallest >= level)
        {
            yield return Diagnostic.Warning("too-few-repetitions",
                $"{repetitions} repetition{(repetitions == 1 ? "" : "s")} of each point cannot give a verdict at p < {Verdicts.Number(level)}: the smallest possible p is {Verdicts.Number(smallest)}") with
            {
                Help = $"at least {Verdicts.NeededBlocks(level)} repetitions can show one difference; {enough} can after the correction over {tests} tests",
            };
        }
        else if (smallest * tests >= level)
        {
            yield return Diagnostic.Hint("few-repetitions",
                $"after the correction over {tests} tests, {repetitions} repetitions can hardly give a verdict at p < {Verdicts.Number(level)}") with
            {
                Help = $"take {enough} repetitions, or judge fewer metrics or pairs",
            };
        }
    }

    /// <summary>Whether the workload makes the scheduler choose at all, and whether the machine can keep up with it.</summary>
    /// <param name="jobs">The jobs.</param>
    /// <param name="processors">Schedulable processors.</param>
    public static IEnumerable<Diagnostic> Load(SubmittedJobs jobs, int processors)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        // When a closed loop sends its jobs is known only as it runs.
        if (jobs.Count == 0 || jobs.IsClosed) yield break;
        var (area, span, peak) = (Area(jobs), Span(jobs.Submits), PeakDemand(jobs));
        if (peak <= processors)
        {
            yield return Diagnostic.Warning("never-queues",
                $"no job of the workload has to wait: at most {peak} of {processors} processors are wanted at once, so every policy gives the same schedule") with
            {
                Help = "compress its times, scale its load, or take a smaller machine",
            };
            yield break;
        }

        // n arrivals span n - 1 gaps; the work of n jobs belongs to n of them.
        var load = area / (processors * span * jobs.Count / (jobs.Count - 1.0));
        if (span > 0 && load > 1)
        {
            yield return Diagnostic.Warning("load-above-one",
                $"the offered load is {Verdicts.Number(load)}: more work arrives than the machine can do, and waits grow with the length of the workload") with
            {
                Help = "means of waits and slowdowns then say little; judge the makespan, or scale the load below 1",
            };
        }
        else if (span == 0 && jobs.Count > 1)
        {
            yield return Diagnostic.Hint("one-burst", "all jobs are submitted at once: judge the makespan, for waits depend on the order alone");
        }
    }

    /// <summary>Whether jobs run into their time limits, and whether the workload starts with a long wait.</summary>
    /// <param name="jobs">The jobs.</param>
    public static IEnumerable<Diagnostic> Times(SubmittedJobs jobs)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        if (jobs.Count == 0) yield break;
        if (jobs.OverLimit is > 0 and var cut)
        {
            yield return Diagnostic.Warning("jobs-over-limit", $"{cut} of {jobs.Count} jobs run longer than their time limit: they are ended there and count as timed out") with
            {
                Help = "workload.estimates=at-least lifts the limits of such jobs to their run times, workload.estimates=cut ends them well at the limit",
            };
        }

        if (First(jobs.Submits) is var first && first > LongestStart)
        {
            yield return Diagnostic.Warning("late-start", $"the first job is submitted {Durations.Format(Math.Round(first.TotalSeconds))} after the start: nothing runs until then") with
            {
                Help = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"workload.window={Math.Floor(first.TotalSeconds)}.. lets the workload begin with it"),
            };
        }
    }

    /// <summary>Whether the clocks of the nodes are near the head's.</summary>
    public static IEnumerable<Diagnostic> Clocks(IEnumerable<ClockOffset> clocks)
    {
        foreach (var clock in clocks)
        {
            if (Math.Abs(clock.Offset) - clock.Bound > LargestOffset)
            {
                yield return Diagnostic.Warning("clock-not-synchronised",
                    $"the clock of {clock.Node} is {ClockAudit.Milliseconds(clock.Offset)} off the head's, give or take {ClockAudit.Milliseconds(clock.Bound)}") with
                {
                    Help = "synchronise the nodes' clocks (chrony), or the stages of jobs cannot be told apart that finely",
                };
            }
            else if (clock.Bound > LargestOffset)
            {
                yield return Diagnostic.Warning("clock-not-known",
                    $"the clock of {clock.Node} is known to {ClockAudit.Milliseconds(clock.Bound)} only") with
                {
                    Help = "the network to the node is slow or busy; measure again before trusting short stages",
                };
            }
        }
    }

    /// <summary>Processor seconds of all jobs.</summary>
    private static double Area(SubmittedJobs jobs)
    {
        var area = 0.0;
        for (var i = 0; i < jobs.Count; i++) area += jobs.Processors[i] * new TimeSpan(jobs.Runs[i]).TotalSeconds;
        return area;
    }

    /// <summary>Seconds from the first submission to the last.</summary>
    private static double Span(ReadOnlySpan<long> submits)
    {
        var last = submits[0];
        foreach (var submit in submits) last = Math.Max(last, submit);
        return (new TimeSpan(last) - First(submits)).TotalSeconds;
    }

    private static TimeSpan First(ReadOnlySpan<long> submits)
    {
        var first = submits[0];
        foreach (var submit in submits) first = Math.Min(first, submit);
        return new TimeSpan(first);
    }

    /// <summary>The most processors wanted at once if every job started when submitted: no more than the machine has means that none waits.</summary>
    private static long PeakDemand(SubmittedJobs jobs)
    {
        var (begins, ends) = (jobs.Submits.ToArray(), new long[jobs.Count]);
        var (beginning, ending) = (jobs.Processors.ToArray(), jobs.Processors.ToArray());
        for (var i = 0; i < ends.Length; i++) ends[i] = begins[i] + jobs.Runs[i];
        TimeOrder.Sort(begins, beginning);
        TimeOrder.Sort(ends, ending);
        long wanted = 0, peak = 0;
        for (int b = 0, e = 0; b < begins.Length; b++)
        {
            for (; e < ends.Length && ends[e] <= begins[b]; e++) wanted -= ending[e];
            wanted += beginning[b];
            peak = Math.Max(peak, wanted);
        }

        return peak;
    }
}
