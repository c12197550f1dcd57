using Regatta.Analysis;
using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Tests.Analysis;

/// <summary>
/// The metrics against the definitions of evalys (oar-team/evalys, evalys/jobset.py and evalys/metrics.py), followed step by step: <c>JobSet</c> rounds all columns to six
/// digits and has <c>waiting_time = starting_time - submission_time</c> and <c>execution_time = finish_time - starting_time</c>; its columns name
/// <c>turnaround_time</c>, Batsim's <c>finish_time - submission_time</c>; <c>mean_utilisation</c> is <c>load_mean(compute_load(df, 'starting_time', 'finish_time', 'proc_alloc'))</c>:
/// starts add a job's processors, finishes take them away, the sums of one instant are cumulated, each level counts until the next instant, and the area is divided by the
/// time from begin to end. The makespan is the last finish less the first submission.
/// </summary>
public sealed class EvalysTests
{
    public static TheoryData<string> SampleTrials => [.. Directory.GetFiles(Path.Combine(Repository.Root, "samples"), "jobs.parquet", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Repository.Root, file)).Order(StringComparer.Ordinal)];

    [Theory]
    [InlineData("fcfs")]
    [InlineData("easy")]
    [InlineData("conservative")]
    [InlineData("sjf")]
    [InlineData("sjf-easy")]
    public void Shipped_workloads_have_the_numbers_that_evalys_would_give(string policy)
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "workloads"), "*.swf"))
        {
            using var stream = File.OpenRead(file);
            var workload = WorkloadFile.Read(stream, file);
            var machine = new MachineSize(workload.SourceProcessors!.Value);
            var schedule = ReferenceScheduler.Run(workload, machine, new ReferenceOptions { Policy = ReferenceOptions.Parse(policy) });
            Agree(new Trial(Trials.Record(processors: machine.Processors), JobTable.From(schedule.Records(Trials.Origin))));
        }
    }

    [Theory]
    [MemberData(nameof(SampleTrials))]
    public async Task Shipped_runs_have_the_numbers_that_evalys_would_give(string file)
    {
        var path = Path.Combine(Repository.Root, file);
        await using var jobs = File.OpenRead(path);
        await using var record = File.OpenRead(Path.Combine(Path.GetDirectoryName(path)!, "trial.json"));
        Agree(new Trial(await TrialJson.ReadRecordAsync(record, file, TestContext.Current.CancellationToken), await JobTable.ReadAsync(jobs, file, TestContext.Current.CancellationToken)));
    }

    [Fact]
    public void An_archive_like_workload_with_limits_has_the_numbers_that_evalys_would_give()
    {
        var workload = new TsafrirEstimates { Seed = 3 }.Apply(new LublinFeitelson { Jobs = 5000, Processors = 128, Load = 0.8, Seed = 3 }.Generate());
        var schedule = ReferenceScheduler.Run(workload, new MachineSize(128), new ReferenceOptions());
        Agree(new Trial(Trials.Record(processors: 128), JobTable.From(schedule.Records(Trials.Origin))));
    }

    private static void Agree(Trial trial)
    {
        // Seconds from the first submission, as a jobs.csv holds them; a double of seconds since 1970 would not hold six digits well.
        var origin = trial.Jobs.Records.Min(job => job.Sent!.Value);
        static double Round(long microseconds) => Math.Round(microseconds / 1e6, 6);
        var df = trial.Jobs.Records.Where(job => job.Start is not null && job.Finish is not null).Select(job => (
            Submission: Round(job.Sent!.Value - origin), Starting: Round(job.Start!.Value - origin), Finish: Round(job.Finish!.Value - origin), Allocated: job.Processors)).ToList();
        var metrics = TrialMetrics.Compute(trial);

        Same(df.Average(job => job.Starting - job.Submission), metrics["wait-mean"]);
        Same(df.Max(job => job.Starting - job.Submission), metrics["wait-max"]);
        Same(df.Average(job => job.Finish - job.Submission), metrics["turnaround-mean"]);
        var (begin, end) = (df.Min(job => job.Submission), df.Max(job => job.Finish));
        Same(end - begin, metrics["makespan"]);

        var events = df.Select(job => (Time: job.Starting, Change: job.Allocated)).Concat(df.Select(job => (Time: job.Finish, Change: -job.Allocated)))
            .GroupBy(e => e.Time).OrderBy(g => g.Key).Select(g => (Time: g.Key, Change: g.Sum(e => e.Change))).ToList();
        double area = 0, level = 0;
        for (var i = 0; i + 1 < events.Count; i++)
        {
            level += events[i].Change;
            area += level * (events[i + 1].Time - events[i].Time);
        }

        Same(area / (end - begin) / trial.Record.Processors, metrics["utilisation"]);
    }

    private static void Same(double expected, double? metric)
    {
        Assert.NotNull(metric);
        Assert.True(Math.Abs(expected - metric.Value) <= 1e-9 * Math.Max(1, Math.Abs(expected)), $"{metric} is not {expected}");
    }
}
