using Regatta.Analysis;
using Regatta.Reports.Checks;
using Regatta.Tests.Cli;
using Regatta.Workloads;

namespace Regatta.Tests.Reports;

/// <summary>What jobs asked for by the names of their site, in tables, groups, queries and classes.</summary>
public sealed class NamedJobsTests : ScratchTests
{
    private static readonly JobRequest Physics = new() { User = "ann", Account = "physics", Qos = "high", Partition = "gpu", Gres = "gpu:a100:4", Licenses = "matlab:2", Constraint = "nvme", Reservation = "course", Group = "staff" };
    private static readonly JobRequest Biology = new() { User = "bob", Account = "bio", Qos = "normal", Partition = "batch" };

    private static Trial Named(Trial trial) => trial with { Jobs = JobTable.From(trial.Jobs.Records.Select(job => job with { Request = (job.Job % 3) switch { 0 => Physics, 1 => Biology, _ => null } })) };

    [Fact]
    public async Task Tables_keep_them_and_those_without_have_no_columns()
    {
        var table = Named(Sample.Trial("p", 1)).Jobs;
        var read = await RoundTrip(table);
        Assert.Equal(table.Records, read.Records);
        Assert.Equal(2, read.Requests.Count);
        Assert.Empty((await RoundTrip(Sample.Trial("p", 1).Jobs)).Requests);
    }

    [Fact]
    public void Groups_go_by_name()
    {
        var trial = Named(Sample.Trial("p", 1));
        var groups = TrialGroups.Of(trial);
        Assert.Equal(["unknown", "ann", "bob"], groups.User.Select(g => g.Name));
        Assert.Equal(["unknown", "bio", "physics"], groups.Account.Select(g => g.Name));
        Assert.Equal(["unknown", "high", "normal"], groups.Qos.Select(g => g.Name));
        Assert.Equal(["unknown", "batch", "gpu"], groups.Partition.Select(g => g.Name));
        Assert.Equal(["none", "a100"], groups.GpuType.Select(g => g.Name));
        Assert.Equal(trial.Jobs.Count, groups.Account.Sum(g => g.Jobs));
        var plain = TrialGroups.Of(Sample.Trial("p", 1));
        Assert.Empty(plain.Account.Concat(plain.Qos).Concat(plain.Partition).Concat(plain.GpuType));
    }

    [Fact]
    public async Task Queries_know_them_also_where_no_job_has_them()
    {
        await Sample.WriteRunAsync(Path.Combine(Scratch, "20260101T130000Z-a-1a2b3c4d"), "a", [Named(Sample.Trial("p", 1))]);
        await Sample.WriteRunAsync(Path.Combine(Scratch, "20260102T130000Z-b-1a2b3c4d"), "b", [Sample.Trial("p", 1)]);
        const string sql = "select account, user_name, partition_name, gpu_type, max(gpus) as gpus, count(*) as jobs from jobs group by all order by all nulls last";
        var (code, _, csv) = await ProgramRun.Of("query", sql, "--format", "csv", "--run", "20260101T130000Z-a-1a2b3c4d", "--runs", Scratch);
        Assert.Equal((0, "account,user_name,partition_name,gpu_type,gpus,jobs\nbio,bob,batch,,0,20\nphysics,ann,gpu,a100,4,20\n,,,,0,20\n"), (code, csv.ReplaceLineEndings("\n")));
        (code, _, csv) = await ProgramRun.Of("query", sql, "--format", "csv", "--run", "20260102T130000Z-b-1a2b3c4d", "--runs", Scratch);
        Assert.Equal((0, "account,user_name,partition_name,gpu_type,gpus,jobs\n,,,,,60\n"), (code, csv.ReplaceLineEndings("\n")));
        Assert.Equal(0, (await ProgramRun.Of("query", sql, "--runs", Scratch)).Code);
    }

    [Fact]
    public async Task The_report_groups_by_them()
    {
        var run = Path.Combine(Scratch, "run");
        await Sample.WriteRunAsync(run, "run", [.. Sample.Race().Select(Named)]);
        Assert.Equal(0, (await ProgramRun.Of("report", run)).Code);
        var page = await File.ReadAllTextAsync(Path.Combine(run, "report", "index.html"), TestContext.Current.CancellationToken);
        foreach (var word in new[] { "Account", "QOS", "Partition", "GPU type", "physics", "a100" }) Assert.Contains(word, page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("account=physics", 20), InlineData("account=physics,gpus=1..8", 20), InlineData("partition=batch,gpus=0", 20)]
    [InlineData("gpu-type=v100", 0), InlineData("user-name=ann,qos=high,reservation=course", 20)]
    public void Classes_of_jobs_go_by_name(string text, int jobs) => Assert.Equal(jobs, JobClass.Parse(text).Of(Named(Sample.Trial("p", 1))).Jobs.Count);

    [Theory]
    [InlineData("acount=physics", "did you mean 'account'?")]
    [InlineData("account=", "write account=NAME")]
    public void What_is_no_class_is_told(string text, string help)
    {
        var fault = Assert.Throws<DiagnosticException>(() => JobClass.Parse(text)).Diagnostics[0];
        Assert.Equal(("check-bound", help), (fault.Code, fault.Help));
    }

    private static async Task<JobTable> RoundTrip(JobTable table)
    {
        using var stream = new MemoryStream();
        await table.WriteAsync(stream, TestContext.Current.CancellationToken);
        stream.Position = 0;
        return await JobTable.ReadAsync(stream, "jobs.parquet", TestContext.Current.CancellationToken);
    }
}
