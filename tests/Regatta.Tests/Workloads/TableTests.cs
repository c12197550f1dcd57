using System.Text;
using DuckDB.NET.Data;
using Regatta.Tests.Cli;
using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

/// <summary>Tables of jobs: those that are known, those that a map explains, and files of other kinds.</summary>
public sealed class TableTests : ScratchTests
{
    private static Workload Read(string text, string name, SwfMode mode = SwfMode.Lenient) =>
        WorkloadFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), name, new TraceReading(mode), TestContext.Current.CancellationToken);

    private string Write(string name, string text)
    {
        var path = Path.Combine(Scratch, name);
        File.WriteAllText(path, text);
        return path;
    }

    private async Task<(ProgramRun Run, Workload? Read)> ConvertAsync(string file, string map)
    {
        var target = Path.Combine(Scratch, "out.jsonl");
        var run = await ProgramRun.Of("workload", "convert", file, target, "--columns", map);
        if (run.Code != 0) return (run, null);
        using var stream = File.OpenRead(target);
        return (run, WorkloadFile.Read(stream, target, cancellationToken: TestContext.Current.CancellationToken));
    }

    private static string Shipped(string name) => Path.Combine(Repository.Root, "workloads", "columns", name + ".yaml");

    [Fact]
    public void Jobs_of_evalys_and_of_Batsim_are_read()
    {
        const string newer = "job_id,workload_name,profile,submission_time,requested_number_of_resources,requested_time,success,final_state,starting_time,execution_time,finish_time,waiting_time\n"
            + "7,w0,p,0.000000,4,60.000000,1,COMPLETED_SUCCESSFULLY,2.500000,10.000000,12.500000,2.500000\n8,w0,p,5,2,10,0,COMPLETED_WALLTIME_REACHED,12.5,10,22.5,7.5\n9,w0,p,6,2,10,0,REJECTED,-1,-1,-1,-1\n";
        var read = Read(newer, "_jobs.csv");
        Assert.Equal([(7, 4, 10.0, 2.5), (8, 2, 10.0, 7.5)], read.Jobs.Select(job => ((int)job.Id, job.Processors, job.RunTime.TotalSeconds, job.Recorded!.Wait!.Value.TotalSeconds)));
        Assert.Equal([RecordedState.Completed, RecordedState.TimedOut], read.Jobs.Select(job => job.Recorded!.State!.Value));
        Assert.Contains("1 rows of jobs that never started", read.Diagnostics.Single(d => d.Code == "trace-left-out").Summary, StringComparison.Ordinal);
        var older = Read("jobID,submission_time,requested_number_of_processors,requested_time,success,starting_time,execution_time\n1,3,2,-1,1,4,9\n", "x");
        Assert.Equal((1, 2, null), ((int)older.Jobs[0].Id, older.Jobs[0].Processors, older.Jobs[0].RequestedTime));
    }

    [Fact]
    public void A_table_that_is_not_evalys_says_what_to_do()
    {
        var fault = Assert.Throws<DiagnosticException>(() => Read("a,b,c\n1,2,3\n", "jobs.csv")).Diagnostics[0];
        Assert.Equal("table-kind", fault.Code);
        Assert.Contains("--columns map.yaml", fault.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void Traces_of_the_grid_archive_are_read_with_names_and_Unix_times()
    {
        const string rows = "1 1136070690 5 60 2 -1 -1 2 600 -1 1 U12 G1 -1 Q1 -1 S1 S1 UNITARY -1 -1 -1 -1 -1 -1 -1 -1 -1 P3\n2 1136070700 -1 -1 2 -1 -1 2 600 -1 5 U13 G1 -1 Q1 -1 S1 S1 UNITARY -1 -1 -1 -1 -1 -1 -1 -1 -1 P3\n";
        var read = Read("# JobID SubmitTime WaitTime RunTime NProcs AverageCPUTimeUsed UsedMemory ReqNProcs ReqTime: ReqMemory Status UserID GroupID ExecutableID QueueID PartitionID OrigSiteID LastRunSiteID\n" + rows, "x");
        var job = read.Jobs.Single();
        Assert.Equal((1, 2, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(5)), ((int)job.Id, job.Processors, job.RunTime, job.RequestedTime!.Value, job.Recorded!.Wait!.Value));
        Assert.Equal((1136070690L, "U12", "G1", "Q1"), (read.Header.UnixStartTime!.Value, job.Request!.User, job.Request.Group, job.Request.Qos));
        Assert.Equal("P3", Read(rows, "trace.gwf").Jobs.Single().Request!.Account);
        Assert.Equal("trace-row", Assert.Throws<DiagnosticException>(() => Read("1 2 3\n", "trace.gwf", SwfMode.Strict)).Diagnostics[0].Code);
    }

    [Theory]
    [InlineData(';')]
    [InlineData(',')]
    public void The_standard_format_may_have_separators_and_names(char separator)
    {
        var text = "; MaxProcs: 8\n1;0;-1;3;8;;-1;8;60;-1;1;alice;staff;-1;batch;-1;-1;-1\n2;5;-1;4;2;;-1;2;60;-1;1;bob;staff;-1;batch;-1;-1;-1\n";
        var read = Read("; MaxProcs: 8\n" + text.Split('\n', 2)[1].Replace(';', separator), "t.swf");
        Assert.Equal([(1, 8, 3.0, 1), (2, 2, 4.0, 2)], read.Jobs.Select(job => ((int)job.Id, job.Processors, job.RunTime.TotalSeconds, job.User)));
        Assert.Equal((8, "alice bob", "batch"), (read.SourceProcessors!.Value, string.Join(' ', read.Names!.Users), read.Names.Queues.Single()));
        Assert.Contains($"its fields have '{separator}' between them; names became numbers", string.Join('\n', read.Diagnostics.Select(d => d.Summary)), StringComparison.Ordinal);
        Assert.Equal("trace-write", Assert.Throws<DiagnosticException>(() => new SeparatedSwfFormat().Write(read, Stream.Null, TestContext.Current.CancellationToken)).Diagnostics[0].Code);
    }

    [Theory]
    [InlineData("PAR1\u0015\u0004", "is a Parquet file, not a workload"), InlineData("SQLite format 3\0", "is a database of SQLite, not a workload")]
    [InlineData("PK\u0003\u0004more", "is a zip archive, not a workload"), InlineData("<!DOCTYPE html>\n", "is a page of the web, not a workload")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "is a pointer of Git LFS, not a workload")]
    public void Files_of_other_kinds_are_named(string text, string told)
    {
        var fault = Assert.Throws<DiagnosticException>(() => Read(text, "jobs.swf")).Diagnostics[0];
        Assert.Equal("trace-kind", fault.Code);
        Assert.Contains(told, fault.Summary, StringComparison.Ordinal);
        Assert.NotNull(fault.Help);
    }

    [Fact]
    public async Task Helios_is_read_by_its_map()
    {
        var (run, read) = await ConvertAsync(Write("cluster_log.csv", "job_id,user,vc,gpu_num,cpu_num,node_num,state,submit_time,start_time,end_time,duration,queue\n"
            + "5,u1,vcA,8,32,1,COMPLETED,2020-04-01 00:00:10,2020-04-01 00:01:10,2020-04-01 01:01:10,3600,60\n6,u2,vcB,0,4,1,TIMEOUT,2020-04-01 00:00:20,2020-04-01 00:00:20,2020-04-01 00:10:20,600,0\n7,u2,vcB,0,4,1,CANCELLED,2020-04-01 00:00:30,None,2020-04-01 00:10:20,0,0\n"), Shipped("helios"));
        run.Says(0, "1 rows of jobs that never started");
        Assert.Equal([("u1", "vcA", "gpu:8", 32, 3600.0), ("u2", "vcB", null, 4, 600.0)], read!.Jobs.Select(job => (job.Request!.User, job.Request.Account, job.Request.Gres, job.Processors, job.RunTime.TotalSeconds)));
        Assert.Equal((60.0, RecordedState.TimedOut), (read.Jobs[0].Recorded!.Wait!.Value.TotalSeconds, read.Jobs[1].Recorded!.State!.Value));
    }

    [Fact]
    public async Task Philly_is_read_by_its_map()
    {
        var (run, read) = await ConvertAsync(Write("cluster_job_log.json", """
            [{"status":"Pass","vc":"ee9e8c","jobid":"application_1","user":"ce2f4c","submitted_time":"2017-10-07 01:11:44","attempts":[
                {"start_time":"2017-10-07 01:12:00","end_time":"2017-10-07 01:13:00","detail":[{"ip":"m1","gpus":["gpu0","gpu1"]},{"ip":"m2","gpus":["gpu3"]}]},
                {"start_time":"2017-10-07 01:14:00","end_time":"2017-10-07 02:12:00","detail":[{"ip":"m1","gpus":["gpu0","gpu1"]},{"ip":"m2","gpus":["gpu3"]}]}]},
             {"status":"Killed","vc":"ee9e8c","jobid":"application_2","user":"ce2f4c","submitted_time":"2017-10-07 01:12:44","attempts":[]}]
            """), Shipped("philly"));
        run.Says(0, "1 rows of jobs that never started");
        var job = read!.Jobs.Single();
        Assert.Equal((3, 2, "gpu:3", "ee9e8c", 3600.0, 16.0), (job.Processors, job.Nodes, job.Request!.Gres, job.Request.Account, job.RunTime.TotalSeconds, job.Recorded!.Wait!.Value.TotalSeconds));
    }

    [Fact]
    public async Task Alibaba_is_read_by_its_map()
    {
        var (run, read) = await ConvertAsync(Write("batch_task.csv", "M1,2,j_1,1,Terminated,86400,86460,150.0,0.5\nR2_1,1,j_1,1,Failed,86460,86470,50.0,0.5\ntask_x,1,j_2,1,Running,86400,0,100.0,0.5\n"), Shipped("alibaba-2018"));
        run.Says(0);
        Assert.Equal([(3, 60.0, "j_1", RecordedState.Completed), (1, 10.0, "j_1", RecordedState.Failed)], read!.Jobs.Select(job => (job.Processors, job.RunTime.TotalSeconds, job.Request!.Group, job.Recorded!.State!.Value)));
    }

    [Fact]
    public async Task Google_is_read_by_its_map()
    {
        const string header = "time,type,collection_id,scheduling_class,missing_type,collection_type,priority,alloc_collection_id,user\n";
        var (run, read) = await ConvertAsync(Write("collection_events.csv", header + "600000000,0,77,2,,0,200,0,bob\n601000000,3,77,2,,0,200,0,bob\n661500000,6,77,2,,0,200,0,bob\n600000000,0,78,2,,1,200,0,bob\n0,0,79,2,,0,200,0,bob\n"), Shipped("google-2019"));
        run.Says(0);
        var job = read!.Jobs.Single();
        Assert.Equal((1, 60.5, 1.0, "bob", "200", RecordedState.Completed), (job.Processors, job.RunTime.TotalSeconds, job.Recorded!.Wait!.Value.TotalSeconds, job.Request!.User, job.Request.Qos, job.Recorded.State!.Value));
    }

    [Fact]
    public async Task PM100_is_read_from_Parquet_by_its_map()
    {
        var file = Path.Combine(Scratch, "job_table.parquet");
        using (var connection = new DuckDBConnection("DataSource=:memory:"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            using var command = connection.CreateCommand();
            command.CommandText = $"""
                COPY (SELECT * FROM (VALUES
                    (1, 11, 25200, 'm100', 'normal', TIMESTAMP '2020-05-01 10:00:00', TIMESTAMP '2020-05-01 10:00:00', TIMESTAMP '2020-05-01 10:00:30', TIMESTAMP '2020-05-01 10:10:30', 600, '1440', 128, 128, 4, 16, 512, 'COMPLETED', [1.5, 2.5]),
                    (2, 12, 25200, 'm100', 'normal', TIMESTAMP '2020-05-01 10:01:00', TIMESTAMP '2020-05-01 10:01:00', TIMESTAMP '2020-05-01 10:01:00', TIMESTAMP '2020-05-01 10:02:00', 60, 'INFINITE', 4, 4, 1, 0, 8, 'OUT_OF_MEMORY', [1.5]))
                    AS t(job_id, user_id, group_id, "partition", qos, submit_time, eligible_time, start_time, end_time, run_time, time_limit, num_cores_alloc, num_cores_req, num_nodes_req, num_gpus_req, mem_req, job_state, power)) TO '{file}' (FORMAT parquet)
                """;
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var (run, read) = await ConvertAsync(file, Shipped("pm100"));
        run.Says(0);
        Assert.Equal([(1, 128, 4, 86400.0, "gpu:16", 4L << 30), (2, 4, 0, -1.0, null, 2L << 30)], read!.Jobs.Select(job => ((int)job.Id, job.Processors, job.Nodes, job.RequestedTime?.TotalSeconds ?? -1, job.Request!.Gres, job.MemoryPerProcessor!.Value)));
        Assert.Equal(("11", "25200", "m100", RecordedState.OutOfMemory), (read.Jobs[0].Request!.User, read.Jobs[0].Request!.Group, read.Jobs[0].Request!.Partition, read.Jobs[1].Recorded!.State!.Value));
    }

    [Theory]
    [InlineData("columns: {submit: a, run_time: b, processors: cpus}", "table-column", "has no column 'cpus', which is to be processors", "did you mean 'cpu'?")]
    [InlineData("columns: {submit: a, run_time: b, procesors: c}", "table-map", "a job has no field 'procesors'", "did you mean 'processors'?")]
    [InlineData("columns: {submit: a, processors: c}", "table-map", "no column says how long a job ran", "columns.run_time")]
    [InlineData("columns: {run_time: b, processors: cpu}", "table-map", "no column is the submission", "columns.submit")]
    [InlineData("columns: {submit: a, run_time: b}\nunits: {submit: weeks}", "table-map", "submit has no unit 'weeks'", "one of d, h, min, ms, s, us")]
    [InlineData("columns: {submit: a, run_time: b}\nquery: SELEC", "query-sql", "DuckDB does not accept", "")]
    [InlineData("columns: {submit: a, run_time: b}\nquery: SELECT nothing FROM source", "table-read", "cannot be read as a table", "")]
    [InlineData("columns: {submit: a, run_time: b}\nstates: {Pass: Well}", "config-value-type-mismatch", "Well", "")]
    [InlineData("columns: {submit: a, run_time: b, processors: cpu}\nmissing: ['4']", "workload-no-jobs", "holds no job", "")]
    public async Task What_is_wrong_with_a_map_is_told(string map, string code, string told, string help)
    {
        var (run, _) = await ConvertAsync(Write("t.csv", "a,b,cpu\n100,5,4\n"), Write("map.yaml", map + "\n"));
        run.Says(2, $"error[{code}]", told, help);
    }

    [Fact]
    public async Task Intervals_of_a_query_are_refused_where_a_length_of_time_is_wanted()
    {
        var table = Write("t.csv", "id,begin,finish,cpus\n1,2024-03-01 00:00:00,2024-03-01 12:00:00,4\n2,2024-03-01 00:00:00,2024-03-05 12:00:00,4\n");
        string Map(string ran) => Write("map.yaml", $"query: SELECT id, cpus, CAST(\"begin\" AS TIMESTAMP) AS at, {ran} AS ran FROM source\ncolumns: {{id: id, submit: at, run_time: ran, processors: cpus}}\n");

        (await ConvertAsync(table, Map("CAST(finish AS TIMESTAMP) - CAST(\"begin\" AS TIMESTAMP)"))).Run
            .Says(2, "error[table-interval]: the column 'ran'", "which is to be run_time, holds intervals of months, days and time", "epoch(ran) AS ran");

        var (_, read) = await ConvertAsync(table, Map("epoch(CAST(finish AS TIMESTAMP) - CAST(\"begin\" AS TIMESTAMP))"));
        Assert.Equal([12.0, 108.0], read!.Jobs.Select(job => job.RunTime.TotalHours));
    }

    [Fact]
    public async Task A_map_that_is_not_there_is_told()
    {
        var (run, _) = await ConvertAsync(Write("t.csv", "a,b\n1,2\n"), Path.Combine(Scratch, "none.yaml"));
        run.Says(2, "error[table-map]: ", "cannot be read");
    }
}
