using System.Security.Cryptography;
using Regatta.Analysis;
using Regatta.Simulation;
using Regatta.Simulation.Priorities;
using Regatta.Workloads;

namespace Regatta.Experiments.Running;

/// <summary>A trial that was simulated under rules: its jobs may run several times, so that its rows come of its events, as those of a trial on machines do.</summary>
/// <param name="Events">What happened.</param>
/// <param name="Jobs">A row for each job.</param>
/// <param name="Origin">The start of the workload.</param>
internal sealed record RuledTrial(ImmutableArray<JobEvent> Events, IReadOnlyList<JobRecord> Jobs, long Origin)
{
    private string _worker = "";

    /// <summary>The rows as a table.</summary>
    public JobTable Table { get; } = JobTable.From(Jobs);

    /// <summary>The trial of a schedule.</summary>
    public static RuledTrial Of(Schedule schedule, IReadOnlyList<Job> jobs, long origin, string worker)
    {
        var events = RuledEvents.Of(schedule, origin, worker);
        return new RuledTrial(events, JobRecords.From(jobs, events), origin) { _worker = worker };
    }

    /// <summary>The record of the trial with what its rules did.</summary>
    public TrialRecord Told(TrialRecord record, ReferenceOptions options)
    {
        var rules = options.Rules!;
        return record with
        {
            Settings = record.Settings.SetItem(Trait.Preemption.Name(), rules.Preemption switch { PreemptionBy.Qos => "preempt/qos", PreemptionBy.Partition => "preempt/partition_prio", _ => "none" })
                .SetItem(Trait.QueueOrder.Name(), rules.Priorities is null ? "submit time" : "priority/multifactor")
                .SetItems(rules.Gpus.Count == 0 ? [] : [KeyValuePair.Create(Trait.Gpus.Name(), string.Join(", ", rules.Gpus.Select(g => g.ToString())))])
                .SetItems(rules.Told.Select(told => KeyValuePair.Create("reference." + told.Name, told.Value))),
            Preemptions = Preemptions.Of(Jobs, Events),
            Reservations = [.. rules.Reservations.Select(r => new ReservedTime(r.Name, Origin + Micros.From(r.Start), Origin + Micros.From(r.End),
                RuledEvents.Named([.. Enumerable.Range(0, record.Workers.Length).Where(NodeNumbers.Parse(r.Nodes)!.Holds)], _worker)))],
            Gpus = [.. rules.Gpus],
            Shares = FairShareTree.Promised(rules.Associations.Where(a => a.User is null).Select(a => (a.Account, a.Parent, a.Shares))),
        };
    }

    /// <summary>Writes the events, and returns their sha256 in hexadecimal.</summary>
    public string Write(string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        foreach (var happened in Events)
        {
            byte[] line = [.. ReplayJson.Line(happened), (byte)'\n'];
            hash.AppendData(line);
            stream.Write(line);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
