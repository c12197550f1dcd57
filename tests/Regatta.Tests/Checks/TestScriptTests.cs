using System.Diagnostics;

namespace Regatta.Tests.Checks;

/// <summary>
/// What <c>./test</c> makes of test programs that die, hang, say nothing or run nothing: its counting part runs in a real
/// bash, with small scripts in the place of the programs.
/// </summary>
public sealed class TestScriptTests : ScratchTests
{
    private const string Passing = """
        Test run summary: Passed!
          total: 3
          failed: 0
          succeeded: 3
          skipped: 0
          duration: 1s 252ms
        """;

    [Fact]
    public void Tests_that_pass_are_counted()
    {
        var run = Run(Summary(total: 5, passed: 4, failed: 0, skipped: 1));

        run.Concludes(0, "4 passed, 0 failed, 1 skipped");
        Assert.DoesNotContain("FAILED", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a failing test", 5, 4, 1, 0, "exit 2", "4 passed, 1 failed, 0 skipped", "Fake: 1 of its tests failed")]
    [InlineData("a crash after the summary", 3, 3, 0, 0, "kill -ABRT $$", "3 passed, 1 failed, 0 skipped", "FAILED Fake: died of signal 6 (ABRT)")]
    [InlineData("no test", 0, 0, 0, 0, "exit 8", "0 passed, 1 failed, 0 skipped", "FAILED Fake: ran no test")]
    [InlineData("skipped only", 7, 0, 0, 7, "", "0 passed, 1 failed, 7 skipped", "FAILED Fake: skipped all of its 7 tests")]
    [InlineData("no summary", null, 0, 0, 0, "echo 'Unknown option --nonsense'; exit 5", "0 passed, 1 failed, 0 skipped", "FAILED Fake: ended with 5 and without a summary of its tests")]
    [InlineData("nothing said, and left with 0", null, 0, 0, 0, "exit 0", "0 passed, 1 failed, 0 skipped", "FAILED Fake: ended with 0 and without a summary of its tests")]
    public void A_program_fails_the_run_by(string what, int? total, int passed, int failed, int skipped, string then, string last, string said)
    {
        var run = Run((total is { } tests ? Summary(tests, passed, failed, skipped) : "") + then);

        Assert.True(run.Last == last && run.Code == 1 && run.Output.Contains(said, StringComparison.Ordinal), $"{what}: {run.Output}");
    }

    [Fact]
    public void A_program_that_is_killed_half_way_is_a_failure()
    {
        var run = Run("echo 'passed Some.Test'\nkill -KILL $$");

        run.Concludes(1, "0 passed, 1 failed, 0 skipped");
        Assert.Contains("FAILED Fake: died of signal 9 (KILL)", run.Output, StringComparison.Ordinal);
        Assert.Contains("passed Some.Test", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_is_killed_does_not_hold_the_run_by_what_it_left()
    {
        // The child keeps the output open, and would for a day.
        var run = Run("sleep 86400 &\necho \"$!\" >child\nkill -KILL $$");

        Assert.Contains("FAILED Fake: died of signal 9 (KILL)", run.Output, StringComparison.Ordinal);
        Assert.False(Lives(int.Parse(File.ReadAllText(Path.Combine(Scratch, "child")))));
    }

    [Fact]
    public void A_program_that_hangs_is_ended_at_its_limit_with_what_it_started()
    {
        var run = Run("trap '' TERM\nsleep 86400 &\necho \"$!\" >child\nwhile :; do wait; done", limit: "1s", killAfter: "1s");

        run.Concludes(1, "0 passed, 1 failed, 0 skipped");
        Assert.Contains("FAILED Fake: ran longer than 1s and was ended (REGATTA_TEST_LIMIT sets another limit)", run.Output, StringComparison.Ordinal);
        Assert.False(Lives(int.Parse(File.ReadAllText(Path.Combine(Scratch, "child")))));
    }

    [Fact]
    public void A_program_that_is_not_there_is_a_failure()
    {
        var run = Bash("run_tests Fake 20s all ./missing", "conclude");

        Assert.Equal("0 passed, 1 failed, 0 skipped", run.Last);
        Assert.Contains("FAILED Fake: ended with 127 and without a summary of its tests", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_that_stand_in_the_output_of_a_test_are_no_summary()
    {
        var run = Run("cat <<'TEXT'\n" + Passing.Replace("Test run summary: Passed!", "a program under test said:", StringComparison.Ordinal) + "\nTEXT");

        Assert.Contains("FAILED Fake: ended with 0 and without a summary of its tests", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_has_none_of_the_chosen_tests_is_none_when_another_has()
    {
        Script("other", Summary(total: 0, passed: 0, failed: 0, skipped: 0) + "exit 8");
        Script("fake", Summary(total: 3, passed: 3, failed: 0, skipped: 0));

        var run = Bash("run_tests Fake 20s filtered ./fake", "run_tests Other 20s filtered ./other", "conclude");

        run.Concludes(0, "3 passed, 0 failed, 0 skipped");
        Assert.Contains("none of the chosen tests is in Other", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_choice_that_no_test_is_in_is_a_failure()
    {
        Script("fake", Summary(total: 0, passed: 0, failed: 0, skipped: 0) + "exit 8");

        var run = Bash("run_tests Fake 20s filtered ./fake", "conclude");

        Assert.Equal("0 passed, 1 failed, 0 skipped", run.Last);
        Assert.Contains("FAILED the whole run: nothing passed", run.Output, StringComparison.Ordinal);
        Assert.Equal(1, run.Code);
    }

    [Theory]
    [InlineData(4, 3, 0, 0, 0, "says 4 tests, but counts 3 passed, 0 failed, 0 skipped")]
    [InlineData(3, 3, 0, 0, 7, "ended with 7, though none of its tests failed")]
    [InlineData(3, 2, 1, 0, 0, "ended with 0, though 1 of its tests failed")]
    public void A_summary_that_contradicts_itself_is_a_failure(int total, int passed, int failed, int skipped, int code, string what)
    {
        var run = Run(Summary(total, passed, failed, skipped) + $"exit {code}");

        Assert.Contains($"FAILED Fake: {what}", run.Output, StringComparison.Ordinal);
        Assert.Equal(1, run.Code);
    }

    [Fact]
    public void A_program_that_dies_fails_a_run_in_which_others_pass()
    {
        Script("fake", Summary(total: 3, passed: 3, failed: 0, skipped: 0));
        Script("dies", "kill -KILL $$");

        var run = Bash("run_tests Fake 20s all ./fake", "run_tests Dies 20s all ./dies", "conclude");

        run.Concludes(1, "3 passed, 1 failed, 0 skipped");
    }

    [Fact]
    public void Checks_pass_fail_and_are_skipped_as_a_whole()
    {
        var run = Bash("run_check good 20s true", "run_check bad 20s sh -c 'echo line 3 is wrong; exit 1'", "skip_check tool 'it is not installed'", "conclude");

        run.Concludes(1, "1 passed, 1 failed, 1 skipped");
        Assert.Contains("line 3 is wrong", run.Output, StringComparison.Ordinal);
        Assert.Contains("FAILED bad: ended with 1", run.Output, StringComparison.Ordinal);
        Assert.Contains("skipped tool: it is not installed", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_build_that_fails_shows_its_errors_and_ends_the_run()
    {
        Script("build", "echo 'src/A.cs(1,2): error CS1002: ; expected'\necho 'src/A.cs(1,2): error CS1002: ; expected'\nexit 1");

        var run = Bash("prepare build 20s ./build", "echo the tests", "conclude");

        run.Concludes(1, "0 passed, 1 failed, 0 skipped");
        Assert.Single(run.Output.Split('\n'), "src/A.cs(1,2): error CS1002: ; expected");
        Assert.DoesNotContain("the tests", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_that_is_none_is_refused()
    {
        var run = Bash([("REGATTA_TEST_LIMIT", "soon")], "conclude");

        Assert.Equal(2, run.Code);
        Assert.Contains("error[test-limit]: REGATTA_TEST_LIMIT is 'soon', and must be a whole number of s, m, h or d, such as 90s, 20m or 2h", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_is_interrupted_ends_what_it_started_and_fails()
    {
        Script("fake", "sleep 86400 &\necho \"$!\" >child\nkill -TERM \"$TEST_SCRIPT\"\nwait");

        var run = Bash("export TEST_SCRIPT=$$", "run_tests Fake 60s all ./fake", "conclude");

        run.Concludes(130, "0 passed, 1 failed, 0 skipped");
        Assert.False(Lives(int.Parse(File.ReadAllText(Path.Combine(Scratch, "child")))));
    }

    private static string Summary(int total, int passed, int failed, int skipped) => $"""
        cat <<'TEXT'
        Test run summary: {(failed == 0 ? "Passed!" : "Failed!")}
          total: {total}
          failed: {failed}
          succeeded: {passed}
          skipped: {skipped}
          duration: 1s 252ms
        TEXT

        """;

    private ScriptRun Run(string program, string? limit = null, string killAfter = "20s")
    {
        Script("fake", program);
        return Bash(
            limit is null ? [] : [("REGATTA_TEST_LIMIT", limit), ("REGATTA_TEST_KILL_AFTER", killAfter)],
            "run_tests Fake 60s all ./fake",
            "conclude");
    }

    private void Script(string name, string text)
    {
        var path = Path.Combine(Scratch, name);
        File.WriteAllText(path, "#!/usr/bin/env bash\n" + text + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private ScriptRun Bash(params string[] commands) => Bash([], commands);

    private ScriptRun Bash((string Name, string Value)[] environment, params string[] commands)
    {
        string[] lines = ["set -uo pipefail", "exec 2>&1", "results=$PWD", $"source '{Path.Combine(Repository.Root, "tests", "runner.sh")}'", .. commands];
        var start = new ProcessStartInfo("bash", ["-c", string.Join('\n', lines)])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Scratch,
        };
        start.Environment.Remove("REGATTA_TEST_LIMIT");
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output);
    }

    /// <summary>Whether a process is still there some time after it was told to end.</summary>
    private static bool Lives(int process) =>
        // One that nobody has collected yet is dead all the same.
        !SpinWait.SpinUntil(() => !File.Exists($"/proc/{process}/stat") || State(process) is 'Z' or 'X', TimeSpan.FromSeconds(10));

    private static char State(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/stat").Split(") ")[1][0];
        }
        catch (IOException)
        {
            return 'X';
        }
    }

    private sealed record ScriptRun(int Code, string Output)
    {
        /// <summary>Ended with a code after these last words.</summary>
        public void Concludes(int code, string last) => Assert.Equal((code, last), (Code, Last));

        public string Last => Output.TrimEnd('\n').Split('\n')[^1];
    }
}
