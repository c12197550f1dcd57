using System.Runtime.CompilerServices;
using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Experiments.Running;

/// <summary>Jobs laid out for the simulation, once for all trials that replay the same ones, and as long as they are held elsewhere.</summary>
internal sealed class CompiledWorkloads
{
    private readonly ConditionalWeakTable<object, QueuedJobs> _known = [];

    /// <summary>The table of jobs.</summary>
    /// <param name="jobs">The jobs; the table is shared by those who ask with the same list.</param>
    /// <param name="name">Name of their workload, for diagnostics.</param>
    /// <exception cref="DiagnosticException">A job is faulty.</exception>
    public QueuedJobs Of(IReadOnlyList<Job> jobs, string name) => _known.GetValue(jobs, _ => QueuedJobs.Of(jobs, name));
}
