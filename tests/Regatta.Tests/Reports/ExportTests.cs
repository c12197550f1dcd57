using Regatta.Analysis;
using Regatta.Reports.Exports;
using Regatta.Tests.Cli;
using Regatta.Workloads;

namespace Regatta.Tests.Reports;

public sealed class ExportTests : ScratchTests
{
    [Fact]
    public async Task Csv_holds_every_job_of_every_trial_with_its_stamps()
    {
        var trials = Sample.Race();
        var run = await WriteAsync(trials);
        var file = Path.Combine(Scratch, "out", "jobs.csv");

        await JobExport.WriteAsync([run], ExportFormat.Csv, file, TestContext.Current.CancellationToken);

        var lines = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
        Assert.Equal(1 + trials.Sum(t => t.Jobs.Count), lines.Length);
        var columns = lines[0].Split(',');
        var job = trials.First(t => t.Record is { Point: "slurm-backfill", Repetition: 1 }).Jobs[0];
        var row = lines.First(l => l.Contains(",slurm-backfill,1,1,", StringComparison.Ordinal)).Split(',');
        string Value(string column) => row[Array.IndexOf(columns, column)];
        Assert.Equal(job.Start!.Value.ToString(CultureInfo.InvariantCulture), Value("start_us"));
        Assert.Equal(job.Processors.ToString(CultureInfo.InvariantCulture), Value("processors"));
        Assert.Equal("completed", Value("state"));
        Assert.Equal((job.Start!.Value - job.Sent!.Value) / 1e6, double.Parse(Value("wait_s"), CultureInfo.InvariantCulture), 1e-9);
    }

    [Fact]
    public async Task Parquet_is_one_table_that_DuckDB_reads_back()
    {
        var trials = Sample.Race();
        var run = await WriteAsync(trials);
        var file = Path.Combine(Scratch, "jobs.parquet");

        await JobExport.WriteAsync([run], ExportFormat.Parquet, file, TestContext.Current.CancellationToken);

        using var query = await Regatta.Reports.Queries.RunQuery.OpenAsync([run], TestContext.Current.CancellationToken);
        var answer = await query.RunAsync($"SELECT count(*), sum(processors), min(sent_us) FROM read_parquet('{file}')", 10, json: false, TestContext.Current.CancellationToken);
        long[] expected = [trials.Sum(t => t.Jobs.Count), trials.Sum(t => t.Jobs.Records.Sum(j => (long)j.Processors)), trials.Min(t => t.Jobs.Records.Min(j => j.Sent!.Value))];
        Assert.Equal(expected.Select(v => v.ToString(CultureInfo.InvariantCulture)), answer.Rows[0]);
    }

    [Fact]
    public async Task Swf_comes_back_with_the_waits_and_run_times_that_were_measured()
    {
        var trial = Sample.Trial("slurm-fifo", 1);
        var run = await WriteAsync([trial]);

        var files = await JobExport.WriteAsync([run], ExportFormat.Swf, Path.Combine(Scratch, "swf"), TestContext.Current.CancellationToken);

        Assert.Equal(["slurm-fifo-1.swf"], files.Select(f => Path.GetFileName(f)));
        await using var stream = File.OpenRead(files[0]);
        // Fractions of a second are kept, which the format itself does not know.
        using var reader = new SwfReader(stream, files[0], SwfMode.Lenient, TestContext.Current.CancellationToken);
        var records = reader.ReadAll(TestContext.Current.CancellationToken).ToDictionary(r => r.JobNumber);
        Assert.Equal(trial.Record.Processors, reader.Header.MaxProcs);
        Assert.Equal(trial.Jobs.Count, records.Count);
        foreach (var job in trial.Jobs.Records)
        {
            Assert.Equal((job.Start!.Value - job.Sent!.Value) / 1e6, records[job.Job].Wait, 1e-9);
            Assert.Equal((job.Finish!.Value - job.Start!.Value) / 1e6, records[job.Job].RunTime, 1e-9);
            Assert.Equal(job.State == JobState.Completed ? 1 : 0, records[job.Job].Status);
        }
    }

    [Fact]
    public async Task Batsim_columns_agree_with_the_definitions_that_evalys_uses()
    {
        var trial = Sample.Trial("slurm-backfill", 1, backfill: true);
        var run = await WriteAsync([trial]);

        var files = await JobExport.WriteAsync([run], ExportFormat.Batsim, Path.Combine(Scratch, "batsim"), TestContext.Current.CancellationToken);

        var lines = await File.ReadAllLinesAsync(files[0], TestContext.Current.CancellationToken);
        Assert.Equal("job_id,workload_name,profile,submission_time,requested_number_of_resources,requested_time,success,final_state,starting_time,execution_time,finish_time,waiting_time,turnaround_time,stretch,allocated_resources,consumed_energy,metadata", lines[0]);
        Assert.Equal(trial.Jobs.Count, lines.Length - 1);
        var busy = 0.0;
        foreach (var fields in lines.Skip(1).Select(l => l.Split(',')))
        {
            double Number(int column) => double.Parse(fields[column], CultureInfo.InvariantCulture);
            Assert.Equal(Number(8) - Number(3), Number(11), 1e-5);
            Assert.Equal(Number(10) - Number(3), Number(12), 1e-5);
            Assert.Equal(Number(12) / Number(9), Number(13), 1e-4);
            var processors = fields[14].Split(' ').Sum(r => r.Split('-') is [var a, var b] ? int.Parse(b, CultureInfo.InvariantCulture) - int.Parse(a, CultureInfo.InvariantCulture) + 1 : 1);
            Assert.Equal(Number(4), processors);
            busy += processors * Number(9);
        }

        // evalys: makespan is the last finish, utilisation the allocated area over machine and time.
        var metrics = TrialMetrics.Compute(trial);
        var rows = lines.Skip(1).Select(l => l.Split(',')).ToList();
        var makespan = rows.Max(f => double.Parse(f[10], CultureInfo.InvariantCulture)) - rows.Min(f => double.Parse(f[3], CultureInfo.InvariantCulture));
        Assert.Equal(metrics["makespan"]!.Value, makespan, 1e-5);
        Assert.Equal(metrics["utilisation"]!.Value, busy / (makespan * trial.Record.Processors), 1e-5);
    }

    [Theory]
    [InlineData("job=99", "repetition=7")]
    [InlineData("run=x", "state=lost")]
    [InlineData("a[1]*?", "b+c")]
    public async Task Names_of_directories_are_neither_columns_nor_patterns(string parent, string point)
    {
        var trial = Sample.Trial(point, 1);
        var run = await Sample.WriteRunAsync(Path.Combine(Scratch, parent, "20260101T130000Z-q-1a2b3c4d"), "q", [trial]);
        // What the pattern of the name would find, too.
        await Sample.WriteRunAsync(Path.Combine(Scratch, "a1xy", "20260101T130000Z-q-1a2b3c4d"), "q", [Sample.Trial("other", 1, jobs: 10)]);
        var file = Path.Combine(Scratch, "out=1", "jobs.csv");

        await JobExport.WriteAsync([run], ExportFormat.Csv, file, TestContext.Current.CancellationToken);

        var lines = (await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken)).Skip(1).Select(l => l.Split(',')).ToList();
        Assert.Equal(trial.Jobs.Records.Select(j => j.Job.ToString(CultureInfo.InvariantCulture)), lines.Select(l => l[3]));
        Assert.All(lines, l => Assert.Equal(["20260101T130000Z-q-1a2b3c4d", point, "1"], l[..3].Select(f => f.Trim('"'))));
        using var query = await Regatta.Reports.Queries.RunQuery.OpenAsync([run], TestContext.Current.CancellationToken);
        var answer = await query.RunAsync("SELECT point, repetition, count(DISTINCT job), count(DISTINCT state) > 1 FROM jobs GROUP BY ALL", 10, json: false, TestContext.Current.CancellationToken);
        Assert.Equal([point, "1", $"{trial.Jobs.Count}", "true"], Assert.Single(answer.Rows));
    }

    [Fact]
    public async Task A_job_on_several_nodes_has_the_processors_of_those_nodes()
    {
        var (code, human, _) = await ProgramRun.Of(
            "run", "reference", "workload=swf", $"workload.file={Path.Combine(AppContext.BaseDirectory, "Reports", "Reports.data", "multinode.swf")}", "scheduler.policy=fcfs",
            "cluster.workers=4", "cluster.worker.processors=1", "--runs", Scratch);
        Assert.True(code == 0, human);
        (code, human, _) = await ProgramRun.Of("export", "latest", "--format", "batsim", "-o", Path.Combine(Scratch, "out"), "--runs", Scratch);
        Assert.True(code == 0, human);

        var rows = File.ReadAllLines(Assert.Single(Directory.GetFiles(Path.Combine(Scratch, "out")))).Skip(1).Select(l => l.Split(',')).ToDictionary(f => f[0], f => f[14]);
        Assert.Equal(["0", "1", "2", "3"], new[] { "1", "2", "3", "4" }.Select(job => rows[job]));
        Assert.Equal("0 2", rows["5"]);
    }

    private Task<string> WriteAsync(IReadOnlyList<Trial> trials) =>
        Sample.WriteRunAsync(Path.Combine(Scratch, "20260101T130000Z-quick'start-1a2b3c4d"), "quickstart", trials);
}
