namespace Regatta.Simulation.Priorities;

/// <summary>The weights of priority/multifactor, by the names of slurm.conf without <c>PriorityWeight</c>.</summary>
public sealed record PriorityWeights
{
    /// <summary>Weight of the time since a job could have started.</summary>
    public uint Age { get; init; }

    /// <summary>Weight of the association's own priority.</summary>
    public uint Assoc { get; init; }

    /// <summary>Weight of the fair share.</summary>
    public uint Fairshare { get; init; }

    /// <summary>Weight of the size.</summary>
    public uint JobSize { get; init; }

    /// <summary>Weight of the partition.</summary>
    public uint Partition { get; init; }

    /// <summary>Weight of the quality of service.</summary>
    public uint Qos { get; init; }

    /// <summary>PriorityMaxAge: the age at which that factor is 1.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>PriorityFavorSmall: small jobs have the larger factor of size.</summary>
    public bool FavorSmall { get; init; }
}

/// <summary>The factors of a job, each 0 to 1, and what is added and taken away.</summary>
/// <param name="Age">Of its age.</param>
/// <param name="Fairshare">Of its fair share.</param>
/// <param name="JobSize">Of its size.</param>
/// <param name="Partition">Of its partition: PriorityJobFactor by the largest of all.</param>
/// <param name="Qos">Of its quality of service: its priority by the largest of all.</param>
public sealed record PriorityFactors(double Age, double Fairshare, double JobSize, double Partition, double Qos)
{
    /// <summary>Of its association.</summary>
    public double Assoc { get; init; }

    /// <summary>What a site adds.</summary>
    public long Site { get; init; }

    /// <summary>What its user takes away.</summary>
    public long Nice { get; init; }
}

/// <summary>Priorities as Slurm's priority/multifactor computes them. Pure.</summary>
public static class Multifactor
{
    /// <summary>The factor of age.</summary>
    /// <param name="waited">Whole seconds since the job could have started.</param>
    /// <param name="weights">The weights.</param>
    public static double AgeFactor(TimeSpan waited, PriorityWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        var seconds = Math.Floor(Math.Max(0, waited.TotalSeconds));
        return seconds < weights.MaxAge.TotalSeconds ? seconds / weights.MaxAge.TotalSeconds : 1;
    }

    /// <summary>The factor of size: the mean of the job's share of nodes and of processors.</summary>
    /// <param name="processors">Processors that it asked for.</param>
    /// <param name="nodes">The least nodes that it asked for, at least 1.</param>
    /// <param name="clusterProcessors">Processors of all nodes.</param>
    /// <param name="clusterNodes">Nodes that are in service.</param>
    /// <param name="weights">The weights.</param>
    public static double SizeFactor(int processors, int nodes, int clusterProcessors, int clusterNodes, PriorityWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentOutOfRangeException.ThrowIfLessThan(clusterProcessors, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(clusterNodes, 1);
        var factor = weights.FavorSmall
            ? ((clusterNodes > nodes ? (clusterNodes - nodes) / (double)clusterNodes : 0) + ((clusterProcessors - processors) / (double)clusterProcessors)) / 2
            : ((nodes / (double)clusterNodes) + (processors / (double)clusterProcessors)) / 2;
        return Math.Clamp(factor, 0, 1);
    }

    /// <summary>The priority of a job: at least 1, for 0 is that of jobs that are held, and at most 2^32 - 1.</summary>
    /// <param name="factors">Its factors.</param>
    /// <param name="weights">The weights.</param>
    public static uint Priority(PriorityFactors factors, PriorityWeights weights)
    {
        ArgumentNullException.ThrowIfNull(factors);
        ArgumentNullException.ThrowIfNull(weights);
        var sum = (factors.Age * weights.Age) + (factors.Assoc * weights.Assoc) + (factors.Fairshare * weights.Fairshare) + (factors.JobSize * weights.JobSize)
            + (factors.Partition * weights.Partition) + (factors.Qos * weights.Qos) + factors.Site - factors.Nice;
        return (uint)Math.Clamp(sum, 1, uint.MaxValue);
    }
}
