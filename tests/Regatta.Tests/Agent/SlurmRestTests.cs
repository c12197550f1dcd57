using System.Text.Json;
using Regatta.Agent.Drivers.Slurm;
using Regatta.Workloads;

namespace Regatta.Tests.Agent;

/// <summary>What slurmrestd says of jobs, in the forms of its versions.</summary>
public sealed class SlurmRestTests
{
    [Theory]
    [InlineData("rest-job-24.11-v0.0.42.json", 12, 1795910175)]
    [InlineData("rest-job-26.05-v0.0.45.json", 2, 1795910338)]
    public void Answers_of_newer_versions_are_read(string recording, long id, long end)
    {
        var answer = JsonSerializer.Deserialize(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Agent", "Slurm.data", recording)), SlurmRestJson.Default.JobsResponse)!;

        var job = Assert.Single(answer.Jobs!);
        Assert.Equal((id, "shape", "RUNNING", "None", 0, end), (job.JobId, job.Name, job.JobState, job.StateReason, job.Code, job.EndTime));
        Assert.Null(job.Ended);
    }

    [Theory]
    // v0.0.38
    [InlineData("""{"job_state":"FAILED","exit_code":768,"end_time":5}""", JobState.Failed, 3, 5)]
    [InlineData("""{"job_state":"CANCELLED","exit_code":15,"end_time":5}""", JobState.Cancelled, 143, 5)]
    [InlineData("""{"job_state":"COMPLETED","exit_code":0,"end_time":5}""", JobState.Completed, 0, 5)]
    // From v0.0.39 on
    [InlineData("""{"job_state":["FAILED"],"exit_code":{"status":["ERROR"],"return_code":{"set":true,"infinite":false,"number":3},"signal":{"id":{"set":false,"infinite":false,"number":0},"name":""}},"end_time":{"set":true,"infinite":false,"number":5}}""", JobState.Failed, 3, 5)]
    [InlineData("""{"job_state":["CANCELLED","COMPLETING"],"exit_code":{"status":["SIGNALED"],"return_code":{"set":false,"infinite":false,"number":0},"signal":{"id":{"set":true,"infinite":false,"number":9},"name":"Killed"}},"end_time":{"set":true,"infinite":false,"number":5}}""", JobState.Cancelled, 137, 5)]
    [InlineData("""{"job_state":["RUNNING"],"exit_code":{"status":["PENDING"],"return_code":{"set":false,"infinite":false,"number":0}},"end_time":{"set":false,"infinite":true,"number":0}}""", null, null, 0)]
    [InlineData("""{"job_state":[]}""", null, null, 0)]
    public void States_exit_codes_and_times_mean_the_same_in_all_versions(string text, JobState? ended, int? code, long end)
    {
        var job = JsonSerializer.Deserialize($$"""{"jobs":[{{text}}]}""", SlurmRestJson.Default.JobsResponse)!.Jobs![0];

        Assert.Equal((ended, code, end), (job.Ended, job.Code, job.EndTime));
    }

    [Theory]
    // v0.0.38 has means alone, which are whole numbers.
    [InlineData("""{"schedule_cycle_total":10,"schedule_cycle_mean":1500,"schedule_cycle_mean_depth":20,"bf_cycle_counter":4,"bf_cycle_mean":2000,"bf_depth_mean":7}""", 0.015, 200, 0.008, 28, null)]
    [InlineData("""{"schedule_cycle_total":10,"schedule_cycle_mean":1500,"schedule_cycle_sum":15009,"schedule_cycle_mean_depth":20,"schedule_cycle_depth":208,"bf_cycle_counter":4,"bf_cycle_mean":2000,"bf_cycle_sum":8003,"bf_depth_mean":7,"bf_depth_sum":31,"bf_backfilled_jobs":3,"bf_last_backfilled_jobs":1}""", 0.015009, 208, 0.008003, 31, 3L)]
    public void Passes_are_counted_in_all_versions(string text, double main, long mainJobs, double backfill, long backfillJobs, long? started)
    {
        var statistics = JsonSerializer.Deserialize($$"""{"statistics":{{text}},"errors":[]}""", SlurmRestJson.Default.DiagResponse)!.Statistics!;

        Assert.Equal([new SchedulingPasses("main", 10, main, mainJobs), new SchedulingPasses("backfill", 4, backfill, backfillJobs) { Started = started }], statistics.Passes);
    }

    [Fact]
    public void Counters_that_began_anew_count_from_there()
    {
        var before = new SchedulingPasses("main", 10, 2, 100);

        Assert.Equal(new SchedulingPasses("main", 5, 1, 50), new SchedulingPasses("main", 15, 3, 150).Since(before));
        Assert.Equal(new SchedulingPasses("main", 5, 1, 50) { Started = 4 }, new SchedulingPasses("main", 15, 3, 150) { Started = 9 }.Since(before with { Started = 5 }));
        Assert.Equal(new SchedulingPasses("main", 3, 1, 30) { Started = 4 }, new SchedulingPasses("main", 3, 1, 30) { Started = 9 }.Since(before with { Started = 5 }));
        Assert.Equal(new SchedulingPasses("main", 3, 1, 30) { Started = 2 }, new SchedulingPasses("main", 3, 1, 30) { Started = 2 }.Since(before with { Started = 5 }));
        Assert.Equal(new SchedulingPasses("main", 3, 1, 30), new SchedulingPasses("main", 3, 1, 30).Since(before));
    }
}
