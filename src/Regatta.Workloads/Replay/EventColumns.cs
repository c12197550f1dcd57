namespace Regatta.Workloads;

/// <summary>
/// The events of a trial in the order of their file, by columns: what millions of events take as objects is several times as much. A row of a job is made by
/// <see cref="JobRecords"/>, as while a trial runs.
/// </summary>
public sealed class EventColumns
{
    private const int Chunk = 1 << 16;

    private readonly List<Row[]> _chunks = [];
    private readonly List<string> _texts = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<long> _planned = [];

    /// <summary>How many events there are.</summary>
    public int Count { get; private set; }

    /// <summary>Whether an event says when its job was planned to be sent; those that early simulations wrote do not.</summary>
    public bool SayPlanned => _planned.Count > 0;

    /// <summary>Adds an event behind the others.</summary>
    public void Add(JobEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        if (Count % Chunk == 0) _chunks.Add(new Row[Chunk]);
        if (happened.Planned is { } planned) _planned.Add(planned);
        _chunks[^1][Count++ % Chunk] = new Row
        {
            Job = happened.Job,
            Time = happened.Time,
            Text = happened.Kind switch
            {
                // A scheduler's name of a job stands once in a file: to look for it would take more than it gives.
                JobEventKind.Accepted => Alone(happened.SchedulerId),
                JobEventKind.Sent => happened.Planned is null ? 0 : _planned.Count,
                _ => Shared(happened.Nodes),
            },
            Member = Shared(happened.Member),
            ExitCode = happened.ExitCode ?? int.MinValue,
            Kind = happened.Kind,
            State = happened.State is { } state ? (sbyte)state : (sbyte)-1,
        };
    }

    /// <summary>One row for each job, in the order of <paramref name="jobs"/>, made as it is asked for.</summary>
    /// <param name="jobs">The jobs of the workload, each number once.</param>
    /// <param name="strangers">How many events are of no job of them.</param>
    public IEnumerable<JobRecord> Records(IReadOnlyList<Job> jobs, out int strangers)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        var places = new Dictionary<long, int>(jobs.Count);
        for (var i = 0; i < jobs.Count; i++) places.Add(jobs[i].Id, i);
        var begins = new int[jobs.Count + 1];
        strangers = 0;
        for (var i = 0; i < Count; i++)
        {
            if (places.TryGetValue(At(i).Job, out var place)) begins[place + 1]++;
            else strangers++;
        }

        for (var i = 0; i < jobs.Count; i++) begins[i + 1] += begins[i];
        var next = begins.AsSpan(0, jobs.Count).ToArray();
        var order = new int[Count - strangers];
        for (var i = 0; i < Count; i++)
        {
            if (places.TryGetValue(At(i).Job, out var place)) order[next[place]++] = i;
        }

        return Rows(jobs, begins, order);
    }

    private IEnumerable<JobRecord> Rows(IReadOnlyList<Job> jobs, int[] begins, int[] order)
    {
        var events = new List<JobEvent>();
        for (var i = 0; i < jobs.Count; i++)
        {
            events.Clear();
            for (var at = begins[i]; at < begins[i + 1]; at++) events.Add(Event(At(order[at])));
            yield return JobRecords.Of(jobs[i], events);
        }
    }

    private ref readonly Row At(int index) => ref _chunks[index / Chunk][index % Chunk];

    private JobEvent Event(in Row row) => new(row.Job, row.Kind, row.Time, "")
    {
        Planned = row.Kind == JobEventKind.Sent && row.Text > 0 ? _planned[row.Text - 1] : null,
        SchedulerId = row.Kind == JobEventKind.Accepted ? Text(row.Text) : null,
        Nodes = row.Kind is JobEventKind.Accepted or JobEventKind.Sent ? null : Text(row.Text),
        Member = Text(row.Member),
        State = row.State < 0 ? null : (JobState)row.State,
        ExitCode = row.ExitCode == int.MinValue ? null : row.ExitCode,
    };

    private string? Text(int number) => number == 0 ? null : _texts[number - 1];

    private int Alone(string? text)
    {
        if (text is null) return 0;
        _texts.Add(text);
        return _texts.Count;
    }

    private int Shared(string? text)
    {
        if (text is null) return 0;
        if (_numbers.TryGetValue(text, out var number)) return number;
        return _numbers[text] = Alone(text);
    }

    private struct Row
    {
        public long Job;
        public long Time;
        public int Text;
        public int Member;
        public int ExitCode;
        public JobEventKind Kind;
        public sbyte State;
    }
}
