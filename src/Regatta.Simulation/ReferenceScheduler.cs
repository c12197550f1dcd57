using Regatta.Workloads;

namespace Regatta.Simulation;

/// <summary>
/// The scheduler that costs nothing: a discrete-event simulation that gives the schedule a policy would make on a machine of like processors
/// if deciding, launching and releasing took no time. Deterministic; the rules are in <c>docs/reference-scheduler.md</c>.
/// </summary>
public static class ReferenceScheduler
{
    /// <summary>Schedules all jobs.</summary>
    /// <exception cref="Regatta.Diagnostics.DiagnosticException">A job is larger than the machine, or the machine has nothing.</exception>
    public static Schedule Run(QueuedJobs jobs, MachineSize machine, ReferenceOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentNullException.ThrowIfNull(options);
        var sizes = jobs.Sizes(machine, options.WholeNodes, out var capacity);
        var engine = Engine.Create(options.Policy, jobs, sizes, capacity);
        engine.Run(-1, cancellationToken);
        return new Schedule(jobs, machine, options, sizes, engine.Joined, engine.Start);
    }

    /// <summary>Schedules the jobs of a workload.</summary>
    /// <inheritdoc cref="Run(QueuedJobs, MachineSize, ReferenceOptions, CancellationToken)"/>
    public static Schedule Run(Workload workload, MachineSize machine, ReferenceOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workload);
        return Run(QueuedJobs.Of(workload.Jobs, workload.Name), machine, options, cancellationToken);
    }
}
