using Regatta.Agent.Drivers.Slurm;

namespace Regatta.Tests.Agent;

/// <summary>Lines of slurmctld's log, as Slurm wrote them: 22.05.8 where nothing else is said.</summary>
public sealed class SlurmLogLineTests
{
    /// <summary>The recordings.</summary>
    public static string Recording(string name) => Path.Combine(AppContext.BaseDirectory, "Agent", "Slurm.data", name);

    [Theory]
    [InlineData("_slurm_rpc_submit_batch_job: JobId=16 InitPrio=4294901748 usec=254", nameof(SlurmLogKind.Submitted), 16, null, 254)]
    [InlineData("sched: Allocate JobId=26 NodeList=n[2-3] #CPUs=2 Partition=main", nameof(SlurmLogKind.Allocated), 26, "n[2-3]", 0)]
    [InlineData("sched: Allocate JobId=19_0(28) NodeList=n1 #CPUs=1 Partition=main", nameof(SlurmLogKind.Allocated), 28, "n1", 0)]
    [InlineData("sched/backfill: _start_job: Started JobId=2305 in main on n4", nameof(SlurmLogKind.Backfilled), 2305, "n4", 0)]
    [InlineData("_job_complete: JobId=17 WEXITSTATUS 3", nameof(SlurmLogKind.Exited), 17, null, 3)]
    [InlineData("_job_complete: JobId=18 WTERMSIG 11", nameof(SlurmLogKind.Signalled), 18, null, 11)]
    [InlineData("_job_complete: JobId=19_3(19) done", nameof(SlurmLogKind.Done), 19, null, 0)]
    [InlineData("_job_complete: requeue JobId=4018 per user/system request", nameof(SlurmLogKind.RequeuedAtEnd), 4018, null, 0)]
    [InlineData("_slurm_rpc_kill_job: REQUEST_KILL_JOB JobId=53 uid 0", nameof(SlurmLogKind.KillAsked), 53, null, 0)]
    [InlineData("job_signal: 9 of pending JobId=53 successful", nameof(SlurmLogKind.KilledPending), 53, null, 9)]
    [InlineData("job_signal: 9 of running JobId=52 successful 0x8004", nameof(SlurmLogKind.KilledRunning), 52, null, 9)]
    [InlineData("Time limit exhausted for JobId=4019", nameof(SlurmLogKind.TimeLimit), 4019, null, 0)]
    [InlineData("Requeuing JobId=54", nameof(SlurmLogKind.Requeued), 54, null, 0)]
    [InlineData("Killing JobId=4017 on failed node n2", nameof(SlurmLogKind.NodeLost), 4017, "n2", 0)]
    [InlineData("debug2: _slurm_rpc_epilog_complete: JobId=52 Node=n2 ", nameof(SlurmLogKind.EpilogDone), 52, "n2", 0)]
    [InlineData("debug:  handle_invalid_dependency: JobId=51 job dependency never satisfied", nameof(SlurmLogKind.NeverSatisfied), 51, null, 0)]
    [InlineData("Recovered JobId=1_35(37) Assoc=0", nameof(SlurmLogKind.Recovered), 37, null, 0)]
    [InlineData("Purged files for defunct batch JobId=4019", nameof(SlurmLogKind.Purged), 4019, null, 0)]
    [InlineData("error: Nodes n2 not responding, setting DOWN", nameof(SlurmLogKind.NodesDown), 0, "n2", 0)]
    [InlineData("Node n2 now responding", nameof(SlurmLogKind.NodeBack), 0, "n2", 0)]
    [InlineData("slurmctld version 22.05.8 started on cluster regatta", nameof(SlurmLogKind.ControllerStarted), 0, "22.05.8", 0)]
    // 24.11.5
    [InlineData("error: Nodes emulated1 not responding", nameof(SlurmLogKind.NodesSilent), 0, "emulated1", 0)]
    [InlineData("drain_nodes: node worker2 state set to DRAIN", nameof(SlurmLogKind.NodesDrained), 0, "worker2", 0)]
    [InlineData("slurmctld version 24.11.5 started on cluster regatta(2995)", nameof(SlurmLogKind.ControllerStarted), 0, "24.11.5", 0)]
    // 26.05.5
    [InlineData("_slurm_rpc_submit_batch_job: JobId=29 SLUID=s2SHM8J94G9B00 InitPrio=4294901734 usec=849", nameof(SlurmLogKind.Submitted), 29, null, 849)]
    [InlineData("sched/backfill: _start_job: HETJOB: Started JobId=29 in main on emulated2", nameof(SlurmLogKind.Backfilled), 29, "emulated2", 0)]
    [InlineData("sched/backfill: _start_job: HETJOB: Started JobId=30_0(31) in main on emulated[0-1]", nameof(SlurmLogKind.Backfilled), 31, "emulated[0-1]", 0)]
    [InlineData("debug2: _slurm_rpc_epilog_complete: JobId=29 Node=emulated2 usec=1795909896745010", nameof(SlurmLogKind.EpilogDone), 29, "emulated2", 0)]
    public void Says_what_happened_to_which_job(string text, string kind, long job, string? nodes, int number)
    {
        var line = SlurmLogLine.Parse($"[2026-11-24T01:14:04.727] {text}");
        Assert.Equal(new SlurmLogLine(1_795_482_844_727_000, Enum.Parse<SlurmLogKind>(kind), job, nodes, number), line);
    }

    [Theory]
    [InlineData(""), InlineData("[2026-11-24T01:14:04.727]")]
    [InlineData("[2026-11-24T01:14:04] sched: Allocate JobId=1 NodeList=n1 #CPUs=1 Partition=main")]
    [InlineData("2026-11-24T01:14:04.727 sched: Allocate JobId=1 NodeList=n1 #CPUs=1 Partition=main")]
    [InlineData("[2026-11-24T01:14:04.727] debug2: select/cons_tres: select_p_job_test: evaluating JobId=1")]
    [InlineData("[2026-11-24T01:14:04.727] debug2: _slurm_rpc_complete_batch_script JobId=1 usec=300")]
    [InlineData("[2026-11-24T01:14:04.727] error: Registered JobId=4017 StepId=4017.batch in state NODE_FAIL on node n2")]
    [InlineData("[2026-11-24T01:14:04.727] _job_complete: JobId=17 WEXITSTAT")]
    [InlineData("[2026-11-24T01:14:04.727] job_complete: invalid JobId=4018")]
    [InlineData("[2026-11-28T23:51:36.429] debug2: _slurm_rpc_complete_batch_script: JobId=29 SLUID=s2SHM8J94G9B00 usec=2268")]
    [InlineData("[2026-11-28T23:51:36.429] debug:  slurm_cred_create: creating credential for JobId=29 SLUID=s2SHM8J94G9B00")]
    public void Passes_over_what_says_nothing_of_jobs(string line) => Assert.Null(SlurmLogLine.Parse(line));

    [Theory]
    [InlineData("ctld-info-mixed.log", 0), InlineData("ctld-info_agent_trace-mixed.log", 0), InlineData("ctld-verbose-mixed.log", 3)]
    [InlineData("ctld-debug-mixed.log", 3), InlineData("ctld-debug2-mixed.log", 3)]
    public void Finds_every_line_of_a_job_at_every_level_of_the_log(string recording, int signalled)
    {
        var lines = File.ReadLines(Recording(recording)).Select(SlurmLogLine.Parse).OfType<SlurmLogLine>().ToLookup(l => l.Kind);
        Assert.Equal(12, lines[SlurmLogKind.Submitted].Count());
        Assert.Equal(13, lines[SlurmLogKind.Allocated].Count());
        Assert.Equal(11, lines[SlurmLogKind.Done].Count());
        Assert.Equal(11, lines[SlurmLogKind.Exited].Count() + lines[SlurmLogKind.Signalled].Count());
        Assert.Equal(signalled, lines[SlurmLogKind.KilledPending].Count() + lines[SlurmLogKind.KilledRunning].Count());
        Assert.Equal(3, lines[SlurmLogKind.KillAsked].Count());
    }
}
