using System.Text.Json.Nodes;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Slurm;

/// <summary>Jobs as Slurm takes them.</summary>
internal static class SlurmSubmission
{
    /// <summary>What slurmrestd is asked for.</summary>
    /// <param name="submission">The job, and what it waits for.</param>
    /// <param name="name">The name that it is submitted under.</param>
    /// <param name="options">Options of the driver.</param>
    /// <param name="clock">The virtual clock that it runs by; null for real time.</param>
    public static SubmitRequest Of(Submission submission, string name, SlurmOptions options, ReplayClock? clock)
    {
        var job = submission.Job;
        var asked = job.Request;
        return new SubmitRequest(options.Script(job), new SubmitJob
        {
            Name = name,
            Partition = options.Partitions && asked?.Partition is { } partition ? partition : options.Partition,
            UserId = options.Users ? asked?.User ?? NodeLayout.JobUser : null,
            // The group of the stamps, which is the first of every user of a workload.
            GroupId = options.Users ? NodeLayout.JobUserId.ToString(CultureInfo.InvariantCulture) : null,
            Account = options.Users ? asked?.Account : null,
            Qos = options.Users ? asked?.Qos : null,
            Reservation = options.Users ? asked?.Reservation : null,
            Licenses = options.Users ? asked?.Licenses : null,
            Nice = options.Users ? asked?.Nice : null,
            Gpus = options.Gpus ? asked?.GpuText : null,
            Tasks = job.Processors,
            Nodes = job.Nodes > 0 ? job.Nodes : null,
            TimeLimit = job.RequestedTime is { } limit ? Math.Max(1, (long)Math.Ceiling(limit.TotalMinutes)) : null,
            MemoryPerCpu = job.MemoryPerProcessor is { } memory ? Math.Max(1, (memory + (1024 * 1024) - 1) / (1024 * 1024)) : null,
            Dependency = submission.After.Count == 0 ? null
                : string.Join(',', submission.After.Select(a => $"{a.Kind.Scheme()}:{a.SchedulerId}")),
            CurrentWorkingDirectory = options.Directory,
            StandardOutput = options.Output,
            StandardError = options.Output,
            Environment = Variables(clock),
        });
    }

    /// <summary>Whether a job could start wherever another of its partition does: it asks for no more than processors, nodes and memory.</summary>
    public static bool IsPlain(Job job) => job.Request is null or { Reservation: null, Licenses: null, Gres: null };

    private static JsonObject Variables(ReplayClock? clock)
    {
        var variables = new JsonObject { ["PATH"] = "/usr/local/bin:/usr/bin:/bin" };
        if (clock is not null) (variables["LD_PRELOAD"], variables["REGATTA_CLOCK"]) = (clock.Library, clock.Page);
        return variables;
    }
}
