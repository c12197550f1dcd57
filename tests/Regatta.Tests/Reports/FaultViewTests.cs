using Regatta.Analysis;
using Regatta.Runs;
using Regatta.Reports.Html;
using Regatta.Reports.Model;

namespace Regatta.Tests.Reports;

/// <summary>What a report says of faults that were brought about on purpose.</summary>
public sealed class FaultViewTests
{
    private static readonly InjectedFault Killed = new("controller", "slurmctld killed on <head>", "head", Sample.Start + 5_000_000, Sample.Start + 5_000_000) { Healed = Sample.Start + 6_500_000, FirstStart = 2_000_000 };

    [Fact]
    public void The_section_tells_what_came_of_each_fault_and_what_was_told_meanwhile()
    {
        var section = Section(new FaultInjection([Killed], new FaultEffects { Lost = 2, Requeued = 4 }), 3);

        foreach (var words in (string[])["slurmctld killed on &lt;head&gt;", "No job was called completed that had not done its work.",
            "repetition 1: slurmctld told of 0 (after 6 s); slurmctld told of 1 (after 7 s); slurmctld told of 2 (after 8 s)</li>"])
            Assert.Contains(words, section, StringComparison.Ordinal);
        Assert.DoesNotContain("earlier", section, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_words_are_cut_and_a_job_that_was_falsely_called_completed_is_named_first()
    {
        var section = Section(new FaultInjection([Killed], new FaultEffects { FalselyCompleted = 1 }) { Missed = ["other"] }, 10);

        Assert.Contains("1 job was called completed without having done the work: the worst that a scheduler can do.", section, StringComparison.Ordinal);
        Assert.Contains("slurmctld told of 7 (after 13 s); and 2 more</li>", section, StringComparison.Ordinal);
        Assert.Contains("<td class=\"text\">other</td>", section, StringComparison.Ordinal);
        Assert.Contains("it did not come about: the trial ended before", section, StringComparison.Ordinal);
    }

    [Fact]
    public void Trials_without_planned_faults_have_no_section() => Assert.DoesNotContain("<section id=\"faults\"", HtmlReport.Render(ReportBuilder.Build([Run(Sample.Trial("slurm-fifo", 1))])), StringComparison.Ordinal);

    private static string Section(FaultInjection injection, int told)
    {
        var trial = Sample.Trial("slurm-fifo", 1);
        var page = HtmlReport.Render(ReportBuilder.Build(
        [
            Run(Sample.Trial("slurm-backfill", 1, backfill: true, order: 2), trial with
            {
                Record = trial.Record with
                {
                    Injection = injection,
                    Mended = [new TrialFault(trial.Record.Started, "head", "earlier") { Code = "connection-mended" }, .. Enumerable.Range(0, told).Select(i => new TrialFault(trial.Record.Started + ((6 + i) * 1_000_000L), null, $"slurmctld told of {i}.") { Code = "injected" })],
                },
            }),
        ]));
        var from = page.IndexOf("<section id=\"faults\"", StringComparison.Ordinal);
        return page[from..page.IndexOf("</section>", from, StringComparison.Ordinal)];
    }

    private static RecordedRun Run(params Trial[] trials) => new()
    {
        Path = "/runs/a", Id = "a", Name = "controller-failure",
        Trials = [.. trials.Select(t => new RecordedTrial("/runs/a", t, TrialAudit.Of(t)))],
    };
}
