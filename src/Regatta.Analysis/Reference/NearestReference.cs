using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>The reference scheduler that stands nearest to a trial: its policy and its machine, by what the trial recorded of itself.</summary>
public static class NearestReference
{
    /// <summary>
    /// The policy nearest to a trial's: by its setting <c>backfill</c> (<c>none</c>, <c>easy</c>, <c>conservative</c>, or yes and no for EASY and FCFS), else by the
    /// name of its profile, else EASY.
    /// </summary>
    public static ReferencePolicy Policy(TrialRecord record) => (record.Profile, SchedulerTraits.ReadBackfill(record.Trait(Trait.Backfill))) switch
    {
        ("sjf", _) => ReferencePolicy.Sjf,
        ("sjf-easy", _) => ReferencePolicy.SjfEasy,
        (_, Backfill.None) => ReferencePolicy.Fcfs,
        ("conservative", _) or (_, Backfill.Conservative) => ReferencePolicy.Conservative,
        ("fifo" or "fcfs", null) => ReferencePolicy.Fcfs,
        _ => ReferencePolicy.Easy,
    };

    /// <summary>The machine that <paramref name="record"/> names, of like nodes where its processors divide evenly.</summary>
    public static MachineSize Machine(TrialRecord record)
    {
        var nodes = record.Workers.Length;
        return new(record.Processors, nodes > 0 && record.Processors % nodes == 0 ? record.Processors / nodes : 1);
    }
}
