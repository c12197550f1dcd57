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
}
