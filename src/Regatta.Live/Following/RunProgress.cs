using Regatta.Analysis;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Live.Following;

/// <summary>How far a run is, as its journal says; read on as it grows.</summary>
/// <param name="path">The run directory.</param>
/// <param name="plan">Its plan.</param>
internal sealed class RunProgress(string path, Plan plan)
{
    /// <summary>A trial's letter before it began.</summary>
    public const char Waits = '.';

    private const char Runs = '>', Ended = 'd', Failed = 'f', Valid = 'v', Limited = 'c', Invalid = 'x', NotNeeded = '-';
    private const int MostNews = 12, MostFailures = 50, VerdictsAtOnce = 100;

    private readonly LineTail _journal = new(Path.Combine(path, Journal.FileName));
    private readonly Dictionary<string, int> _places = plan.Trials.Index().ToDictionary(t => t.Item.Id, t => t.Index, StringComparer.Ordinal);
    private readonly char[] _states = [.. Enumerable.Repeat(Waits, plan.Trials.Length)];
    private readonly Dictionary<string, DateTimeOffset> _underWay = new(StringComparer.Ordinal);
    private readonly Queue<string> _unjudged = new();
    private readonly LinkedList<NewsLine> _news = new(), _failures = new();
    private readonly Dictionary<string, TimeSpan> _took = new(StringComparer.Ordinal);
    private string? _sittingsFirst;
    private bool _complete;

    /// <summary>The trial that began last and has not ended; null where none is under way.</summary>
    public string? Current => _underWay.Count == 0 ? null : _underWay.MaxBy(t => t.Value).Key;

    /// <summary>The trial whose files were put in place last; null where none is.</summary>
    public string? LastFinished { get; private set; }

    /// <summary>Counts the attempts at trials: one that is repeated begins anew.</summary>
    public int Attempts { get; private set; }

    /// <summary>The planned trial of this name.</summary>
    public PlannedTrial? Trial(string id) => _places.TryGetValue(id, out var place) ? plan.Trials[place] : null;

    /// <summary>True for a trial whose files are in place.</summary>
    public bool HasEnded(string id) => _places.TryGetValue(id, out var place) && _states[place] is Ended or Valid or Limited or Invalid;

    /// <summary>Reads on.</summary>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>True when something is new.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public async Task<bool> LookAsync(CancellationToken cancellation)
    {
        var any = false;
        while (_journal.Look(line =>
        {
            if (Journal.Entry(line) is not { } entry) return;
            Take(entry);
            any = true;
        }))
        {
        }

        for (var i = 0; i < VerdictsAtOnce && _unjudged.TryDequeue(out var id); i++, any = true) await JudgeAsync(id, cancellation);
        return any;
    }

    /// <summary>How far it is.</summary>
    /// <param name="run">Number of the run on the page.</param>
    /// <param name="now">The time.</param>
    public RunState State(int run, DateTimeOffset now) => new(
        run,
        new string(_states),
        RunDirectory.IsInUse(path),
        _complete,
        [.. _underWay.Keys.Order(StringComparer.Ordinal).Take(8)],
        Current is { } current ? _underWay[current].ToUnixTimeMilliseconds() : null,
        _news.First is { Value: var last } ? $"{last.Subject}: {last.Text}" : "nothing yet",
        Left(now)?.TotalSeconds,
        [.. _failures],
        [.. _news],
        File.Exists(Path.Combine(path, "report", "index.html")));

    /// <summary>How long the rest will take: what the plan expects, corrected by what trials took; simulated ones by how many ended in the time.</summary>
    internal TimeSpan? Left(DateTimeOffset now)
    {
        if (_complete) return null;
        var rest = plan.Trials.Where((_, i) => _states[i] is Waits or Runs).ToList();
        if (rest.Count == 0) return null;
        if (plan.Points.All(p => p.Machines == MachineKind.Simulation))
            return _took.Count == 0 ? null : rest.Count * _took.Values.Aggregate(TimeSpan.Zero, ExpectedTime.Sum) / _took.Count / Math.Max(1, _underWay.Count);
        // The first trial of a sitting tells nothing: images and clusters are made in its time.
        var told = plan.Trials.Where(t => t.Id != _sittingsFirst && _took.ContainsKey(t.Id)).ToList();
        var expected = ExpectedTime.Of(told, plan.Points);
        var scale = expected > TimeSpan.Zero ? told.Aggregate(TimeSpan.Zero, (sum, t) => ExpectedTime.Sum(sum, _took[t.Id])) / expected : 1;
        var left = ExpectedTime.Of(rest, plan.Points).TotalSeconds * scale;
        if (Current is { } current && Trial(current) is { } trial)
            left -= Math.Min((now - _underWay[current]).TotalSeconds, ExpectedTime.Of([trial], plan.Points).TotalSeconds * scale);
        return TimeSpan.FromSeconds(Math.Clamp(left, 0, TimeSpan.MaxValue.TotalSeconds / 2));
    }

    private void Take(JournalEntry entry)
    {
        var id = entry.Subject ?? "run";
        var time = entry.Time.ToUnixTimeMilliseconds();
        switch (entry.Kind)
        {
            case JournalKind.Opened:
                // What was under way when a program ended begins anew.
                foreach (var left in _underWay.Keys) Set(left, Waits);
                _underWay.Clear();
                (_complete, _sittingsFirst) = (false, null);
                break;
            case JournalKind.TrialStarted or JournalKind.TrialRepeated:
                Attempts++;
                _sittingsFirst ??= id;
                _underWay[id] = entry.Time;
                Set(id, Runs);
                break;
            case JournalKind.TrialFinished:
                End(id, Ended, entry.Took);
                LastFinished = id;
                _unjudged.Enqueue(id);
                break;
            case JournalKind.TrialFailed:
                End(id, Failed, null);
                Note(_failures, new NewsLine(time, id, entry.Text ?? "failed"), MostFailures);
                break;
            case JournalKind.Enough when Trial(id) is { } next:
                foreach (var trial in plan.NotNeededWithout(next).Where(t => _states[_places[t.Id]] == Waits)) Set(trial.Id, NotNeeded);
                break;
            case JournalKind.Finished:
                _complete = true;
                break;
        }

        Note(_news, new NewsLine(time, entry.Kind is JournalKind.Opened or JournalKind.Finished or JournalKind.Interrupted ? "run" : id, Words(entry)), MostNews);
    }

    private void End(string id, char state, TimeSpan? took)
    {
        _underWay.Remove(id);
        Set(id, state);
        if (took is { } time) _took[id] = time;
    }

    private void Set(string id, char state)
    {
        if (_places.TryGetValue(id, out var place)) _states[place] = state;
    }

    private async Task JudgeAsync(string id, CancellationToken cancellation)
    {
        if (Trial(id) is not { } trial || !HasEnded(id)) return;
        var file = Path.Combine(path, trial.Directory, TrialFiles.Audit);
        if (!File.Exists(file)) return;
        try
        {
            await using var stream = File.OpenRead(file);
            var audit = await TrialJson.ReadAuditAsync(stream, file, cancellation);
            Set(id, audit.Verdict switch { TrialVerdict.Valid => Valid, TrialVerdict.ClientLimited => Limited, _ => Invalid });
            if (audit.Verdict != TrialVerdict.Valid)
                Note(_failures, new NewsLine(new DateTimeOffset(File.GetLastWriteTimeUtc(file)).ToUnixTimeMilliseconds(), id, $"{(audit.Verdict == TrialVerdict.Invalid ? "may not be compared" : "limited by the client")}: {string.Join("; ", audit.Reasons)}"), MostFailures);
        }
        catch (DiagnosticException fault)
        {
            Note(_failures, new NewsLine(new DateTimeOffset(File.GetLastWriteTimeUtc(file)).ToUnixTimeMilliseconds(), id, fault.Diagnostics[0].Summary), MostFailures);
        }
    }

    private static void Note(LinkedList<NewsLine> lines, NewsLine line, int most)
    {
        lines.AddFirst(line);
        if (lines.Count > most) lines.RemoveLast();
    }

    private static string Words(JournalEntry entry) => entry.Kind switch
    {
        JournalKind.Opened => "begins",
        JournalKind.Image => "the image is there",
        JournalKind.ClusterUp => "the cluster is up",
        JournalKind.ClusterDown => "the cluster is gone",
        JournalKind.TrialStarted => "begins",
        JournalKind.TrialFinished => "has ended",
        JournalKind.TrialFailed => $"failed: {entry.Text}",
        JournalKind.TrialRepeated => $"is run once more: {entry.Text}",
        JournalKind.Enough => $"no further repetition is needed: {entry.Text}",
        JournalKind.Interrupted => "was interrupted",
        JournalKind.Finished => "is complete",
        _ => entry.Text ?? "",
    };
}
