using Regatta.Analysis;
using Regatta.Experiments.Configuration;
using Regatta.Experiments.Planning;
using Regatta.Runs;
using Regatta.Tests.Cli;
using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

/// <summary>Absurd rates, factors and numbers are refused in words, and at once.</summary>
public sealed class BoundTests
{
    [Theory]
    [InlineData("workload-time", "workload=bag", "workload.arrivals=poisson:1e-300")]
    [InlineData("workload-time", "workload=bag", "workload.arrivals=uniform:1e-300")]
    [InlineData("workload-time", "workload=bag", "'workload.arrivals=\"stepped:1e-300*1s\"'")]
    [InlineData("workload-time", "workload=bag", "workload.arrivals=poisson:1", "workload.load=1e-30")]
    [InlineData("workload-time", "workload=bag", "workload.time_scale=1e300")]
    [InlineData("workload-time", "workload=bag", "workload.estimates=1e300")]
    [InlineData("workload-time", "workload=bag", "workload.kind=closed", "workload.arrivals=poisson:1e-300")]
    [InlineData("workload-time", "workload=esp", "workload.time_scale=1e300")]
    [InlineData("workload-time", "workload=lublin", "workload.time_scale=1e300")]
    [InlineData("workload-time", "workload=lublin", "workload.load=1e-30")]
    [InlineData("workload-time-sum", "workload=bag", "workload.jobs=100", "workload.run_time=90000000000s")]
    [InlineData("config-value-type-mismatch", "workload=bag", "workload.jobs=2147483647")]
    [InlineData("config-value-type-mismatch", "workload=lublin", "workload.jobs=10000001")]
    [InlineData("workload-jobs", "workload=sleep", "workload.per_processor=2147483647")]
    [InlineData("workload-jobs", "workload=bag", "workload.kind=array", "workload.tasks=2147483647")]
    [InlineData("workload-jobs", "workload=bag", "workload.kind=closed", "workload.users_in_loop=2147483647")]
    [InlineData("machine-too-large", "cluster.workers=10000", "cluster.worker.processors=4096")]
    public async Task An_absurd_value_is_refused_in_the_plan(string code, params string[] overrides)
    {
        var run = await ProgramRun.Of(["plan", "reference", .. overrides.Select(o => o.Trim('\'')), "--json"]);

        Assert.True(run.Code == 2, run.Human);
        Assert.Contains($"error[{code}]", run.Human, StringComparison.Ordinal);
        Assert.Contains("help", run.Human, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_trials_together_take_no_longer_than_a_time_can_say()
    {
        var point = new PlanPoint
        {
            Name = "a", Overrides = [], Scheduler = "slurm", Profile = "fifo", Machines = MachineKind.Lxc, Processors = 8, Workers = 2, Workload = "3 jobs",
            Jobs = 3, LastSubmission = TimeSpan.Zero, Expected = TimeSpan.FromSeconds(200_000_000_000),
        };

        Assert.Equal(TimeSpan.MaxValue, ExpectedTime.Of(TrialLayout.Lay(["a"], 20, TrialOrder.Blocks, 1, vary: false), [point]));
    }

    [Fact]
    public void Steps_of_a_low_rate_come_when_they_come()
    {
        // One job in about 10,000 rounds of two seconds.
        var steps = new Arrivals(ArrivalShape.Stepped, 0, [new RateStep(1e-4, TimeSpan.FromSeconds(1)), new RateStep(0, TimeSpan.FromSeconds(1))]);
        var times = steps.Times(RandomStream.For(1, "steps")).Take(2000).ToList();

        Assert.Equal(times.Order(), times);
        // Within four standard errors of the mean.
        Assert.InRange(times[^1] / 1999, 20_000 * (1 - (4 / Math.Sqrt(2000))), 20_000 * (1 + (4 / Math.Sqrt(2000))));
        // Never in the second half of a round, where the rate is 0.
        Assert.All(times.Skip(1), time => Assert.InRange(time % 2, 0, 1));
    }

    [Theory]
    [InlineData("2147483647")]
    [InlineData("16777217")]
    [InlineData("0")]
    public async Task A_record_of_more_processors_than_a_machine_has_is_damaged(string processors)
    {
        var good = new MemoryStream();
        await TrialJson.WriteAsync(good, Regatta.Tests.Analysis.Trials.Record(), TestContext.Current.CancellationToken);
        var text = System.Text.RegularExpressions.Regex.Replace(System.Text.Encoding.UTF8.GetString(good.ToArray()), "\"processors\": *\\d+", $"\"processors\": {processors}");
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text));
        var fault = await Assert.ThrowsAsync<DiagnosticException>(() => TrialJson.ReadRecordAsync(stream, "trial.json", TestContext.Current.CancellationToken));

        Assert.Contains($"processors is {processors}, and must be 1 to 16,777,216", fault.Message, StringComparison.Ordinal);
    }
}
