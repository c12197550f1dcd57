using System.Diagnostics;
using Regatta.Cli;
using Xunit;

namespace Regatta.Tests.Cli;

/// <summary>What the program itself does with output that nobody can read, with signals, and with what data do to a terminal.</summary>
public sealed class OutputTests : ScratchTests
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "regatta");
    public static TheoryData<string> Lines =>
    [
        "--help", "--version", "config groups", "config groups --json", "config show experiment=reference", "plan reference", "completion bash", "workload generate esp processors=64 --output esp.swf", "query --runs .", "query --formt csv", "image list", "doctor --all",
    ];

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Output_on_a_full_disk_is_told_and_is_no_success(string line)
    {
        var (code, _, errors) = await Shell($"{Program} {line} > /dev/full");

        Assert.Contains("error[output-lost]: the output of the command could not be written whole: No space left on device", errors, StringComparison.Ordinal);
        Assert.InRange(code, 2, 3);
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Output_that_is_closed_is_told_and_is_no_success(string line)
    {
        var (code, _, errors) = await Shell($"{Program} {line} >&-");

        Assert.Contains("error[output-lost]: the output of the command could not be written whole: Bad file descriptor", errors, StringComparison.Ordinal);
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
    public async Task What_stopped_a_command_is_told_on_standard_error_when_standard_output_is_lost()
    {
        var (code, _, errors) = await Shell($"{Program} report nothing-of-this-name --runs {Scratch} > /dev/full");

        Assert.Equal(2, code);
        Assert.Contains("error[run-unknown]", errors, StringComparison.Ordinal);
        Assert.Contains("error[output-lost]", errors, StringComparison.Ordinal);
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
        var (code, output, _) = await Shell(Signalled("", signal));

        Assert.Equal(4, code);
        Assert.Contains("error[run-interrupted]: interrupted; ", output, StringComparison.Ordinal);
        Assert.Contains("go on with: regatta resume", output, StringComparison.Ordinal);
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
        $"set -m; {before}{Program} run reference workload=bag workload.jobs=2000 measure.repetitions=12 --runs {Scratch}/runs & program=$!\n"
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
