using System.Diagnostics;
using Regatta.Experiments.Configuration;
using Regatta.Experiments.Launching;
using Regatta.Experiments.Running;
using Regatta.Runs;
using Regatta.Tests.Agent;

namespace Regatta.Tests.Experiments;

/// <summary>Trials that are given to Slurm and to Flux: the queues are played, the tasks' scripts are run.</summary>
public sealed class QueueLauncherTests : QueueRunTests
{
    public static TheoryData<LauncherName> Queues { get; } = [LauncherName.Slurm, LauncherName.Flux];

    /// <summary>Where the program lies that tasks run.</summary>
    private string Copied => Path.Combine(Scratch, ".programs", Archive.Value.Hash, "regatta");

    [Theory]
    [MemberData(nameof(Queues))]
    internal async Task All_trials_run_after_a_probe_and_the_queue_is_asked_for_all_at_once(LauncherName name)
    {
        var queue = PlayedQueue.In(Scratch);
        using var run = Create(out var plan);

        var outcome = await RunAsync(name, run, plan, queue);

        Assert.True(outcome.Finished == 4, queue.Output);
        Assert.Empty((await RecordedRun.ReadAsync(run.Path, Cancellation)).Faults);
        // Four tasks are two arrays where an array holds three, and one client of Flux.
        Assert.Equal(name == LauncherName.Slurm ? 3 : 2, queue.Submitted);
        Assert.Empty(Directory.GetFiles(Path.Combine(run.Path, "launch", "ended")));
    }

    [Fact]
    public void Variables_of_the_user_change_nothing_that_is_asked_for()
    {
        string[] names = ["PATH", "SBATCH_WAIT", "SBATCH_TIMELIMIT", "SBATCH_ACCOUNT", "SBATCH_PARTITION", "SQUEUE_PARTITION", "SCANCEL_STATE", "SLURM_CONF"];

        Assert.Equal(["SBATCH_WAIT", "SBATCH_TIMELIMIT", "SQUEUE_PARTITION", "SCANCEL_STATE"], SlurmQueue.Misleading(names, new SlurmLauncherSection()));
        Assert.Contains("SBATCH_ACCOUNT", SlurmQueue.Misleading(names, new SlurmLauncherSection { Account = "physics" }));
    }

    [Theory]
    [MemberData(nameof(Queues))]
    internal async Task One_task_alone_is_submitted(LauncherName name)
    {
        var queue = PlayedQueue.In(Scratch);
        using var run = Create(out var plan);

        Assert.Equal(4, (await RunAsync(name, run, plan, queue, trials: 10)).Finished);
        Assert.Equal(2, queue.Submitted);
    }

    [Theory]
    [MemberData(nameof(Queues))]
    internal async Task What_ends_while_the_queue_is_asked_is_not_run_again(LauncherName name)
    {
        var queue = PlayedQueue.In(Scratch);
        using var run = Create(out var plan);
        await PrepareProgramAsync(run, plan);
        var launch = new LaunchDirectory(run.Path);
        launch.Create();
        foreach (var trial in plan.Trials) launch.Prepare(plan, trial);
        using var task = StartTask(launch, plan);
        await task.WaitForExitAsync(Cancellation);

        var ends = new List<TaskEnd>();
        await foreach (var end in queue.Engine(name, launch, plan, new LauncherSection { Name = name }, Archive.Value, SilentMonitor.Instance).RunAsync(plan.Trials, Cancellation)) ends.Add(end);

        Assert.Equal((4, 0), (ends.Count(e => e.Exit is { Code: 0 }), queue.Submitted));
    }

    [Theory]
    [InlineData(LauncherName.Slurm, "rm -f LAUNCH/probe", "launch-not-shared")]
    [InlineData(LauncherName.Slurm, "mkdir LAUNCH/probe.answer", "launch-not-written")]
    [InlineData(LauncherName.Slurm, "echo 'exit 1' >PROGRAM", "launch-program")]
    [InlineData(LauncherName.Flux, "rm -f LAUNCH/probe", "launch-not-shared")]
    [InlineData(LauncherName.Flux, "mkdir LAUNCH/probe.answer", "launch-not-written")]
    [InlineData(LauncherName.Flux, "echo 'exit 1' >PROGRAM", "launch-program")]
    internal async Task A_probe_that_fails_is_told_and_no_task_begins(LauncherName name, string hook, string code)
    {
        var queue = PlayedQueue.In(Scratch);
        using var run = Create(out var plan);
        var program = Copied;
        queue.Hook($"case $name in *-probe*) {hook.Replace("LAUNCH", Path.Combine(run.Path, "launch"), StringComparison.Ordinal).Replace("PROGRAM", program, StringComparison.Ordinal)} ;; esac");

        var refused = await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync(name, run, plan, queue));

        Assert.Equal(code, refused.Diagnostics[0].Code);
        Assert.All(plan.Trials, t => Assert.False(File.Exists(Path.Combine(new LaunchDirectory(run.Path).Folder(t), "begun"))));
    }

    [Theory]
    [MemberData(nameof(Queues))]
    internal async Task What_the_queue_still_has_after_the_submitting_host_was_gone_is_not_submitted_again(LauncherName name)
    {
        var queue = PlayedQueue.In(Scratch);
        using var run = Create(out var plan);
        // All tasks run for long: nothing of them is on the disk yet.
        queue.Hook("case $name in *-probe*) ;; *) state=running ;; esac");
        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation))
        {
            var watching = new WatchingMonitor(text =>
            {
                if (text.Contains("tasks run", StringComparison.Ordinal)) stop.Cancel();
            });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(name, run, plan, queue, watching, stop.Token));
        }

        var submitted = queue.Submitted;
        var launch = new LaunchDirectory(run.Path);
        var told = 0;
        var ending = new WatchingMonitor(text =>
        {
            // The first answer of the queue to the second sitting; then they end.
            if (!text.Contains("tasks run", StringComparison.Ordinal) || Interlocked.Increment(ref told) > 1) return;
            using var task = StartTask(launch, plan);
            task.WaitForExit();
        });
        var outcome = await RunAsync(name, run, plan, queue, ending);

        Assert.Equal((4, submitted), (outcome.Finished, queue.Submitted));
        Assert.Equal(4, JournalOf(run).Count(e => e.Kind == JournalKind.TrialFinished));
    }

    [Theory]
    [InlineData(LauncherName.Slurm, "timeout", "task-time-limit")]
    [InlineData(LauncherName.Slurm, "cancelled", "task-cancelled")]
    [InlineData(LauncherName.Slurm, "node", "task-node-failed")]
    [InlineData(LauncherName.Flux, "timeout", "task-time-limit")]
    [InlineData(LauncherName.Flux, "cancelled", "task-cancelled")]
    [InlineData(LauncherName.Flux, "node", "task-node-failed")]
    [InlineData(LauncherName.Flux, "failed code=137", "task-lost")]
    internal async Task How_a_task_was_lost_is_told_and_going_on_runs_only_its_trial(LauncherName name, string state, string code)
    {
        var queue = PlayedQueue.In(Scratch);
        using var run = Create(out var plan);
        queue.Hook($"case $name.$index in *-1.1) state={state} ;; esac");

        var outcome = await RunAsync(name, run, plan, queue);

        Assert.Equal(3, outcome.Finished);
        Assert.Equal(code, Assert.Single(outcome.Failed).Reason.Diagnostics[0].Code);
        queue.Hook("");
        var again = await RunAsync(name, run, plan, queue);
        Assert.Equal((4, 0), (again.Finished, again.Failed.Count));
        Assert.Equal(4, (await File.ReadAllLinesAsync(Path.Combine(run.Path, "launch", "begun"), Cancellation)).Select(l => l.Split(' ')[^1]).Distinct().Count());
        Assert.Equal(4, (await File.ReadAllLinesAsync(Path.Combine(run.Path, "launch", "begun"), Cancellation)).Length);
    }

    [Theory]
    [MemberData(nameof(Queues))]
    internal async Task A_task_that_was_killed_in_the_middle_and_is_requeued_runs_its_trial_anew(LauncherName name)
    {
        var queue = PlayedQueue.In(Scratch);
        using var run = Create(out var plan);
        var launch = new LaunchDirectory(run.Path);
        // What a first start left: some files of the trial, and neither record nor exit file. Then the queue starts it again.
        queue.Hook($"case $name.$index in *-1.0) mkdir {launch.Trial(plan.Trials[0])} && echo cut >{launch.Trial(plan.Trials[0])}/events.jsonl ;; esac");

        var outcome = await RunAsync(name, run, plan, queue);

        Assert.Equal((4, 0), (outcome.Finished, outcome.Failed.Count));
        Assert.Empty((await RecordedRun.ReadAsync(run.Path, Cancellation)).Faults);
    }

    [Theory]
    [InlineData(LauncherName.Slurm, "squeue", "slurm_load_jobs error: Unable to contact slurm controller (connect failure)", "Slurm does not answer")]
    [InlineData(LauncherName.Flux, "flux", "flux-jobs: ERROR: Unable to connect to Flux: broker socket /run/flux/local was not found", "no Flux instance answers")]
    internal async Task A_queue_that_does_not_answer_for_a_while_is_asked_again(LauncherName name, string command, string said, string words)
    {
        var queue = PlayedQueue.In(Scratch);
        using var run = Create(out var plan);
        queue.Hook("case $name.$index in *-1.1) state=timeout ;; esac");
        var told = new List<string>();
        var watching = new WatchingMonitor(text =>
        {
            told.Add(text);
            if (text.Contains("looks at the nodes first", StringComparison.Ordinal)) queue.Refuse(command, said);
            if (text.Contains("asked again", StringComparison.Ordinal)) queue.Refuse(command, null);
        });

        var outcome = await RunAsync(name, run, plan, queue, watching);

        Assert.Contains(told, t => t.StartsWith(words, StringComparison.Ordinal));
        Assert.Equal(3, outcome.Finished);
    }

    [Theory]
    [InlineData("flux-submit: ERROR: Unable to connect to Flux: broker socket /run/flux/local was not found", "flux-unreachable", "no Flux instance answers")]
    [InlineData("[Errno 22] 'nope' is not a valid queue", "flux-refused", "in the queue")]
    [InlineData("flux-submit: ERROR: [Errno 1] Invalid queue 'batch' specified", "flux-refused", "in the queue")]
    [InlineData("[Errno 75] unsatisfiable request: need 4 exclusive node(s), only 3 eligible", "flux-refused", "no node has")]
    [InlineData("[Errno 1] invalid jobspec: host constraint contains invalid hosts: n9", "flux-refused", "no node has")]
    [InlineData("[Errno 1] user not a member of nope: cannot find user/bank or user/default bank entry", "flux-refused", "bank")]
    [InlineData("flux submit: error: unrecognized arguments: --fubar", "flux-refused", "Flux refuses the tasks")]
    public async Task Why_Flux_refuses_is_said_in_words(string said, string code, string summary)
    {
        var queue = PlayedQueue.In(Scratch);
        using var run = Create(out var plan);
        queue.Refuse("flux", said);

        var refused = (await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync(LauncherName.Flux, run, plan, queue))).Diagnostics[0];

        Assert.Equal((code, said), (refused.Code, refused.Detail));
        Assert.Contains(summary, refused.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_node_is_large_enough_for_the_probe_Flux_says_so()
    {
        var queue = PlayedQueue.In(Scratch);
        using var run = Create(out var plan);
        await WriteProgramAsync(queue.FluxProgram, $"[ $1 != jobs ] || [ ! -e {run.Path}/launch/probe ] || echo \"{new LaunchDirectory(run.Path).Name}-probe-$(head -c 8 {run.Path}/launch/probe)|INACTIVE|FAILED|1|unsatisfiable request: need 90 slot(s)\"");

        var refused = await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync(LauncherName.Flux, run, plan, queue));

        Assert.Equal(("flux-refused", "no node has what a task asks for"), (refused.Diagnostics[0].Code, refused.Diagnostics[0].Summary));
    }

    [Fact]
    public async Task Without_Flux_the_launcher_names_what_is_missing()
    {
        var launch = new LaunchDirectory(Scratch);
        launch.Create();
        var missing = await Assert.ThrowsAsync<DiagnosticException>(() => new FluxQueue(new FluxLauncherSection(), launch) { Program = "flux-none" }.TasksAsync("", Cancellation));

        Assert.Equal(("flux-missing", "the launcher flux needs 'flux-none', which is not on the PATH"), (missing.Diagnostics[0].Code, missing.Diagnostics[0].Summary));
    }

    [Fact]
    public async Task What_a_killed_program_still_submits_is_waited_for()
    {
        var queue = PlayedQueue.In(Scratch);
        var launch = new LaunchDirectory(Directory.CreateDirectory(Path.Combine(Scratch, "run")).FullName);
        Directory.CreateDirectory(launch.Path);
        var rows = Path.Combine(Path.GetDirectoryName(queue.FluxProgram)!, "rows");
        // A client of Flux that goes on without its program, and whose last job is there when it ends.
        using var client = Process.Start(new ProcessStartInfo("flock", [Path.Combine(launch.Path, "flux.lock"), "sh", "-c", $"echo held; read -r end; echo regatta-x-1 0 running 0 >{rows}"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Assert.Equal("held", await client.StandardOutput.ReadLineAsync(Cancellation));

        var asked = new FluxQueue(new FluxLauncherSection(), launch) { Program = queue.FluxProgram }.TasksAsync("regatta-x", Cancellation);
        client.StandardInput.Close();

        Assert.True(Assert.Single(await asked).IsActive);
        await client.WaitForExitAsync(Cancellation);
    }

    [Fact]
    public async Task Trials_run_in_a_real_Flux()
    {
        await using var flux = await FluxInstance.StartAsync();
        var queue = PlayedQueue.In(Scratch);
        await WriteProgramAsync(queue.FluxProgram, $"FLUX_URI={flux.Uri} exec {FluxInstance.Prefix}/bin/flux \"$@\"");
        using var run = Create(out var plan);

        var outcome = await RunAsync(LauncherName.Flux, run, plan, queue);

        Assert.Equal((4, 0), (outcome.Finished, outcome.Failed.Count));
        Assert.All(await File.ReadAllLinesAsync(Path.Combine(run.Path, "launch", "begun"), Cancellation), line => Assert.Contains(" ƒ", line, StringComparison.Ordinal));
    }

    private async Task<RunOutcome> RunAsync(LauncherName name, RunDirectory run, Plan plan, PlayedQueue queue, IActivityMonitor? monitor = null, CancellationToken? cancellation = null, int trials = 1)
    {
        await PrepareProgramAsync(run, plan);
        var launch = new LaunchDirectory(run.Path);
        var engine = queue.Engine(name, launch, plan, new LauncherSection { Name = name, Trials = trials }, Archive.Value, monitor ?? SilentMonitor.Instance);
        using var journal = run.OpenJournal(Time);
        return await new LaunchedRun(launch, engine, run, plan, journal, SilentMonitor.Instance, Time).RunAsync(cancellation ?? Cancellation);
    }

    /// <summary>Runs a task of all trials as a node does.</summary>
    private Process StartTask(LaunchDirectory launch, Plan plan) => Process.Start("sh", [launch.TaskScript, launch.Path, Copied, launch.RunId, "n1", "7", .. plan.Trials.Select(t => t.Id)]);
}
