using Regatta.Analysis;
using Regatta.Reports.Html;
using Regatta.Reports.Model;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Tests.Reports;

/// <summary>What a report says of trials in virtual time.</summary>
public sealed class VirtualTimeViewTests
{
    private static readonly ClockReport Clock = new() { RealStarted = Sample.Start, RealEnded = Sample.Start + 10_000_000, Virtual = 100_000_000, Jumped = 90_000_000, Jumps = 500, Busy = 9_000_000, Waiting = 1_000_000, Woken = 600 };

    [Fact]
    public void Runs_in_both_times_are_held_against_each_other_within_what_real_ones_differ_by()
    {
        var model = ReportBuilder.Build([Run([.. Both(5)])]);

        var check = Assert.Single(model.VirtualTime!.Checks);
        Assert.Equal(("slurm 22.05.8", "quickstart", (5, 5)), (check.Scheduler, check.Workload, check.Runs));
        Assert.Equal(["makespan", "wait-mean", "bounded-slowdown-mean"], check.Rows.Select(r => r.Metric));
        Assert.All(check.Rows, r => Assert.True(r.Margin > 0 && r.P is > 0 and <= 1));
        var alike = model.VirtualTime.Alike;
        Assert.Equal([("real", "real", 5, 1.0), ("virtual", "virtual", 5, 10.0)], alike.Select(a => (a.Point, a.Time, a.Runs, a.Factor)));
        Assert.All(alike, a => Assert.True(a.Tau <= 1 && a.LeastTau <= a.Tau && a.Difference > 0 && a.WaitSpread > 0));
        Assert.Contains(model.Verdict.Sentences, s => s.StartsWith("virtual in virtual time: 5 runs of the same jobs start them ", StringComparison.Ordinal));
        Assert.Contains(model.Verdict.Sentences, s => s.StartsWith("slurm 22.05.8, quickstart, 2026-01-01: 5 runs in virtual time against 5 in real time, ", StringComparison.Ordinal));
        var page = HtmlReport.Render(model);
        Assert.Contains("<section id=\"virtual-time\"", page, StringComparison.Ordinal);
        Assert.Contains("<td class=\"text\">bounded-slowdown-mean</td>", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_run_in_real_time_the_latest_check_of_the_version_stands_there()
    {
        var trials = Both(2).Where(t => t.Record.Clock is not null).ToArray();
        var known = ReportBuilder.Build([Run(trials) with { Provenance = new Provenance { VirtualTime = ImmutableSortedDictionary<string, string>.Empty.Add("slurm 22.05.8", "it held.").Add("slurm 24.11.5", "it did not.") } }]);
        var unknown = ReportBuilder.Build([Run(trials)]);

        Assert.Equal(["it held."], known.VirtualTime!.Known);
        Assert.Contains("Virtual time was last held against real time on this host: it held.", known.Verdict.Sentences);
        Assert.Contains("last held against real time on this host: it held.", HtmlReport.Render(known), StringComparison.Ordinal);
        Assert.Contains("<code>regatta run warp-fidelity</code> holds the two against each other", HtmlReport.Render(unknown), StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_in_real_time_say_nothing_of_it() => Assert.Null(ReportBuilder.Build([Run([.. Sample.Race()])]).VirtualTime);

    private static IEnumerable<Trial> Both(int runs)
    {
        for (var repetition = 1; repetition <= runs; repetition++)
        {
            // In both times the jobs of one repetition are the same, with launch costs of their own.
            yield return Named("real", Sample.Trial("r", repetition, backfill: true, order: (2 * repetition) - 1), repetition, null);
            yield return Named("virtual", Sample.Trial("vt", repetition, backfill: true, order: 2 * repetition), repetition, Clock);
        }
    }

    private static Trial Named(string point, Trial trial, int repetition, ClockReport? clock) => trial with { Record = trial.Record with { Point = point, Repetition = repetition, Clock = clock } };

    private static RecordedRun Run(params Trial[] trials) => new()
    {
        Path = "/runs/a", Id = "a", Name = "warp-fidelity",
        Trials = [.. trials.Select(t => new RecordedTrial("/runs/a", t, TrialAudit.Of(t)))],
    };
}
