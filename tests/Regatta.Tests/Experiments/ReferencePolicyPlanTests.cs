using Regatta.Tests.Cli;

namespace Regatta.Tests.Experiments;

/// <summary>What of a policy of Slurm the reference scheduler simulates, leaves out and refuses, as a plan says it.</summary>
public sealed class ReferencePolicyPlanTests
{
    private const string Alone = "hint[reference-policy-left-out]: the reference scheduler simulates partitions with MaxTime, DefaultTime and MaxNodes, without ", Ruled = "hint[reference-policy-left-out]: the reference scheduler simulates the policy without ";

    [Theory]
    [InlineData(Alone + "accounts and qualities of service\n", "+scheduler.slurm.accounts={x: {users: {a: 1}}}", "+scheduler.slurm.qos={high: {priority: 10}}")]
    [InlineData(Alone + "SchedulerParameters\n", "+scheduler.settings.SchedulerParameters=\"bf_interval=5\"")]
    [InlineData(Ruled + "GrpTRESMins, MaxTRESPerUser of mem, NoReserve and UsageFactor\n", "scheduler.slurm.accounting=true", "+scheduler.slurm.qos={high: {settings: {GrpTRESMins: 'cpu=5', MaxTRESPerUser: 'cpu=4,mem=1G', UsageFactor: '2', Flags: 'DenyOnLimit,NoReserve'}}}")]
    [InlineData(Ruled + "DAILY and PreemptExemptTime\n", "+scheduler.slurm.reservations={w: {start: 100s, duration: 1m, flags: [MAINT, DAILY]}}", "+scheduler.settings.PreemptExemptTime=1")]
    [InlineData(Ruled + "PriorityWeightTRES\n", "+scheduler.settings.PriorityType=priority/multifactor", "+scheduler.settings.PriorityWeightTRES=\"cpu=5\"")]
    public async Task A_plan_says_what_is_not_simulated(string said, params string[] overrides)
    {
        var (code, human, _) = await ProgramRun.Of(["plan", "reference", .. overrides]);

        Assert.Contains(said, human, StringComparison.Ordinal);
        Assert.Equal(0, code);
    }

    [Theory]
    [InlineData("reference")]
    [InlineData("preemption-modes")]
    [InlineData("maintenance-window")]
    [InlineData("fairshare-half-life")]
    public async Task A_plan_whose_policy_is_simulated_says_nothing_of_it(string experiment)
    {
        var (code, human, _) = await ProgramRun.Of("plan", experiment, "scheduler=reference");

        Assert.Equal(0, code);
        Assert.DoesNotContain("reference-policy-left-out", human, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("error[reference-suspend]: the reference scheduler cannot suspend jobs that are preempted\n  help: take PreemptMode CANCEL or REQUEUE, or scheduler=slurm", "scheduler.settings.PreemptMode=\"SUSPEND,GANG\"", "~points")]
    [InlineData("error[slurm-preemption]: PreemptType=preempt/qos needs qualities of service, and there is no accounting database", "scheduler.settings.PreemptType=preempt/qos", "~points")]
    [InlineData("error[slurm-setting-value]: MaxJobsPerUser cannot be 'few'\n  help: it is a whole number, not negative; -1 takes a limit away", "scheduler.slurm.accounting=true", "+scheduler.slurm.qos={high: {settings: {MaxJobsPerUser: few}}}")]
    [InlineData("error[slurm-setting-value]: GrpTRES cannot be 'cpu'\n  help: write NAME=COUNT with commas between them, such as cpu=64,gres/gpu=8", "scheduler.slurm.accounting=true", "+scheduler.slurm.qos={high: {settings: {GrpTRES: cpu}}}")]
    [InlineData("error[slurm-setting-value]: MaxWallDurationPerJob cannot be 'long'", "scheduler.slurm.accounting=true", "+scheduler.slurm.qos={high: {settings: {MaxWall: long}}}")]
    [InlineData("error[slurm-setting-value]: Licenses cannot be 'matlab:x'", "+scheduler.settings.Licenses=matlab:x")]
    [InlineData("error[slurm-setting-value]: PriorityWeightAge cannot be 'much'", "+scheduler.settings.PriorityType=priority/multifactor", "+scheduler.settings.PriorityWeightAge=much")]
    [InlineData("error[slurm-setting-value]: PriorityMaxAge cannot be 'old'", "+scheduler.settings.PriorityType=priority/multifactor", "+scheduler.settings.PriorityMaxAge=old")]
    public async Task A_plan_refuses_what_cannot_be_simulated(string said, params string[] overrides)
    {
        var (code, human, _) = await ProgramRun.Of(["plan", "preemption-modes", "scheduler=reference", .. overrides]);

        Assert.NotEqual(0, code);
        Assert.Contains(said, human, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_says_which_jobs_wait_for_ever_and_which_are_refused()
    {
        var (code, human, _) = await ProgramRun.Of(
            "plan", "maintenance-window", "scheduler=reference", "~points", "scheduler.slurm.accounting=true", "+scheduler.slurm.qos={normal: {settings: {MaxWall: '1'}}}", "+scheduler.slurm.partitions={a: {settings: {MaxTime: '2'}}}");
        Assert.Equal(0, code);
        Assert.Contains("warning[reference-waits-for-ever]: 4 of 14 jobs of maintenance never start, the first of them job 2: they ask for more time than their quality of service or account allows", human, StringComparison.Ordinal);

        (code, human, _) = await ProgramRun.Of("plan", "preemption-modes", "scheduler=reference", "~points", "scheduler.slurm.accounting=true", "+scheduler.slurm.partitions.high.settings.DenyQos=normal", "~scheduler.settings.PreemptType", "~scheduler.settings.PreemptMode");
        Assert.Equal(0, code);
        Assert.Contains("warning[reference-refused]: 4 of 10 jobs of preemption are refused as they are sent: by a limit, or since their partition, quality of service, account or reservation does not take them", human, StringComparison.Ordinal);
    }
}
