using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Xunit;

namespace Regatta.EndToEnd.Experiments;

/// <summary>The whole way as a user goes it: real image, real containers, real Ansible, real Slurm.</summary>
[Collection("clusters")]
public sealed class WholeWayTests : IDisposable
{
    // Twelve jobs of a second or two: enough to queue on two workers, short enough to repeat.
    private const string Trace = """
        ; MaxProcs: 8
        1 0 -1 2 4 -1 -1 4 60 -1 1 1 1 -1 1 1 -1 -1
        2 0 -1 2 4 -1 -1 4 60 -1 1 2 1 -1 1 1 -1 -1
        3 0 -1 2 8 -1 -1 8 60 -1 1 1 1 -1 1 1 -1 -1
        4 1 -1 1 1 -1 -1 1 60 -1 1 2 1 -1 1 1 -1 -1
        5 1 -1 1 1 -1 -1 1 60 -1 1 3 1 -1 1 1 -1 -1
        6 2 -1 1 2 -1 -1 2 60 -1 1 1 1 -1 1 1 -1 -1
        7 2 -1 2 2 -1 -1 2 60 -1 1 2 1 -1 1 1 -1 -1
        8 3 -1 1 8 -1 -1 8 60 -1 1 3 1 -1 1 1 -1 -1
        9 3 -1 1 1 -1 -1 1 60 -1 1 1 1 -1 1 1 -1 -1
        10 3 -1 1 1 -1 -1 1 60 -1 1 2 1 -1 1 1 -1 -1
        11 4 -1 1 4 -1 -1 4 60 -1 1 3 1 -1 1 1 -1 -1
        12 4 -1 1 1 -1 -1 1 60 -1 1 1 1 -1 1 1 -1 -1

        """;

    private readonly string work = Directory.CreateTempSubdirectory("regatta-e2e-").FullName;

    public WholeWayTests()
    {
        RegattaProgram.RequireRoot();
        File.WriteAllText(Path.Combine(work, "trace.swf"), Trace);
    }

    private string[] Short => ["workload=swf", $"workload.file={Path.Combine(work, "trace.swf")}", "machines=lxc"];

    public void Dispose()
    {
        if (Directory.Exists(work)) Directory.Delete(work, recursive: true);
    }

    [Fact]
    public async Task The_quickstart_races_two_configurations_and_reports()
    {
        var result = await RegattaProgram.ExpectAsync(0, ["run", "quickstart", "--yes", "--json"], work);

        var run = Assert.Single(Directory.GetDirectories(Path.Combine(work, "runs")));
        var trials = Directory.GetFiles(Path.Combine(run, "trials"), "trial.json", SearchOption.AllDirectories);
        Assert.Equal(4, trials.Length);
        foreach (var trial in trials)
        {
            using var record = JsonDocument.Parse(await File.ReadAllTextAsync(trial, TestContext.Current.CancellationToken));
            Assert.Equal("slurm", record.RootElement.GetProperty("scheduler").GetString());
            Assert.Equal("22.05.8", record.RootElement.GetProperty("schedulerVersion").GetString());
            Assert.Equal(8, record.RootElement.GetProperty("processors").GetInt32());
            Assert.Equal(64, record.RootElement.GetProperty("image").GetString()!.Length);
            var directory = Path.GetDirectoryName(trial)!;
            Assert.Equal(60, Regex(Path.Combine(directory, "events.jsonl"), "\"kind\":\"Started\""));
            Assert.Equal(60, Regex(Path.Combine(directory, "events.jsonl"), "\"state\":\"Completed\""));
            using var audit = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(directory, "audit.json"), TestContext.Current.CancellationToken));
            // A shared host may make the client late; nothing else may be wrong.
            Assert.NotEqual("Invalid", audit.RootElement.GetProperty("verdict").GetString());
        }

        var page = await File.ReadAllTextAsync(Path.Combine(run, "report", "index.html"), TestContext.Current.CancellationToken);
        Assert.Contains("slurm-backfill", page, StringComparison.Ordinal);
        Assert.Single(result.Json("report"));
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task Goes_on_after_the_program_was_killed_and_leaves_nothing_behind()
    {
        var run = await KillInTrialAsync(2);
        var kept = Path.Combine(run, FirstTrial(run), "jobs.parquet");
        var before = File.GetLastWriteTimeUtc(kept);

        await RegattaProgram.ExpectAsync(0, ["reap"], work);
        await AssertNothingLeftAsync();
        await RegattaProgram.ExpectAsync(0, ["resume", run, "--yes"], work);

        Assert.Equal(before, File.GetLastWriteTimeUtc(kept));
        Assert.Equal(2, Directory.GetFiles(run, "trial.json", SearchOption.AllDirectories).Length);
        Assert.True(File.Exists(Path.Combine(run, "report", "index.html")));
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task Interrupted_by_Ctrl_C_it_clears_up_and_says_how_to_go_on()
    {
        using var program = Start(["run", "quickstart", .. Short, "measure.repetitions=1", "--yes"]);
        var run = await TrialUnderWayAsync(program, 1);
        await RegattaProgram.ExpectAsync(1, ["resume", run], work); // another process works in it

        using var interrupt = Process.Start("kill", ["-INT", program.Id.ToString(CultureInfo.InvariantCulture)]);
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(4, program.ExitCode);
        Assert.Contains("regatta resume", await program.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await AssertNothingLeftAsync();
    }

    [Fact]
    public async Task A_worker_that_is_killed_marks_its_trial_and_the_run_goes_on()
    {
        using var program = Start(["run", "quickstart", .. Short, "measure.repetitions=1", "measure.drain=60s", "--yes"]);
        await TrialUnderWayAsync(program, 1);
        await KillWorkerAsync("worker2");
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);
        var output = await program.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.True(program.ExitCode is 0 or 1, output);
        var run = Assert.Single(Directory.GetDirectories(Path.Combine(work, "runs")));
        var records = Directory.GetFiles(run, "trial.json", SearchOption.AllDirectories).Select(File.ReadAllText).ToList();
        Assert.Equal(2, records.Count);
        Assert.Contains(records, r => r.Contains("worker2", StringComparison.Ordinal) && JsonDocument.Parse(r).RootElement.GetProperty("faults").GetArrayLength() > 0);
        Assert.Contains("worker2", await File.ReadAllTextAsync(Path.Combine(run, "report", "index.html"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await AssertNothingLeftAsync();
    }

    private static int Regex(string file, string pattern) => System.Text.RegularExpressions.Regex.Count(File.ReadAllText(file), pattern);

    private static string FirstTrial(string run) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "plan.json"))).RootElement.GetProperty("trials")[0] is var trial
            ? Path.Combine("trials", trial.GetProperty("point").GetString()!, trial.GetProperty("repetition").GetInt32().ToString(CultureInfo.InvariantCulture))
            : throw new InvalidOperationException();

    private Process Start(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(RegattaProgram.Launcher) { WorkingDirectory = work, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var word in arguments) start.ArgumentList.Add(word);
        return Process.Start(start)!;
    }

    private async Task<string> KillInTrialAsync(int trial)
    {
        using var program = Start(["run", "quickstart", .. Short, "measure.repetitions=1", "--yes"]);
        var run = await TrialUnderWayAsync(program, trial);
        program.Kill();
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);
        return run;
    }

    // Waits until the events of the n-th trial come in.
    private async Task<string> TrialUnderWayAsync(Process program, int trial)
    {
        var limit = Stopwatch.StartNew();
        while (true)
        {
            Assert.False(program.HasExited, program.HasExited ? await program.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) : "");
            Assert.True(limit.Elapsed < TimeSpan.FromMinutes(10), "the trial never began");
            var runs = Path.Combine(work, "runs");
            if (Directory.Exists(runs) && Directory.GetDirectories(runs).FirstOrDefault(d => Path.GetFileName(d)[0] != '.') is { } run)
            {
                var finished = Directory.GetFiles(run, "trial.json", SearchOption.AllDirectories).Length;
                var drafts = Directory.GetFiles(run, "events.jsonl", SearchOption.AllDirectories).Where(f => f.Contains(".draft", StringComparison.Ordinal));
                if (finished == trial - 1 && drafts.Any(f => new FileInfo(f).Length > 0)) return run;
            }

            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private async Task KillWorkerAsync(string worker)
    {
        var clusters = (await RegattaProgram.ExpectAsync(0, ["cluster", "list", "--json"], work)).Json("cluster").ToList();
        var name = Assert.Single(clusters).GetProperty("name").GetString()!;
        // As a power cut: the container's processes end at once.
        await RegattaProgram.RunAsync(["cluster", "exec", name, "--node", worker, "--", "sh", "-c", "kill -9 -1"], work);
    }

    private async Task AssertNothingLeftAsync()
    {
        var clusters = await RegattaProgram.ExpectAsync(0, ["cluster", "list", "--json"], work);
        Assert.Empty(clusters.Json("cluster"));
    }
}
