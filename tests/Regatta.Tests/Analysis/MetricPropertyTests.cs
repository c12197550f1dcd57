using CsCheck;
using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Tests.Analysis;

/// <summary>Metrics of random trials, against formulas so plain that they are seen to be right.</summary>
public sealed class MetricPropertyTests
{
    private const int P = 4;

    // Times are whole seconds, so that many events fall together. Some jobs never start, and some are killed without a finish stamp.
    private static readonly Gen<JobRecord[]> Jobs =
        Gen.Select(Gen.Int[0, 60], Gen.Int[0, 40], Gen.Int[0, 40], Gen.Int[1, P], Gen.Int[0, 9], Gen.Int[1, 4])
            .Array[1, 40]
            .Select(rows => rows.Select((row, i) =>
            {
                var (sent, wait, run, processors, fate, user) = row;
                var job = Trials.Job(i + 1, processors, sent, sent + wait, sent + wait + run, user);
                return fate switch
                {
                    0 => job with { State = JobState.Cancelled, Start = null, Decided = null, Finish = null },
                    1 => job with { State = JobState.TimedOut, Finish = null },
                    _ => job,
                };
            }).ToArray());

    private static readonly Gen<(JobRecord[] Jobs, MeasureSettings Settings)> Cut =
        Gen.Select(Jobs, Gen.Int[0, 20], Gen.Int[0, 20], (jobs, warmUp, coolDown) =>
            (jobs, MeasureSettings.Default with { WarmUp = TimeSpan.FromSeconds(warmUp), CoolDown = TimeSpan.FromSeconds(coolDown) }));

    [Fact]
    public void Evalys_definitions_hold() => Jobs.Sample(all =>
    {
        // evalys: waiting_time = starting_time - submission_time, turnaround_time = finish_time - submission_time, makespan = max finish - min submission,
        // and utilisation is the area of the running jobs over processors times makespan. It knows completed jobs only.
        var jobs = all.Where(j => j.State == JobState.Completed).ToArray();
        if (jobs.Length == 0) return;
        var metrics = TrialMetrics.Compute(Trials.Of(jobs));
        var makespan = (jobs.Max(j => j.Finish!.Value) - jobs.Min(j => j.Sent!.Value)) / 1e6;

        Near(jobs.Average(j => (j.Start!.Value - j.Sent!.Value) / 1e6), metrics["wait-mean"]);
        Near(jobs.Average(j => (j.Finish!.Value - j.Sent!.Value) / 1e6), metrics["turnaround-mean"]);
        Near(makespan, metrics["makespan"]);
        if (makespan > 0) Near(jobs.Sum(j => j.Processors * (j.Finish!.Value - j.Start!.Value) / 1e6) / (P * makespan), metrics["utilisation"]);
        var stretched = jobs.Where(j => j.Finish > j.Start).ToArray();
        if (stretched.Length > 0) Near(stretched.Average(j => (double)(j.Finish!.Value - j.Sent!.Value) / (j.Finish.Value - j.Start!.Value)), metrics["slowdown-mean"]);
    });

    [Fact]
    public void Integrals_over_the_machine_are_those_of_a_walk_second_by_second() => Cut.Sample(sample =>
    {
        var (jobs, settings) = sample;
        var trial = Trials.Of(jobs);
        var metrics = TrialMetrics.Compute(trial, settings);
        int from = (int)((metrics.Cut.From - Trials.Origin) / 1_000_000), to = (int)((metrics.Cut.To - Trials.Origin) / 1_000_000);
        double busy = 0, lost = 0, fitting = 0, queued = 0;
        for (var second = from; second < to; second++)
        {
            bool At(long? since, long? until) => since is not null && since.Value <= Trials.At(second) && (until ?? long.MaxValue) > Trials.At(second);
            var running = jobs.Where(j => At(j.Start, j.Finish ?? j.Released)).ToList();
            var waiting = jobs.Where(j => At(j.Sent, j.Start ?? j.Released)).ToList();
            var idle = Math.Max(0, P - running.Sum(j => j.Processors));
            busy += running.Sum(j => j.Processors);
            lost += Math.Min(idle, waiting.Sum(j => j.Processors));
            if (waiting.Any(j => j.Processors <= idle)) fitting += idle;
            queued += waiting.Count;
        }

        if (to <= from)
        {
            Assert.Null(metrics["utilisation"]);
            return;
        }

        Near(busy / (P * (to - from)), metrics["utilisation"]);
        Near(lost / (P * (to - from)), metrics["loss-of-capacity"]);
        Near(fitting / (P * (to - from)), metrics["loss-of-capacity-fitting"]);
        Near(queued / (to - from), metrics["queue-length"]);
        foreach (var most in new[] { 7, 10_000 })
        {
            var series = TrialSeries.Of(trial, settings, most);
            Assert.Equal(most == 10_000 || jobs.Length <= 2, series.Utilisation.Exact);
            Assert.True(series.Utilisation.Times.Length <= most);
            Near(Average(series.Utilisation, series.Seconds), metrics["utilisation"]);
            Near(Average(series.QueueLength, series.Seconds), metrics["queue-length"]);
        }
    });

    [Fact]
    public void A_cut_keeps_the_jobs_submitted_within_it() => Cut.Sample(sample =>
    {
        var (jobs, settings) = sample;
        var first = jobs.Min(j => j.Sent!.Value) + (settings.WarmUp.Ticks / 10);
        var last = jobs.Max(j => j.Sent!.Value) - (settings.CoolDown.Ticks / 10);
        var kept = jobs.Where(j => j.Sent >= first && j.Sent <= last).ToList();
        var metrics = TrialMetrics.Compute(Trials.Of(jobs), settings);
        var waits = kept.Where(j => j.Start is not null).Select(j => (j.Start!.Value - j.Sent!.Value) / 1e6).ToList();

        Assert.Equal(kept.Count, metrics["jobs"]);
        Assert.Equal(kept.Count, metrics.States.Values.Sum());
        Assert.Equal(waits.Count == 0, metrics["wait-mean"] is null);
        if (waits.Count > 0) Near(waits.Average(), metrics["wait-mean"]);
    });

    [Fact]
    public void Groups_hold_every_job_of_the_cut_once() => Cut.Sample(sample =>
    {
        var (jobs, settings) = sample;
        var trial = Trials.Of(jobs);
        var metrics = TrialMetrics.Compute(trial, settings);
        foreach (var groups in new[]
        {
            JobGroups.ByState(trial, settings), JobGroups.ByUser(trial, settings), JobGroups.BySize(trial, settings), JobGroups.ByRunTime(trial, settings),
            JobGroups.BySizeAndRunTime(trial, settings),
        })
        {
            Assert.Equal(metrics["jobs"], groups.Sum(g => g.Jobs));
            Assert.Equal(groups.Select(g => g.Key).Order(), groups.Select(g => g.Key));
            var started = groups.Where(g => g.Wait.Count > 0).ToList();
            if (started.Count > 0) Near(metrics["wait-mean"]!.Value, started.Sum(g => g.Wait.Mean * g.Wait.Count) / started.Sum(g => g.Wait.Count));
        }
    });

    [Fact]
    public void Bounds_that_hold_for_every_schedule_hold() => Jobs.Sample(jobs =>
    {
        var metrics = TrialMetrics.Compute(Trials.Of(jobs));

        foreach (var family in new[] { "wait", "turnaround", "bounded-slowdown", "queue" })
        {
            if (metrics[$"{family}-p50"] is not { } median) continue;
            Assert.True(median <= metrics[$"{family}-p90"] && metrics[$"{family}-p90"] <= metrics[$"{family}-p99"] && metrics[$"{family}-p99"] <= metrics[$"{family}-max"]);
        }

        if (metrics["bounded-slowdown-p50"] is { } slowdown) Assert.True(slowdown >= 1);
        if (metrics["fairness-jain"] is { } jain) Assert.InRange(jain, 0.25 - 1e-12, 1 + 1e-12);
        if (metrics["loss-of-capacity"] is { } lost) Assert.InRange(lost, 0, 1);
        Assert.All(metrics.Values.Keys, name => Assert.NotNull(MetricCatalogue.Find(name)));
    });

    private static double Average(StepSeries series, double seconds)
    {
        double sum = 0;
        for (var i = 0; i < series.Times.Length; i++)
            sum += series.Values[i] * ((i + 1 < series.Times.Length ? series.Times[i + 1] : seconds) - series.Times[i]);
        return sum / seconds;
    }

    private static void Near(double expected, double? actual) => Assert.Equal(expected, actual!.Value, 1e-9 * Math.Max(1, Math.Abs(expected)));
}
