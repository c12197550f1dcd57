using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>How a job is cut into pods, all alike.</summary>
/// <param name="Pods">Pods.</param>
/// <param name="Processors">Processors of each.</param>
/// <param name="Minimum">How many must run at once for the job to start.</param>
internal readonly record struct PodShape(int Pods, int Processors, int Minimum)
{
    /// <summary>
    /// The shape of a job: a gang has one pod a member, with one processor; any other job as few pods as the nodes allow that share its processors evenly.
    /// A job of as many processors as it asks for, whatever its shape.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="node">Processors of the smallest node.</param>
    public static PodShape Of(Job job, int node)
    {
        if (job.GangMinimum > 0) return new PodShape(job.Processors, 1, job.GangMinimum);
        var pods = Math.Max(Math.Max(job.Nodes, 1), (job.Processors + node - 1) / node);
        if (pods >= job.Processors) return new PodShape(job.Processors, 1, job.Processors);
        while (job.Processors % pods != 0) pods++;
        return new PodShape(pods, job.Processors / pods, pods);
    }
}
