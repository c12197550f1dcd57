using System.Text;
using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

/// <summary>Reading accounting logs of PBS: records in the forms of OpenPBS 20 and Torque 6, made up.</summary>
public sealed class PbsTests
{
    private const string Pro =
        "03/01/2024 09:10:05;E;101.pbs;user=ann group=staff account=\"PHYS 1\" project=_pbs_project_default jobname=run queue=workq ctime=1709283600 qtime=1709283600 etime=1709283600 start=1709283605 "
        + "exec_host=n1/0*8+n2/0*8 exec_vnode=(n1:ncpus=8:mem=16777216kb)+(n2:ncpus=8:mem=16777216kb) Resource_List.mem=32gb Resource_List.ncpus=16 Resource_List.nodect=2 Resource_List.place=scatter "
        + "Resource_List.select=2:ncpus=8:mem=16gb Resource_List.walltime=01:00:00 session=41 end=1709284205 Exit_status=0 resources_used.cput=02:30:00 resources_used.walltime=00:10:00 run_count=1\n";

    private const string Torque =
        "03/01/2024 09:20:05;E;102.head.example;user=bob group=staff jobname=STDIN queue=batch ctime=1709283660 qtime=1709283660 etime=1709284000 start=1709284205 owner=bob@head exec_host=n1/0-1+n2/0,3 "
        + "Resource_List.nodes=2:ppn=2 Resource_List.nodect=2 Resource_List.walltime=00:05:00 session=42 total_execution_slots=4 end=1709284505 Exit_status=271 resources_used.walltime=300\n";

    private const string Others =
        "03/01/2024 09:00:00;Q;101.pbs;queue=workq\n03/01/2024 09:00:05;S;101.pbs;user=ann queue=workq start=1709283605\n03/01/2024 09:30:00;D;103.pbs;requestor=ann@head\n";

    private static Workload Read(string text, SwfMode mode = SwfMode.Lenient) => WorkloadFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "20240301", mode, TestContext.Current.CancellationToken);

    [Fact]
    public void Records_of_ends_become_jobs_and_all_others_are_passed()
    {
        var read = Read(Others + Pro + Torque);
        var (pro, torque) = (read.Jobs[0], read.Jobs[1]);
        Assert.Equal((101, 16, 2, TimeSpan.Zero, TimeSpan.FromMinutes(10), TimeSpan.FromHours(1), 2L << 30, 1), (pro.Id, pro.Processors, pro.Nodes, pro.Submit, pro.RunTime, pro.RequestedTime!.Value, pro.MemoryPerProcessor!.Value, pro.Recorded!.Status!.Value));
        // Held until its etime.
        Assert.Equal((102, 4, 2, TimeSpan.FromSeconds(400), TimeSpan.FromMinutes(5), 5, TimeSpan.FromSeconds(205)), (torque.Id, torque.Processors, torque.Nodes, torque.Submit, torque.RunTime, torque.Recorded!.Status!.Value, torque.Recorded.Wait!.Value));
        Assert.Equal(["ann", "bob"], read.Names!.Users);
        Assert.Equal(["PHYS 1", "staff"], read.Names.Groups);
        Assert.Equal(["workq", "batch"], read.Names.Partitions);
        Assert.Equal((1709283600, "a PBS cluster"), (read.Header.UnixStartTime, read.Header["Computer"]));
    }

    [Theory]
    [InlineData("exec_host=n1/7", 1), InlineData("exec_host=n1/0-3,6+n2/1", 6), InlineData("exec_host=n1/0*12", 12)]
    [InlineData("Resource_List.nodes=n1:ppn=3+2:ppn=4:fast+n9", 12), InlineData("Resource_List.ncpus=5", 5)]
    public void Processors_are_those_of_the_hosts_else_those_that_were_asked_for(string fields, int processors) =>
        Assert.Equal(processors, Read($"03/01/2024 09:10:05;E;7.pbs;queue=q ctime=100 start=100 end=160 {fields}\n").Jobs.Single().Processors);

    [Fact]
    public void Subjobs_of_an_array_are_tasks_of_it()
    {
        var read = Read("03/01/2024 09:10:05;E;7[1].pbs;ctime=100 start=100 end=160 exec_host=n/0\n03/01/2024 09:10:05;E;7[2].pbs;ctime=100 start=110 end=160 exec_host=n/1\n");
        Assert.Equal([read.Jobs[0].Id, read.Jobs[0].Id], read.Jobs.Select(job => job.Array!.Value));
    }

    [Fact]
    public void Jobs_that_never_started_and_lines_that_are_no_records_are_counted()
    {
        var read = Read(Pro + "03/01/2024 09:10:05;E;8.pbs;queue=q ctime=100 Exit_status=-5\nsomething else\n");
        Assert.Contains("1 rows of jobs that never started", read.Diagnostics.Single(d => d.Code == "trace-left-out").Summary, StringComparison.Ordinal);
        var row = read.Diagnostics.Single(d => d.Code == "trace-row");
        Assert.Equal((Severity.Warning, 3), (row.Severity, row.Where!.Value.Line));
        Assert.Equal("trace-row", Assert.Throws<DiagnosticException>(() => Read(Pro + "something else\n", SwfMode.Strict)).Diagnostics[0].Code);
        Assert.Equal("workload-no-jobs", Assert.Throws<DiagnosticException>(() => Read(Others)).Diagnostics[0].Code);
        Assert.Equal("trace-write", Assert.Throws<DiagnosticException>(() => WorkloadFile.Write(read, Stream.Null, "x.pbs", TestContext.Current.CancellationToken)).Diagnostics[0].Code);
    }
}
