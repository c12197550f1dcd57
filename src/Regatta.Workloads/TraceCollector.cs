namespace Regatta.Workloads;

/// <summary>Collects the jobs of a trace while it is read: numbers those that have no number of their own, and counts by reason what is left out and what is changed.</summary>
/// <param name="name">Name of the file, for diagnostics.</param>
internal sealed class TraceCollector(string name)
{
    private readonly List<Job> _jobs = [];
    // A handful, and nearly always literals: their texts are compared by reference first.
    private readonly List<(string What, long Count)> _leftOut = [];
    private readonly List<(string What, long Count)> _changed = [];
    private long _highest;
    private long _unnumbered;

    /// <summary>The jobs so far; those without a number have one below 1.</summary>
    public IReadOnlyList<Job> Jobs => _jobs;

    /// <summary>How many rows could not be read.</summary>
    public long Unreadable { get; private set; }

    /// <summary>Place of the first row that could not be read.</summary>
    public long FirstUnreadable { get; private set; }

    /// <summary>What was wrong with that row; null where nobody said.</summary>
    public string? Fault { get; private set; }

    /// <summary>Takes a job; without a number of at least 1 it gets a free one at the end.</summary>
    /// <returns>Its place in <see cref="Jobs"/>.</returns>
    /// <exception cref="DiagnosticException">There are too many (<c>workload-jobs</c>).</exception>
    public int Add(Job job)
    {
        Seen(job.Id);
        _jobs.Add(job.Id < 1 ? job with { Id = -1 - _unnumbered++ } : job);
        JobLimit.Check(_jobs.Count, name);
        return _jobs.Count - 1;
    }

    /// <summary>Replaces a job by one of the same number.</summary>
    public void Replace(int place, Job job) => _jobs[place] = job with { Id = _jobs[place].Id };

    /// <summary>Keeps a number from being given to others.</summary>
    public void Seen(long number) => _highest = Math.Max(_highest, number);

    /// <summary>Counts rows that become no jobs.</summary>
    /// <param name="reason">What they are, in the plural, such as <c>rows without processors</c>.</param>
    public void LeaveOut(string reason) => Count(_leftOut, reason, 1);

    /// <summary>Counts jobs that are not as their rows say.</summary>
    /// <param name="what">What happened, as a sentence about so many jobs.</param>
    /// <param name="count">How many.</param>
    public void Change(string what, long count = 1)
    {
        if (count > 0) Count(_changed, what, count);
    }

    /// <summary>Counts a row that cannot be read.</summary>
    /// <param name="place">Its line, or its number in a list; from 1.</param>
    /// <param name="fault">What is wrong with it.</param>
    public void Unread(long place, string? fault = null)
    {
        if (Unreadable++ == 0) (FirstUnreadable, Fault) = (place, fault);
    }

    /// <summary>The jobs that are kept, each with a number of its own; for an array that of its first task stands.</summary>
    /// <param name="kept">Whether the job at a place is kept.</param>
    public List<Job> Numbered(Func<int, bool> kept)
    {
        var jobs = _jobs.Where((_, place) => kept(place)).ToList();
        var renumbered = 0;
        for (var i = 0; i < jobs.Count; i++)
        {
            if (jobs[i].Id >= 1) continue;
            jobs[i] = jobs[i] with { Id = ++_highest };
            renumbered++;
        }

        Change("jobs have new numbers, since theirs were used before or are not in the file", renumbered);
        var arrays = new Dictionary<long, long>();
        for (var i = 0; i < jobs.Count; i++)
        {
            if (jobs[i].Array is not { } array) continue;
            if (!arrays.TryGetValue(array, out var first)) arrays[array] = first = jobs[i].Id;
            if (first != array) jobs[i] = jobs[i] with { Array = first };
        }

        return jobs;
    }

    private static void Count(List<(string What, long Count)> counts, string what, long count)
    {
        for (var i = 0; i < counts.Count; i++)
        {
            if (counts[i].What != what) continue;
            counts[i] = (what, counts[i].Count + count);
            return;
        }

        counts.Add((what, count));
    }

    /// <summary>What was left out, and what was changed; none when nothing was.</summary>
    /// <param name="severity">How bad it is that rows were left out.</param>
    /// <param name="help">What can be done about rows that were left out.</param>
    public IEnumerable<Diagnostic> Notes(Severity severity = Severity.Hint, string? help = null)
    {
        if (_leftOut.Count > 0)
        {
            yield return new Diagnostic(severity, "trace-left-out", $"{name}: left out are {string.Join(", ", _leftOut.Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Count:#,0} {part.What}")))}") with { Help = help };
        }

        foreach (var (what, count) in _changed) yield return Diagnostic.Hint("trace-changed", string.Create(CultureInfo.InvariantCulture, $"{name}: {count:#,0} {what}"));
    }
}
