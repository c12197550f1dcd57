using System.Text.RegularExpressions;
using Regatta.Tests.Cli;

namespace Regatta.Tests.Reports;

public sealed class ReportCommandTests : ScratchTests
{
    [Fact]
    public async Task Reports_the_newest_run_with_tables_page_and_figures()
    {
        await Sample.WriteRunAsync(Path.Combine(Scratch, "20250101T130000Z-old-00000000"), "old", [Sample.Trial("only", 1)]);
        var run = await Sample.WriteRunAsync(Path.Combine(Scratch, "20260101T130000Z-quickstart-1a2b3c4d"), "quickstart", Sample.Race());

        var (code, human, _) = await ProgramRun.Of("report", "--runs", Scratch);

        Assert.Equal(0, code);
        Assert.Contains("Too few runs for a verdict: slurm-backfill had a mean wait", human, StringComparison.Ordinal);
        Assert.Contains("Wait time, mean", human, StringComparison.Ordinal);
        Assert.Contains("slurm-fifo/2", human, StringComparison.Ordinal);
        Assert.Contains("Report: " + Path.Combine(run, "report", "index.html"), human, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(run, "report", "index.html")));
        foreach (var figure in new[] { "wait-ecdf", "bounded-slowdown-ecdf", "utilisation", "queue", "started-rate", "stages", "gantt-slurm-fifo-1" })
        {
            var svg = await File.ReadAllTextAsync(Path.Combine(run, "report", "figures", figure + ".svg"), TestContext.Current.CancellationToken);
            Assert.Contains("<path", svg, StringComparison.Ordinal);
            var png = await File.ReadAllBytesAsync(Path.Combine(run, "report", "figures", figure + ".png"), TestContext.Current.CancellationToken);
            Assert.Equal(new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G' }, png[..4]);
        }
    }

    [Fact]
    public async Task Compares_the_same_points_of_two_runs_under_names_that_tell_them_apart()
    {
        await Sample.WriteRunAsync(Path.Combine(Scratch, "20260101T130000Z-quickstart-1a2b3c4d"), "quickstart", Sample.Race());
        await Sample.WriteRunAsync(Path.Combine(Scratch, "20260102T130000Z-quickstart-99887766"), "quickstart", Sample.Race());

        var (code, human, output) = await ProgramRun.Of("compare", "20260101", "20260102", "--runs", Scratch, "--json");

        Assert.Equal(0, code);
        Assert.Contains("slurm-fifo (20260101T130000Z)", human, StringComparison.Ordinal);
        Assert.Contains("slurm-fifo (20260102T130000Z)", human, StringComparison.Ordinal);
        Assert.Contains("\"type\":\"comparison\"", output, StringComparison.Ordinal);
        Assert.Contains("\"metric\":\"wait-mean\"", output, StringComparison.Ordinal);
        Assert.Contains("\"coverage\":{\"runs\":2,\"normal\":0.95", output, StringComparison.Ordinal);
        Assert.Contains("in brackets: how often such an interval of so few runs covers the true mean, by simulation; at n = 2 it covers 95 % for normal runs", Regex.Replace(human, @"\s+", " "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_the_run_that_was_probably_meant()
    {
        await Sample.WriteRunAsync(Path.Combine(Scratch, "20260101T130000Z-quickstart-1a2b3c4d"), "quickstart", [Sample.Trial("only", 1)]);

        (await ProgramRun.Of("report", "20260101T130000Z-quickstart-1a2b3c5d", "--runs", Scratch)).Says(
            2,
            "error[run-unknown]: there is no run '20260101T130000Z-quickstart-1a2b3c5d'",
            "did you mean '20260101T130000Z-quickstart-1a2b3c4d'?");
    }

    [Fact]
    public async Task Says_how_to_get_a_run_when_there_is_none()
    {
        (await ProgramRun.Of("report", "--runs", Scratch)).Says(
            2,
            "error[no-run]: there is no run in",
            "regatta run quickstart --yes");
    }

    [Fact]
    public async Task A_directory_that_is_no_run_is_told_so()
    {
        (await ProgramRun.Of("report", Scratch)).Says(
            2,
            "error[not-a-run]",
            "is not a run directory: it has no plan.json");
    }

    [Fact]
    public async Task A_run_without_a_finished_trial_says_how_to_go_on()
    {
        await Sample.WriteRunAsync(Path.Combine(Scratch, "20260101T130000Z-quickstart-1a2b3c4d"), "quickstart", [], [("slurm-fifo", 1)]);

        (await ProgramRun.Of("report", "--runs", Scratch)).Says(
            1,
            "error[report-no-trial]: no trial is finished in 20260101T130000Z-quickstart-1a2b3c4d",
            "regatta resume");
    }

    [Fact]
    public async Task An_unknown_metric_or_duration_is_told_before_anything_is_written()
    {
        await Sample.WriteRunAsync(Path.Combine(Scratch, "20260101T130000Z-quickstart-1a2b3c4d"), "quickstart", Sample.Race());

        var (code, human, _) = await ProgramRun.Of("report", "--runs", Scratch, "--judge", "wait-p91");
        Assert.Equal(2, code);
        Assert.Contains("error[metric-unknown]: there is no metric 'wait-p91'", human, StringComparison.Ordinal);

        foreach (var wrong in new[] { "soon", "-3s", "0s" })
        {
            (code, human, _) = await ProgramRun.Of("report", "--runs", Scratch, $"--tau={wrong}");
            Assert.Equal(2, code);
            Assert.Contains($"'{wrong}' is no duration for --tau", human, StringComparison.Ordinal);
        }
    }
}
