using Regatta.Analysis;
using Regatta.Experiments.Planning;
using Regatta.Experiments.Running;
using Regatta.Runs;
using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Tests.Experiments;

/// <summary>Simulates trials and keeps which were run, in order.</summary>
internal sealed class RecordingLane(TimeProvider time) : ITrialLane
{
    private readonly SimulatedLane _lane = new(MachineSize.Of(2, 4), new ReferenceOptions(), time, new CompiledWorkloads());

    public List<string> Ran { get; } = [];

    public Action<string> Before { get; init; } = _ => { };

    /// <summary>Whether the client is half a second late in an attempt, which counts from 1.</summary>
    public Func<string, int, bool> Late { get; init; } = (_, _) => false;

    public async Task<LaneTrial> RunAsync(PlannedTrial trial, PlanPoint point, IReadOnlyList<Job> jobs, string draft, IActivityMonitor monitor, CancellationToken cancellation)
    {
        Before(trial.Id);
        cancellation.ThrowIfCancellationRequested();
        Ran.Add(trial.Id);
        var outcome = await _lane.RunAsync(trial, point, jobs, draft, monitor, cancellation);
        return Late(trial.Id, Ran.Count(r => r == trial.Id))
            ? new LaneTrial(outcome.Record with { Machines = MachineKind.Lxc }, JobTable.From(outcome.Jobs.Records.Select(j => j with { Planned = j.Planned - 500_000 }), outcome.Jobs.Count))
            : outcome;
    }

    public ValueTask DisposeAsync() => _lane.DisposeAsync();
}
