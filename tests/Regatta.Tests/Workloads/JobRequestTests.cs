using System.Text;
using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

/// <summary>What jobs ask for by the names of a site: read from accounting, kept through conversions, checked.</summary>
public sealed class JobRequestTests
{
    private const string Columns = "JobIDRaw|JobID|User|Group|Account|QOS|Partition|State|Submit|Eligible|Start|ElapsedRaw|Suspended|AllocCPUS|ReqMem|ReqTRES|Reservation|Constraints|SubmitLine";

    private static readonly Job Full = new()
    {
        Id = 7, Submit = TimeSpan.FromSeconds(5), Processors = 8, Nodes = 2, RunTime = TimeSpan.FromSeconds(60), Array = 7, ArrayTask = 3, HeterogeneousJob = 7,
        Dependencies = [new JobDependency(1, DependencyKind.AfterNotOk)],
        Request = new JobRequest
        {
            User = "ann", Group = "staff", Account = "physics", Qos = "high", Partition = "gpu", Reservation = "course", Licenses = "matlab:2", Constraint = "intel&nvme", Gres = "gpu:a100:4,shard:2",
            MemoryPerNode = 1L << 33, MostNodes = 4, Exclusive = true, Nice = 100, Requeue = false, ArrayThrottle = 2,
        },
        Recorded = new RecordedJob { Wait = TimeSpan.FromSeconds(9), Status = 0, State = RecordedState.OutOfMemory, Held = TimeSpan.FromSeconds(3), Suspended = TimeSpan.FromSeconds(1), Requeues = 2 },
    };

    private static Workload Read(string text, string name) => WorkloadFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), name, new TraceReading(Zone: TimeZoneInfo.Utc), TestContext.Current.CancellationToken);

    private static Workload Rows(params string[] rows) => Read(Columns + "\n" + string.Join('\n', rows) + "\n", "jobs.txt");

    private static Workload With(params Job[] jobs) => new() { Name = "w", Jobs = [.. jobs] };

    [Fact]
    public void JSON_lines_hold_all_of_it()
    {
        using var stream = new MemoryStream();
        var first = Full with { Id = 1, Dependencies = [], Request = null, Recorded = null, Array = null, ArrayTask = null, HeterogeneousJob = null, Submit = TimeSpan.Zero };
        var written = WorkloadFile.Write(With(first, Full), stream, "w.jsonl", TestContext.Current.CancellationToken);
        Assert.Empty(written);
        var text = Encoding.UTF8.GetString(stream.ToArray());
        Assert.DoesNotContain("request", text.Split('\n')[0], StringComparison.Ordinal);
        var read = Read(text, "w.jsonl").Jobs;
        Assert.Equal(Full.Request, read[1].Request);
        Assert.Equal(Full.Recorded, read[1].Recorded);
        Assert.Equal((3, 7L, DependencyKind.AfterNotOk), (read[1].ArrayTask!.Value, read[1].HeterogeneousJob!.Value, read[1].Dependencies[0].Kind));
        Assert.Equal((null, null, null), (read[0].Request, read[0].ArrayTask, read[0].HeterogeneousJob));
    }

    [Fact]
    public void The_agent_gets_it_too()
    {
        var back = ReplayJson.ReadJob(ReplayJson.Line(Full with { Recorded = null }), "replay", 1);
        Assert.Equal(Full.Request, back.Request);
        Assert.Null(back.Recorded);
    }

    [Theory]
    [InlineData("w.swf", "names, GPUs and other requests of 1 jobs", "heterogeneous job of 1 jobs", "recorded state, hold and suspension of 1 jobs")]
    [InlineData("w.json", "names, GPUs and other requests of 1 jobs", "heterogeneous job of 1 jobs", "what was recorded of 1 jobs")]
    public void Formats_without_a_place_for_it_say_so(string name, params string[] lost)
    {
        var said = WorkloadFile.Write(With(Full), new MemoryStream(), name, TestContext.Current.CancellationToken).Single();
        Assert.Equal("trace-loses", said.Code);
        foreach (var part in lost) Assert.Contains(part, said.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void Sacct_says_who_asked_for_what()
    {
        var job = Rows("12|12|ann|staff|physics|high|gpu|OUT_OF_MEMORY|100|130|140|60|00:00:05|8|8Gn|billing=8,cpu=8,gres/gpu=4,gres/gpu:a100=4,license/matlab=2,mem=16G,node=2|course|intel&nvme|sbatch -N 2-4 --exclusive --nice=50 --no-requeue -d afterok:3 run.sh -d 9").Jobs.Single();
        Assert.Equal(new JobRequest
        {
            User = "ann", Group = "staff", Account = "physics", Qos = "high", Partition = "gpu", Reservation = "course", Licenses = "matlab:2", Constraint = "intel&nvme", Gres = "gpu:a100:4", MemoryPerNode = 8L << 30,
            MostNodes = 4, Exclusive = true, Nice = 50, Requeue = false,
        }, job.Request);
        Assert.Equal((4, "a100"), (job.Request!.Gpus, job.Request.GpuType));
        Assert.Equal((RecordedState.OutOfMemory, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5)), (job.Recorded!.State!.Value, job.Recorded.Held!.Value, job.Recorded.Wait!.Value, job.Recorded.Suspended!.Value));
    }

    [Fact]
    public void Jobs_that_ask_alike_share_one_request()
    {
        var jobs = Rows("1|1|ann||physics|high|gpu|COMPLETED|100|100|140|60|00:00:00|8|||||", "2|2|ann||physics|high|gpu|COMPLETED|101|101|140|60|00:00:00|8|||||").Jobs;
        Assert.Same(jobs[0].Request, jobs[1].Request);
    }

    [Fact]
    public void Arrays_keep_their_indices_and_throttle_and_components_their_job()
    {
        var jobs = Rows("38|38_3|ann|||||COMPLETED|100|100|140|60|00:00:00|8|||||sbatch -a 1-9%2 x", "21|21+0|ann|||||COMPLETED|100|100|140|60|00:00:00|8|||||", "22|21+1|ann|||||COMPLETED|100|100|140|60|00:00:00|8|||||").Jobs.ToDictionary(job => job.Id);
        Assert.Equal((3, 38L, 2), (jobs[38].ArrayTask!.Value, jobs[38].Array!.Value, jobs[38].Request!.ArrayThrottle!.Value));
        Assert.Equal((21L, 21L), (jobs[21].HeterogeneousJob!.Value, jobs[22].HeterogeneousJob!.Value));
    }

    [Fact]
    public void Jobs_wait_for_those_that_their_command_lines_name()
    {
        const string end = "|COMPLETED|100|100|140|60|00:00:00|8|||||";
        var read = Rows("1|1|ann||||" + end, "2|2|ann|||||COMPLETED|110|200|205|60|00:00:00|8|||||sbatch --dependency=afterok:1,afternotok:77 x.sh", "3|3|ann|||||COMPLETED|110|200|210|60|00:00:00|8|||||sbatch -d singleton x.sh");
        var (second, third) = (read.Jobs.Single(job => job.Id == 2), read.Jobs.Single(job => job.Id == 3));
        Assert.Equal([new JobDependency(1, DependencyKind.AfterOk)], second.Dependencies);
        // Submitted when it really was: the scheduler holds it back.
        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(95)), (second.Submit, second.Recorded!.Wait!.Value));
        Assert.Equal((TimeSpan.FromSeconds(100), 0), (third.Submit, third.Dependencies.Length));
        var said = string.Join('\n', read.Diagnostics.Where(d => d.Code == "trace-changed").Select(d => d.Summary));
        Assert.Contains("1 jobs wait for others, as their command lines say", said, StringComparison.Ordinal);
        Assert.Contains("1 jobs waited for others that are not in the file", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_constraint_may_hold_the_delimiter_when_nothing_else_may()
    {
        var job = Read("JobIDRaw|Constraints|State|Submit|Start|ElapsedRaw|AllocCPUS\n1|intel|amd|COMPLETED|100|140|60|8\n", "x").Jobs.Single();
        Assert.Equal(("intel|amd", 8), (job.Request!.Constraint, job.Processors));
    }

    [Fact]
    public void Both_forms_of_recorded_output_say_the_same()
    {
        static Job[] Of(string name)
        {
            using var stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Workloads", "Sacct.data", name));
            return [.. WorkloadFile.Read(stream, name, new TraceReading(Zone: TimeZoneInfo.Utc)).Jobs];
        }

        var text = Of("sacct-P-all-X-22.05.txt").ToDictionary(job => job.Id);
        var json = Of("sacct-22.05.json").ToDictionary(job => job.Id);
        Assert.StartsWith("gpu:", text[24].Request!.Gres, StringComparison.Ordinal);
        Assert.Equal(text[24].Request!.Gres, json[24].Request!.Gres);
        foreach (var id in new[] { 12L, 13, 21, 22, 40, 52 })
        {
            Assert.Equal((text[id].Request!.User, text[id].Request!.Account, text[id].Request!.Qos, text[id].Request!.Partition, text[id].Recorded!.State), (json[id].Request!.User, json[id].Request!.Account, json[id].Request!.Qos, json[id].Request!.Partition, json[id].Recorded!.State));
            Assert.Equal((text[id].HeterogeneousJob, text[id].ArrayTask), (json[id].HeterogeneousJob, json[id].ArrayTask));
        }
    }

    [Fact]
    public void PBS_says_it_as_well()
    {
        var job = Read("03/01/2024 09:10:05;E;7[2].pbs;user=ann group=staff account=\"PHYS\" queue=gpu ctime=100 start=100 end=160 exec_host=n/0 Resource_List.ngpus=2 Resource_List.place=excl Exit_status=-29\n", "log").Jobs.Single();
        Assert.Equal(new JobRequest { User = "ann", Group = "staff", Account = "PHYS", Partition = "gpu", Gres = "gpu:2", Exclusive = true }, job.Request);
        Assert.Equal((2, RecordedState.TimedOut), (job.ArrayTask!.Value, job.Recorded!.State!.Value));
    }

    [Theory]
    [InlineData("""{"gres":"gpu"}""", "job-gres", "asks for 'gpu', which is no list of resources")]
    [InlineData("""{"licenses":"matlab:0"}""", "job-gres", "asks for 'matlab:0'")]
    [InlineData("""{"memoryPerNode":-1}""", "job-memory", "negative memory")]
    [InlineData("""{"mostNodes":1}""", "job-nodes", "asks for 2 nodes, and for 1 at most")]
    [InlineData("""{"account":7}""", "workload-json", "account is 7; it is a text")]
    public void Requests_that_cannot_be_are_refused(string request, string code, string told)
    {
        var fault = Assert.Throws<DiagnosticException>(() => Read($$"""{"id":1,"submit":0,"processors":4,"nodes":2,"runTime":9,"request":{{request}}}""" + "\n", "w.jsonl")).Diagnostics[0];
        Assert.Equal(code, fault.Code);
        Assert.Contains(told, fault.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_smaller_job_asks_for_fewer_devices()
    {
        var small = new SizeScale(SizeScaleKind.Factor, 0.25).Apply(With(Full with { Dependencies = [] }), new MachineSize(16, 4)).Jobs[0];
        Assert.Equal((2, "gpu:a100:1,shard:1", 4), (small.Processors, small.Request!.Gres, small.Request.MostNodes!.Value));
    }

    [Theory]
    [InlineData("gres/gpu=6,gres/gpu:a100=4", "gpu:2,gpu:a100:4")]
    [InlineData("billing=9,cpu=9,mem=1G", null)]
    [InlineData("gres/shard=3", "shard:3")]
    public void Devices_without_a_type_count_all_types(string tres, string? gres) => Assert.Equal(gres, GenericResource.OfTres(tres, "gres/"));
}
