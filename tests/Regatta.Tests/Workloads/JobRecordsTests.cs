using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

/// <summary>Events of jobs, folded into rows.</summary>
public sealed class JobRecordsTests
{
    private static readonly Job Job = new() { Id = 1, Submit = TimeSpan.Zero, Processors = 4, RunTime = TimeSpan.FromSeconds(2), RequestedTime = TimeSpan.FromMinutes(1) };

    [Fact]
    public void A_row_holds_one_stamp_of_each_kind()
    {
        var row = Fold(
            Event(JobEventKind.Started, 50) with { Node = "n2" }, Event(JobEventKind.Finished, 60) with { ExitCode = 0 },
            Event(JobEventKind.Sent, 10) with { Planned = 9 }, Event(JobEventKind.Accepted, 20) with { SchedulerId = "77" }, Event(JobEventKind.Eligible, 15),
            Event(JobEventKind.Decided, 40) with { Nodes = "n[2-3,07]" }, Event(JobEventKind.Ended, 61) with { State = JobState.Completed, ExitCode = 0 }, Event(JobEventKind.Released, 65));
        Assert.Equal(
            new JobRecord
            {
                Job = 1, Processors = 4, Nodes = 3, NodeList = "n2,n3,n07", RunTime = 2_000_000, RequestedTime = 60_000_000, Planned = 9, Sent = 10, Accepted = 20,
                Eligible = 15, Decided = 40, Start = 50, Finish = 60, Released = 65, State = JobState.Completed, ExitCode = 0, SchedulerId = "77",
            },
            row);
    }

    [Fact]
    public void A_requeued_job_has_the_stamps_of_its_last_run()
    {
        var row = Fold(
            Event(JobEventKind.Decided, 40) with { Nodes = "n1" }, Event(JobEventKind.Started, 50), Event(JobEventKind.Requeued, 55),
            Event(JobEventKind.Finished, 58) with { ExitCode = 143 },
            Event(JobEventKind.Decided, 70) with { Nodes = "n2" }, Event(JobEventKind.Started, 80), Event(JobEventKind.Finished, 90) with { ExitCode = 0 },
            Event(JobEventKind.Ended, 91) with { State = JobState.Completed, ExitCode = 0 });
        Assert.Equal((1, 70, 80, 90, "n2", JobState.Completed), (row.Requeues, row.Decided, row.Start, row.Finish, row.NodeList, row.State));
    }

    [Fact]
    public void What_was_requeued_and_never_ran_again_has_no_stamps_of_a_run()
    {
        var row = Fold(Event(JobEventKind.Decided, 40) with { Nodes = "n1" }, Event(JobEventKind.Started, 50), Event(JobEventKind.Requeued, 55), Event(JobEventKind.Finished, 58));
        Assert.Equal((1, null, null, null, 0, JobState.Unfinished), (row.Requeues, row.Decided, row.Start, row.Finish, row.Nodes, row.State));
    }

    [Fact]
    public void A_job_that_a_killed_scheduler_decided_on_again_has_the_decision_of_the_run_that_began()
    {
        JobEvent[] forgotten =
        [
            Event(JobEventKind.Decided, 40) with { Nodes = "n1" }, Event(JobEventKind.Started, 50),
            Event(JobEventKind.Decided, 70) with { Nodes = "n2" }, Event(JobEventKind.Ended, 91) with { State = JobState.Failed },
        ];

        var row = Fold(forgotten);
        var both = Fold([.. forgotten, Event(JobEventKind.Started, 80), Event(JobEventKind.Finished, 90) with { ExitCode = 0 }]);

        Assert.Equal((40, 50, null, "n1"), (row.Decided, row.Start, row.Finish, row.NodeList));
        Assert.Equal((70, 80, 90, "n2"), (both.Decided, both.Start, both.Finish, both.NodeList));
    }

    [Fact]
    public void A_rejected_job_keeps_its_row()
    {
        var row = Fold(Event(JobEventKind.Sent, 10), Event(JobEventKind.Rejected, 20) with { Detail = "Invalid partition name specified" });
        Assert.Equal((JobState.Rejected, 10, null), (row.State, row.Sent, row.Accepted));
    }

    [Fact]
    public void A_job_of_which_nothing_was_heard_is_unfinished() => Assert.Equal(JobState.Unfinished, Fold().State);

    private static JobRecord Fold(params JobEvent[] events) => Assert.Single(JobRecords.From([Job], events.Append(new JobEvent(99, JobEventKind.Sent, 1, "agent"))));

    private static JobEvent Event(JobEventKind kind, long time) => new(1, kind, time, "test");
}
