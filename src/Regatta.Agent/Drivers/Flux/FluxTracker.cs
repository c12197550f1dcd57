using System.Text.RegularExpressions;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Flux;

/// <summary>
/// Makes events of jobs out of Flux's journal. After a connection was lost the journal tells everything again from the start: what was reported is not
/// reported twice. Pure: it neither asks nor reads clocks.
/// </summary>
/// <param name="simulated">Flux only pretends to run jobs: its own <c>start</c> and <c>finish</c> stand for those of the payload.</param>
/// <param name="report">Takes what happened.</param>
internal sealed partial class FluxTracker(bool simulated, Action<Observation> report) : IJobTracker
{
    /// <summary>Who stamped what the journal says.</summary>
    public const string Source = "flux.journal";

    private readonly Dictionary<ulong, FluxRun> _byId = [];
    private readonly Dictionary<long, FluxRun> _byJob = [];
    private int _released;
    private bool _again;

    /// <summary>Where releases came from so far: <c>free</c> (Flux's own event) or <c>none</c>.</summary>
    public string ReleaseSource => _released > 0 ? "free" : "none";

    /// <summary>No job that ended holds nodes still.</summary>
    public bool Settled => _byJob.Values.All(r => !r.Ended || r.Lost || !r.Decided || r.Free);

    /// <summary>Flux's id of a job; null when it has none yet.</summary>
    public ulong? IdOf(long job) => _byJob.TryGetValue(job, out var run) ? run.Id : null;

    /// <summary>The job has ended.</summary>
    public bool HasEnded(long job) => _byJob.TryGetValue(job, out var run) && run.Ended;

    /// <summary>Flux answered that <paramref name="job"/> has the id <paramref name="id"/>; the journal may have spoken of it before.</summary>
    public void Register(long job, ulong id)
    {
        var run = RunOf(id);
        if (run.Job is not null) return;
        run.Job = job;
        _byJob[job] = run;
        foreach (var happened in run.Early) Apply(run, job, happened);
        run.Early.Clear();
    }

    /// <summary>Takes one answer of the journal.</summary>
    public void Read(FluxJournalEntry entry)
    {
        var run = RunOf(entry.Id);
        run.Seen = true;
        run.Nodes = entry.Nodes ?? run.Nodes;
        // Eventlogs only grow: told again from the start, they begin with what is known.
        foreach (var happened in entry.Events.Skip(_again ? run.Told : 0))
        {
            run.Told++;
            if (run.Job is { } job) Apply(run, job, happened);
            else run.Early.Add(happened);
        }
    }

    /// <summary>The journal is told again from the start, until <see cref="CaughtUp"/>.</summary>
    public void Restart()
    {
        _again = true;
        foreach (var run in _byId.Values) run.Seen = false;
    }

    /// <summary>The journal has told everything up to now: what it did not speak of is gone.</summary>
    /// <param name="now">UTC microseconds.</param>
    public void CaughtUp(long now)
    {
        if (!_again) return;
        _again = false;
        foreach (var run in _byJob.Values.Where(r => !r.Seen && !r.Ended))
        {
            (run.Ended, run.Lost) = (true, true);
            report(new JobEvent(run.Job!.Value, JobEventKind.Ended, now, Source) { State = JobState.Lost, Detail = "the leader was started again without it" });
        }
    }

    private FluxRun RunOf(ulong id)
    {
        if (!_byId.TryGetValue(id, out var run)) _byId[id] = run = new FluxRun(id);
        return run;
    }

    private void Apply(FluxRun run, long job, FluxEvent happened)
    {
        if (run.Ended) return;
        switch (happened.Name)
        {
            case "priority" when !run.Eligible:
                run.Eligible = true;
                report(new JobEvent(job, JobEventKind.Eligible, happened.Time, Source));
                break;
            case "alloc":
                run.Decided = true;
                report(new JobEvent(job, JobEventKind.Decided, happened.Time, Source) { Nodes = run.Nodes });
                break;
            case "start" when simulated:
                report(new JobEvent(job, JobEventKind.Started, happened.Time, Source));
                break;
            case "exception" when happened.Severity == 0:
                run.Fatal ??= happened;
                if (NodeIn(happened) is { } node) report(new ReplayFault(happened.Time, node, $"Flux lost the node {node}: {happened.Note}"));
                break;
            case "finish":
                run.Finish = happened;
                if (simulated) report(new JobEvent(job, JobEventKind.Finished, happened.Time, Source));
                break;
            case "free":
                run.Free = true;
                run.FreeTime = happened.Time;
                break;
            case "clean":
                End(run, job, happened.Time);
                break;
        }
    }

    private void End(FluxRun run, long job, long clean)
    {
        run.Ended = true;
        var code = run.Finish?.Status is { } status ? ExitCode(status) : (int?)null;
        var state = State(run.Fatal, code);
        // It ended when its shells did; without any, when the exception struck.
        var at = run.Finish?.Time ?? run.Fatal?.Time ?? clean;
        report(new JobEvent(job, JobEventKind.Ended, at, Source) { State = state, ExitCode = code, Detail = Words(run.Fatal), Node = run.Fatal is { } fatal ? NodeIn(fatal) : null });
        if (!run.Free) return;
        _released++;
        report(new JobEvent(job, JobEventKind.Released, run.FreeTime, Source));
    }

    private static JobState State(FluxEvent? fatal, int? code) => fatal?.Type switch
    {
        "timeout" => JobState.TimedOut,
        // What it waited for can never be: it is taken out of the queue, as on other schedulers.
        "cancel" or "dependency" => JobState.Cancelled,
        "alloc" => JobState.Rejected,
        not null when NodeIn(fatal) is not null => JobState.NodeFailed,
        not null => JobState.Failed,
        null => code is null or 0 ? JobState.Completed : JobState.Failed,
    };

    private static int ExitCode(int status) => (status & 0x7f) == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f);

    private static string? Words(FluxEvent? fatal) => fatal is null ? null : fatal.Note is { } note ? $"{fatal.Type}: {note}" : fatal.Type;

    private static string? NodeIn(FluxEvent fatal)
    {
        if (fatal is not { Type: "exec", Note: { } note }) return null;
        var match = NodeFailure().Match(note);
        return match.Success ? match.Groups[1].Value : null;
    }

    [GeneratedRegex(@"^(?:node failure on|lost contact with job shell on) (\S+)")]
    private static partial Regex NodeFailure();
}

/// <summary>One job as Flux knows it.</summary>
internal sealed class FluxRun(ulong id)
{
    public ulong Id { get; } = id;

    public long? Job { get; set; }

    /// <summary>Events that came before the answer to the submission.</summary>
    public List<FluxEvent> Early { get; } = [];

    /// <summary>How many of its events were told.</summary>
    public int Told { get; set; }

    public string? Nodes { get; set; }

    public FluxEvent? Fatal { get; set; }

    public FluxEvent? Finish { get; set; }

    public long FreeTime { get; set; }

    public bool Seen { get; set; }

    public bool Eligible { get; set; }

    public bool Decided { get; set; }

    public bool Free { get; set; }

    public bool Ended { get; set; }

    public bool Lost { get; set; }
}
