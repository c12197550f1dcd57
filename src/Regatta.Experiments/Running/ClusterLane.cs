using Regatta.Analysis;
using Regatta.Experiments.Configuration;
using Regatta.Experiments.Faulting;
using Regatta.Experiments.Replay;
using Regatta.Machines;
using Regatta.Machines.Faults;
using Regatta.Runs;
using Regatta.Schedulers;
using Regatta.Workloads;

namespace Regatta.Experiments.Running;

/// <summary>
/// Trials on a cluster. It is made when the first trial needs it, started from a clean slate for each further one, and made anew after a trial
/// that left it broken.
/// </summary>
/// <param name="plan">The cluster.</param>
/// <param name="trials">How a trial of a point is run.</param>
/// <param name="services">What the lanes share.</param>
public sealed class ClusterLane(ClusterPlan plan, Func<PlanPoint, TrialSettings> trials, LaneServices services) : ITrialLane
{
    private readonly LaneCluster _cluster = new(plan, services);
    private bool _broken;
    private Diagnostic? _unhealed;
    private IActivityMonitor _watcher = SilentMonitor.Instance;

    /// <inheritdoc/>
    public async Task<LaneTrial> RunAsync(PlannedTrial trial, PlanPoint point, IReadOnlyList<Job> jobs, string draft, IActivityMonitor monitor, CancellationToken cancellation)
    {
        _watcher = monitor;
        // A new cluster is made in place of one that was not healed; machines that exist stay what they are.
        if (plan.Spec.Driver == MachineDriver.Ssh && (_unhealed ??= await LeftAsync()) is { } left)
            throw new DiagnosticException(Diagnostic.Error("fault-unhealed", "the machines are not used again: a fault of an earlier trial was not healed") with { Detail = left.Summary, Help = "mend them, then 'regatta resume' goes on" });
        try
        {
            if (_broken || plan.Reuse == ClusterReuse.Fresh) await DownAsync(monitor);
            var made = _cluster.Current is null;
            var (nodes, agent) = await PrepareAsync(monitor, cancellation);
            _broken = true;
            return await RunAsync(nodes, made, agent, trial, point, jobs, draft, monitor, cancellation);
        }
        finally
        {
            // The next trial, of whatever lane, gets the host to itself.
            if (plan.Reuse == ClusterReuse.Fresh && !plan.Keep) await DownAsync(monitor);
        }
    }

    /// <summary>What a trial that failed left broken on machines, and cannot be healed now either; null for nothing.</summary>
    private async Task<Diagnostic?> LeftAsync() =>
        _cluster.Current is { } nodes ? (await services.FaultsOn(nodes).HealAsync()).Left.FirstOrDefault() : null;

    /// <summary>The cluster and the agent, made at the same time where they are missing: neither needs the other, and each leaves a processor idle now and then.</summary>
    private Task<(Cluster Nodes, string Agent)> PrepareAsync(IActivityMonitor monitor, CancellationToken cancellation) =>
        Together.RunAsync(stop => _cluster.EnsureAsync(monitor, stop), stop => services.Agent.EnsureAsync(monitor, stop), cancellation);

    private async Task<LaneTrial> RunAsync(
        Cluster nodes, bool made, string agent, PlannedTrial trial, PlanPoint point, IReadOnlyList<Job> jobs, string draft, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var settings = trials(point);
        var began = services.Time.GetUtcNow();
        var shell = NodeShell.Of(nodes, services.Time);
        try
        {
            var request = new ConfigurationRequest(nodes, plan.Scheduler, settings.Scheduler, Path.Combine(draft, "logs")) 
            {
                AgentBinary = agent, Clock = settings.Scheduler.Virtual is null ? null : await services.Clock.EnsureAsync(monitor, cancellation),
            };
            var configured = await ReadyAsync(request, made, monitor, cancellation);
            services.Provenance.Add(plan.Scheduler.Name, configured.Version);
            if (configured.Untested is { } untested) monitor.Report(new Activity("cluster", nodes.Name, untested.Summary, ActivityState.Done) { Detail = untested.Help });
            await using var campaign = settings.Faults.IsEmpty ? null
                : new FaultCampaign(settings.Faults, services.FaultsOn(nodes), new FaultClock(jobs, configured.Capacity.Processors, services.Time), trial.Id, services.Time, monitor);
            var replay = new AgentReplay(shell, services.Time) { JobGroup = plan.Scheduler.JobUser(settings.Scheduler), Settle = campaign is null ? () => Task.CompletedTask : campaign.EndAsync };
            // In virtual time all emulated nodes are on the head, whose kernel sees whether any of them computes.
            ImmutableArray<string> workers = settings.Scheduler.Virtual is null ? [.. nodes.Workers.Select(w => w.Name)] : [nodes.Head.Name];
            var before = await replay.MeasureClocksAsync(nodes.Head.Name, workers, cancellation);
            foreach (var told in Validators.Clocks(before)) monitor.Report(new Activity("clocks", trial.Id, told.Summary, ActivityState.Done) { Detail = told.Help });
            var header = new ReplayHeader
            {
                Trial = trial.Label,
                Scheduler = plan.Scheduler.Name,
                Jobs = jobs.Count,
                DrainTimeout = settings.Drain,
                LatenessBound = settings.Lateness,
                Beat = settings.Beat,
                Clock = settings.Scheduler.Virtual is { } time ? new ReplayClock(NodeLayout.Clock + ".so", NodeLayout.ClockPage, time.Speed) : null,
                // A second of real time is minutes of virtual time.
                SampleEvery = settings.Scheduler.Virtual is null ? settings.Sample : null,
                Options = plan.Scheduler.AgentOptions(nodes, settings.Scheduler),
                Clients = settings.Clients.Of(plan.Scheduler, settings.Scheduler, trial.Seed),
            };
            TrialUnderWay.Of(jobs, configured.Capacity.Processors, nodes.NodeNames(settings.Scheduler), nodes.NodeProcessors(settings.Scheduler), Micros.From(settings.Lateness)).Write(draft);
            var progress = new TrialProgress(trial, jobs.Count, monitor);
            var upgrade = settings.UpgradeAfter is { } later ? new ClusterUpgrade(request, later, services.Configurator, services.Time) : null;
            Task<ReplayResult> ReplayAsync(CancellationToken token) => replay.RunAsync(
                new ReplayRequest(header, jobs, nodes.Head.Name, workers, draft),
                happened =>
                {
                    progress.See(happened);
                    upgrade?.See(happened);
                    campaign?.See(happened);
                },
                token);
            campaign?.Begin();
            var (outcome, upgraded) = upgrade is null ? (await ReplayAsync(cancellation), null) : Upgraded(configured, await upgrade.DuringAsync(ReplayAsync, monitor, cancellation));
            if (upgraded is not null) services.Provenance.Add(plan.Scheduler.Name, upgraded.To);
            FaultInjection? injection = null;
            if (campaign is not null) (outcome, injection) = FaultedReplay.Of(outcome, campaign);
            _unhealed = campaign?.Unhealed.FirstOrDefault();
            var after = await replay.MeasureClocksAsync(nodes.Head.Name, workers, cancellation);
            var faults = outcome.Faults.AddRange(Silent(workers, after, services.Time));
            // A cluster that lost a node is not the one that the next trial was promised.
            _broken = faults.Length > 0 || _unhealed is not null || settings.Faults.Any(f => !f.Spares);
            var record = Record(trial, point, settings, nodes, configured, services.Up.Count - 1) with
            {
                ClusterState = plan.Reuse == ClusterReuse.Fresh ? "fresh" : "reset",
                Started = outcome.Summary.Started,
                Ended = outcome.Summary.Ended,
                ClocksBefore = before,
                ClocksAfter = after,
                Harness = outcome.Harness,
                ControlPlane = outcome.ControlPlane,
                Passes = outcome.Summary.Passes.IsDefault ? [] : outcome.Summary.Passes,
                Faults = faults,
                Mended = outcome.Mended,
                Upgrade = upgraded,
                Injection = injection,
                Preemptions = Preemptions.Of(outcome.Jobs, outcome.Events),
                StartOrder = outcome.Summary.StartOrder,
                Predictions = outcome.Summary.Predictions,
                Reservations = outcome.Summary.Reservations.IsDefault ? [] : outcome.Summary.Reservations,
                Pressure = outcome.Pressure,
                Clock = outcome.Summary.Clock,
                Sampling = outcome.Summary.Sampling,
                Clients = outcome.Clients,
                Jobs = jobs.Count,
                RecordedWaits = point.RecordedWaits,
                Notes = outcome.Summary.Notes.IsDefault ? [] : outcome.Summary.Notes,
            };
            if (upgraded is not null) record = record with { Settings = record.Settings.SetItem("slurm.upgrade", upgraded.To) };
            if (point.Faults is { } planned) record = record with { Settings = record.Settings.SetItem("faults", string.Join("; ", planned.Select(f => f.Text))) };
            if (header.Clients is { } storm) record = record with { Settings = record.Settings.SetItems(storm.Streams.Select(s => KeyValuePair.Create($"clients.{s.Kind.Name()}", s.Rate.ToString(CultureInfo.InvariantCulture)))) };
            if (jobs.Any(j => j.Drains)) record = record with { Settings = record.Settings.SetItem(Trait.Drain.Name(), "left out") };
            return new LaneTrial(record, JobTable.From(outcome.Jobs));
        }
        finally
        {
            TrialUnderWay.Remove(draft);
            // What an interrupted trial leaves is thrown away.
            if (!cancellation.IsCancellationRequested) await new TrialLogs(shell, nodes, plan.Scheduler, Path.Combine(draft, "logs"), services.Time).SaveAsync(began);
        }
    }

    /// <summary>Removes the cluster, unless it is to be kept, and those that could not be removed before.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!plan.Keep) await DownAsync(_watcher);
        await _cluster.RemoveLeftAsync(_watcher);
    }

    private async Task DownAsync(IActivityMonitor monitor)
    {
        _broken = false;
        await _cluster.DownAsync(monitor);
    }

    /// <summary>
    /// The scheduler as a trial finds it. Where a cluster is used again, its first trial gets the clean slate as well: what is compared starts from
    /// one state, and a cluster that was just made is another.
    /// </summary>
    private async Task<ConfiguredCluster> ReadyAsync(ConfigurationRequest request, bool made, IActivityMonitor monitor, CancellationToken cancellation)
    {
        ConfiguredCluster? configured = null;
        if (made) configured = await services.Configurator.ConfigureAsync(request, monitor, cancellation);
        return configured is not null && plan.Reuse == ClusterReuse.Fresh
            ? configured
            : await services.Configurator.ResetAsync(request, monitor, cancellation);
    }

    /// <summary>A replay in which the scheduler was upgraded: what that brings about by itself is no fault of the trial.</summary>
    private static (ReplayResult Outcome, TrialUpgrade? Upgrade) Upgraded(ConfiguredCluster configured, (ReplayResult Replay, ImmutableArray<UpgradeStep> Steps) done)
    {
        var (outcome, steps) = done;
        var upgrade = TrialUpgrade.Of(configured.Version, steps[^1].Version, steps, outcome.Summary.Faults, outcome.Jobs, outcome.Summary.Ended);
        var expected = outcome.Summary.Faults.Where(upgrade.Explains).Select(f => new TrialFault(f.Time, f.Node, f.Text)).ToHashSet();
        return (outcome with
        {
            Faults = [.. outcome.Faults.Where(f => !expected.Contains(f))],
            Mended = [.. outcome.Mended.Concat(expected.Select(f => f with { Code = "upgrade" })).OrderBy(f => f.Time)],
        }, upgrade);
    }

    private static IEnumerable<TrialFault> Silent(ImmutableArray<string> workers, ImmutableArray<ClockOffset> clocks, TimeProvider time) =>
        workers.Where(w => clocks.All(c => c.Node != w))
            .Select(w => new TrialFault(time.GetUtcNow().ToUnixTimeMilliseconds() * 1000, w, $"{w} did not answer after the trial"));

    private static TrialRecord Record(PlannedTrial trial, PlanPoint point, TrialSettings settings, Cluster cluster, ConfiguredCluster configured, int beside) => new()
    {
        Point = trial.Point,
        Repetition = trial.Repetition,
        Block = trial.Block,
        Order = trial.Order,
        Seed = trial.Seed,
        Scheduler = point.Scheduler,
        SchedulerVersion = configured.Version,
        Profile = point.Profile,
        // Idle clusters of other points take from the same host.
        Settings = configured.Settings.SetItem(Trait.ClustersBeside.Name(), beside.ToString(CultureInfo.InvariantCulture)),
        Shares = settings.Scheduler.Policy.PromisedShares(),
        Workload = point.Workload,
        Processors = configured.Capacity.Processors,
        NodeProcessors = cluster.NodeProcessors(settings.Scheduler),
        Workers = cluster.NodeNames(settings.Scheduler),
        Gpus = settings.Scheduler.Gpus,
        Machines = cluster.Machines,
        Image = cluster.ImageHash,
        ClusterState = "",
        Started = 0,
        Ended = 0,
        LatenessBound = Micros.From(settings.Lateness),
    };
}
