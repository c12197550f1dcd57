using Regatta.Experiments.Configuration;
using Regatta.Images;
using Regatta.Machines;
using Regatta.Schedulers;

namespace Regatta.Experiments.Running;

/// <summary>A cluster that trials run on.</summary>
/// <param name="Spec">Its machines.</param>
/// <param name="Scheduler">Its scheduler.</param>
/// <param name="Image">Its image; null for machines that exist.</param>
/// <param name="Reuse">When a new cluster is made.</param>
/// <param name="Keep">Whether it stays up after the run.</param>
public sealed record ClusterPlan(ClusterSpec Spec, IScheduler Scheduler, ImageSpec? Image, ClusterReuse Reuse, bool Keep)
{
    /// <summary>The image that the nodes have beside it, for programs that are replaced while a trial runs; null for none.</summary>
    public ImageSpec? Beside { get; init; }
}
