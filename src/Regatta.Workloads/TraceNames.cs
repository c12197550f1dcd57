namespace Regatta.Workloads;

/// <summary>The names behind the numbers of a workload that was read from a source with names: the first of a list is number 1.</summary>
/// <param name="Users">Behind <see cref="Job.User"/>.</param>
/// <param name="Groups">Behind <see cref="Job.Group"/>: accounts where the source has them, else groups.</param>
/// <param name="Queues">Behind <see cref="Job.Queue"/>: qualities of service of Slurm.</param>
/// <param name="Partitions">Behind <see cref="RecordedJob.Partition"/>.</param>
public sealed record TraceNames(ImmutableArray<string> Users, ImmutableArray<string> Groups, ImmutableArray<string> Queues, ImmutableArray<string> Partitions);
