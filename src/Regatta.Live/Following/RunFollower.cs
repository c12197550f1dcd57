using Regatta.Analysis;
using Regatta.Reports.Charts;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Live.Following;

/// <summary>
/// Follows one run out of what is on the disk, for one reader: what a look finds new is a list of messages. It holds nothing that a program which is started again would not find.
/// </summary>
internal sealed class RunFollower
{
    /// <summary>Trials of more jobs have numbers, and no charts.</summary>
    public const int MostJobs = 100_000;

    private const int MostInsides = 200;

    // Simulated trials end faster than anybody looks.
    private static readonly TimeSpan Dwell = TimeSpan.FromSeconds(3), StateEvery = TimeSpan.FromSeconds(1);

    private readonly int _number;
    private readonly string _path;
    private readonly string? _wanted;
    private readonly TimeProvider _time;
    private readonly Plan _plan;
    private readonly RunProgress _progress;
    private bool _announced;
    private string? _shown;
    private int _attempt;
    private bool _whole;
    private LiveTrial? _live;
    private LineTail? _events, _samples;
    private LiveInside _inside = new();
    private long? _stateAt, _shownAt;
    private RunState? _state;

    /// <summary>Begins to follow.</summary>
    /// <param name="number">Number of the run on the page.</param>
    /// <param name="path">The run directory.</param>
    /// <param name="wanted">The trial to show, as <c>POINT/REPETITION</c>; null for the one under way.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="DiagnosticException">There is no run, or its plan cannot be read.</exception>
    public RunFollower(int number, string path, string? wanted, TimeProvider time)
    {
        (_number, _path, _wanted, _time) = (number, path, wanted, time);
        _plan = RunDirectory.ReadPlan(path);
        _progress = new RunProgress(path, _plan);
    }

    /// <summary>What is new.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public async Task<IReadOnlyList<LiveMessage>> LookAsync(CancellationToken cancellation)
    {
        var messages = new List<LiveMessage>();
        if (!_announced) messages.Add(Announce());
        var news = await _progress.LookAsync(cancellation);
        if (news || _stateAt is not { } at || _time.GetElapsedTime(at) >= StateEvery) AddState(messages);
        try
        {
            await ShowAsync(messages, cancellation);
        }
        catch (DiagnosticException fault)
        {
            messages.Add(LiveJson.Message("unread", new RunUnread(_number, fault.Diagnostics[0].Summary)));
        }

        return messages;
    }

    private LiveMessage Announce()
    {
        _announced = true;
        var places = _plan.Points.Index().ToDictionary(p => p.Item.Name, p => p.Index, StringComparer.Ordinal);
        return LiveJson.Message("plan", new RunPlanned(
            _number,
            Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(_path))),
            _plan.Name,
            [.. _plan.Points.Select(p => new PointPlanned(p.Name, p.Scheduler, p.Profile, p.Workload, p.Jobs, p.Processors, p.Workers, p.Machines.Name()))],
            [.. _plan.Trials.Select(t => new[] { places[t.Point], t.Repetition })]));
    }

    private void AddState(List<LiveMessage> messages)
    {
        _stateAt = _time.GetTimestamp();
        var state = _progress.State(_number, _time.GetUtcNow());
        if (Same(_state, state)) return;
        _state = state;
        messages.Add(LiveJson.Message("state", state));
    }

    // The time that is left runs by itself on the page.
    private static bool Same(RunState? before, RunState now) =>
        before is not null && before.States == now.States && before.Attended == now.Attended && before.Complete == now.Complete && before.Began == now.Began && before.Doing == now.Doing
        && before.Report == now.Report && before.News.SequenceEqual(now.News) && before.Failures.SequenceEqual(now.Failures);

    private async Task ShowAsync(List<LiveMessage> messages, CancellationToken cancellation)
    {
        var wanted = _wanted ?? Chosen();
        if (wanted is null || _progress.Trial(wanted) is not { } trial) return;
        if (wanted != _shown || (!_whole && _attempt != _progress.Attempts && wanted == _progress.Current)) Begin(wanted);
        if (_whole) return;
        if (_progress.HasEnded(wanted))
        {
            await AddWholeAsync(trial, messages, cancellation);
            return;
        }

        var draft = RunDirectory.DraftOf(_path, trial);
        if (_live is null)
        {
            if (TrialUnderWay.Read(draft) is not { } schedule || schedule.Job.Length > MostJobs) return;
            _live = new LiveTrial(schedule);
            (_events, _samples, _inside) = (new LineTail(Path.Combine(draft, TrialFiles.Events)), new LineTail(Path.Combine(draft, TrialUnderWay.SamplesName)), new LiveInside());
            messages.Add(LiveJson.Message("trial", new TrialBegun(_number, wanted, trial.Point, trial.Repetition, schedule.Job.Length, schedule.Processors, _live.Lanes, _live.Nodes, schedule.LatenessBound)));
        }

        var number = 0;
        _events!.Look(line => _live.Take(ReplayJson.ReadEvent(line, TrialFiles.Events, ++number)));
        if (_live.TakeUpdate(Micros.Now(_time)) is { } update) messages.Add(LiveJson.Message("news", new TrialNews(_number, update)));
        _samples!.Look(_inside.Take);
        if (_live.Origin is { } origin && _inside.TakeNew(origin) is { Length: > 0 } sampled) messages.Add(LiveJson.Message("sampled", new TrialSampled(_number, sampled)));
    }

    // The one under way; where none can be followed, as of simulated ones, the one that ended last.
    private string? Chosen()
    {
        var (current, ended) = (_progress.Current, _progress.LastFinished);
        if (current is not null && _progress.Trial(current) is { } trial && (current == _shown || File.Exists(Path.Combine(RunDirectory.DraftOf(_path, trial), TrialUnderWay.FileName)))) return current;
        return _shownAt is { } at && _time.GetElapsedTime(at) < Dwell ? _shown : ended;
    }

    private void Begin(string trial)
    {
        (_shown, _attempt, _whole, _live, _events) = (trial, _progress.Attempts, false, null, null);
        _shownAt = _time.GetTimestamp();
    }

    private async Task AddWholeAsync(PlannedTrial planned, List<LiveMessage> messages, CancellationToken cancellation)
    {
        _whole = true;
        var head = await TrialFiles.ReadHeadAsync(Path.Combine(_path, planned.Directory), cancellation);
        if ((head.Record.Jobs ?? 0) > MostJobs)
        {
            messages.Add(LiveJson.Message("unread", new RunUnread(_number, $"{planned.Id} has {head.Record.Jobs} jobs: more than are drawn here; the report has them")));
            return;
        }

        var trial = new Trial(head.Record, await TrialFiles.ReadJobsAsync(head, cancellation));
        var counts = new LiveCounts { Jobs = trial.Jobs.Count };
        var late = new List<long>();
        for (var row = 0; row < trial.Jobs.Count; row++)
        {
            var jobs = trial.Jobs;
            counts.Sent += jobs.Sent[row] != JobTable.Missing ? 1 : 0;
            counts.Accepted += jobs.Accepted[row] != JobTable.Missing ? 1 : 0;
            counts.Requeued += jobs.Requeues(row);
            if (jobs.State(row) is not JobState.Unfinished and var state)
            {
                counts.Ended++;
                if (state != JobState.Completed) counts.Bad[state] = counts.Bad.GetValueOrDefault(state) + 1;
            }

            if (jobs.Sent[row] != JobTable.Missing && jobs.Planned[row] != JobTable.Missing) late.Add(jobs.Sent[row] - jobs.Planned[row]);
        }

        var lateness = LatenessSummary.Of(late) is { } summary && trial.Record.Machines != MachineKind.Simulation ? LiveLateness.Of(summary) : null;
        var verdict = head.Audit?.Verdict switch { TrialVerdict.Valid => "valid", TrialVerdict.ClientLimited => "limited by the client", TrialVerdict.Invalid => "invalid", _ => "not audited" };
        messages.Add(LiveJson.Message("whole", new TrialWhole(_number, planned.Id, GanttLayout.Of(trial), Curves.Over(trial.Record, TrialSeries.Of(trial)), counts, lateness, trial.Record.LatenessBound, verdict)));
        await AddInsideAsync(head, messages, cancellation);
    }

    private async Task AddInsideAsync(TrialHead head, List<LiveMessage> messages, CancellationToken cancellation)
    {
        var file = Path.Combine(head.Directory, SampleTable.FileName);
        if (!File.Exists(file)) return;
        await using var stream = File.OpenRead(file);
        var table = await SampleTable.ReadAsync(stream, file, cancellation);
        var series = table.All.Select(s => (s.Key, Values: s.ToList())).Where(s => s.Values.Exists(v => v.Value != s.Values[0].Value)).Take(MostInsides).Select(s =>
        {
            var every = 1 + (s.Values.Count / LiveSeries.Most);
            var kept = s.Values.Where((_, i) => i % every == 0).ToList();
            return new InsideSeries(
                LiveInside.NameOf(s.Key), [.. kept.Select(v => Math.Round((v.Time - head.Record.Started) / 1e6, 3))], [.. kept.Select(v => v.Value)]);
        });
        messages.Add(LiveJson.Message("inside", new TrialSampled(_number, [.. series])));
    }
}
