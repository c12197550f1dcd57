using Regatta.Experiments.Configuration;
using Regatta.Images;
using Regatta.Machines;
using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Experiments.Running;

/// <summary>What trials must have in common to run on one lane. Points that agree in it share a cluster; what else differs between them is configuration.</summary>
internal abstract record LaneKey
{
    /// <summary>The key of an experiment's trials.</summary>
    public static LaneKey Of(Experiment experiment) =>
        experiment.Scheduler.IsReference
            ? new Simulated(experiment.Machine(), experiment.Reference())
            // Neither the cluster's name nor the run that owns it tells two lanes apart.
            : new OnCluster(experiment.Scheduler.Name, RunSession.ImageOf(experiment), experiment.ClusterSpec("", ""), experiment.Cluster.Emulated, experiment.Reuse()) { Beside = RunSession.BesideOf(experiment), Virtual = experiment.Virtual() is not null };

    /// <summary>A simulated machine under a policy.</summary>
    internal sealed record Simulated(MachineSize Machine, ReferenceOptions Options) : LaneKey;

    /// <summary>Machines under a scheduler.</summary>
    internal sealed record OnCluster(string Scheduler, ImageSpec? Image, ClusterSpec Machines, int? Emulated, ClusterReuse Reuse) : LaneKey
    {
        /// <summary>The image that its nodes have beside their own.</summary>
        public ImageSpec? Beside { get; init; }

        /// <summary>It runs in virtual time.</summary>
        public bool Virtual { get; init; }

        // Arrays are equal only where they are the same one; nodes are compared one by one.
        private object Apart => (Scheduler, Image, Beside, Machines with { Nodes = [] }, Emulated, Reuse, Virtual);

        /// <inheritdoc/>
        public bool Equals(OnCluster? other) => other is not null && Apart.Equals(other.Apart) && Machines.Nodes.AsSpan().SequenceEqual(other.Machines.Nodes.AsSpan());

        /// <inheritdoc/>
        public override int GetHashCode() => Apart.GetHashCode();
    }
}
