using System.Diagnostics;
using Regatta.Cli;

namespace Regatta.Tests.Cli;

/// <summary>What the program itself does with output that nobody can read, with signals, and with what data do to a terminal.</summary>
public sealed class OutputTests : ScratchTests
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "regatta");

    private static readonly string[] CommandLines =
    [
        "--help", "--version", "config groups", "config groups --json", "config show experiment=reference", "plan reference", "completion bash", "workload generate esp processors=64 --output esp.swf", "image list", "doctor --all",
    ];

    public static MatrixTheoryData<string, (string Redirection, string Fault)> Lost =>
        new(CommandLines, [("> /dev/full", "No space left on device"), (">&-", "Bad file descriptor")]);

    [Theory]
    [MemberData(nameof(Lost))]
    public async Task Output_that_cannot_be_written_is_told_and_is_no_success(string line, (string Redirection, string Fault) lost)
    {
        var (code, _, errors) = await Shell($"{Program} {line} {lost.Redirection}");

        Assert.Contains($"error[output-lost]: the output of the command could not be written whole: {lost.Fault}", errors, StringComparison.Ordinal);
        Assert.InRange(code, 2, 3);
    }

    [Fact]
    public async Task A_reader_that_has_read_enough_ends_nothing_with_an_error()
    {
        var (code, output, errors) = await Shell($"set -o pipefail; {Program} config docs | head -1");

        Assert.Equal(0, code);
        Assert.Equal("", errors);
        Assert.NotEqual("", output);
    }

    [Theory]
    [InlineData("> /dev/full")]
    [InlineData(">&-")]
    [InlineData("> /dev/full 2> /dev/full")]
    [InlineData(">&- 2>&-")]
    public async Task A_run_whose_output_is_lost_is_carried_to_its_end(string redirection)
    {
        var (code, _, _) = await Shell($"{Program} run reference workload=bag workload.jobs=5 measure.repetitions=2 --runs {Scratch}/runs {redirection}");

        Assert.Equal(3, code);
        Assert.Equal(2, Directory.GetFiles(Scratch, "trial.json", SearchOption.AllDirectories).Length);
        Assert.Single(Directory.GetFiles(Scratch, "index.html", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task What_stopped_a_command_is_told_on_standard_error_and_needs_no_standard_output()
    {
        var (code, _, errors) = await Shell($"{Program} report nothing-of-this-name --runs {Scratch} > /dev/full");

        Assert.Equal(2, code);
        Assert.StartsWith("error[run-unknown]", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("error[output-lost]", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config show experiment=quickstar", 2, "error[")]
    [InlineData("plan reference workload=bag workload.jobs=5 measure.repetitions=3", 0, "warning[")]
    public async Task Diagnostics_go_to_standard_error_and_results_to_standard_output(string line, int exit, string diagnostic)
    {
        var (code, output, errors) = await Shell($"{Program} {line}");

        Assert.Equal(exit, code);
        Assert.StartsWith(diagnostic, errors, StringComparison.Ordinal);
        Assert.DoesNotContain(diagnostic, output, StringComparison.Ordinal);
        Assert.Equal(exit == 0, output.Length > 0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--json")]
    public async Task A_long_diagnostic_that_nobody_watches_stays_on_one_line(string option)
    {
        var name = new string('x', 300);

        var (_, _, errors) = await Shell($"{Program} report {name} --runs {Scratch} {option}");

        Assert.Contains(errors.Split('\n'), line => line.StartsWith("error[run-unknown]", StringComparison.Ordinal) && line.Contains(name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Others_cannot_write_what_a_run_makes_whatever_the_mask()
    {
        var (_, output, _) = await Shell($"umask 000; {Program} run reference workload=bag workload.jobs=5 --runs {Scratch}/runs > /dev/null && find {Scratch}/runs -perm /022; find {Scratch}/runs -name trial.json | wc -l");

        Assert.Equal("1\n", output);
    }

    [Theory]
    [InlineData("HUP")]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_ends_a_run_in_order(string signal)
    {
        var (code, _, errors) = await Shell(Signalled("", signal));

        Assert.Equal(4, code);
        Assert.Contains("error[run-interrupted]: interrupted; ", errors, StringComparison.Ordinal);
        Assert.Contains("go on with: regatta resume", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signals_that_come_together_are_one_as_timeout_sends_them()
    {
        var (code, _, errors) = await Shell(Signalled("", "TERM").Replace("kill -TERM $program", "kill -TERM $program; kill -TERM -- -$program", StringComparison.Ordinal));

        Assert.Equal(4, code);
        Assert.Contains("error[run-interrupted]: interrupted; ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("interrupted-twice", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signal_that_is_ignored_is_known_from_the_mask_of_the_process()
    {
        Assert.True(Interruption.IsIgnored(Interruption.SigHup, ["Name:\tregatta", "SigIgn:\t0000000000001001"]));
        Assert.False(Interruption.IsIgnored(Interruption.SigHup, ["Name:\tregatta", "SigIgn:\t0000000000001000"]));
        var (_, output, _) = await Shell("trap '' HUP; exec grep SigIgn /proc/self/status");
        Assert.True(Interruption.IsIgnored(Interruption.SigHup, output.Split('\n')));
    }

    [Fact]
    public async Task A_run_under_nohup_outlives_its_terminal()
    {
        var (code, output, _) = await Shell(Signalled("trap '' HUP; ", "HUP"));

        Assert.True(code == 0, output);
        Assert.DoesNotContain("interrupted", output, StringComparison.Ordinal);
    }

    // The signal comes when the first trial is under way; the shell's own "set -m" keeps SIGINT from being ignored in the background.
    private string Signalled(string before, string signal) =>
        $"set -m; {before}{Program} run reference workload=bag workload.jobs=2000 measure.repetitions=60 --runs {Scratch}/runs & program=$!\n"
        + $"until grep -qs TrialStarted {Scratch}/runs/*/journal.jsonl; do kill -0 $program || break; done; kill -{signal} $program; wait $program";

    private async Task<(int Code, string Output, string Errors)> Shell(string script)
    {
        var start = new ProcessStartInfo("bash") { ArgumentList = { "-c", script }, WorkingDirectory = Scratch, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["REGATTA_STATE"] = Path.Combine(Scratch, "state");
        using var shell = Process.Start(start)!;
        shell.StandardInput.Close();
        var output = shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = shell.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (shell.ExitCode, await output, await errors);
    }
}
