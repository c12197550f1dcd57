using Regatta.Analysis;
using Regatta.Ansible;
using Regatta.Experiments.Configuration;
using Regatta.Experiments.Configuration.WorkloadKinds;
using Regatta.Experiments.Launching;
using Regatta.Experiments.Planning;
using Regatta.Host;
using Regatta.Images;
using Regatta.Machines;
using Regatta.Runs;
using Regatta.Schedulers;
using Regatta.Workloads;

namespace Regatta.Experiments.Running;

/// <summary>Carries a prepared experiment out in its run directory: opens the lanes that its points need, runs what is missing, closes them.</summary>
/// <param name="installation">The program's own files.</param>
/// <param name="images">Builds images.</param>
/// <param name="machines">Brings machines up.</param>
/// <param name="time">The clock.</param>
public sealed class RunSession(Installation installation, IImageBuilder images, IMachineProvider machines, TimeProvider time)
{
    /// <summary>Runs the trials that are missing.</summary>
    /// <param name="run">The run.</param>
    /// <param name="prepared">Its experiment.</param>
    /// <param name="known">Takes the tables of jobs that are written; null for none.</param>
    /// <param name="monitor">Who is told.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="OperationCanceledException">Interrupted; clusters are gone, what was done is kept.</exception>
    public async Task<RunOutcome> RunAsync(RunDirectory run, PreparedExperiment prepared, KnownTables? known, IActivityMonitor monitor, CancellationToken cancellation)
    {
        using var journal = run.OpenJournal(time);
        if (await ElsewhereAsync(run, prepared, journal, monitor, cancellation) is { } engine) return await new LaunchedRun(engine.Launch, engine.Engine, run, prepared.Plan, journal, monitor, time).RunAsync(cancellation);
        var services = await ServicesAsync(prepared, run.Path, journal, cancellation);
        var lanes = new LaneSet(prepared, run.Id, run.Id, services);
        await using (lanes)
        {
            var trials = new TrialRunner(lanes.Of, prepared.Jobs, time) { Known = known };
            var outcome = await new ExperimentRunner(trials, time, prepared.Launcher.SimulatedAtOnce, prepared.Launcher.Virtual).RunAsync(run, prepared.Plan, journal, monitor, cancellation);
            // A report reads tables, not jobs.
            Forgotten.Collect((int)prepared.LetGo());
            return outcome;
        }
    }

    /// <summary>Runs one trial of a run by itself, into a directory that appears when it has ended; <see cref="TakenTrial.AcceptAsync"/> takes it into its run.</summary>
    /// <param name="run">Id of the run.</param>
    /// <param name="prepared">Its experiment; the trial's point is enough.</param>
    /// <param name="trial">The trial.</param>
    /// <param name="host">Name of this host for the trial's record; null for none.</param>
    /// <param name="output">The directory, which is not there yet. Where the trial gives no record, it holds the logs.</param>
    /// <param name="monitor">Who is told.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="DiagnosticException">The trial gave no record.</exception>
    /// <exception cref="OperationCanceledException">Interrupted; nothing is left.</exception>
    public async Task RunTrialAsync(string run, PreparedExperiment prepared, PlannedTrial trial, string? host, string output, IActivityMonitor monitor, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        ArgumentNullException.ThrowIfNull(trial);
        using var directory = new TrialDirectory(output);
        using (var journal = new Journal(Path.Combine(directory.Draft, Journal.FileName), time))
        {
            journal.Write(JournalKind.Opened, run);
            var services = await ServicesAsync(prepared, directory.Draft, journal, cancellation);
            var lanes = new LaneSet(prepared, run, $"{run} {trial.Id}", services);
            await using (lanes)
            {
                journal.Write(JournalKind.TrialStarted, trial.Id);
                var began = time.GetTimestamp();
                try
                {
                    var written = await new TrialRunner(lanes.Of, prepared.Jobs, time) { Host = host }
                        .RunAsync(prepared.Plan, trial, directory.Place, new LimitedTrials([]), null, journal, monitor, cancellation);
                    journal.Write(JournalKind.TrialFinished, trial.Id, sha256: written.Sha256, took: time.GetElapsedTime(began));
                }
                catch (DiagnosticException exception)
                {
                    journal.Write(JournalKind.TrialFailed, trial.Id, exception.Diagnostics[0].Summary, took: time.GetElapsedTime(began));
                    directory.Appear();
                    throw;
                }
            }
        }

        directory.Appear();
    }

    /// <summary>What runs the trials of a run when this machine does not; null for this machine.</summary>
    private async Task<(LaunchDirectory Launch, ITaskEngine Engine)?> ElsewhereAsync(RunDirectory run, PreparedExperiment prepared, Journal journal, IActivityMonitor monitor, CancellationToken cancellation)
    {
        if (prepared.Launcher.Name == LauncherName.Local) return null;
        var launch = new LaunchDirectory(run.Path);
        launch.Claim(ProvenanceSource.ProgramVersion);
        CarriedTraces.Put(launch.Path, prepared.Points.Values.Select(p => p.Experiment.Workload).OfType<TraceWorkload>().Select(t => t.File), Directory.GetCurrentDirectory());
        var machines = TaskPlan.OnMachines(prepared.Plan.Points).Count > 0;
        if (machines)
        {
            await new AgentBinary(installation).EnsureAsync(monitor, cancellation);
            await new ClockBinary(installation).EnsureAsync(monitor, cancellation);
        }

        var archive = new ProgramArchive(installation, machines);
        return (launch, prepared.Launcher.Name switch
        {
            LauncherName.Slurm => new SlurmEngine(launch, prepared.Plan, prepared.Launcher, archive, monitor, time),
            LauncherName.Kubernetes => new KubernetesEngine(launch, prepared.Plan, prepared.Launcher, archive, monitor, time),
            LauncherName.Flux => new FluxEngine(launch, prepared.Plan, prepared.Launcher, archive, monitor, time),
            LauncherName.Ssh => new SshEngine(launch, prepared.Plan, prepared.Launcher, archive, journal, monitor),
            var other => throw new InvalidOperationException($"no engine for {other}"),
        });
    }

    /// <summary>The image that an experiment's nodes boot from; null where there are none or they exist already.</summary>
    public static ImageSpec? ImageOf(Experiment experiment)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        if (experiment.Scheduler.IsReference || experiment.Machines.Driver == MachineDriver.Ssh) return null;
        return new ImageSpec(experiment.Scheduler.Image ?? KnownSchedulers.Find(experiment.Scheduler.Name).Image);
    }

    /// <summary>The image whose programs an experiment's nodes are upgraded to; null for none.</summary>
    public static ImageSpec? BesideOf(Experiment experiment) =>
        ImageOf(experiment) is not null && experiment.Upgrades() && experiment.Scheduler.Slurm.UpgradeImage is { } image ? new ImageSpec(image) : null;

    private async Task<LaneServices> ServicesAsync(PreparedExperiment prepared, string directory, Journal journal, CancellationToken cancellation)
    {
        var machinery = prepared.Plan.Points.Any(p => p.Machines != MachineKind.Simulation);
        var gathered = await ProvenanceSource.GatherAsync(installation.Root, time.GetUtcNow(), machinery, cancellation);
        return new LaneServices(
            images, machines, new ClusterConfigurator(installation.Playbooks, new PlaybookRunner(time)), new AgentBinary(installation), new ClockBinary(installation), journal,
            new RunProvenance(directory, gathered with { Seed = prepared.Plan.Seed }), time);
    }
}
