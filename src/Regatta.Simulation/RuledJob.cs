namespace Regatta.Simulation;

/// <summary>A job under rules: what it needs, and whose it is.</summary>
internal sealed class RuledJob
{
    /// <summary>Its row.</summary>
    public required int Row { get; init; }

    /// <summary>Where it runs.</summary>
    public required RuledPartition Partition { get; init; }

    /// <summary>Its quality of service.</summary>
    public required ReferenceQos Qos { get; init; }

    /// <summary>Its account; empty for none.</summary>
    public required string Account { get; init; }

    /// <summary>Its user; empty for none.</summary>
    public required string User { get; init; }

    /// <summary>The reservation that it runs in; null for none.</summary>
    public ReferenceReservation? Reservation { get; init; }

    /// <summary>Processors.</summary>
    public required int Processors { get; init; }

    /// <summary>The least nodes, at least 1.</summary>
    public required int Nodes { get; init; }

    /// <summary>The most nodes.</summary>
    public required int MostNodes { get; init; }

    /// <summary>GPUs by pool; -1 for those of any model.</summary>
    public required ImmutableArray<(int Pool, int Count)> Gpus { get; init; }

    /// <summary>Whether it takes its nodes alone.</summary>
    public required bool Alone { get; init; }

    /// <summary>What the scheduler plans with, in microseconds.</summary>
    public required long Estimate { get; init; }

    /// <summary>How long it runs, in microseconds.</summary>
    public required long RunTime { get; init; }

    /// <summary>What it takes of what Slurm counts, by the numbers of <see cref="Limits"/>.</summary>
    public required long[] Takes { get; init; }

    /// <summary>The limits that it counts against.</summary>
    public required Limit[] Limits { get; init; }

    /// <summary>Whether it can be put back into the queue.</summary>
    public required bool Requeues { get; init; }

    /// <summary>How much its user lowered its priority.</summary>
    public int Nice { get; init; }

    /// <summary>Why it never starts; null when it may.</summary>
    public string? Never { get; init; }

    /// <summary>Whether it is refused as it is sent.</summary>
    public bool Refused { get; init; }

    /// <summary>Its priority; 0 where all are alike.</summary>
    public long Priority { get; set; }

    /// <summary>Its place in the order of joining.</summary>
    public int Place { get; set; }

    /// <summary>When it may start at the earliest, having been put back.</summary>
    public long NotBefore { get; set; }

    /// <summary>Whether no limit holds it back now.</summary>
    public bool IsAllowed()
    {
        foreach (var limit in Limits) if (!limit.Allows(Takes)) return false;
        return true;
    }

    /// <summary>What it needs: what a job cannot have, another of the same shape cannot have either, unless it is shorter.</summary>
    public (int Partition, string? Reservation, int Processors, int Nodes, int Most, int First, int Second, bool Alone, string Qos) Shape(bool byQos) =>
        (Partition.Number, Reservation?.Name, Processors, Nodes, MostNodes, Gpus.Length > 0 ? (Gpus[0].Pool << 24) + Gpus[0].Count : 0, Gpus.Length > 1 ? Row + 1 : 0, Alone, byQos ? Qos.Name : "");
}

/// <summary>A partition as it is simulated under rules.</summary>
/// <param name="Number">Its place.</param>
/// <param name="Settings">Its settings.</param>
/// <param name="Nodes">Its nodes, from 0.</param>
internal sealed record RuledPartition(int Number, ReferencePartition Settings, int[] Nodes);

/// <summary>What counts under one name: how many jobs run, how many are there at all, and what runs holds.</summary>
/// <param name="resources">How many kinds of resources are counted.</param>
internal sealed class Ledger(int resources)
{
    public int Jobs { get; set; }

    public int Submits { get; set; }

    public long[] Held { get; } = new long[resources];
}

/// <summary>The most that a ledger may hold.</summary>
/// <param name="Ledger">The ledger.</param>
/// <param name="Jobs">Jobs that run.</param>
/// <param name="Submits">Jobs that run or wait.</param>
/// <param name="Most">Of each resource; -1 for no limit.</param>
internal sealed record Limit(Ledger Ledger, int? Jobs, int? Submits, long[] Most)
{
    /// <summary>Whether one more job may run.</summary>
    public bool Allows(long[] takes)
    {
        if (Ledger.Jobs >= Jobs) return false;
        for (var i = 0; i < Most.Length; i++) if (Most[i] >= 0 && takes[i] > 0 && Ledger.Held[i] + takes[i] > Most[i]) return false;
        return true;
    }

    /// <summary>Whether a job can ever run.</summary>
    public bool Holds(long[] takes)
    {
        if (Jobs == 0) return false;
        for (var i = 0; i < Most.Length; i++) if (Most[i] >= 0 && takes[i] > Most[i]) return false;
        return true;
    }
}
