using System.Text;
using System.Text.Json;
using Regatta.Analysis;
using Regatta.Experiments.Launching;
using Regatta.Runs;

namespace Regatta.Tests.Cli;

/// <summary>Trials that are run one by one and taken into their run.</summary>
public sealed class TrialCommandTests : ScratchTests
{
    private string Runs => Path.Combine(Scratch, "runs");

    [Fact]
    public async Task Trials_run_one_by_one_and_taken_in_give_what_a_run_gives()
    {
        string[] experiment = ["policies", "measure.shake=1s", "measure.repetitions=2", "scheduler.policy=fcfs,easy"];
        var whole = await Make([.. experiment, "--runs", Path.Combine(Scratch, "whole")]);
        var run = await Make([.. experiment, "--runs", Runs, "--prepare"]);
        var plan = RunDirectory.ReadPlan(run);
        Assert.Equal(4, plan.Trials.Length);
        Assert.False(Directory.Exists(Path.Combine(run, "trials")));

        // In an order of their own, and from anywhere.
        var outputs = new List<string>();
        foreach (var trial in plan.Trials.Reverse())
        {
            outputs.Add(Path.Combine(Scratch, $"{trial.Point}-{trial.Repetition}"));
            var (made, told, _) = await ProgramRun.Of("trial", run, trial.Id, "--output", outputs[^1]);
            Assert.True(made == 0, told);
        }

        Assert.False(Directory.Exists(Path.Combine(run, "trials")));
        var (code, human, _) = await ProgramRun.Of(["resume", run, .. outputs.SelectMany(o => new[] { "--accept", o })]);

        Assert.True(code == 0, human);
        Assert.Contains("4 of 4 trials are there", human, StringComparison.Ordinal);
        var (one, other) = (await RecordedRun.ReadAsync(run, TestContext.Current.CancellationToken), await RecordedRun.ReadAsync(whole, TestContext.Current.CancellationToken));
        Assert.Empty(one.Faults);
        Assert.Equal(await Records(other), await Records(one));
        Assert.Equal(Metrics(other), Metrics(one));
        // The journal says of each what a run's says, and the report is there.
        Assert.Equal(4, Journal.Read(Path.Combine(run, Journal.FileName)).Count(e => e is { Kind: JournalKind.TrialFinished, Sha256: not null, Took: not null }));
        Assert.True(File.Exists(Path.Combine(run, "report", "index.html")));
    }

    [Fact]
    public async Task A_trial_that_was_given_away_reads_the_trace_that_came_along_and_no_other()
    {
        var trace = Path.Combine(Scratch, "t.jsonl");
        (await ProgramRun.Of("workload", "generate", "bag", "jobs=7", "--output", trace)).Says(0);
        var run = await Make(["reference", "workload=trace", $"workload.file={trace}", "--runs", Runs, "--prepare"]);
        var (plan, launch) = (RunDirectory.ReadPlan(run), new LaunchDirectory(run));
        launch.Create();
        CarriedTraces.Put(launch.Path, [trace, "regatta:workloads/quickstart.swf"], Scratch);
        var trial = Assert.Single(plan.Trials);
        launch.Prepare(plan, trial);
        File.Delete(trace);
        string[] task = ["trial", launch.Folder(trial), trial.Id, "--owner", launch.RunId, "--output", launch.Trial(trial)];

        (await ProgramRun.Of([.. task])).Says(0);
        Assert.Equal(7, (await TrialFiles.ReadHeadAsync(launch.Trial(trial), TestContext.Current.CancellationToken)).Record.Jobs);

        // One that was changed on its way is refused, and put there again when it is given away anew.
        Directory.Delete(launch.Trial(trial), recursive: true);
        var carried = Assert.Single(Directory.GetFiles(Path.Combine(launch.Path, "traces")));
        var whole = await File.ReadAllBytesAsync(carried, TestContext.Current.CancellationToken);
        await File.AppendAllTextAsync(carried, "\n", TestContext.Current.CancellationToken);
        (await ProgramRun.Of([.. task])).Says(1, $"error[launch-trace-changed]: the workload file '{trace}' that came with the trial is not the one that was given away", "regatta resume RUN");
        await File.WriteAllBytesAsync(trace, whole, TestContext.Current.CancellationToken);
        File.Delete(Path.Combine(launch.Path, "traces.json"));
        CarriedTraces.Put(launch.Path, [trace], Scratch);
        (await ProgramRun.Of([.. task])).Says(0);
    }

    [Fact]
    public void A_trace_that_cannot_be_carried_is_named()
    {
        var fault = Assert.Throws<DiagnosticException>(() => CarriedTraces.Put(Path.Combine(Scratch, "launch"), ["none.swf"], Scratch)).Diagnostics[0];

        Assert.Equal(("launch-trace", "the workload file 'none.swf' cannot be put beside the trials that read it"), (fault.Code, fault.Summary));
    }

    [Theory]
    [InlineData("easy/3", "trial-unknown", "choose one of: easy/1")]
    [InlineData("eazy/1", "trial-unknown", "did you mean 'easy/1'?")]
    [InlineData("eazy", "trial-unknown", "did you mean 'easy/1'?")]
    [InlineData("nothing/1", "trial-unknown", "write POINT/REPETITION; the points are: easy")]
    [InlineData("easy/1", "output-exists", "name a directory that does not exist")]
    public async Task What_cannot_be_run_is_said(string trial, string error, string help)
    {
        var run = await Prepared();

        (await ProgramRun.Of("trial", run, trial, "--output", Scratch)).Says(
            2,
            $"error[{error}]",
            help);
    }

    [Fact]
    public async Task What_is_there_is_neither_run_nor_taken_in_again()
    {
        var run = await Prepared();
        var output = await Trial(run);
        Assert.Equal(0, (await ProgramRun.Of("resume", run, "--accept", output)).Code);

        Assert.Contains("error[trial-there]: the run has the trial easy/1 already", (await ProgramRun.Of("trial", run, "easy/1", "--output", output + "-again")).Human, StringComparison.Ordinal);
        Assert.Contains("error[trial-there]: the run has the trial easy/1 already", (await ProgramRun.Of("resume", run, "--accept", output)).Human, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("jobs.parquet", "error[trial-file-changed]: jobs.parquet is not the file that was recorded")]
    [InlineData("events.jsonl", "error[trial-file-changed]: events.jsonl is not the file that was recorded")]
    [InlineData("trial.json", "error[trial-file-changed]: trial.json of the trial easy/1 is not the file that its journal says was written")]
    public async Task A_trial_that_was_changed_is_not_taken_in(string file, string text)
    {
        var run = await Prepared();
        var output = await Trial(run);
        await File.AppendAllTextAsync(Path.Combine(output, file), " ", TestContext.Current.CancellationToken);

        var (code, human, _) = await ProgramRun.Of("resume", run, "--accept", output);

        Assert.NotEqual(0, code);
        Assert.Contains(text, human, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(run, "trials", "easy", "1")));
    }

    [Fact]
    public async Task A_trial_of_another_run_is_not_taken_in()
    {
        var (run, other) = (await Prepared(), await Prepared());
        var output = await Trial(other);

        var (code, human, _) = await ProgramRun.Of("resume", run, "--accept", output);

        Assert.Equal(1, code);
        Assert.Contains("error[trial-foreign]", human, StringComparison.Ordinal);
        Assert.Contains($"was run for {Path.GetFileName(other)}, not for {Path.GetFileName(run)}", human.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_without_a_record_is_not_taken_in()
    {
        (await ProgramRun.Of("resume", await Prepared(), "--accept", Path.Combine(Scratch, "nothing"))).Says(1, "error[trial-without-record]");
    }

    private Task<string> Prepared() => Make(["reference", "+points.easy=['scheduler.policy=easy']", "measure.repetitions=1", "--runs", Runs, "--prepare"]);

    private async Task<string> Trial(string run)
    {
        var output = Path.Combine(Scratch, Guid.NewGuid().ToString("N")[..8]);
        var (code, human, _) = await ProgramRun.Of("trial", run, "easy/1", "--output", output);
        Assert.True(code == 0, human);
        return output;
    }

    private static async Task<string> Make(string[] words)
    {
        var (code, human, output) = await ProgramRun.Of(["run", .. words, "--json"]);
        Assert.True(code == 0, human);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).First(l => l.GetProperty("type").GetString() == "run").GetProperty("data").GetString()!;
    }

    // Everything but when it was.
    private static async Task<List<string>> Records(RecordedRun run)
    {
        var records = new List<string>();
        foreach (var record in run.Trials.Select(t => t.Trial.Record).OrderBy(r => r.Order))
        {
            using var text = new MemoryStream();
            await TrialJson.WriteAsync(text, record with { Started = 0, Ended = record.Ended - record.Started, Files = record.Files.Clear() }, TestContext.Current.CancellationToken);
            records.Add(Encoding.UTF8.GetString(text.ToArray()));
        }

        return records;
    }

    private static List<string> Metrics(RecordedRun run) =>
        [.. run.Trials.OrderBy(t => t.Trial.Record.Order).SelectMany(t => TrialMetrics.Compute(t.Trial).Values.OrderBy(v => v.Key).Select(v => $"{t.Trial.Record.Point} {v.Key} {v.Value:R}"))];
}
