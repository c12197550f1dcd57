using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>The jobs of a simulated schedule, column by column: millions of records that live only until they are laid out would cost more than the simulation.</summary>
public sealed partial class JobTable
{
    /// <summary>A table of what <see cref="Schedule.Records"/> gives.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="origin">Time of the workload's start, in UTC microseconds since 1970-01-01.</param>
    /// <param name="nodes">What the names of the nodes begin with, before their numbers from 1; null for none.</param>
    public static JobTable Of(Schedule schedule, long origin, string? nodes = null)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var jobs = schedule.Jobs;
        // One that was rejected was sent and not accepted: these are columns of their own then.
        var table = new JobTable(jobs.Count, jobs.Numbers, jobs.Processors, stagesCostNothing: schedule.NotRun.Values.All(job => job.State != JobState.Rejected));
        var placed = nodes is null ? null : new PlacedNodes(schedule, nodes);
        for (var row = 0; row < jobs.Count; row++)
        {
            var job = jobs.Jobs?[row];
            var started = schedule.Starts[row] != Schedule.Never;
            var state = schedule.StateOf(row);
            var sent = origin + schedule.SentAt(row);
            var start = started ? origin + schedule.Starts[row] : Missing;
            var finish = started ? origin + schedule.Finish(row) : Missing;
            table._user[row] = job?.User ?? -1;
            table._group[row] = job?.Group ?? -1;
            table._queue[row] = job?.Queue ?? -1;
            table._request[row] = table.NumberOf(job?.Request);
            table._runTime[row] = job is null ? jobs.RunTimes[row] : Micros.From(job.RunTime);
            table._requestedTime[row] = job is null ? jobs.Estimates[row] : job.RequestedTime is { } limit ? Micros.From(limit) : Missing;
            table._drains[row] = jobs.Drains[row] ? 1 : 0;
            table._planned[row] = origin + jobs.Submits[row];
            table._accepted[row] = table._eligible[row] = state == JobState.Rejected ? Missing : sent;
            table._decided[row] = table._start[row] = start;
            table._released[row] = table._finish[row] = finish;
            table._sent[row] = sent;
            table._state[row] = (byte)state;
            table._exitCode[row] = started && !jobs.TimesOut[row] ? 0 : NoExitCode;
            if (placed is null || placed.Of(row, out var count) is not { IsEmpty: false } list) continue;
            table._nodes[row] = count;
            table._nodeList[row] = table.NodeListNumber(list);
        }

        return table;
    }
}
