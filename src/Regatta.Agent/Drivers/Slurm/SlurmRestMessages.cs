using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Slurm;

/// <summary>A job to submit.</summary>
internal sealed record SubmitRequest(string Script, SubmitJob Job);

/// <summary>The properties of a job to submit.</summary>
internal sealed record SubmitJob
{
    public required string Name { get; init; }

    public required string Partition { get; init; }

    /// <summary>Name of the user that it runs as; null for the one that slurmrestd runs as.</summary>
    public string? UserId { get; init; }

    /// <summary>Number of the group that it runs as, never a name; as text: of a number slurmrestd 24.11 warns.</summary>
    public string? GroupId { get; init; }

    public string? Account { get; init; }

    public string? Qos { get; init; }

    public string? Reservation { get; init; }

    public string? Licenses { get; init; }

    public int? Nice { get; init; }

    /// <summary>GPUs for the whole job as the first interface takes them, such as <c>a100:4</c>.</summary>
    public string? Gpus { get; init; }

    /// <summary>The same as later ones take them, such as <c>gres/gpu:a100:4</c>.</summary>
    public string? TresPerJob { get; init; }

    public required int Tasks { get; init; }

    public JsonNode? Nodes { get; init; }

    /// <summary>Minutes.</summary>
    public long? TimeLimit { get; init; }

    /// <summary>MiB.</summary>
    public long? MemoryPerCpu { get; init; }

    public string? Dependency { get; init; }

    public required string CurrentWorkingDirectory { get; init; }

    public required string StandardOutput { get; init; }

    public required string StandardError { get; init; }

    public required JsonNode Environment { get; init; }
}

/// <summary>An error.</summary>
internal sealed record RestError(int? ErrorCode, int? ErrorNumber, string? Error, string? Description)
{
    /// <summary>Slurm's number; the interface has two names for it.</summary>
    [JsonIgnore]
    public int? Code => ErrorCode ?? ErrorNumber;
}

/// <summary>An answer that holds no more than errors.</summary>
internal record PlainResponse
{
    public RestError[]? Errors { get; init; }

    public RestError[]? Warnings { get; init; }

    /// <summary>What became of each job that was to be cancelled, from 23.11 on.</summary>
    public RestStatus[]? Status { get; init; }

    public RestMeta? Meta { get; init; }
}

/// <summary>Who answers; the first interfaces spelt the name otherwise.</summary>
internal sealed record RestMeta(RestSlurm? Slurm, [property: JsonPropertyName("Slurm")] RestSlurm? FormerSlurm)
{
    /// <summary>Slurm's own version, such as <c>24.11.5</c>.</summary>
    [JsonIgnore]
    public string? Release => (Slurm ?? FormerSlurm)?.Release;
}

/// <summary>The Slurm that answers.</summary>
internal sealed record RestSlurm(string? Release);

/// <summary>What became of one job that was to be cancelled.</summary>
internal sealed record RestStatus(RestStatusError? Error);

/// <summary>An error of one job; its code is 0 where there is none.</summary>
internal sealed record RestStatusError(int? Code, string? Message);

/// <summary>The answer to a submission.</summary>
internal sealed record SubmitResponse : PlainResponse
{
    public long? JobId { get; init; }
}

/// <summary>Jobs.</summary>
internal sealed record JobsResponse : PlainResponse
{
    public SlurmJob[]? Jobs { get; init; }
}

/// <summary>A job as slurmrestd shows it; times are whole seconds.</summary>
internal sealed record SlurmJob
{
    public long JobId { get; init; }

    public string? Name { get; init; }

    [JsonConverter(typeof(FirstWord))]
    public string? JobState { get; init; }

    public string? StateReason { get; init; }

    /// <summary>Raw wait status.</summary>
    [JsonConverter(typeof(WaitStatus))]
    public int? ExitCode { get; init; }

    [JsonConverter(typeof(OptionalNumber))]
    public long EndTime { get; init; }

    /// <summary>How it ended; null while it has not.</summary>
    [JsonIgnore]
    public JobState? Ended => JobState switch
    {
        "COMPLETED" => Workloads.JobState.Completed,
        "FAILED" or "OUT_OF_MEMORY" or "DEADLINE" => Workloads.JobState.Failed,
        "TIMEOUT" => Workloads.JobState.TimedOut,
        "CANCELLED" or "PREEMPTED" => Workloads.JobState.Cancelled,
        "NODE_FAIL" or "BOOT_FAIL" => Workloads.JobState.NodeFailed,
        _ => null,
    };

    /// <summary>Exit code as a shell would give it.</summary>
    [JsonIgnore]
    public int? Code => ExitCode is not { } status ? null : (status & 0x7f) != 0 ? 128 + (status & 0x7f) : (status >> 8) & 0xff;
}

/// <summary>What slurmctld counts of itself.</summary>
internal sealed record DiagResponse : PlainResponse
{
    public SlurmStatistics? Statistics { get; init; }
}

/// <summary>Counters since slurmctld started, or since they were reset at midnight UTC; times are microseconds. The first interfaces have means alone.</summary>
internal sealed record SlurmStatistics
{
    public long ScheduleCycleTotal { get; init; }

    public long ScheduleCycleMean { get; init; }

    public long ScheduleCycleMeanDepth { get; init; }

    public long? ScheduleCycleSum { get; init; }

    public long? ScheduleCycleDepth { get; init; }

    public long BfCycleCounter { get; init; }

    public long BfCycleMean { get; init; }

    public long BfDepthMean { get; init; }

    public long? BfCycleSum { get; init; }

    public long? BfDepthSum { get; init; }

    /// <summary>Jobs that backfill started, since slurmctld did; midnight does not reset it.</summary>
    public long? BfBackfilledJobs { get; init; }

    /// <summary>The passes of both schedulers.</summary>
    [JsonIgnore]
    public IReadOnlyList<SchedulingPasses> Passes =>
    [
        new(SchedulingPasses.Main, ScheduleCycleTotal, (ScheduleCycleSum ?? (ScheduleCycleMean * ScheduleCycleTotal)) / 1e6, ScheduleCycleDepth ?? (ScheduleCycleMeanDepth * ScheduleCycleTotal)),
        new(SchedulingPasses.Backfill, BfCycleCounter, (BfCycleSum ?? (BfCycleMean * BfCycleCounter)) / 1e6, BfDepthSum ?? (BfDepthMean * BfCycleCounter)) { Started = BfBackfilledJobs },
    ];
}

/// <summary>JSON of slurmrestd.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SubmitRequest)), JsonSerializable(typeof(SubmitResponse)), JsonSerializable(typeof(JobsResponse))]
[JsonSerializable(typeof(DiagResponse)), JsonSerializable(typeof(PlainResponse))]
internal sealed partial class SlurmRestJson : JsonSerializerContext;
