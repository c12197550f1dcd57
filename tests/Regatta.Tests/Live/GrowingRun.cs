using System.Text.Json;
using Regatta.Analysis;
using Regatta.Runs;
using Regatta.Tests.Reports;
using Regatta.Workloads;

namespace Regatta.Tests.Live;

/// <summary>A run that goes on while it is looked at: a trial begins, its events come bit by bit, it ends.</summary>
internal sealed class GrowingRun : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("regatta-live-").FullName;
    private readonly Journal _journal;
    private readonly Plan _plan;
    private readonly FileStream _claim;
    private List<JobEvent> _events = [];
    private int _given;

    private GrowingRun(string path, IReadOnlyList<Trial> trials)
    {
        (Path, Trials) = (path, trials);
        _plan = RunDirectory.ReadPlan(path);
        _journal = new Journal(System.IO.Path.Combine(path, Journal.FileName), TimeProvider.System);
        _claim = new FileStream(System.IO.Path.Combine(path, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        _journal.Write(JournalKind.Opened, "run");
    }

    /// <summary>The run directory.</summary>
    public string Path { get; private init; }

    /// <summary>Its trials, none of which is there yet.</summary>
    public IReadOnlyList<Trial> Trials { get; }

    /// <summary>How many events the trial under way has in all.</summary>
    public int Events => _events.Count;

    /// <summary>A run whose trials have not begun.</summary>
    public static async Task<GrowingRun> OfAsync(params Trial[] trials)
    {
        var directory = Directory.CreateTempSubdirectory("regatta-live-").FullName;
        var path = await Sample.WriteRunAsync(System.IO.Path.Combine(directory, "20260101T130000Z-quickstart-1a2b3c4d"), "quickstart", trials);
        foreach (var trial in trials) Directory.Delete(System.IO.Path.Combine(path, "trials", trial.Record.Point, $"{trial.Record.Repetition}"), recursive: true);
        return new GrowingRun(path, trials);
    }

    /// <summary>A trial begins; no event has come.</summary>
    public void Begin(int trial)
    {
        var planned = Planned(trial);
        _journal.Write(JournalKind.TrialStarted, planned.Id);
        var draft = Directory.CreateDirectory(RunDirectory.DraftOf(Path, planned)).FullName;
        Directory.CreateDirectory(System.IO.Path.Combine(draft, "logs"));
        var of = Trials[trial];
        var rows = of.Jobs.Records.ToList();
        new TrialUnderWay
        {
            Processors = of.Record.Processors,
            Workers = of.Record.Workers,
            NodeProcessors = ImmutableSortedDictionary<string, int>.Empty,
            LatenessBound = of.Record.LatenessBound,
            Job = [.. rows.Select(r => r.Job)],
            Size = [.. rows.Select(r => r.Processors)],
            User = [.. rows.Select(r => r.User)],
            Submit = [.. rows.Select(r => r.Planned!.Value - of.Record.Started)],
            RunTime = [.. rows.Select(r => r.RunTime)],
        }.Write(draft);
        (_events, _given) = ([.. rows.SelectMany(EventsOf).OrderBy(e => e.Time)], 0);
    }

    /// <summary>So many more events of a trial come.</summary>
    public void Come(int trial, int events)
    {
        using var file = new FileStream(System.IO.Path.Combine(RunDirectory.DraftOf(Path, Planned(trial)), TrialFiles.Events), FileMode.Append);
        foreach (var happened in _events.Skip(_given).Take(events))
        {
            file.Write(ReplayJson.Line(happened));
            file.WriteByte((byte)'\n');
        }

        _given = Math.Min(_events.Count, _given + events);
    }

    /// <summary>What is sampled of the scheduler so many seconds after the start comes.</summary>
    public void Sampled(int trial, int second, params (string Name, double Value)[] values) => File.AppendAllText(
        System.IO.Path.Combine(RunDirectory.DraftOf(Path, Planned(trial)), TrialUnderWay.SamplesName),
        JsonSerializer.Serialize(new { time = Trials[trial].Record.Started + (second * 1_000_000L), values = values.ToDictionary(v => v.Name, v => v.Value) }) + "\n");

    /// <summary>A trial ends and gets its place.</summary>
    public async Task EndAsync(int trial)
    {
        var (planned, of) = (Planned(trial), Trials[trial]);
        var draft = RunDirectory.DraftOf(Path, planned);
        TrialUnderWay.Remove(draft);
        var written = await TrialFiles.WriteAsync(draft, of.Record, of.Jobs, TrialAudit.Of(of), null, durable: false, TestContext.Current.CancellationToken);
        Directory.Move(draft, System.IO.Path.Combine(Path, planned.Directory));
        _journal.Write(JournalKind.TrialFinished, planned.Id, sha256: written.Record, took: TimeSpan.FromMicroseconds(of.Record.Ended - of.Record.Started));
    }

    /// <summary>A trial fails.</summary>
    public void Fail(int trial, string why)
    {
        Directory.Delete(RunDirectory.DraftOf(Path, Planned(trial)), recursive: true);
        _journal.Write(JournalKind.TrialFailed, Planned(trial).Id, why);
    }

    /// <summary>Adds to the journal.</summary>
    public void Write(JournalKind kind, string subject, string? text = null) => _journal.Write(kind, subject, text);

    /// <summary>The planned trial.</summary>
    public PlannedTrial Planned(int trial) => _plan.Trials.First(t => t.Point == Trials[trial].Record.Point && t.Repetition == Trials[trial].Record.Repetition);

    /// <summary>The program ends, the run stays.</summary>
    public void Leave() => _claim.Dispose();

    public void Dispose()
    {
        _claim.Dispose();
        _journal.Dispose();
        Directory.Delete(_directory, recursive: true);
        if (Directory.Exists(System.IO.Path.GetDirectoryName(Path))) Directory.Delete(System.IO.Path.GetDirectoryName(Path)!, recursive: true);
    }

    private static IEnumerable<JobEvent> EventsOf(JobRecord job)
    {
        yield return new JobEvent(job.Job, JobEventKind.Sent, job.Sent!.Value, "agent") { Planned = job.Planned };
        if (job.Accepted is { } accepted) yield return new JobEvent(job.Job, JobEventKind.Accepted, accepted, "agent") { SchedulerId = $"{job.Job}" };
        if (job.Eligible is { } eligible) yield return new JobEvent(job.Job, JobEventKind.Eligible, eligible, "slurmctld.log");
        if (job.Decided is { } decided) yield return new JobEvent(job.Job, JobEventKind.Decided, decided, "slurmctld.log") { Nodes = job.NodeList };
        if ((job.Released ?? job.Finish) is not { } end) yield break;
        yield return new JobEvent(job.Job, JobEventKind.Ended, end, "slurmctld.log") { State = job.State };
        yield return new JobEvent(job.Job, JobEventKind.Released, end, "epilog");
    }
}
