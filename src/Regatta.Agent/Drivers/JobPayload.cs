using Regatta.Workloads;

namespace Regatta.Agent.Drivers;

/// <summary>What a job runs on a node, the same on every scheduler: the agent as payload.</summary>
/// <param name="Agent">The agent on the workers.</param>
/// <param name="Stamps">File on each worker that payloads append their stamps to.</param>
internal sealed record JobPayload(string Agent, string Stamps)
{
    /// <summary>The agent and the stamps where Regatta puts them.</summary>
    public static JobPayload Default { get; } = new(NodeLayout.Agent, NodeLayout.Stamps + "/stamps.jsonl");

    /// <summary>The words of the command line.</summary>
    /// <param name="job">The job.</param>
    /// <param name="rank">Variable that is 0 in the one task that is to do the work, where the scheduler starts several; null where it starts one.</param>
    /// <param name="meeting">How it meets the other members of its job, where they start one by one.</param>
    public IReadOnlyList<string> Words(Job job, string? rank = null, IReadOnlyList<string>? meeting = null)
    {
        string[] start = [Agent, "payload", "--job", job.Id.ToString(CultureInfo.InvariantCulture), "--stamps", Stamps, .. rank is null ? [] : (string[])["--first", rank], .. meeting ?? []];
        var seconds = job.RunTime.TotalSeconds.ToString("0.######", CultureInfo.InvariantCulture);
        return job.Payload.Kind switch
        {
            PayloadKind.Sleep => [.. start, "sleep", seconds],
            PayloadKind.Cpu => [.. start, "cpu", seconds],
            _ => [.. start, "exec", .. job.Payload.Command],
        };
    }
}
