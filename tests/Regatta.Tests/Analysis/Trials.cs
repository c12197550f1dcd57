using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Tests.Analysis;

/// <summary>Small trials, written in seconds from the start.</summary>
internal static class Trials
{
    /// <summary>2026-01-01T00:00:00Z, as microseconds.</summary>
    public const long Origin = 1_767_225_600_000_000;

    public static TrialRecord Record(string point = "fifo", int repetition = 1, int processors = 4) => new()
    {
        Point = point,
        Repetition = repetition,
        Block = repetition,
        Order = repetition,
        Scheduler = "slurm",
        Profile = point,
        Workload = "small",
        Processors = processors,
        Machines = MachineKind.Lxc,
        ClusterState = "fresh",
        Started = Origin,
        Ended = Origin + 1_000_000_000,
    };

    /// <summary>A completed job: sent, accepted and eligible at <paramref name="sent"/>, decided and started at <paramref name="start"/>.</summary>
    public static JobRecord Job(long number, int processors, double sent, double start, double finish, int user = -1) => new()
    {
        Job = number,
        User = user,
        Processors = processors,
        RunTime = Micro(finish - start),
        Planned = At(sent),
        Sent = At(sent),
        Accepted = At(sent),
        Eligible = At(sent),
        Decided = At(start),
        Start = At(start),
        Finish = At(finish),
        Released = At(finish),
        State = JobState.Completed,
        ExitCode = 0,
    };

    public static Trial Of(params IEnumerable<JobRecord> jobs) => new(Record(), JobTable.From(jobs));

    public static long At(double seconds) => Origin + Micro(seconds);

    public static long Micro(double seconds) => (long)Math.Round(seconds * 1e6);
}
