using System.Diagnostics;
using Regatta.Experiments.Configuration;
using Regatta.Experiments.Launching;
using Regatta.Experiments.Running;
using Regatta.Runs;

namespace Regatta.Tests.Experiments;

/// <summary>Trials that are given away: what is on the disk is the truth.</summary>
public sealed class LauncherTests : TwoPointRunTests
{
    [Fact]
    public async Task Trials_that_ended_elsewhere_are_taken_in_and_those_that_failed_are_named_with_the_end_of_their_log()
    {
        using var run = Create(out var plan);
        var engine = new ScriptedEngine(run, plan, trial => trial.Id == "b/2" ? "echo first; echo the last word; exit 3" : "exit 0");

        var outcome = await RunAsync(run, plan, engine);

        Assert.Equal(3, outcome.Finished);
        var (trial, reason) = Assert.Single(outcome.Failed);
        Assert.Equal("b/2", trial.Id);
        Assert.Equal(("task-failed", "it ended with exit code 3 on n1", "first\nthe last word"), (reason.Diagnostics[0].Code, reason.Diagnostics[0].Summary, reason.Diagnostics[0].Detail));
        // Nothing is kept twice.
        Assert.False(Directory.Exists(engine.Launch.Folder(plan.Trials.Single(t => t.Id == "a/1"))));
        var read = await RecordedRun.ReadAsync(run.Path, Cancellation);
        Assert.Empty(read.Faults);
        Assert.Equal(3, read.Trials.Length);
        Assert.Equal("b", Assert.Single(read.Missing).Point);
    }

    [Fact]
    public async Task Going_on_runs_again_what_failed_and_nothing_that_ended()
    {
        using var run = Create(out var plan);
        var failing = new ScriptedEngine(run, plan, trial => trial.Id == "a/2" ? "exit 1" : "exit 0");
        await RunAsync(run, plan, failing);

        var mended = new ScriptedEngine(run, plan, _ => "exit 0");
        var outcome = await RunAsync(run, plan, mended);

        Assert.Equal(["a/2"], mended.Ran);
        Assert.Equal(4, outcome.Finished);
        Assert.Equal(4, JournalOf(run).Count(e => e.Kind == JournalKind.TrialFinished));
    }

    [Fact]
    public async Task What_ended_while_nobody_waited_is_taken_in_without_being_run()
    {
        using var run = Create(out var plan);
        var before = new ScriptedEngine(run, plan, _ => "exit 0");
        before.Launch.Create();
        foreach (var trial in plan.Trials.Take(3)) await before.RunOneAsync(trial, Cancellation);

        var after = new ScriptedEngine(run, plan, _ => "exit 0");
        var outcome = await RunAsync(run, plan, after);

        Assert.Equal([plan.Trials[3].Id], after.Ran);
        Assert.Equal(4, outcome.Finished);
    }

    [Fact]
    public async Task A_task_that_starts_a_second_time_runs_nothing_twice()
    {
        using var run = Create(out var plan);
        var engine = new ScriptedEngine(run, plan, _ => "exit 0");
        engine.Launch.Create();

        await engine.RunOneAsync(plan.Trials[0], Cancellation);
        await engine.RunOneAsync(plan.Trials[0], Cancellation, prepare: false);

        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(engine.Launch.Folder(plan.Trials[0]), "begun"), Cancellation));
    }

    [Fact]
    public async Task A_trial_that_was_changed_on_its_way_is_not_taken_in()
    {
        using var run = Create(out var plan);
        var engine = new ScriptedEngine(run, plan, _ => "exit 0") { After = trial => trial.Id == "a/1" ? "jobs.parquet" : null };

        var outcome = await RunAsync(run, plan, engine);

        Assert.Equal("trial-file-changed", Assert.Single(outcome.Failed).Reason.Diagnostics[0].Code);
        Assert.Equal(3, outcome.Finished);
        // It is kept beside, and run again.
        var again = new ScriptedEngine(run, plan, _ => "exit 0");
        Assert.Equal(4, (await RunAsync(run, plan, again)).Finished);
        Assert.Equal(["a/1"], again.Ran);
    }

    [Theory]
    [InlineData("TIMEOUT", "task-time-limit")]
    [InlineData("PREEMPTED", "task-preempted")]
    [InlineData("NODE_FAIL", "task-node-failed")]
    [InlineData("OUT_OF_MEMORY", "task-memory")]
    [InlineData("CANCELLED", "task-cancelled")]
    [InlineData("COMPLETED", "task-lost")]
    [InlineData(null, "task-lost")]
    public void How_a_task_was_lost_is_told_apart(string? state, string code)
    {
        var told = TaskFaults.Lost(TaskFaults.OfSlurm(state), state, LauncherName.Slurm, "the end of the log");

        Assert.Equal((code, "the end of the log"), (told.Code, told.Detail));
        Assert.Contains("regatta resume", told.Help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(137, "task-killed", "launcher.slurm.memory")]
    [InlineData(127, "task-program", "log")]
    [InlineData(1, "task-failed", "regatta resume")]
    public void Exit_codes_are_told_apart(int exit, string code, string help)
    {
        var told = TaskFaults.Failed(new ExitFile(exit, "n1", "", default, default), LauncherName.Slurm, "");

        Assert.Equal(code, told.Code);
        Assert.Contains(help, told.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void A_runtime_that_ran_out_of_memory_is_told_as_such()
    {
        var told = TaskFaults.Failed(new ExitFile(1, "n1", "", default, default), LauncherName.Kubernetes, "error[program-fault]: this is a fault of the program: OutOfMemoryException: …");

        Assert.Equal("task-memory", told.Code);
        Assert.Contains("launcher.kubernetes.memory", told.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trials_that_another_version_of_the_program_ran_are_not_taken_in_and_run_again()
    {
        using var run = Create(out var plan);
        RunDirectory.WriteProvenance(run.Path, new Provenance { Regatta = new ProgramFacts("0.2.0+aaaa") });
        var other = new ScriptedEngine(run, plan, _ => "exit 0") { Version = "0.3.0+bbbb" };

        var refused = await RunAsync(run, plan, other);

        Assert.Equal(0, refused.Finished);
        Assert.All(refused.Failed, f => Assert.Equal("trial-program", f.Reason.Diagnostics[0].Code));
        Assert.Contains("was run by regatta 0.3.0+bbbb, and the run by 0.2.0+aaaa", refused.Failed[0].Reason.Diagnostics[0].Summary, StringComparison.Ordinal);
        Assert.Equal((4, 0), await RunAsync(run, plan, new ScriptedEngine(run, plan, _ => "exit 0") { Version = "0.2.0+aaaa" }) is var outcome ? (outcome.Finished, outcome.Failed.Count) : default);
    }

    [Fact]
    public void A_run_is_given_away_by_one_version_of_the_program()
    {
        using var run = Create(out _);
        var launch = new LaunchDirectory(run.Path);
        launch.Claim("0.2.0+aaaa");
        launch.Claim("0.2.0+aaaa");

        var refused = Assert.Throws<DiagnosticException>(() => launch.Claim("0.3.0+bbbb")).Diagnostics[0];

        Assert.Equal(("launch-version", "trials of the run were given away by regatta 0.2.0+aaaa, and this is 0.3.0+bbbb"), (refused.Code, refused.Summary));
    }

    [Fact]
    public async Task A_full_disk_ends_the_task_without_a_word_on_the_trial_and_the_next_one_runs_it()
    {
        using var run = Prepared(out var plan, out var engine);
        var begun = Path.Combine(engine.Launch.Folder(plan.Trials[0]), "begun");
        File.CreateSymbolicLink(begun, "/dev/full");

        Assert.Equal(74, await engine.RunOneAsync(plan.Trials[0], Cancellation, prepare: false));
        Assert.Null(ExitFile.Read(engine.Launch.Folder(plan.Trials[0])));
        File.Delete(begun);
        Assert.Equal(0, await engine.RunOneAsync(plan.Trials[0], Cancellation, prepare: false));
        Assert.Equal(0, ExitFile.Read(engine.Launch.Folder(plan.Trials[0]))!.Code);
    }

    [Fact]
    public async Task A_trial_that_another_task_runs_is_left_to_it()
    {
        using var run = Prepared(out var plan, out var engine);
        using var other = Process.Start(new ProcessStartInfo("flock", [Path.Combine(engine.Launch.Folder(plan.Trials[0]), ".lock"), "sh", "-c", "echo held; read -r end"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        try
        {
            Assert.Equal("held", await other.StandardOutput.ReadLineAsync(Cancellation));
            await engine.RunOneAsync(plan.Trials[0], Cancellation, prepare: false);
            Assert.Empty(engine.Launch.Ended());
        }
        finally
        {
            other.StandardInput.Close();
            await other.WaitForExitAsync(Cancellation);
        }

        await engine.RunOneAsync(plan.Trials[0], Cancellation, prepare: false);
        Assert.Equal([plan.Trials[0].Id], engine.Launch.Ended());
    }

    [Fact]
    public async Task A_directory_without_locks_runs_what_the_queue_gives_out()
    {
        using var run = Create(out var plan);
        var engine = new ScriptedEngine(run, plan, _ => "exit 0") { Flock = "echo 'flock: 9: No locks available' >&2; exit 71" };
        engine.Launch.Create();

        await engine.RunOneAsync(plan.Trials[0], Cancellation);

        Assert.Contains(plan.Trials[0].Id, engine.Launch.Ended());
    }

    /// <summary>A run whose first trial is ready to be run elsewhere.</summary>
    private RunDirectory Prepared(out Plan plan, out ScriptedEngine engine)
    {
        var run = Create(out plan);
        engine = new ScriptedEngine(run, plan, _ => "exit 0");
        engine.Launch.Create();
        engine.Launch.Prepare(plan, plan.Trials[0]);
        return run;
    }

    private async Task<RunOutcome> RunAsync(RunDirectory run, Plan plan, ScriptedEngine engine)
    {
        using var journal = run.OpenJournal(Time);
        return await new LaunchedRun(engine.Launch, engine, run, plan, journal, SilentMonitor.Instance, Time).RunAsync(Cancellation);
    }

    /// <summary>Runs each trial by the task script itself, with a program that the test makes.</summary>
    private sealed class ScriptedEngine(RunDirectory run, Plan plan, Func<PlannedTrial, string> ending) : ITaskEngine
    {
        public LauncherName Launcher => LauncherName.Slurm;

        public LaunchDirectory Launch { get; } = new(run.Path);

        public List<string> Ran { get; } = [];

        /// <summary>What stands for flock; null for the real one.</summary>
        public string? Flock { get; init; }

        /// <summary>The version that the trials say ran them; null for none.</summary>
        public string? Version { get; init; }

        public Func<PlannedTrial, string?> After { get; init; } = _ => null;

        public async IAsyncEnumerable<TaskEnd> RunAsync(IReadOnlyList<PlannedTrial> trials, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
        {
            foreach (var trial in trials)
            {
                await RunOneAsync(trial, cancellation);
                Assert.Contains(trial.Id, Launch.Ended());
                yield return new TaskEnd(trial, ExitFile.Read(Launch.Folder(trial)));
            }
        }

        public async Task<int> RunOneAsync(PlannedTrial trial, CancellationToken cancellation, bool prepare = true)
        {
            Ran.Add(trial.Id);
            if (prepare) Launch.Prepare(plan, trial);
            // What the program would have written is made here, and put in place by the script that stands for it.
            var made = Path.Combine(run.Path, "made", trial.Point, trial.Repetition.ToString(CultureInfo.InvariantCulture));
            if (ending(trial) == "exit 0" && !Directory.Exists(made)) await MakeTrialAsync(run, plan, trial, made, cancellation);
            if (Version is not null && Directory.Exists(made)) RunDirectory.WriteProvenance(made, new Provenance { Regatta = new ProgramFacts(Version) });
            var program = Path.Combine(Launch.Path, "program");
            await File.WriteAllTextAsync(program, $"#!/bin/sh\n[ ! -d '{made}' ] || cp -r '{made}' \"$9\"\n{ending(trial)}\n", cancellation);
            File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);
            var start = new ProcessStartInfo("sh", [Launch.TaskScript, Launch.Path, program, Launch.RunId, "n1", "12_3", trial.Id]);
            if (Flock is not null)
            {
                var flock = Path.Combine(Directory.CreateDirectory(Path.Combine(run.Path, "bin")).FullName, "flock");
                await File.WriteAllTextAsync(flock, "#!/bin/sh\n" + Flock + "\n", cancellation);
                File.SetUnixFileMode(flock, (UnixFileMode)0b111_101_101);
                start.Environment["PATH"] = Path.GetDirectoryName(flock) + ":" + Environment.GetEnvironmentVariable("PATH");
            }

            using var script = Process.Start(start)!;
            await script.WaitForExitAsync(cancellation);
            if (After(trial) is { } file) await File.AppendAllTextAsync(Path.Combine(Launch.Trial(trial), file), " ", cancellation);
            return script.ExitCode;
        }
    }
}
