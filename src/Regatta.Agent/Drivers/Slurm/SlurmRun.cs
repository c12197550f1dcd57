using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Slurm;

/// <summary>One submission as Slurm knows it.</summary>
internal sealed class SlurmRun(long id)
{
    public long Id { get; } = id;

    public long? Job { get; set; }

    /// <summary>Lines that came before the answer to the submission.</summary>
    public List<SlurmLogLine> Early { get; } = [];

    /// <summary>Nodes that have not released the job.</summary>
    public HashSet<string> Holding { get; } = new(StringComparer.Ordinal);

    public long? Submitted { get; set; }

    public long? KillAsked { get; set; }

    public long News { get; set; }

    public long Asked { get; set; }

    public long LastRelease { get; set; }

    public long EndTime { get; set; }

    public int? Exit { get; set; }

    public int? Signal { get; set; }

    public int Unknown { get; set; }

    public int Told { get; set; }

    /// <summary>When its nodes were allocated; null while they are not.</summary>
    public long? DecidedAt { get; set; }

    public bool Decided => DecidedAt is not null;

    public bool EligibleSaid { get; set; }

    public bool RequeuedAtEnd { get; set; }

    public bool Doubtful { get; set; }

    public bool Ended { get; set; }

    public JobState State { get; set; }
}
