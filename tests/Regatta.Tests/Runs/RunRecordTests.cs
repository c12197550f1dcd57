using System.Text;
using Regatta.Reports.Model;
using Regatta.Runs;
using Regatta.Tests.Cli;
using Regatta.Tests.Reports;

namespace Regatta.Tests.Runs;

/// <summary>Records that were swapped, moved, copied or damaged are not believed; whoever reads them is told which file it is.</summary>
public sealed class RunRecordTests : IAsyncLifetime
{
    private readonly string _runs = Directory.CreateTempSubdirectory("regatta-records-").FullName;
    private string _run = "";

    public async ValueTask InitializeAsync() => _run = await Sample.WriteRunAsync(Path.Combine(_runs, "20260101T130000Z-quickstart-1a2b3c4d"), "quickstart", Sample.Race());

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_runs, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("jobs.parquet")]
    [InlineData("audit.json")]
    public async Task A_file_that_is_not_the_recorded_one_is_refused(string name)
    {
        // Audits of valid trials may be alike to the byte, so that one is changed instead.
        if (name == "audit.json") await ReplaceAsync(Path.Combine(Trial("slurm-fifo", 1), name), "{", "{ ");
        else File.Copy(Path.Combine(Trial("slurm-backfill", 2), name), Path.Combine(Trial("slurm-fifo", 1), name), overwrite: true);

        var refused = await RefusedAsync();

        Assert.Contains($"error[trial-file-changed]: {name} is not the file that was recorded with the trial slurm-fifo/1", refused, StringComparison.Ordinal);
        Assert.Contains("the file was changed, or belongs to another trial", refused, StringComparison.Ordinal);
        await CommandsRefuseAsync("error[trial-file-changed]");
    }

    [Fact]
    public async Task A_trial_in_the_place_of_another_point_is_refused()
    {
        Directory.Delete(Trial("slurm-fifo", 2), recursive: true);
        Directory.Move(Trial("slurm-backfill", 2), Trial("slurm-fifo", 2));

        Assert.Contains("its record says that it is slurm-backfill/2", await RefusedAsync(), StringComparison.Ordinal);
        await CommandsRefuseAsync("error[trial-misplaced]");
    }

    [Fact]
    public async Task A_copy_of_a_trial_is_no_further_repetition()
    {
        Copy(Trial("slurm-fifo", 2), Trial("slurm-fifo", 3));
        Assert.Contains("its record says that it is slurm-fifo/2", await RefusedAsync(), StringComparison.Ordinal);

        var file = Path.Combine(Trial("slurm-fifo", 3), "trial.json");
        await ReplaceAsync(file, "\"repetition\": 2", "\"repetition\": 3");
        Assert.Contains("the plan of the run has no such trial", await RefusedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trial_of_another_run_is_refused()
    {
        await ReplaceAsync(Path.Combine(Trial("slurm-fifo", 1), "trial.json"), "\"seed\": 1001", "\"seed\": 5");

        Assert.Contains("the plan says order 1, block 1 and seed 1001, its record 1, 1 and 5", await RefusedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_that_is_not_the_one_the_journal_names_is_refused()
    {
        using (var journal = new Journal(Path.Combine(_run, Journal.FileName), TimeProvider.System)) journal.Write(JournalKind.TrialFinished, "slurm-fifo/1", sha256: new string('0', 64));

        Assert.Contains("trial.json is not the file that the journal of the run says was written", await RefusedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trial_without_an_audit_is_said()
    {
        File.Delete(Path.Combine(Trial("slurm-fifo", 1), "audit.json"));

        var read = await RecordedRun.ReadAsync(_run, TestContext.Current.CancellationToken);

        Assert.StartsWith("warning[trial-not-audited]: the trial slurm-fifo/1 has no audit.json", Assert.Single(read.Faults).ToString(), StringComparison.Ordinal);
        Assert.Contains(ReportBuilder.Build([read]).Conclusions, d => d.Code == "trial-not-audited");
    }

    [Fact]
    public async Task A_line_of_the_journal_that_cannot_be_read_is_said_and_hides_no_trial()
    {
        await File.WriteAllTextAsync(Path.Combine(_run, Journal.FileName), "{\"time\":\"2026-03-01T12:00:00Z\",\"kind\":\"Opened\"}\ngarbage\n", TestContext.Current.CancellationToken);

        var read = await RecordedRun.ReadAsync(_run, TestContext.Current.CancellationToken);

        Assert.Equal(4, read.Trials.Length);
        Assert.StartsWith($"warning[journal-line]: a line of the run's journal cannot be read\n  at {Path.Combine(_run, Journal.FileName)}:2", Assert.Single(read.Faults).ToString(), StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Damages => new()
    {
        { "plan.json", "{\"version\": 2, \"name\": \"a\xFF\"}" },
        { "plan.json", "{\"version\": 2, \"version\": 2, \"name\": \"a\", \"seed\": 1, \"points\": [], \"trials\": []}" },
        { "plan.json", "{\"version\": 2, \"name\": \"a\", \"seed\": 1, \"points\": null, \"trials\": null}" },
        { "plan.json", "[]" },
        { "plan.json", "" },
        { "plan.json", "{\"version\": 2, \"name\": \"a\", \"seed\": 1, \"points\": [], \"trials\": [{\"order\":1,\"point\":\"..\",\"repetition\":1,\"block\":1,\"seed\":1}]}" },
        { "provenance.json", "{\"seed\": 1, \"started\": \"\xC3\x28\"}" },
        { "provenance.json", "{\"seed\": 1, \"seed\": 2}" },
        { "provenance.json", "{\"host\": 7}" },
        { "experiment.yaml", "name: \xFF\n" },
        { "overrides.yaml", "- \"a=\xFF\"\n" },
        { "overrides.yaml", "a: b\n" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_file_of_a_run_is_a_diagnostic(string name, string content)
    {
        // Bytes as they stand in the text, many of them no UTF-8.
        await File.WriteAllBytesAsync(Path.Combine(_run, name), Encoding.Latin1.GetBytes(content), TestContext.Current.CancellationToken);

        Assert.StartsWith($"error[run-file]: {name} of the run cannot be read\n  at {Path.Combine(_run, name)}", await RefusedAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"time\":\"2026-03-01T12:00:00Z\",\"kind\":\"Opened\",\"subject\":\"\xFF\"}")]
    [InlineData("{\"time\":\"2026-03-01T12:00:00Z\",\"kind\":\"Opened\",\"kind\":\"Opened\"}")]
    [InlineData("{\"time\":\"2026-03-01T12:00:00Z\",\"kind\":\"Sailed\"}")]
    [InlineData("null")]
    [InlineData("{}\0")]
    public async Task A_damaged_line_of_the_journal_is_a_diagnostic(string line)
    {
        await File.WriteAllBytesAsync(Path.Combine(_run, Journal.FileName), Encoding.Latin1.GetBytes(line + "\n"), TestContext.Current.CancellationToken);

        Assert.Equal("journal-line", Assert.Single((await RecordedRun.ReadAsync(_run, TestContext.Current.CancellationToken)).Faults).Code);
        Assert.Throws<DiagnosticException>(() => Journal.Read(Path.Combine(_run, Journal.FileName)));
    }

    [Theory]
    [InlineData("plan.json", "{\"version\": 99, \"shape\": \"new\"}")]
    [InlineData("provenance.json", "{\"version\": 99, \"host\": []}")]
    public async Task A_newer_version_is_refused_by_name_whatever_the_rest_holds(string name, string content)
    {
        await File.WriteAllTextAsync(Path.Combine(_run, name), content, TestContext.Current.CancellationToken);

        Assert.StartsWith($"error[run-version]: {name} of the run has version 99; this program reads 1 to 2", await RefusedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_without_a_plan_is_no_run_for_any_reader()
    {
        File.Delete(Path.Combine(_run, "plan.json"));

        Assert.StartsWith("error[not-a-run]", await RefusedAsync(), StringComparison.Ordinal);
        Assert.StartsWith("error[not-a-run]", Assert.Throws<DiagnosticException>(() => RunDirectory.Open(_run)).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_run, new RunCollection(_runs).All);
    }

    private string Trial(string point, int repetition) => Path.Combine(_run, "trials", point, $"{repetition}");

    private async Task<string> RefusedAsync() =>
        (await Assert.ThrowsAsync<DiagnosticException>(() => RecordedRun.ReadAsync(_run, TestContext.Current.CancellationToken))).Message;

    private async Task CommandsRefuseAsync(string code)
    {
        string[][] commands = [["report", _run], ["compare", _run], ["query", "from jobs", "--run", _run], ["export", _run, "-o", Path.Combine(_runs, "out")], ["check", _run, "--baseline", _run]];
        foreach (var command in commands)
        {
            var (exit, human, _) = await ProgramRun.Of([.. command, "--runs", _runs]);
            Assert.Equal(1, exit);
            Assert.Contains(code, human, StringComparison.Ordinal);
        }
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private static async Task ReplaceAsync(string file, string old, string with)
    {
        var text = await File.ReadAllTextAsync(file);
        Assert.Contains(old, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, text.Replace(old, with, StringComparison.Ordinal));
    }
}
