using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Tests.Analysis;

/// <summary>What an upgrade did to the jobs of its trial.</summary>
public sealed class TrialUpgradeTests
{
    private static readonly ImmutableArray<UpgradeStep> Steps =
    [
        new("worker1", "slurmd", At(18), At(19), "26.05.5"), new("head", "slurmctld", At(10), At(12.5), "26.05.5"), new("head", "slurmrestd", At(12.6), At(13), "26.05.5"),
    ];

    [Fact]
    public void Times_without_answers_are_added_up_and_the_jobs_in_them_counted()
    {
        var upgrade = Of(
            [new(At(10.5), null, "gone") { Code = ReplayFault.Away }, new(At(12.5), null, "there") { Code = ReplayFault.Back }, new(At(12.7), null, "gone") { Code = ReplayFault.Away }, new(At(13.2), null, "there") { Code = ReplayFault.Back }],
            Trials.Job(1, 1, 9, 9, 10), Trials.Job(2, 1, 10.5, 13, 14) with { Accepted = At(12.6) }, Trials.Job(3, 1, 14, 14, 15) with { Requeues = 1 });

        Assert.Equal((2_500_000, 1, 2_100_000, 0, 1), (upgrade.Refused, upgrade.Delayed, upgrade.LongestAnswer, upgrade.Lost, upgrade.Requeued));
        Assert.Equal(
            "Slurm was upgraded from 24.11.5 to 26.05.5 while jobs ran: slurmctld on head in 2.5 s, slurmrestd on head in 0.4 s, slurmd on worker1 in 1.0 s; submissions were refused for 2.5 s (1 job was taken later, the longest wait for an answer was 2.1 s), 0 jobs were lost, 1 requeued.",
            upgrade.ToString());
    }

    [Fact]
    public void A_time_without_answers_that_does_not_end_lasts_to_the_end_of_the_replay() =>
        Assert.Equal(19_000_000, Of([new(At(11), null, "gone") { Code = ReplayFault.Away }]).Refused);

    [Theory]
    [InlineData(JobState.Lost, 1)]
    [InlineData(JobState.NodeFailed, 1)]
    [InlineData(JobState.Cancelled, 1)]
    [InlineData(JobState.Unfinished, 1)]
    [InlineData(JobState.Failed, 0)]
    [InlineData(JobState.Completed, 0)]
    public void What_was_taken_and_did_not_end_by_itself_is_lost(JobState state, int lost) =>
        Assert.Equal(lost, Of([], Trials.Job(1, 1, 9, 9, 10) with { State = state, SchedulerId = "1" }).Lost);

    [Theory]
    [InlineData(ReplayFault.Restarted, 11, true)]
    [InlineData(ReplayFault.Responding, 25, true)]
    [InlineData(ReplayFault.Away, 9, false)]
    [InlineData(ReplayFault.Restarted, 40, false)]
    [InlineData(null, 11, false)]
    public void An_upgrade_explains_what_it_brings_about_while_it_lasts(string? code, double at, bool explains) =>
        Assert.Equal(explains, Of([]).Explains(new ReplayFault(At(at), null, "x") { Code = code }));

    [Fact]
    public void The_audit_tells_of_an_upgrade_and_refuses_one_that_came_after_the_last_job()
    {
        var record = Trials.Record() with { Upgrade = Of([]) };
        Assert.Contains(Audit(record), f => f is { Code: "upgraded", Weight: AuditWeight.Note });
        Assert.DoesNotContain(Audit(record), f => f.Code == "upgrade-late");

        Assert.Contains(Audit(record with { Ended = At(18.5) }), f => f is { Code: "upgrade-late", Weight: AuditWeight.Invalidates });
    }

    private static ImmutableArray<AuditFinding> Audit(TrialRecord record) => TrialAudit.Of(new Trial(record, JobTable.From([Trials.Job(1, 1, 1, 2, 3)])), [1]).Findings;

    private static TrialUpgrade Of(IReadOnlyList<ReplayFault> faults, params JobRecord[] jobs) => TrialUpgrade.Of("24.11.5", "26.05.5", Steps, faults, jobs, At(30));

    private static long At(double seconds) => Trials.Origin + (long)(seconds * 1e6);
}
