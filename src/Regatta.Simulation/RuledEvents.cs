using System.Text;
using Regatta.Workloads;

namespace Regatta.Simulation;

/// <summary>What happened to the jobs of a simulation under rules, as events of a trial: jobs may run more than once.</summary>
public static class RuledEvents
{
    private const string Source = "simulation";

    /// <summary>The events, by time, and of one time by job and in the order in which a job goes through them.</summary>
    /// <param name="schedule">A schedule that was made under rules.</param>
    /// <param name="origin">Time of the workload's start, in UTC microseconds since 1970-01-01.</param>
    /// <param name="prefix">What the names of nodes begin with, before their numbers from 1.</param>
    public static ImmutableArray<JobEvent> Of(Schedule schedule, long origin, string prefix)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var outcome = schedule.Outcome ?? throw new ArgumentException("the schedule was made without rules", nameof(schedule));
        var lost = outcome.Lost.ToLookup(run => run.Row);
        return [.. Enumerable.Range(0, schedule.Jobs.Count).SelectMany(row => OfJob(schedule, outcome, row, lost[row], origin, prefix)).OrderBy(e => e.Time)];
    }

    /// <summary>Nodes as <c>worker[1-3,7]</c>.</summary>
    public static string Named(ImmutableArray<int> nodes, string prefix)
    {
        var text = new StringBuilder();
        for (var i = 0; i < nodes.Length; i++)
        {
            var first = i;
            while (i + 1 < nodes.Length && nodes[i + 1] == nodes[i] + 1) i++;
            text.Append(text.Length > 0 ? "," : "").Append(CultureInfo.InvariantCulture, $"{nodes[first] + 1}");
            if (i > first) text.Append(CultureInfo.InvariantCulture, $"-{nodes[i] + 1}");
        }

        return nodes.Length > 1 ? $"{prefix}[{text}]" : prefix + text;
    }

    private static IEnumerable<JobEvent> OfJob(Schedule schedule, RuledOutcome outcome, int row, IEnumerable<LostRun> lost, long origin, string prefix)
    {
        var number = schedule.Jobs.Numbers[row];
        JobEvent Made(JobEventKind kind, long time) => new(number, kind, origin + time, Source);
        var sent = schedule.SentAt(row);
        yield return Made(JobEventKind.Sent, sent) with { Planned = origin + schedule.Jobs.Submits[row] };
        var started = schedule.Starts[row] != Schedule.Never;
        var state = schedule.StateOf(row);
        if (state == JobState.Rejected)
        {
            yield return Made(JobEventKind.Rejected, sent);
            yield break;
        }

        yield return Made(JobEventKind.Accepted, sent);
        yield return Made(JobEventKind.Eligible, sent);
        foreach (var run in lost.Where(run => run.Requeued))
        {
            yield return Made(JobEventKind.Decided, run.Start) with { Nodes = Named(run.Nodes, prefix) };
            yield return Made(JobEventKind.Started, run.Start);
            yield return Made(JobEventKind.Preempted, run.End) with { By = schedule.Jobs.Numbers[run.By] };
            yield return Made(JobEventKind.Requeued, run.End);
        }

        if (!started)
        {
            // What never starts and does not wait for ever is gone as it is sent.
            if (state == JobState.Cancelled) yield return Made(JobEventKind.Ended, sent) with { State = state };
            yield break;
        }

        yield return Made(JobEventKind.Decided, schedule.Starts[row]) with { Nodes = Named(outcome.NodesOf(row), prefix) };
        yield return Made(JobEventKind.Started, schedule.Starts[row]);
        if (lost.FirstOrDefault(run => !run.Requeued) is { } ended) yield return Made(JobEventKind.Preempted, ended.End) with { By = schedule.Jobs.Numbers[ended.By] };
        yield return Made(JobEventKind.Finished, schedule.Finish(row));
        yield return Made(JobEventKind.Ended, schedule.Finish(row)) with { State = state, ExitCode = state == JobState.Completed ? 0 : null };
        yield return Made(JobEventKind.Released, schedule.Finish(row));
    }
}
