using Regatta.Workloads;

namespace Regatta.Simulation;

/// <summary>
/// The scheduler that costs nothing: a discrete-event simulation that gives the schedule a policy would make on a machine of like processors
/// if deciding, launching and releasing took no time. Deterministic; the rules are in <c>docs/reference-scheduler.md</c>.
/// </summary>
public static class ReferenceScheduler
{
    /// <summary>Schedules all jobs.</summary>
    /// <exception cref="Regatta.Diagnostics.DiagnosticException">A job is larger than the machine or its partition, names a partition that is not there, or the machine has nothing.</exception>
    public static Schedule Run(QueuedJobs jobs, MachineSize machine, ReferenceOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentNullException.ThrowIfNull(options);
        var sizes = jobs.Sizes(machine, options.WholeNodes, out var capacity);
        if (options.Rules is not null) return RuledScheduler.Run(jobs, machine, options, sizes, cancellationToken);
        if (options.Partitions is { } partitions) return Run(PartitionedJobs.Of(jobs, machine, partitions, sizes, options.WholeNodes), machine, options, sizes, cancellationToken);
        var arrivals = new Arrivals(jobs, sizes);
        Engine.Create(options.Policy, arrivals, capacity).Run(-1, cancellationToken);
        return new Schedule(jobs, machine, options, sizes, arrivals.Joined, arrivals.Start) { NotRun = arrivals.NotRun };
    }

    /// <summary>Schedules the jobs of a workload.</summary>
    /// <inheritdoc cref="Run(QueuedJobs, MachineSize, ReferenceOptions, CancellationToken)"/>
    public static Schedule Run(Workload workload, MachineSize machine, ReferenceOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workload);
        return Run(QueuedJobs.Of(workload.Jobs, workload.Name), machine, options, cancellationToken);
    }

    private static Schedule Run(PartitionedJobs jobs, MachineSize machine, ReferenceOptions options, int[] sizes, CancellationToken cancellationToken)
    {
        var arrivals = new Arrivals(jobs.Jobs, sizes);
        Engine[] engines = [.. jobs.Parts.Nodes.Select(nodes => Engine.Create(options.Policy, arrivals, nodes.Sum(range => range.Count) * (options.WholeNodes ? 1 : machine.ProcessorsPerNode)))];
        new SimulationClock(arrivals, engines, jobs.PartOf).Run(-1, cancellationToken);
        return new Schedule(jobs.Jobs, machine, options, sizes, arrivals.Joined, arrivals.Start) { NotRun = arrivals.NotRun, Parts = jobs.Parts, PartOf = jobs.PartOf };
    }
}
