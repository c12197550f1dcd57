using System.Text;
using CsCheck;
using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

public sealed class SwfJobsTests
{
    private static readonly MachineSize Machine = MachineSize.Of(2, 4);

    private static Workload Load(string text)
    {
        using var reader = new SwfReader(SwfText.Stream(text), "t.swf");
        return SwfJobs.Load(reader, "t.swf");
    }

    [Theory]
    [InlineData("t.tsv")]
    [InlineData("swf")]
    [InlineData("-")]
    public void A_file_whose_ending_is_that_of_no_format_is_not_written(string name)
    {
        var fault = Assert.Throws<DiagnosticException>(() => WorkloadFile.Write(Quickstart.Generate(), Stream.Null, name)).Diagnostics[0];

        Assert.Equal(("trace-ending", $"the ending of {name} is that of no format of workloads"), (fault.Code, fault.Summary));
        Assert.StartsWith("name a file that ends in .swf, ", fault.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void Jobs_are_sorted_numbered_and_told_what_became_of_them()
    {
        var workload = Load(SwfText.Header
            + "3 9 -1 5 2 -1 -1 -1 60 1024 1 7 8 -1 1 -1 -1 -1\n"
            + "1 4 -1 5 2 -1 -1 3 -1 -1 1 7 8 -1 1 -1 -1 -1\n"
            + "1 5 -1 5 2 -1 -1 3 -1 -1 1 7 8 -1 1 -1 3 2.5\n"
            + "6 5 -1 5 2 -1 -1 3 -1 -1 1 7 8 -1 1 -1 99 10\n"
            + "7 5 -1 -1 2 -1 -1 3 -1 -1 5 7 8 -1 1 -1 -1 -1\n"
            + "8 5 -1 4 2 -1 -1 3 -1 -1 2 7 8 -1 1 -1 -1 -1\n"
            + "9 5 -1 4 -1 -1 -1 -1 -1 -1 1 7 8 -1 1 -1 -1 -1\n"
            + "10 5 -1 -1 1 -1 -1 -1 -1 -1 1 7 8 -1 1 -1 -1 -1\n");

        Assert.Equal([(1L, 4.0, 3), (6, 5, 3), (11, 5, 3), (3, 9, 2)], workload.Jobs.Select(job => (job.Id, job.Submit.TotalSeconds, job.Processors)));
        Assert.Equal(TimeSpan.FromSeconds(60), workload.Jobs[3].RequestedTime);
        Assert.Equal(1024L * 1024, workload.Jobs[3].MemoryPerProcessor);
        Assert.Null(workload.Jobs[0].RequestedTime);
        Assert.Equal(new JobDependency(3, DependencyKind.After, TimeSpan.FromSeconds(2.5)), Assert.Single(workload.Jobs[2].Dependencies));
        Assert.Equal(8, workload.SourceProcessors);
        Assert.Equal(
            [
                "t.swf: 1 partial records of checkpointed jobs (status 2 to 4) are no part of the workload", "t.swf: 1 jobs that were cancelled before they ran are no part of the workload",
                "t.swf: 1 jobs without a number of processors are no part of the workload", "t.swf: 1 jobs without a run time are no part of the workload",
                "t.swf: 1 job numbers were used twice or below 1 and got new numbers", "t.swf: 1 dependencies on jobs that are not in the workload were dropped",
            ],
            workload.Diagnostics.Where(d => d.Code.StartsWith("workload-", StringComparison.Ordinal)).Select(d => d.Summary));
    }

    [Fact]
    public void A_preceding_job_that_every_row_names_is_no_dependency()
    {
        var workload = Load(SwfText.Header
            + "0 0 -1 5 2 -1 -1 2 -1 -1 1 7 8 -1 1 -1 1 1\n"
            + "1 4 -1 5 2 -1 -1 2 -1 -1 1 7 8 -1 1 -1 1 1\n"
            + "2 5 -1 5 2 -1 -1 2 -1 -1 1 7 8 -1 1 -1 1 1\n");

        Assert.All(workload.Jobs, job => Assert.Empty(job.Dependencies));
        Assert.Contains(
            "t.swf: every job names job 1 as its preceding job (field 17), that job itself too: the field holds no dependencies and was not read",
            workload.Diagnostics.Where(d => d.Code == "workload-dependency").Select(d => d.Summary));

        // A job that others wait for, and that waits for none, is one.
        Assert.Equal([0, 1, 1], Load(SwfText.Header
            + "1 4 -1 5 2 -1 -1 2 -1 -1 1 7 8 -1 1 -1 -1 -1\n"
            + "2 5 -1 5 2 -1 -1 2 -1 -1 1 7 8 -1 1 -1 1 1\n"
            + "3 5 -1 5 2 -1 -1 2 -1 -1 1 7 8 -1 1 -1 1 1\n").Jobs.Select(job => job.Dependencies.Length));
    }

    [Fact]
    public void A_file_of_which_nothing_can_be_run_is_refused()
    {
        var exception = Assert.Throws<DiagnosticException>(() => Load(SwfText.Header + "1 0 -1 -1 4 -1 -1 -1 -1 -1 5 -1 -1 -1 -1 -1 -1 -1\n"));
        Assert.Equal(
            "error[workload-no-jobs]: t.swf holds no job that could be run\n  at t.swf\n  help: a job needs a submit time, processors (field 8 or 5) and a run time (field 4)\n"
            + "hint[workload-never-ran]: t.swf: 1 jobs that were cancelled before they ran are no part of the workload",
            exception.Message);
    }

    [Fact]
    public void Jobs_survive_the_way_through_SWF() =>
        Gen.Select(Gen.Long[0, 1_000_000_000_000], Gen.Long[0, 1_000_000_000], Gen.Long[1, 1_000_000_000], Gen.Int[1, 5000], Gen.Int[-1, 50], Gen.Bool).Array[1, 20].Sample(rows =>
        {
            var jobs = Workload.Sort(rows.Select((row, i) => new Job
            {
                Id = i + 1, Submit = TimeSpan.FromMicroseconds(row.Item1), RunTime = TimeSpan.FromMicroseconds(row.Item2), Processors = row.Item4, User = row.Item5,
                RequestedTime = row.Item6 ? TimeSpan.FromMicroseconds(row.Item3) : null,
            }));
            using var stream = new MemoryStream();
            Assert.Empty(WorkloadFile.Write(new Workload { Name = "w", Jobs = jobs }, stream, "t.swf"));
            stream.Position = 0;
            using var reader = new SwfReader(stream, "t.swf");
            return SwfJobs.Load(reader, "t.swf").Jobs.SequenceEqual(jobs);
        }, iter: 500);

    [Fact]
    public void Says_what_SWF_cannot_hold()
    {
        var job = new Job { Id = 1, Submit = TimeSpan.Zero, Processors = 2, RunTime = TimeSpan.FromSeconds(1), Priority = 3, GangMinimum = 2 };
        var diagnostic = Assert.Single(WorkloadFile.Write(new Workload { Name = "w", Jobs = [job] }, Stream.Null, "w.swf"));
        Assert.Equal(
            "warning[trace-loses]: w.swf: SWF has no place for: priority of 1 jobs, gang minimum of 1 jobs\n  help: write a file ending in .jsonl to keep everything",
            diagnostic.ToString());
    }

    [Theory]
    [InlineData(RecordedState.Completed, 1)]
    [InlineData(RecordedState.Failed, 0)]
    [InlineData(RecordedState.TimedOut, 0)]
    [InlineData(RecordedState.Cancelled, 5)]
    public void A_recorded_end_without_a_number_gets_its_number(RecordedState state, int status)
    {
        var job = new Job { Id = 1, Submit = TimeSpan.Zero, Processors = 2, RunTime = TimeSpan.FromSeconds(1), Recorded = new RecordedJob { State = state } };
        Assert.Equal(status, SwfJobs.FromJob(job).Status);
        Assert.Equal(5, SwfJobs.FromJob(job with { Recorded = new RecordedJob { State = state, Status = 5 } }).Status);
        Assert.Equal(-1, SwfJobs.FromJob(job with { Recorded = new RecordedJob { Wait = TimeSpan.Zero } }).Status);
    }

    [Fact]
    public void Advice_names_a_format_that_keeps_everything_or_none()
    {
        Workload Of(string name, RecordedState state) => new()
        {
            Name = name, SourceProcessors = 8, Jobs = [new Job { Id = 1, Submit = TimeSpan.Zero, Processors = 2, RunTime = TimeSpan.FromSeconds(1), Recorded = new RecordedJob { State = state } }],
        };
        string? Help(Workload workload, string file) => Assert.Single(WorkloadFile.Write(workload, Stream.Null, file)).Help;

        // SWF keeps such an end and the machine, JSON lines do not keep the machine.
        Assert.Equal("write a file ending in .swf to keep everything", Help(Of("trial", RecordedState.Cancelled), "w.jsonl"));
        Assert.Empty(WorkloadFile.Write(Of("trial", RecordedState.Cancelled), Stream.Null, "w.swf"));
        // No format keeps that it was at its limit and the machine as well.
        Assert.Null(Help(Of("trial", RecordedState.TimedOut), "w.jsonl"));
        Assert.Null(Help(Of("trial", RecordedState.TimedOut), "w.swf"));
        // What comes from such a file is not to become one.
        Assert.Null(Help(Of("t.swf.gz", RecordedState.Cancelled), "w.jsonl"));
        Assert.Null(Help(Of("t.jsonl", RecordedState.TimedOut) with { SourceProcessors = null }, "w.swf"));
    }

    [Fact]
    public void Measured_jobs_become_records()
    {
        var record = SwfJobs.FromRecord(new JobRecord { Job = 4, Processors = 2, Sent = 11_000_000, Start = 12_500_000, Finish = 20_000_000, RequestedTime = 30_000_000, State = JobState.TimedOut, User = 5 }, 10_000_000);
        Assert.Equal(SwfRecord.Unknown(4, 1) with { Wait = 1.5, RunTime = 7.5, AllocatedProcessors = 2, RequestedProcessors = 2, RequestedTime = 30, Status = 0, User = 5 }, record);
    }

    [Fact]
    public void Jobs_larger_than_the_machine_are_listed_before_anything_starts()
    {
        var workload = Load(SwfText.Header + SwfText.Line(1, 0, processors: 8) + SwfText.Line(2, 1.5, processors: 9) + SwfText.Line(3, 2, processors: 64));
        var exception = Assert.Throws<DiagnosticException>(() => new SizeScale(SizeScaleKind.None).Apply(workload, Machine));
        Assert.Equal(
            "error[workload-too-large]: 2 of 3 jobs of t.swf cannot fit a machine of 2 nodes of 4 processors\n"
            + "  job 2, submitted at 1.5 s: 9 processors\n  job 3, submitted at 2 s: 64 processors\n"
            + "  help: scale=fit keeps each job's share of the machine, scale=clamp cuts at the machine's size, or take a larger machine",
            exception.Message);
    }

    [Fact]
    public void The_list_of_large_jobs_is_cut_at_twenty()
    {
        var workload = Load(SwfText.Header + string.Concat(Enumerable.Range(1, 25).Select(i => SwfText.Line(i, i, processors: 10))));
        var exception = Assert.Throws<DiagnosticException>(() => SizeScale.Check(workload, Machine));
        Assert.Contains("\n  job 20, submitted at 20 s: 10 processors\n  and 5 more\n", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("clamp", new[] { 1, 4, 8, 8 })]
    [InlineData("fit", new[] { 1, 1, 2, 8 })]
    [InlineData("0.125", new[] { 1, 1, 2, 8 })]
    [InlineData("0.0625", new[] { 1, 1, 1, 4 })]
    public void Sizes_are_brought_to_the_machine(string scale, int[] expected)
    {
        var text = "; MaxProcs: 64\n" + string.Concat(new[] { 1, 4, 16, 64 }.Select((size, i) => SwfText.Line(i + 1, i, processors: size)));
        var scaled = SizeScale.Parse(scale).Apply(Load(text), Machine);
        Assert.Equal(expected, scaled.Jobs.Select(job => job.Processors));
        Assert.Contains(scaled.Diagnostics, d => d.Code is "workload-sizes-clamped" or "workload-sizes-scaled");
        Assert.NotEqual("Read from t.swf.", scaled.Description);
    }

    [Fact]
    public void A_distorted_mix_is_a_warning()
    {
        var text = "; MaxProcs: 64\n" + string.Concat(Enumerable.Range(1, 9).Select(i => SwfText.Line(i, i)));
        var scaled = SizeScale.Parse("fit").Apply(Load(text), Machine);
        Assert.Equal(
            [
                "hint[workload-sizes-scaled]: t.swf: sizes multiplied by 0.125; rounding to whole processors makes the work 8 times what exact scaling would, and 9 jobs below half a processor take one",
                "warning[size-mix-distorted]: the machine is too small for the mix of sizes: 9 of 9 jobs are more than 25 % off, and the sum of sizes changes by +700 %",
            ],
            scaled.Diagnostics[^2..].Select(d => d.ToString().Split('\n')[0]));
    }

    [Theory]
    [InlineData("half")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("NaN")]
    public void An_unknown_scale_says_what_there_is(string scale)
    {
        var exception = Assert.Throws<DiagnosticException>(() => SizeScale.Parse(scale));
        Assert.Equal(
            $"error[workload-scale]: scale '{scale}' is neither none, clamp, fit nor a factor above 0\n  help: fit keeps each job's share of the machine, clamp cuts at the machine's size, 0.5 halves every size, none leaves them",
            exception.Message);
    }

    [Fact]
    public void Faulty_jobs_are_listed_each_with_its_fault()
    {
        var job = new Job { Id = 1, Submit = TimeSpan.Zero, Processors = 1, RunTime = TimeSpan.FromSeconds(1) };
        Assert.Empty(JobValidation.Check([job], "w"));
        Job[] jobs =
        [
            job with { Id = 0 }, job, job, job with { Id = 2, Submit = TimeSpan.FromSeconds(-1), Processors = 0 }, job with { Id = 3, RunTime = TimeSpan.FromSeconds(-1), Nodes = 2 },
            job with { Id = 4, RequestedTime = TimeSpan.Zero, GangMinimum = 2 }, job with { Id = 5, Dependencies = [new(5, DependencyKind.After), new(77, DependencyKind.AfterOk)] },
            job with { Id = 6, MemoryPerProcessor = -5, Payload = new Payload(PayloadKind.Exec, []) },
        ];
        Assert.Equal(
            [
                "job number 0 is below 1", "job number 1 is used twice", "job 2 is submitted before the workload starts", "job 2 asks for 0 processors", "job 3 asks for 2 nodes with 1 processors",
                "job 3 has a negative run time", "job 4 asks for no time at all", "job 4 needs 2 members at once but has 1", "job 5 waits for itself",
                "job 5 waits for job 77, which is not in the workload", "job 6 asks for negative memory", "job 6 runs a command but names none",
            ],
            JobValidation.Check(jobs, "w").Select(d => d.Summary));
    }

    [Fact]
    public void A_single_fault_among_sound_jobs_is_found()
    {
        var job = new Job { Id = 2, Submit = TimeSpan.FromSeconds(5), Processors = 2, RunTime = TimeSpan.FromSeconds(1), Request = new JobRequest { User = "a" } };
        var far = JobValidation.Longest + TimeSpan.FromSeconds(1);
        Func<Job, Job>[] faults =
        [
            j => j with { Id = 0 }, j => j with { Id = 1 }, j => j with { Submit = TimeSpan.FromTicks(-1) }, j => j with { Submit = far }, j => j with { Processors = 0 }, j => j with { Nodes = 3 }, j => j with { Nodes = -1 },
            j => j with { RunTime = TimeSpan.FromTicks(-1) }, j => j with { RunTime = far }, j => j with { RequestedTime = TimeSpan.Zero }, j => j with { RequestedTime = far }, j => j with { MemoryPerProcessor = -1 },
            j => j with { GangMinimum = 3 }, j => j with { GangMinimum = -1 }, j => j with { Payload = new Payload(PayloadKind.Exec, []) }, j => j with { Dependencies = [new(9, DependencyKind.After)] },
            j => j with { Request = new JobRequest { Gres = "gpu" } }, j => j with { Request = new JobRequest { Licenses = "x:0" } }, j => j with { Request = new JobRequest { MemoryPerNode = -1 } },
            j => j with { Nodes = 2, Request = new JobRequest { MostNodes = 1 } },
        ];
        Job[] sound = [job with { Id = 3, Submit = TimeSpan.Zero }, job with { Id = 1 }, job];
        Assert.Empty(JobValidation.Check(sound, "w"));
        Assert.All(faults, fault => Assert.NotEmpty(JobValidation.Check([sound[0], sound[1], fault(job)], "w")));
        Assert.Equal("workload-time-sum", Assert.Single(JobValidation.Check([.. Enumerable.Range(1, 3).Select(i => job with { Id = i, RunTime = JobValidation.Longest })], "w")).Code);
    }

    [Fact]
    public void Jobs_that_wait_for_each_other_are_named()
    {
        var job = new Job { Id = 1, Submit = TimeSpan.Zero, Processors = 1, RunTime = TimeSpan.FromSeconds(1) };
        Job[] jobs = [job, job with { Id = 2, Dependencies = [new(3, DependencyKind.After), new(1, DependencyKind.After)] }, job with { Id = 3, Dependencies = [new(2, DependencyKind.After)] }];
        Assert.Equal("error[job-dependency-circle]: 2 jobs can never start because they wait for each other: 2, 3\n  at w", Assert.Single(JobValidation.Check(jobs, "w")).ToString());
    }

    [Fact]
    public void The_header_of_a_written_workload_is_complete()
    {
        using var stream = new MemoryStream();
        WorkloadFile.Write(new Workload { Name = "w", SourceProcessors = 32, Jobs = [new Job { Id = 1, Submit = TimeSpan.Zero, Processors = 1, RunTime = TimeSpan.FromSeconds(1) }] }, stream, "w.swf");
        Assert.Equal(
            "; Version: 2.2\n; MaxJobs: 1\n; MaxRecords: 1\n; MaxProcs: 32\n1 0 -1 1 1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1\n",
            Encoding.UTF8.GetString(stream.ToArray()));
    }
}
