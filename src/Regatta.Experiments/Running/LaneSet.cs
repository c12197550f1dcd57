using System.Security.Cryptography;
using System.Text;
using Regatta.Experiments.Configuration;
using Regatta.Experiments.Planning;
using Regatta.Runs;
using Regatta.Schedulers;

namespace Regatta.Experiments.Running;

/// <summary>The lanes that the points of an experiment need, each opened when its first trial asks for it.</summary>
/// <param name="prepared">The experiment.</param>
/// <param name="run">Id of the run that owns their clusters.</param>
/// <param name="names">What the clusters' names are made of: two sets that are open at once on a host must differ in it.</param>
/// <param name="services">What the lanes share.</param>
internal sealed class LaneSet(PreparedExperiment prepared, string run, string names, LaneServices services) : IAsyncDisposable
{
    private readonly Dictionary<LaneKey, ITrialLane> _lanes = [];
    private readonly Lock _gate = new();
    private int _clusters;

    /// <summary>The lane of a point.</summary>
    public ITrialLane Of(PlanPoint point)
    {
        var experiment = prepared.Points[point.Name].Experiment;
        var key = LaneKey.Of(experiment);
        lock (_gate)
        {
            if (!_lanes.TryGetValue(key, out var lane))
                _lanes[key] = lane = experiment.Virtual() is not null && prepared.Launcher.Virtual is > 1 and var most ? new LanePool(most, () => Open(key, experiment)) : Open(key, experiment);
            return lane;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var lane in _lanes.Values) await lane.DisposeAsync();
    }

    private ITrialLane Open(LaneKey key, Experiment experiment)
    {
        if (key is LaneKey.Simulated simulated) return new SimulatedLane(simulated.Machine, simulated.Options, services.Time, prepared.Compiled);
        var spec = experiment.ClusterSpec(ClusterName(Interlocked.Increment(ref _clusters)), run);
        return new ClusterLane(
            new ClusterPlan(spec, KnownSchedulers.Find(experiment.Scheduler.Name), RunSession.ImageOf(experiment), experiment.Reuse(), experiment.Cluster.Keep) { Beside = RunSession.BesideOf(experiment) },
            point => TrialSettings.Of(prepared.Points[point.Name].Experiment, point),
            services);
    }

    // A DNS label that tells runs apart at a glance and is short enough for bridges and control sockets.
    private string ClusterName(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"r{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(names)))[..6]}-{number}");
}
