using Regatta.Tests.Cli;

namespace Regatta.Tests.Experiments;

/// <summary>What of a policy of Slurm the reference scheduler leaves out, as a plan says it.</summary>
public sealed class ReferencePolicyPlanTests
{
    private const string Hint = "hint[reference-policy-left-out]: the reference scheduler simulates partitions with MaxTime, DefaultTime and MaxNodes, without ";

    [Theory]
    [InlineData("fairshare-half-life", "priorities and accounts\n")]
    [InlineData("maintenance-window", "reservations\n", "+scheduler.slurm.reservations={maintenance: {start: 100s, duration: 1m, flags: [MAINT]}}")]
    [InlineData("reference", "qualities of service and AllowQos\n", "+scheduler.slurm.qos={high: {priority: 10}}", "+scheduler.slurm.partitions.a={nodes: all, settings: {AllowQos: high}}")]
    [InlineData("reference", "preemption\n", "+scheduler.settings.PreemptType=preempt/qos")]
    public async Task A_plan_says_what_is_not_simulated(string experiment, string left, params string[] overrides)
    {
        var (code, human, _) = await ProgramRun.Of(["plan", experiment, "scheduler=reference", .. experiment == "reference" ? Array.Empty<string>() : ["~points"], .. overrides]);

        Assert.Equal(0, code);
        Assert.Contains(Hint + left, human, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_without_any_policy_says_nothing_of_it()
    {
        var (code, human, _) = await ProgramRun.Of("plan", "reference");

        Assert.Equal(0, code);
        Assert.DoesNotContain("reference-policy-left-out", human, StringComparison.Ordinal);
    }
}
