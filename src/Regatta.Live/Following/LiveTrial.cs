using Regatta.Reports.Charts;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Live.Following;

/// <summary>A trial as far as its events have come. Payloads' own stamps come at its end only: until then a job runs from the scheduler's decision to the end that the scheduler tells.</summary>
/// <param name="schedule">What it will do.</param>
internal sealed class LiveTrial(TrialUnderWay schedule)
{
    private readonly Dictionary<long, int> _places = schedule.Job.Index().ToDictionary(j => j.Item, j => j.Index);
    private readonly LiveLanes _lanes = new(schedule.Workers, schedule.NodeProcessors, schedule.Processors);
    private readonly LiveSeries _series = new();
    private readonly Progress[] _jobs = new Progress[schedule.Job.Length];
    private readonly Lateness _lateness = new();
    private readonly List<StartedBox> _started = [];
    private readonly List<EndedBox> _ended = [];
    private readonly LiveCounts _counts = new() { Jobs = schedule.Job.Length };
    private int _boxes;
    private bool _changed = true;

    /// <summary>The nodes from top to bottom.</summary>
    public ImmutableArray<GanttNode> Nodes => _lanes.Nodes;

    /// <summary>Lanes in all.</summary>
    public int Lanes => _lanes.Count;

    /// <summary>The start of the workload, UTC microseconds since 1970-01-01; null until the first job was sent.</summary>
    public long? Origin { get; private set; }

    /// <summary>Takes what happened next.</summary>
    public void Take(JobEvent happened)
    {
        // A job that the schedule does not know is none of this trial's.
        if (!_places.TryGetValue(happened.Job, out var place)) return;
        if (happened is { Kind: JobEventKind.Sent, Planned: { } planned }) Origin ??= planned - schedule.Submit[place];
        if (Origin is not { } origin) return;
        _changed = true;
        var time = (happened.Time - origin) / 1e6;
        ref var job = ref _jobs[place];
        switch (happened.Kind)
        {
            case JobEventKind.Sent:
                job.Sent ??= time;
                _counts.Sent++;
                if (happened.Planned is { } due) _lateness.Add(happened.Time - due);
                break;
            case JobEventKind.Accepted:
                _counts.Accepted++;
                break;
            case JobEventKind.Eligible when job is { Waits: false, Box: null, Over: false }:
                BeginWaiting(ref job, time);
                break;
            case JobEventKind.Decided:
                Decide(place, ref job, time, happened.Nodes);
                break;
            case JobEventKind.Requeued:
                Close(place, ref job, time, JobState.Unfinished);
                BeginWaiting(ref job, time);
                _counts.Requeued++;
                break;
            case JobEventKind.Released:
                Close(place, ref job, time, null);
                break;
            case JobEventKind.Ended or JobEventKind.Rejected:
                var state = happened.Kind == JobEventKind.Rejected ? JobState.Rejected : happened.State ?? JobState.Failed;
                if (!job.Over)
                {
                    job.Over = true;
                    _counts.Ended++;
                    if (state != JobState.Completed) _counts.Bad[state] = _counts.Bad.GetValueOrDefault(state) + 1;
                }

                CeaseWaiting(ref job, time);
                Close(place, ref job, time, state);
                break;
        }
    }

    /// <summary>What is new since the last time; null for nothing.</summary>
    /// <param name="now">UTC microseconds since 1970-01-01.</param>
    public LiveUpdate? TakeUpdate(long now)
    {
        if (Origin is not { } origin) return null;
        var time = (now - origin) / 1e6;
        var spans = _series.Count;
        _series.Until(time);
        if (!_changed && _series.Count == spans) return null;
        _changed = false;
        var (from, busy, waiting) = _series.TakeChanged();
        var update = new LiveUpdate(Math.Round(time, 3), [.. _started], [.. _ended], _counts.Copy(), _lateness.Summary(), new LiveSpans(_series.Width, from, busy, waiting));
        _started.Clear();
        _ended.Clear();
        return update;
    }

    private void Decide(int place, ref Progress job, double time, string? nodes)
    {
        // Kubernetes tells a decision again once all pods have a node.
        if (job.Box is not null || job.Over) return;
        CeaseWaiting(ref job, time);
        var due = (long)(time * 1e6) + schedule.RunTime[place];
        var runs = _lanes.Take(place, schedule.Size[place], nodes is null ? [] : HostList.Expand(nodes), due);
        job.Box = _boxes++;
        job.Holds = true;
        _counts.Running++;
        _series.Busy(time, schedule.Size[place]);
        _started.Add(new StartedBox(schedule.Job[place], Round(job.Sent ?? time), Round(time), schedule.Size[place], schedule.User[place], Round(schedule.RunTime[place] / 1e6), [.. runs.SelectMany(r => new[] { r.Lane, r.Lanes })]));
    }

    // The first of what says that it is over frees its processors; how it ended may come before or after that.
    private void Close(int place, ref Progress job, double time, JobState? state)
    {
        if (job.Box is not { } box) return;
        if (job.Holds)
        {
            job.Holds = false;
            job.Finish = time;
            _lanes.Return(place);
            _counts.Running--;
            _series.Busy(time, -schedule.Size[place]);
        }

        if (state is not null) job.State = state.Value;
        _ended.Add(new EndedBox(box, Round(job.Finish), (int)job.State));
        if (state == JobState.Unfinished) job.Box = null;
    }

    private void BeginWaiting(ref Progress job, double time)
    {
        (job.Waits, job.Eligible) = (true, time);
        _series.Waiting(time, 1);
        _counts.Waiting++;
    }

    private void CeaseWaiting(ref Progress job, double time)
    {
        if (!job.Waits) return;
        job.Waits = false;
        _counts.Waiting--;
        _series.Waiting(Math.Max(time, job.Eligible), -1);
    }

    private static double Round(double seconds) => Math.Round(seconds, 3);

    private struct Progress
    {
        public double? Sent;
        public double Eligible;
        public double Finish;
        public int? Box;
        public bool Waits;
        public bool Holds;
        public bool Over;
        public JobState State;
    }

    /// <summary>The client's lateness, sorted as it comes.</summary>
    private sealed class Lateness
    {
        private readonly List<long> _sorted = [];

        public void Add(long microseconds)
        {
            var place = _sorted.BinarySearch(microseconds);
            _sorted.Insert(place < 0 ? ~place : place, microseconds);
        }

        public LiveLateness? Summary() => _sorted.Count == 0 ? null : LiveLateness.Of(LatenessSummary.OfSorted(_sorted));
    }
}
