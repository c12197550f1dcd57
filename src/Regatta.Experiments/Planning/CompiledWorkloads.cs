using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Experiments.Planning;

/// <summary>
/// Jobs laid out for the simulation, once for all points and trials that replay the same ones, and as long as they are held elsewhere. A plan simulates each point to know how long it will take;
/// what it found is kept for the trial that simulates the same, as far as there is room.
/// </summary>
internal sealed class CompiledWorkloads
{
    // About 100 MB.
    private const long MostKept = 4_000_000;

    private readonly ConditionalWeakTable<object, Compiled> _known = [];
    private long _kept;

    /// <summary>The table of jobs.</summary>
    /// <param name="jobs">The jobs; the table is shared by those who ask with the same list.</param>
    /// <param name="name">Name of their workload, for diagnostics.</param>
    /// <exception cref="DiagnosticException">A job is faulty.</exception>
    public QueuedJobs Of(IReadOnlyList<Job> jobs, string name) => CompiledOf(jobs, name).Jobs;

    /// <summary>The schedule of jobs, kept for the first who asks <see cref="Run"/> for it.</summary>
    /// <exception cref="DiagnosticException">A job is faulty, or larger than the machine.</exception>
    public Schedule Plan(IReadOnlyList<Job> jobs, string name, MachineSize machine, ReferenceOptions options)
    {
        var compiled = CompiledOf(jobs, name);
        var schedule = ReferenceScheduler.Run(compiled.Jobs, machine, options);
        if (Interlocked.Add(ref _kept, jobs.Count) > MostKept || !compiled.Schedules.TryAdd((machine, options), schedule)) Interlocked.Add(ref _kept, -jobs.Count);
        return schedule;
    }

    /// <summary>The schedule of jobs: that of the plan, else made now.</summary>
    /// <exception cref="DiagnosticException">A job is faulty, or larger than the machine.</exception>
    public Schedule Run(IReadOnlyList<Job> jobs, string name, MachineSize machine, ReferenceOptions options, CancellationToken cancellation)
    {
        var compiled = CompiledOf(jobs, name);
        if (!compiled.Schedules.TryRemove((machine, options), out var planned)) return ReferenceScheduler.Run(compiled.Jobs, machine, options, cancellation);
        Interlocked.Add(ref _kept, -jobs.Count);
        return planned;
    }

    private Compiled CompiledOf(IReadOnlyList<Job> jobs, string name) => _known.GetValue(jobs, _ => new Compiled(QueuedJobs.Of(jobs, name)));

    private sealed record Compiled(QueuedJobs Jobs)
    {
        public ConcurrentDictionary<(MachineSize Machine, ReferenceOptions Options), Schedule> Schedules { get; } = [];
    }
}
