using System.Collections.Concurrent;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Experiments.Running;

/// <summary>One sitting at a run: which trials it still lacks, what they took, which failed. Trials of several lanes may end at once.</summary>
internal sealed class Sitting
{
    private readonly ConcurrentDictionary<string, byte> _there;
    private readonly HashSet<string> _enough = new(StringComparer.Ordinal);
    private readonly List<(PlannedTrial, DiagnosticException)> _failed = [];
    private readonly TimeLeft _left;
    private readonly TimeProvider _time;
    private readonly bool _measured;
    private readonly Lock _gate = new();
    private TimeSpan _spent;

    public Sitting(RunDirectory run, Plan plan, Journal journal, IActivityMonitor monitor, TimeProvider time, int virtually)
    {
        (Run, Plan, Journal, Monitor, _time) = (run, plan, journal, monitor, time);
        var before = run.ReadJournal();
        _there = new(plan.Trials.Where(run.Has).Select(t => KeyValuePair.Create(t.Id, (byte)0)), StringComparer.Ordinal);
        // As they were measured, failed ones included: wall clocks jump.
        _spent = before.Aggregate(TimeSpan.Zero, (spent, entry) => spent + (entry.Took ?? TimeSpan.Zero));
        Again = new LimitedTrials(before);
        _left = new TimeLeft(plan, virtually);
        _measured = plan.Points.Any(p => p.Machines != MachineKind.Simulation);
    }

    /// <summary>The run directory.</summary>
    public RunDirectory Run { get; }

    /// <summary>Its plan.</summary>
    public Plan Plan { get; }

    /// <summary>Its journal.</summary>
    public Journal Journal { get; }

    /// <summary>Who is told.</summary>
    public IActivityMonitor Monitor { get; }

    /// <summary>Which trials are run once more.</summary>
    public LimitedTrials Again { get; }

    /// <summary>How long the trials took so far, those of earlier sittings and failed ones included.</summary>
    public TimeSpan Spent
    {
        get
        {
            lock (_gate) return _spent;
        }
    }

    /// <summary>True for a trial that is still to be run.</summary>
    public bool Lacks(PlannedTrial trial) => !_there.ContainsKey(trial.Id) && !_enough.Contains(trial.Id);

    /// <summary>Leaves trials out that need not be run.</summary>
    public void LeaveOut(IEnumerable<PlannedTrial> notNeeded) => _enough.UnionWith(notNeeded.Where(Lacks).Select(t => t.Id));

    /// <summary>Where the files of a trial go.</summary>
    public TrialPlace Place(PlannedTrial trial) => new(() => Run.Draft(trial), logs => Run.KeepLogs(trial, logs));

    /// <summary>What is said of the time that is left; null where all is simulated.</summary>
    public string? Left(PlannedTrial trial) => _measured ? _left.Words([.. Plan.Trials.Where(t => t.Order >= trial.Order && Lacks(t))]) : null;

    /// <summary>Runs a trial and takes note of how it ended. One that gives no record is a failed trial of the run, and does not stop the others.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="work">Runs it; is told when it began, as a time stamp.</param>
    public async Task TryAsync(PlannedTrial trial, Func<long, Task> work)
    {
        var began = _time.GetTimestamp();
        try
        {
            await work(began);
            _there.TryAdd(trial.Id, 0);
        }
        catch (DiagnosticException exception)
        {
            // What mends it stands in the report as well.
            Journal.Write(JournalKind.TrialFailed, trial.Id, exception.Diagnostics[0] is { Help: { } help } first ? $"{first.Summary}; {help}" : exception.Diagnostics[0].Summary, took: _time.GetElapsedTime(began));
            Run.KeepFailed(trial);
            Monitor.Report(new Activity("trial", trial.Id, exception.Diagnostics[0].Summary, ActivityState.Failed) { Detail = exception.Diagnostics[0].Detail });
            lock (_gate) _failed.Add((trial, exception));
        }

        lock (_gate)
        {
            _spent += _time.GetElapsedTime(began);
            if (_measured) _left.Took(trial, _time.GetElapsedTime(began));
        }
    }

    /// <summary>Ends the sitting: where no trial is lacking, the journal says so.</summary>
    public RunOutcome End()
    {
        if (!Plan.Trials.Any(Lacks)) Journal.Write(JournalKind.Finished, Run.Id);
        return new RunOutcome(_there.Count, [.. _failed.OrderBy(f => f.Item1.Order)]);
    }
}
