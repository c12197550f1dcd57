namespace Regatta.Simulation;

/// <summary>Finds whom a job may take nodes from: those of the lowest rank first, of one rank the larger and then the later ones, and of all of them only those whose nodes it takes.</summary>
internal sealed class RuledPreemption(ReferenceRules rules, RuledMachine machine, RuledPlaces places)
{
    /// <summary>Whether who may preempt whom is of the quality of service.</summary>
    public bool ByQos => rules.Preemption == PreemptionBy.Qos;

    /// <summary>What becomes of a job that is preempted.</summary>
    public PreemptionMode ModeOf(RuledJob victim) => (ByQos ? victim.Qos.Mode : victim.Partition.Settings.Preempted) ?? rules.Mode;

    /// <summary>What a job would hold that starts now in the place of others, and who these are; null where it may preempt nobody, or not enough.</summary>
    public (Held[] Held, IReadOnlyList<RuledRun> Victims)? For(RuledJob job, long now, bool[] closed)
    {
        if (rules.Preemption == PreemptionBy.None) return null;
        var nodes = job.Partition.Nodes.ToHashSet();
        // Who began at this instant, in the place of others or not, stays.
        List<RuledRun> able = [.. machine.Running.Where(run => run.Start < now && May(job, run.Job) && run.Held.Any(held => nodes.Contains(held.Node)))];
        able.Sort((a, b) => (Rank(a.Job), -RuledMachine.NodesOf(a.Held).Count(), -a.Start, -a.Job.Row).CompareTo((Rank(b.Job), -RuledMachine.NodesOf(b.Held).Count(), -b.Start, -b.Job.Row)));
        var removed = new List<RuledRun>();
        Held[]? held = null;
        foreach (var run in able)
        {
            machine.Give(run);
            removed.Add(run);
            if ((held = places.Find(job, now, now, closed)) is not null) break;
        }

        foreach (var run in removed) machine.Take(run);
        if (held is null) return null;
        var taken = RuledMachine.NodesOf(held).ToHashSet();
        return (held, [.. removed.Where(run => run.Held.Any(part => taken.Contains(part.Node)))]);
    }

    private bool May(RuledJob job, RuledJob victim) => ModeOf(victim) != PreemptionMode.Off
        && (ByQos ? job.Qos.Preempts.Contains(victim.Qos.Name) : job.Partition.Settings.Tier > victim.Partition.Settings.Tier);

    private long Rank(RuledJob job) => ByQos ? job.Qos.Priority : job.Partition.Settings.Tier;
}
