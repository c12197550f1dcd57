using System.Text.RegularExpressions;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Slurm;

/// <summary>What a line of slurmctld's log says.</summary>
internal enum SlurmLogKind
{
    Submitted,
    Allocated,
    Backfilled,
    Exited,
    Signalled,
    RequeuedAtEnd,
    Done,
    KillAsked,
    KilledPending,
    KilledRunning,
    TimeLimit,
    Requeued,
    Preempted,
    NodeLost,
    EpilogDone,
    Recovered,
    Purged,
    NeverSatisfied,
    NodesSilent,
    NodesDown,
    NodesDrained,
    NodeBack,
    ControllerStarted,
}

/// <summary>One line of slurmctld's log that matters.</summary>
/// <param name="Time">Its stamp, UTC microseconds (milliseconds of resolution).</param>
/// <param name="Kind">What it says.</param>
/// <param name="JobId">Slurm's own id of the job; 0 when it speaks of none.</param>
/// <param name="Nodes">The nodes it names; the version of a controller that started.</param>
/// <param name="Number">Exit code, signal, or microseconds that a submission took.</param>
/// <param name="For">Slurm's own id of the job that it makes room for; 0 for none.</param>
internal readonly partial record struct SlurmLogLine(long Time, SlurmLogKind Kind, long JobId, string? Nodes, int Number, long For = 0)
{
    /*
     Slurm 22.05.8, LogTimeFormat=iso8601_ms. Arrays name their tasks ARRAY_TASK(ID). Other releases say the same, but for what stands below.
       [2026-11-24T01:14:04.727] _slurm_rpc_submit_batch_job: JobId=16 InitPrio=4294901748 usec=254
       [2026-11-24T01:14:05.580] sched: Allocate JobId=19_0(28) NodeList=n1 #CPUs=1 Partition=main
       [2026-11-24T01:28:58.316] sched/backfill: _start_job: Started JobId=4016 in main on n2
       [2026-11-24T01:14:05.617] _job_complete: JobId=17 WEXITSTATUS 3
       [2026-11-24T01:14:05.613] _job_complete: JobId=18 WTERMSIG 11
       [2026-11-24T01:28:10.689] _job_complete: requeue JobId=4018 per user/system request
       [2026-11-24T01:14:05.617] _job_complete: JobId=17 done
       [2026-11-24T01:14:35.445] _slurm_rpc_kill_job: REQUEST_KILL_JOB JobId=53 uid 0
       [2026-11-24T01:14:35.445] job_signal: 9 of pending JobId=53 successful
       [2026-11-24T01:14:35.445] job_signal: 9 of running JobId=52 successful 0x8004
       [2026-11-24T01:30:29.983] Time limit exhausted for JobId=4019
       [2026-11-24T01:14:35.479] Requeuing JobId=54
       [2026-11-24T01:26:43.640] Killing JobId=4017 on failed node n2
       [2026-11-24T01:14:35.469] debug2: _slurm_rpc_epilog_complete: JobId=52 Node=n2
       [2026-11-24T01:27:58.112] Recovered JobId=1_0(2) Assoc=0
       [2026-11-24T01:27:58.378] Purged files for defunct batch JobId=4019
       [2026-11-24T01:26:43.640] error: Nodes n2 not responding, setting DOWN
       [2026-11-24T01:27:39.670] Node n2 now responding
       [2026-11-24T01:27:57.154] slurmctld version 22.05.8 started on cluster regatta
     24.11.5
       [2026-11-28T23:49:10.005] error: Nodes n1 not responding
       [2026-11-30T16:00:29.017] drain_nodes: node worker2 state set to DRAIN
       [2026-11-29T00:03:33.903] preempted JobId=10 has been requeued to reclaim resources for JobId=11
       [2026-11-28T23:49:53.280] slurmctld version 24.11.5 started on cluster regatta(2995)
     26.05.5: a second name of the job; the flag that the line needs; a date, in microseconds, where a duration would stand
       [2026-11-28T23:51:34.443] _slurm_rpc_submit_batch_job: JobId=29 SLUID=s2SHM8J94G9B00 InitPrio=4294901734 usec=849
       [2026-11-28T23:51:34.571] sched/backfill: _start_job: HETJOB: Started JobId=29 in main on n2
       [2026-11-28T23:51:36.745] debug2: _slurm_rpc_epilog_complete: JobId=29 Node=n2 usec=1795909896745010
    */

    /// <summary>What the line says; null when it does not matter or is no whole line.</summary>
    public static SlurmLogLine? Parse(string line)
    {
        // The stamp is [yyyy-MM-ddTHH:mm:ss.fff] and one space.
        if (line.Length < 28 || line[0] != '[' || line[24] != ']') return null;
        if (!DateTime.TryParseExact(line.AsSpan(1, 23), "yyyy-MM-dd'T'HH:mm:ss.fff", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var stamp)) return null;
        var time = Micros.From(stamp);
        var text = line.AsSpan(26);
        // Every job allocated, ended and released at debug2 brings a score of lines that do not matter: they are passed over without a search.
        if (text.StartsWith("debug2: ", StringComparison.Ordinal))
        {
            text = text[8..];
            if (!text.StartsWith("_slurm_rpc_epilog_complete", StringComparison.Ordinal)) return null;
        }
        else if (text.StartsWith("debug", StringComparison.Ordinal))
        {
            if (!text.Contains("handle_invalid_dependency", StringComparison.Ordinal)) return null;
        }

        foreach (var (kind, mark, pattern) in Patterns)
        {
            if (!text.Contains(mark, StringComparison.Ordinal)) continue;
            var match = pattern().Match(line, 26);
            if (!match.Success) continue;
            return new SlurmLogLine(time, kind, Id(match.Groups["id"].Value, match.Groups["own"].Value), Text(match.Groups["nodes"].Value), (int)Value(match.Groups["number"].Value),
                Id(match.Groups["other"].Value, match.Groups["otherOwn"].Value));
        }

        return null;
    }

    private static readonly (SlurmLogKind Kind, string Mark, Func<Regex> Pattern)[] Patterns =
    [
        (SlurmLogKind.Submitted, "_slurm_rpc_submit_batch_job: JobId=", Submitted),
        (SlurmLogKind.Allocated, "sched: Allocate", Allocated),
        (SlurmLogKind.Backfilled, "sched/backfill: _start_job:", Backfilled),
        (SlurmLogKind.Exited, "WEXITSTATUS", Exited),
        (SlurmLogKind.Signalled, "WTERMSIG", Signalled),
        (SlurmLogKind.RequeuedAtEnd, "_job_complete: requeue", RequeuedAtEnd),
        (SlurmLogKind.Done, "_job_complete: JobId=", Done),
        (SlurmLogKind.KillAsked, "REQUEST_KILL_JOB", KillAsked),
        (SlurmLogKind.KilledPending, "of pending", KilledPending),
        (SlurmLogKind.KilledRunning, "of running", KilledRunning),
        (SlurmLogKind.TimeLimit, "Time limit exhausted", TimeLimit),
        (SlurmLogKind.Requeued, "Requeuing JobId=", Requeued),
        (SlurmLogKind.Preempted, "to reclaim resources for", Preempted),
        (SlurmLogKind.NodeLost, "on failed node", NodeLost),
        (SlurmLogKind.EpilogDone, "_slurm_rpc_epilog_complete", EpilogDone),
        (SlurmLogKind.Recovered, "Recovered JobId=", Recovered),
        (SlurmLogKind.Purged, "defunct batch", Purged),
        (SlurmLogKind.NeverSatisfied, "handle_invalid_dependency", NeverSatisfied),
        (SlurmLogKind.NodesDown, "setting DOWN", NodesDown),
        (SlurmLogKind.NodesDrained, "drain_nodes: node", NodesDrained),
        (SlurmLogKind.NodesSilent, "not responding", NodesSilent),
        (SlurmLogKind.NodeBack, "now responding", NodeBack),
        (SlurmLogKind.ControllerStarted, "slurmctld version", ControllerStarted),
    ];

    private static string? Text(string text) => text.Length == 0 ? null : text;

    private static long Id(string id, string own) => Value(own.Length > 0 ? own : id);

    private static long Value(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private const string IdPattern = @"JobId=(?<id>\d+)(?:_\d+\((?<own>\d+)\))?";

    [GeneratedRegex(@"\G_slurm_rpc_submit_batch_job: " + IdPattern + @"(?: SLUID=\S+)? InitPrio=\d+ usec=(?<number>\d+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Submitted();

    [GeneratedRegex(@"\Gsched: Allocate " + IdPattern + @" NodeList=(?<nodes>\S+) ", RegexOptions.ExplicitCapture)]
    private static partial Regex Allocated();

    [GeneratedRegex(@"\Gsched/backfill: _start_job: (?:HETJOB: )?Started " + IdPattern + @" in \S+ on (?<nodes>\S+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Backfilled();

    [GeneratedRegex(@"\G_job_complete: " + IdPattern + @" WEXITSTATUS (?<number>\d+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Exited();

    [GeneratedRegex(@"\G_job_complete: " + IdPattern + @" WTERMSIG (?<number>\d+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Signalled();

    [GeneratedRegex(@"\G_job_complete: requeue " + IdPattern, RegexOptions.ExplicitCapture)]
    private static partial Regex RequeuedAtEnd();

    [GeneratedRegex(@"\G_job_complete: " + IdPattern + " done", RegexOptions.ExplicitCapture)]
    private static partial Regex Done();

    [GeneratedRegex(@"\G_slurm_rpc_kill_job: REQUEST_KILL_JOB " + IdPattern, RegexOptions.ExplicitCapture)]
    private static partial Regex KillAsked();

    [GeneratedRegex(@"\Gjob_signal: (?<number>\d+) of pending " + IdPattern + " successful", RegexOptions.ExplicitCapture)]
    private static partial Regex KilledPending();

    [GeneratedRegex(@"\Gjob_signal: (?<number>\d+) of running " + IdPattern + " successful", RegexOptions.ExplicitCapture)]
    private static partial Regex KilledRunning();

    [GeneratedRegex(@"\GTime limit exhausted for " + IdPattern, RegexOptions.ExplicitCapture)]
    private static partial Regex TimeLimit();

    [GeneratedRegex(@"\GRequeuing " + IdPattern, RegexOptions.ExplicitCapture)]
    private static partial Regex Requeued();

    [GeneratedRegex(@"\Gpreempted " + IdPattern + @" has been \w+ to reclaim resources for JobId=(?<other>\d+)(?:_\d+\((?<otherOwn>\d+)\))?", RegexOptions.ExplicitCapture)]
    private static partial Regex Preempted();

    [GeneratedRegex(@"\GKilling " + IdPattern + @" on failed node (?<nodes>\S+)", RegexOptions.ExplicitCapture)]
    private static partial Regex NodeLost();

    [GeneratedRegex(@"\Gdebug2: _slurm_rpc_epilog_complete: " + IdPattern + @" Node=(?<nodes>\S+)", RegexOptions.ExplicitCapture)]
    private static partial Regex EpilogDone();

    [GeneratedRegex(@"\GRecovered " + IdPattern, RegexOptions.ExplicitCapture)]
    private static partial Regex Recovered();

    [GeneratedRegex(@"\GPurged files for defunct batch " + IdPattern, RegexOptions.ExplicitCapture)]
    private static partial Regex Purged();

    [GeneratedRegex(@"\Gdebug:  handle_invalid_dependency: " + IdPattern, RegexOptions.ExplicitCapture)]
    private static partial Regex NeverSatisfied();

    [GeneratedRegex(@"\Gerror: Nodes (?<nodes>\S+) not responding, setting DOWN", RegexOptions.ExplicitCapture)]
    private static partial Regex NodesDown();

    [GeneratedRegex(@"\Gdrain_nodes: node (?<nodes>\S+) state set to DRAIN", RegexOptions.ExplicitCapture)]
    private static partial Regex NodesDrained();

    [GeneratedRegex(@"\Gerror: Nodes (?<nodes>\S+) not responding$", RegexOptions.ExplicitCapture)]
    private static partial Regex NodesSilent();

    [GeneratedRegex(@"\GNode (?<nodes>\S+) now responding", RegexOptions.ExplicitCapture)]
    private static partial Regex NodeBack();

    [GeneratedRegex(@"\Gslurmctld version (?<nodes>\S+) started", RegexOptions.ExplicitCapture)]
    private static partial Regex ControllerStarted();
}
