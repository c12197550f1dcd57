using Regatta.Analysis;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Experiments.Running;

/// <summary>Where the files of a trial go while it runs.</summary>
/// <param name="Draft">Makes the directory anew.</param>
/// <param name="KeepLogs">Keeps a directory of logs as those of an attempt that does not count.</param>
internal sealed record TrialPlace(Func<string> Draft, Action<string> KeepLogs);

/// <summary>A trial whose files are written.</summary>
/// <param name="Directory">Where.</param>
/// <param name="Sha256">sha256 of its <c>trial.json</c>, hexadecimal.</param>
internal sealed record WrittenTrial(string Directory, string Sha256);

/// <summary>The one way to run a trial: on its lane, audited, once more where the client limited it, written into a directory.</summary>
/// <param name="lanes">The lane that trials of a point run on.</param>
/// <param name="workload">The jobs of a trial.</param>
/// <param name="time">The clock.</param>
public sealed class TrialRunner(Func<PlanPoint, ITrialLane> lanes, Func<PlanPoint, PlannedTrial, IReadOnlyList<Job>> workload, TimeProvider time)
{
    /// <summary>Takes the tables that are written; null for none.</summary>
    public KnownTables? Known { get; init; }

    /// <summary>The host that records name; null for none.</summary>
    public string? Host { get; init; }

    /// <summary>Runs a trial and writes its files.</summary>
    /// <param name="plan">The plan that it is of.</param>
    /// <param name="trial">The trial.</param>
    /// <param name="place">Where its files go.</param>
    /// <param name="again">Which trials are run once more.</param>
    /// <param name="left">What is said of the time that is left; null for nothing.</param>
    /// <param name="journal">Where a second attempt is written down.</param>
    /// <param name="monitor">Who is told.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="DiagnosticException">The trial gave no record; what is in <c>logs/</c> says more.</exception>
    internal async Task<WrittenTrial> RunAsync(
        Plan plan, PlannedTrial trial, TrialPlace place, LimitedTrials again, string? left, Journal journal, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var point = plan.Point(trial.Point);
        var began = time.GetTimestamp();
        var order = string.Create(CultureInfo.InvariantCulture, $"begins, {trial.Order} of {plan.Trials.Length}");
        monitor.Report(new Activity("trial", trial.Id, left is null ? order : $"{order}; {left}"));
        var jobs = workload(point, trial);
        Forgotten.Collect(jobs.Count);
        var tried = await TryAsync(place, point, trial, jobs, monitor, cancellation);
        if (again.Repeats(trial, point, tried.Audit) is { } reason)
        {
            journal.Write(JournalKind.TrialRepeated, trial.Id, reason);
            monitor.Report(new Activity("trial", trial.Id, "limited by the client; repeated once"));
            tried = await AgainAsync(tried, reason, place, point, trial, jobs, monitor, cancellation);
            again.Repeated(trial, tried.Audit);
        }

        var written = await DoneWith(tried.Events, TrialFiles.WriteAsync(tried.Draft, tried.Record with { Host = Host }, tried.Jobs, tried.Audit, tried.Events, durable: point.Machines != MachineKind.Simulation, cancellation));
        Known?.Add(written.Jobs, tried.Jobs);
        monitor.Report(new Activity("trial", trial.Id, string.Create(CultureInfo.InvariantCulture, $"{tried.Completed} of {tried.Jobs.Count} jobs completed; {Words(tried.Audit.Verdict)}"), ActivityState.Done)
        {
            // Of a trial on machines, what was measured; what was built and configured before it has lines of its own.
            Elapsed = point.Machines == MachineKind.Simulation ? time.GetElapsedTime(began) : TimeSpan.FromMicroseconds(tried.Record.Ended - tried.Record.Started),
        });
        return new WrittenTrial(tried.Draft, written.Record);
    }

    /// <summary>Repeats a trial; what was measured before is kept until the repetition has been, and counts when that fails.</summary>
    private async Task<TriedTrial> AgainAsync(
        TriedTrial first, string reason, TrialPlace place, PlanPoint point, PlannedTrial trial, IReadOnlyList<Job> jobs, IActivityMonitor monitor, CancellationToken cancellation)
    {
        using var held = new HeldTrial(first.Draft);
        try
        {
            var second = await TryAsync(place, point, trial, jobs, monitor, cancellation);
            held.KeepLogs(place);
            return second with { Record = second.Record with { Notes = second.Record.Notes.Add($"The trial is a repetition: a first one was set aside. {reason}") } };
        }
        catch (DiagnosticException fault)
        {
            held.Restore(place);
            monitor.Report(new Activity("trial", trial.Id, "its repetition failed: what was measured first counts") { Detail = fault.Diagnostics[0].Summary });
            return first with { Record = first.Record with { Notes = first.Record.Notes.Add($"The trial was repeated since the client was its limit, and the repetition failed: {fault.Diagnostics[0].Summary}. This is the first one.") } };
        }
    }

    private async Task<TriedTrial> TryAsync(TrialPlace place, PlanPoint point, PlannedTrial trial, IReadOnlyList<Job> jobs, IActivityMonitor monitor, CancellationToken cancellation)
    {
        var draft = place.Draft();
        // A simulation logs nothing, and an empty directory takes as long as a file.
        if (point.Machines != MachineKind.Simulation) Directory.CreateDirectory(Path.Combine(draft, TrialDirectory.Logs));
        var outcome = await lanes(point).RunAsync(trial, point, jobs, draft, monitor, cancellation);
        var completed = 0;
        for (var row = 0; row < outcome.Jobs.Count; row++) completed += outcome.Jobs.State(row) == JobState.Completed ? 1 : 0;
        Forgotten.Collect(jobs.Count);
        var numbers = new long[jobs.Count];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = jobs[i].Id;
        return new TriedTrial(draft, outcome.Record, outcome.Jobs, TrialAudit.Of(new Trial(outcome.Record, outcome.Jobs), numbers), outcome.Events, completed);
    }

    /// <summary>What comes of work; when it fails, nothing is written into the draft any more.</summary>
    private static async Task<T> DoneWith<T>(Task? events, Task<T> work)
    {
        try
        {
            return await work;
        }
        finally
        {
            // Its own fault is told by the work, which waits for it last.
            if (events is not null) await Task.WhenAny(events);
        }
    }

    private static string Words(TrialVerdict verdict) => verdict switch
    {
        TrialVerdict.Valid => "valid",
        TrialVerdict.ClientLimited => "limited by the client",
        _ => "invalid",
    };

    private sealed record TriedTrial(string Draft, TrialRecord Record, JobTable Jobs, TrialAudit Audit, Task<string>? Events, int Completed);
}
