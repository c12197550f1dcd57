using System.Text;
using CsCheck;
using Regatta.Analysis;
using Regatta.Experiments.Running;
using Regatta.Simulation;
using Regatta.Tests.Simulation;
using Regatta.Workloads;

namespace Regatta.Tests.Experiments;

/// <summary>The columns and the events of simulated trials are those of their records, row for row and byte for byte.</summary>
public sealed class SimulatedEventsTests
{
    private const long Origin = 1_767_225_600_000_000;

    [Fact]
    public void The_table_of_a_schedule_holds_its_records() =>
        Gen.OneOf(RandomWorkloads.WithDrains(40, 12), RandomWorkloads.WithDependencies(40, 12)).Sample(jobs =>
        {
            var schedule = Schedule(jobs);
            Assert.Equal(schedule.Records(Origin, "worker"), JobTable.Of(schedule, Origin, "worker").Records);
        }, iter: 300);

    [Fact]
    public void The_lines_are_the_events_of_the_records_by_time_then_job_then_stage() =>
        Gen.OneOf(RandomWorkloads.WithDrains(40, 12), RandomWorkloads.WithDependencies(40, 12)).Sample(jobs =>
        {
            // Numbers that do not rise with the order of submission.
            jobs = [.. jobs.Select(job => job with { Id = 1000 - job.Id, Dependencies = [.. job.Dependencies.Select(d => d with { Job = 1000 - d.Job })] })];
            var schedule = Schedule(jobs);
            using var stream = new MemoryStream();
            using var events = new SimulatedEvents(JobTable.Of(schedule, Origin, "worker"));
            events.Write(stream, TestContext.Current.CancellationToken);
            var expected = schedule.Records(Origin, "worker").SelectMany(Events).OrderBy(e => e.Time).ThenBy(e => e.Job).ThenBy(e => e.Kind).Select(e => Encoding.UTF8.GetString(ReplayJson.Line(e)) + "\n");
            Assert.Equal(string.Concat(expected), Encoding.UTF8.GetString(stream.ToArray()));
        }, iter: 300);

    [Fact]
    public void Events_of_jobs_that_are_not_run_give_the_same_rows_again()
    {
        Job Of(long id, double limit, params JobDependency[] after) => new()
        {
            Id = id, Submit = TimeSpan.FromSeconds(id), Processors = 2, RunTime = TimeSpan.FromSeconds(10), RequestedTime = TimeSpan.FromSeconds(limit), Dependencies = [.. after],
        };
        Job[] jobs = [Of(1, 20), Of(2, 90), Of(3, 5), Of(4, 20, new JobDependency(2, DependencyKind.AfterOk)), Of(5, 20, new JobDependency(3, DependencyKind.AfterOk)), Of(6, 20, new JobDependency(2, DependencyKind.After))];
        var options = new ReferenceOptions { Partitions = new([new("a", "all") { MaxTime = TimeSpan.FromSeconds(60) }]) };
        var table = JobTable.Of(ReferenceScheduler.Run(QueuedJobs.Of(jobs), MachineSize.Of(6, 2), options), Origin, "worker");
        JobState[] states = [JobState.Completed, JobState.Rejected, JobState.TimedOut, JobState.Cancelled, JobState.Cancelled, JobState.Completed];
        Assert.Equal(states, table.Records.Select(record => record.State));

        using var stream = new MemoryStream();
        using var written = new SimulatedEvents(table);
        written.Write(stream, TestContext.Current.CancellationToken);
        var events = new EventColumns(JobPlaces.Of(table.Job, out _)!);
        events.Add(stream.ToArray(), "events", 1);
        var again = JobTable.AskedFor(jobs, jobs.Length);
        again.Fill(events, table);

        Assert.Equal(table.Records, again.Records);
    }

    [Fact]
    public void Lists_of_many_nodes_and_many_lines_are_whole()
    {
        // Of every second node of a thousand: lists longer than a line's share of the buffer, in more lines than it holds.
        var jobs = Enumerable.Range(0, 4000).Select(i => new Job
        {
            Id = i + 1, Submit = TimeSpan.FromSeconds(i / 1000), Processors = i < 1000 ? 1 : 300, RunTime = TimeSpan.FromSeconds(i is < 1000 and > 0 && i % 2 == 0 ? 100_000_000 : 5),
        }).ToArray();
        var table = JobTable.Of(ReferenceScheduler.Run(QueuedJobs.Of(jobs), MachineSize.Of(1000, 1), new ReferenceOptions { Policy = ReferencePolicy.Fcfs }), Origin, "worker");
        using var stream = new MemoryStream();

        using var written = new SimulatedEvents(table);
        var hash = written.Write(stream, TestContext.Current.CancellationToken);

        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(stream.ToArray())), hash);

        var lines = Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var events = lines.Select((line, i) => ReplayJson.ReadEvent(Encoding.UTF8.GetBytes(line), "events", i + 1)).ToList();
        Assert.Equal(8 * jobs.Length, events.Count);
        Assert.Equal(table.Records.Select(r => (r.Job, r.NodeList)), events.Where(e => e.Kind == JobEventKind.Decided).OrderBy(e => e.Job).Select(e => (e.Job, e.Nodes)));
        Assert.True(table.Records.Max(r => r.NodeList!.Length) > 1000);
    }

    private static Schedule Schedule(Job[] jobs) => ReferenceScheduler.Run(QueuedJobs.Of(jobs), MachineSize.Of(6, 2), new ReferenceOptions { Policy = ReferencePolicy.Easy });

    private static IEnumerable<JobEvent> Events(JobRecord job)
    {
        (JobEventKind Kind, long? Time)[] all =
        [
            (JobEventKind.Sent, job.Sent), (JobEventKind.Accepted, job.Accepted), (JobEventKind.Rejected, job.State == JobState.Rejected ? job.Sent : null), (JobEventKind.Eligible, job.Eligible), (JobEventKind.Decided, job.Decided), (JobEventKind.Started, job.Start),
            (JobEventKind.Finished, job.Finish), (JobEventKind.Ended, job.State == JobState.Cancelled ? job.Sent : job.Finish), (JobEventKind.Released, job.Released),
        ];
        foreach (var (kind, time) in all)
        {
            if (time is not { } at) continue;
            yield return new JobEvent(job.Job, kind, at, "simulation")
            {
                Nodes = kind == JobEventKind.Decided ? job.NodeList : null, State = kind == JobEventKind.Ended ? job.State : null, ExitCode = kind == JobEventKind.Ended ? job.ExitCode : null,
            };
        }
    }
}
