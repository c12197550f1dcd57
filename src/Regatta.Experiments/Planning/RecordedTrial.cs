using Regatta.Analysis;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Experiments.Planning;

/// <summary>The workload of a trial as a trace of its own: its jobs as they were submitted, with how long each waited and how it ended.</summary>
public static class RecordedTrial
{
    /// <summary>Whether a path is a trial's directory, <c>RUN/trials/POINT/REPETITION</c>.</summary>
    public static bool Is(string path) => File.Exists(Path.Combine(path, TrialFiles.Record));

    /// <summary>Reads a trial's workload: what was asked for comes from the run's plan, what became of it from the trial.</summary>
    /// <param name="directory">The trial's directory, in its run.</param>
    /// <param name="planner">Makes the jobs of the run's plan again.</param>
    /// <param name="read">Reads an experiment of the plan.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="DiagnosticException">The run or the trial cannot be read, or the workload is no longer what it was.</exception>
    public static async Task<Workload> ReadAsync(string directory, Planner planner, Func<string, string, Configuration.Experiment> read, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(planner);
        var head = await TrialFiles.ReadHeadAsync(directory, cancellation);
        var run = Path.GetFullPath(Path.Combine(directory, "..", "..", ".."));
        var plan = RunDirectory.ReadPlan(run);
        var point = plan.Point(head.Record.Point);
        var trial = plan.Trials.FirstOrDefault(t => t.Point == head.Record.Point && t.Repetition == head.Record.Repetition)
            ?? throw new DiagnosticException(Diagnostic.Error("trial-misplaced", $"the run in '{run}' has no trial {head.Record.Point}/{head.Record.Repetition}") with { Help = "name a trial where it lies in its run, such as runs/RUN/trials/POINT/1" });
        var jobs = planner.Reopen(plan with { Points = [point] }, read).Jobs(point, trial);
        var table = await TrialFiles.ReadJobsAsync(head, cancellation);
        var rows = new Dictionary<long, int>(table.Count);
        for (var row = 0; row < table.Count; row++) rows[table.Job[row]] = row;
        return new Workload
        {
            Name = head.Record.Workload,
            Description = $"The jobs of {head.Record.Point}/{head.Record.Repetition} of {Path.GetFileName(run)}, with their waits under {head.Record.Scheduler} {head.Record.Profile}.",
            SourceProcessors = head.Record.Processors,
            Jobs = [.. jobs.Select(job => rows.TryGetValue(job.Id, out var row) ? job with { Recorded = Of(table, row) } : job)],
        };
    }

    private static RecordedJob Of(JobTable table, int row)
    {
        var started = table.Start[row] != JobTable.Missing && table.Sent[row] != JobTable.Missing;
        var state = State(table.State(row));
        return new RecordedJob
        {
            // Stamps of two clocks may be a little out of order; a wait is not negative.
            Wait = started ? TimeSpan.FromMicroseconds(Math.Max(0, table.Start[row] - table.Sent[row])) : null,
            AllocatedProcessors = started ? table.Processors[row] : null,
            State = state,
        };
    }

    private static RecordedState? State(JobState state) => state switch
    {
        JobState.Completed => RecordedState.Completed,
        JobState.Failed => RecordedState.Failed,
        JobState.TimedOut => RecordedState.TimedOut,
        JobState.Cancelled or JobState.Rejected => RecordedState.Cancelled,
        JobState.NodeFailed => RecordedState.NodeFailed,
        _ => null,
    };
}
