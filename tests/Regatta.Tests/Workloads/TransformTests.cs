using Regatta.Experiments.Configuration.WorkloadKinds;
using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

public sealed class TransformTests
{
    private static readonly Workload Base = new()
    {
        Name = "w", SourceProcessors = 4,
        Jobs =
        [
            Job(1, 0, 2, 10, user: 1), Job(2, 10, 4, 20, user: 2), Job(3, 20, 1, 5, user: 1) with { Dependencies = [new(2, DependencyKind.After, TimeSpan.FromSeconds(8))], RequestedTime = TimeSpan.FromSeconds(9) },
            Job(4, 40, 1, 30, user: 3),
        ],
    };

    private static Job Job(long id, double submit, int processors, double run, int user) => new()
    {
        Id = id, Submit = TimeSpan.FromSeconds(submit), Processors = processors, RunTime = TimeSpan.FromSeconds(run), User = user,
    };

    private static Workload Create(string kind, params string[] settings) =>
        WorkloadWords.Create(kind, settings, MachineSize.Of(2, 4), _ => SwfText.Stream(SwfText.Header + SwfText.Line(1, 0, 100, 4, 200, 1) + SwfText.Line(2, 10, 100, 16, 200, 2)));

    private static string Fault(string kind, params string[] settings) => Assert.Throws<DiagnosticException>(() => Create(kind, settings)).Message;

    [Fact]
    public void Time_is_compressed_everywhere()
    {
        var scaled = Base.Time(0.1);
        Assert.Equal([0, 1, 2, 4], scaled.Jobs.Select(job => job.Submit.TotalSeconds));
        Assert.Equal([1, 2, 0.5, 3], scaled.Jobs.Select(job => job.RunTime.TotalSeconds));
        Assert.Equal(0.9, scaled.Jobs[2].RequestedTime!.Value.TotalSeconds);
        Assert.Equal(0.8, scaled.Jobs[2].Dependencies[0].ThinkTime.TotalSeconds);
        Assert.Equal("Times multiplied by 0.1.", scaled.Description);
    }

    [Fact]
    public void Load_is_scaled_by_the_submit_times()
    {
        // Work 20 + 80 + 5 + 30 = 135 over 4 processors and 40 s.
        Assert.Equal(135.0 / 160, Base.Load(4), 1e-12);
        var scaled = Base.Load(0.5, 4);
        Assert.Equal(0.5, scaled.Load(4), 1e-3);
        Assert.Equal(Base.Jobs.Select(job => job.RunTime), scaled.Jobs.Select(job => job.RunTime));
        Assert.Equal("warning[workload-overload]: a load of 2 is more than the machine can do: the queue grows without end", Assert.Single(Base.Load(2, 4).Diagnostics).ToString());
        var burst = Base with { Jobs = [.. Base.Jobs.Select(job => job with { Submit = TimeSpan.Zero })] };
        Assert.StartsWith("error[workload-load]: w has no load to scale: all its jobs are submitted at one instant", Assert.Throws<DiagnosticException>(() => burst.Load(0.5, 4)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_window_starts_at_zero_and_drops_what_waits_for_jobs_outside()
    {
        var cut = Base.Window(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(41));
        Assert.Equal([(3L, 0.0), (4, 20)], cut.Jobs.Select(job => (job.Id, job.Submit.TotalSeconds)));
        Assert.Empty(cut.Jobs[0].Dependencies);
        Assert.Equal("Cut to the jobs submitted from 20 s to 41 s: 2 of 4 jobs.", cut.Description);
        Assert.Equal(
            "error[workload-no-jobs]: w holds no job any more: cut to the jobs submitted from 100 s to 200 s\n  help: its 4 jobs are submitted from 0 s to 40 s",
            Assert.Throws<DiagnosticException>(() => Base.Window(TimeSpan.FromSeconds(100), TimeSpan.FromSeconds(200))).Message);
    }

    [Fact]
    public void Users_and_flurries_are_filtered()
    {
        Assert.Equal([1L, 3], Base.Users(new HashSet<int> { 1 }).Jobs.Select(job => job.Id));
        Assert.Equal([2L, 4], Base.Users(new HashSet<int> { 1 }, exclude: true).Jobs.Select(job => job.Id));
        var flurry = Base with { Jobs = [.. Enumerable.Range(1, 10).Select(i => Job(i, i, 1, 1, 7)), Job(11, 100, 1, 1, 7)] };
        Assert.Equal([1L, 2, 3, 11], flurry.WithoutFlurries(3, TimeSpan.FromSeconds(30)).Jobs.Select(job => job.Id));
    }

    [Fact]
    public void Shaking_moves_submissions_a_little_and_the_same_way_for_one_seed()
    {
        var shaken = Base.Shake(TimeSpan.FromSeconds(3), 5);
        Assert.Equal(shaken.Jobs.Select(job => job.Submit), Base.Shake(TimeSpan.FromSeconds(3), 5).Jobs.Select(job => job.Submit));
        Assert.All(Base.Jobs, job => Assert.InRange((shaken.Jobs.Single(other => other.Id == job.Id).Submit - job.Submit).TotalSeconds, -3, 3));
        Assert.NotEqual(shaken.Jobs.Select(job => job.Submit), Base.Shake(TimeSpan.FromSeconds(3), 6).Jobs.Select(job => job.Submit));
    }

    [Fact]
    public void Jobs_are_numbered_anew_with_their_dependencies()
    {
        var numbered = Base.Window(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(100)).Renumber();
        Assert.Equal([1L, 2, 3], numbered.Jobs.Select(job => job.Id));
        Assert.Equal(1, numbered.Jobs[1].Dependencies[0].Job);
    }

    [Fact]
    public void A_source_reads_fits_and_changes_in_order()
    {
        var workload = Create("trace", "file=t.swf", "scale=clamp", "estimates=3", "time-scale=0.01", "payload=cpu");
        Assert.Equal([4, 8], workload.Jobs.Select(job => job.Processors));
        Assert.Equal([1.0, 1], workload.Jobs.Select(job => job.RunTime.TotalSeconds));
        Assert.Equal(3, workload.Jobs[0].RequestedTime!.Value.TotalSeconds);
        Assert.All(workload.Jobs, job => Assert.Equal(Payload.Cpu, job.Payload));
        Assert.Equal("Read from t.swf. Requested times 3 times the run times. Sizes cut at 8 processors. Times multiplied by 0.01.", workload.Description);
        Assert.Equal(8, Create("lublin", "jobs=50", "seed=3").SourceProcessors);
        Assert.Equal(["ls", "-l"], Create("bag", "jobs=1", "payload=exec", "command=ls -l").Jobs[0].Payload.Command);
        foreach (var kind in WorkloadSection.Kinds.Where(kind => kind is not ("trace" or "gpus"))) Assert.NotEmpty(Create(kind).Jobs);
        Assert.NotEmpty(Create("gpus", "processors-per-gpu=1", "gpus-per-node=4", "scale=clamp").Jobs);
    }

    [Fact]
    public void A_job_that_cannot_fit_is_listed_before_anything_starts() =>
        Assert.Equal(
            "error[workload-too-large]: 1 of 2 jobs of t.swf cannot fit a machine of 2 nodes of 4 processors\n  job 2, submitted at 10 s: 16 processors\n"
            + "  help: scale=fit keeps each job's share of the machine, scale=clamp cuts at the machine's size, or take a larger machine",
            Fault("swf", "file=t.swf"));

    [Fact]
    public void JSON_lines_keep_everything_a_job_has()
    {
        var job = Job(1, 0.5, 4, 2.25, 0) with
        {
            Recorded = new RecordedJob { Wait = TimeSpan.FromSeconds(1.5), AllocatedProcessors = 6, RequestedProcessors = 4, AverageCpuTime = TimeSpan.FromSeconds(2), UsedMemory = 1 << 21, Status = 0, Executable = 7, Partition = 2 },
            Nodes = 2, RequestedTime = TimeSpan.FromSeconds(9), MemoryPerProcessor = 1 << 20, Group = 0, Queue = 3, Priority = 7, Drains = true, Array = 1, GangMinimum = 2, Payload = new Payload(PayloadKind.Exec, ["ls", "-l"]),
        };
        var next = Job(2, 1, 1, 1, -1) with { Dependencies = [new(1, DependencyKind.AfterOk, TimeSpan.FromSeconds(3))] };
        foreach (var name in new[] { "w.jsonl", "w.jsonl.gz" })
        {
            using var stream = new MemoryStream();
            Assert.Empty(WorkloadFile.Write(new Workload { Name = "w", Jobs = [job, next] }, stream, name));
            stream.Position = 0;
            var read = WorkloadFile.Read(stream, name);
            Assert.Equal(job with { Payload = read.Jobs[0].Payload }, read.Jobs[0]);
            Assert.Equal(["ls", "-l"], read.Jobs[0].Payload.Command);
            Assert.Equal(next.Dependencies[0], Assert.Single(read.Jobs[1].Dependencies));
        }
    }

    [Theory]
    [InlineData("{\"id\":1}\n")]
    [InlineData("null\n")]
    [InlineData("{\"id\":1,\"submit\":\"later\",\"processors\":1,\"runTime\":\"00:00:01\"}\n")]
    [InlineData("\u0001\u0002")]
    public void Bad_JSON_lines_are_a_diagnostic(string text)
    {
        var message = Assert.Throws<DiagnosticException>(() => WorkloadFile.Read(SwfText.Stream(text), "w.jsonl")).Message;
        Assert.StartsWith("error[workload-json]: w.jsonl: line 1 is no job: ", message, StringComparison.Ordinal);
        Assert.Contains("\n  at w.jsonl:1:", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_summary_counts_and_draws()
    {
        var summary = WorkloadSummary.Of(Base);
        Assert.Equal((4, 3, 4), (summary.Jobs, summary.Users, summary.Processors));
        Assert.Equal(135, summary.Work);
        Assert.Equal(70, summary.LowerBound);
        Assert.Equal([("1", 2L), ("2-3", 1), ("4-7", 1)], summary.Sizes.Select(bar => (bar.Label, bar.Count)));
        Assert.Equal([("3 s", 1L), ("10 s", 2), ("30 s", 1)], summary.RunTimes.Select(bar => (bar.Label, bar.Count)));
        Assert.Equal([("10 s", 3L)], summary.InterArrivals.Select(bar => (bar.Label, bar.Count)));
        Assert.Empty(summary.DailyCycle);
        Assert.Equal((0.25, 1), (summary.RequestedShare, summary.DistinctRequests));
    }
}
