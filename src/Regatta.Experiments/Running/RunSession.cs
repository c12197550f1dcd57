using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Regatta.Ansible;
using Regatta.Diagnostics;
using Regatta.Experiments.Configuration;
using Regatta.Experiments.Planning;
using Regatta.Host;
using Regatta.Images;
using Regatta.Machines;
using Regatta.Runs;
using Regatta.Schedulers;

namespace Regatta.Experiments.Running;

/// <summary>Carries a prepared experiment out in its run directory: opens the lanes that its points need, runs what is missing, closes them.</summary>
/// <param name="installation">The program's own files.</param>
/// <param name="images">Builds images.</param>
/// <param name="machines">Brings machines up.</param>
/// <param name="time">The clock.</param>
public sealed class RunSession(Installation installation, IImageBuilder images, IMachineProvider machines, TimeProvider time)
{
    /// <summary>Runs the trials that are missing.</summary>
    /// <exception cref="OperationCanceledException">Interrupted; clusters are gone, what was done is kept.</exception>
    public async Task<RunOutcome> RunAsync(RunDirectory run, PreparedExperiment prepared, IActivityMonitor monitor, CancellationToken cancellation)
    {
        using var journal = run.OpenJournal(time);
        var machinery = prepared.Plan.Points.Any(p => p.Machines != "simulation");
        var gathered = await ProvenanceSource.GatherAsync(installation.Root, time.GetUtcNow(), machinery, cancellation).ConfigureAwait(false);
        var provenance = new RunProvenance(run, gathered with { Seed = prepared.Plan.Seed });

        var services = new LaneServices(
            images, machines, new ClusterConfigurator(installation.Playbooks, new PlaybookRunner(time)), new AgentBinary(installation), journal, provenance, time);
        var lanes = new Dictionary<string, ITrialLane>(StringComparer.Ordinal);
        ITrialLane LaneOf(PlanPoint point)
        {
            var composed = prepared.Points[point.Name];
            var key = LaneKey(composed.Experiment);
            if (!lanes.TryGetValue(key, out var lane))
                lanes[key] = lane = Open(composed.Experiment, prepared, run, services, lanes.Count + 1);
            return lane;
        }

        try
        {
            return await new ExperimentRunner(LaneOf, prepared.Jobs, time).RunAsync(run, prepared.Plan, journal, monitor, cancellation).ConfigureAwait(false);
        }
        finally
        {
            foreach (var lane in lanes.Values) await lane.DisposeAsync().ConfigureAwait(false);
        }
    }

    private ITrialLane Open(Experiment experiment, PreparedExperiment prepared, RunDirectory run, LaneServices services, int number)
    {
        if (experiment.Scheduler.IsReference)
            return new SimulatedLane(experiment.Machine(), experiment.Scheduler.Reference(), time);

        var scheduler = KnownSchedulers.Find(experiment.Scheduler.Name);
        var spec = experiment.ClusterSpec(ClusterName(run.Id, number), run.Id);
        var image = ImageOf(experiment);
        return new ClusterLane(
            new ClusterPlan(spec, scheduler, image, experiment.Cluster.Reuse, experiment.Cluster.Keep),
            point => TrialSettings.Of(prepared.Points[point.Name].Experiment, point),
            services);
    }

    /// <summary>The image that an experiment's nodes boot from; null where there are none or they exist already.</summary>
    public static ImageSpec? ImageOf(Experiment experiment)
    {
        ArgumentNullException.ThrowIfNull(experiment);
        if (experiment.Scheduler.IsReference || experiment.Machines.Driver == MachineDriver.Ssh) return null;
        return new ImageSpec(experiment.Scheduler.Image ?? KnownSchedulers.Find(experiment.Scheduler.Name).Image);
    }

    // Points that need the same machines under the same scheduler share a cluster; what differs between them is configuration.
    private static string LaneKey(Experiment experiment) =>
        experiment.Scheduler.IsReference
            ? $"reference {experiment.Scheduler.Policy} {experiment.Scheduler.Allocation} {experiment.Machine()}"
            : string.Join(' ', experiment.Scheduler.Name, experiment.Scheduler.Image, experiment.Cluster.Workers, experiment.Cluster.Emulated, experiment.Cluster.Head, experiment.Cluster.Worker,
                experiment.Cluster.Reuse, experiment.Machines.Driver, experiment.Machines.LibvirtUri);

    // A DNS label that tells runs apart at a glance and is short enough for bridges and control sockets.
    private static string ClusterName(string run, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"r{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(run)))[..6]}-{number}");
}
