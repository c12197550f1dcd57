using System.Runtime.InteropServices;
using System.Text;

namespace Regatta.Workloads;

/// <summary>
/// The events of a trial in the order of their file, by columns: what millions of events take as objects is several times as much. They are folded into rows by
/// <see cref="JobFold"/>, as while a trial runs. Lists of nodes stay as the scheduler wrote them.
/// </summary>
/// <param name="places">The jobs of the trial.</param>
public sealed class EventColumns(JobPlaces places)
{
    private const int Chunk = 1 << 16;

    private readonly List<Row[]> _chunks = [];
    private readonly NameNumbers _texts = new();
    private readonly List<string> _ids = [];
    private readonly List<long> _planned = [];
    private readonly int[] _ofPlace = new int[places.Count];
    private readonly Dictionary<int, int> _nodeCounts = [];

    /// <summary>How many events there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many of them are of none of the jobs.</summary>
    public int Strangers { get; private set; }

    /// <summary>Whether an event says when its job was planned to be sent; those that early simulations wrote do not.</summary>
    public bool SayPlanned => _planned.Count > 0;

    /// <summary>Adds the events of whole lines behind the others.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="source">Name of the file, for diagnostics.</param>
    /// <param name="number">Number of the first line, from 1.</param>
    /// <returns>The number of the line behind them.</returns>
    /// <exception cref="DiagnosticException">A line is no event (<c>replay-line</c>).</exception>
    public int Add(ReadOnlySpan<byte> lines, string source, int number)
    {
        for (; !lines.IsEmpty; number++)
        {
            var end = lines.IndexOf((byte)'\n');
            var line = end < 0 ? lines : lines[..end];
            if (EventLine.TryRead(line, out var usual)) Add(usual);
            else if (!line.Trim(" \r\t"u8).IsEmpty) Add(ReplayJson.ReadEvent(line, source, number));
            lines = end < 0 ? [] : lines[(end + 1)..];
        }

        return number;
    }

    /// <summary>Folds the events of each job, in the order of the table.</summary>
    /// <param name="take">Takes what the events of the job at a place came to; the fold is used again for the next one.</param>
    public void Fold(Action<int, JobFold> take)
    {
        ArgumentNullException.ThrowIfNull(take);
        var (order, ends) = Ordered();
        var fold = new JobFold(list => (_nodeCounts[_texts.Of(list)], list));
        var events = new List<(long Time, int Index)>();
        for (var place = 0; place < places.Count; place++)
        {
            events.Clear();
            var requeued = false;
            foreach (var index in order.AsSpan(ends[place] - _ofPlace[place], _ofPlace[place]))
            {
                ref readonly var row = ref At(index);
                requeued |= row.Kind == (byte)JobEventKind.Requeued;
                events.Add((row.Time, index));
            }

            var ordered = CollectionsMarshal.AsSpan(events);
            // By time, and those of one time in the order of the file; mostly they are already.
            if (!Rises(ordered)) ordered.Sort();
            fold.Begin(requeued);
            foreach (var (_, index) in ordered) fold.Add(Happened(At(index)));
            fold.End();
            take(place, fold);
        }
    }

    /// <summary>The events by the place of their job, and where those of each end.</summary>
    private (int[] Order, int[] Ends) Ordered()
    {
        var ends = new int[places.Count];
        for (var place = 1; place < ends.Length; place++) ends[place] = ends[place - 1] + _ofPlace[place - 1];
        var order = new int[Count - Strangers];
        for (var i = 0; i < Count - Strangers; i++) order[ends[At(i).Place]++] = i;
        return (order, ends);
    }

    private static bool Rises(ReadOnlySpan<(long Time, int Index)> events)
    {
        for (var i = 1; i < events.Length; i++)
        {
            if (events[i - 1].Time > events[i].Time) return false;
        }

        return true;
    }

    private void Add(JobEvent happened)
    {
        // A text of a line that is not of the usual kind may be empty, which is as good as none.
        Add(happened.Job, happened.Time, happened.Kind, happened.Planned, happened.ExitCode, happened.State, Bytes(happened.Member), Bytes(happened.Nodes), happened.SchedulerId);
        static ReadOnlySpan<byte> Bytes(string? text) => text is null ? default : Encoding.UTF8.GetBytes(text);
    }

    private void Add(in EventLine line) => Add(
        line.Job, line.Time, line.Kind, line.Planned, line.ExitCode, line.State, line.Member, line.Nodes,
        line.Kind == JobEventKind.Accepted && !line.SchedulerId.IsEmpty ? Encoding.ASCII.GetString(line.SchedulerId) : null);

    private void Add(long job, long time, JobEventKind kind, long? planned, int? exitCode, JobState? state, ReadOnlySpan<byte> member, ReadOnlySpan<byte> nodes, string? schedulerId)
    {
        Count++;
        var place = places.Find(job);
        if (place < 0)
        {
            if (planned is { } of) _planned.Add(of);
            Strangers++;
            return;
        }

        var at = Count - Strangers - 1;
        if (at % Chunk == 0) _chunks.Add(new Row[Chunk]);
        _ofPlace[place]++;
        ref var row = ref _chunks[^1][at % Chunk];
        (row.Time, row.Place, row.Kind, row.State, row.ExitCode) = (time, place, (byte)kind, state is { } ended ? (sbyte)ended : (sbyte)-1, exitCode ?? int.MinValue);
        switch (kind)
        {
            case JobEventKind.Sent when planned is { } stamp:
                _planned.Add(stamp);
                row.Text = _planned.Count;
                break;
            case JobEventKind.Accepted when schedulerId is not null:
                // A scheduler's name of a job stands once in a file: to look for it would take more than it gives.
                _ids.Add(schedulerId);
                row.Text = _ids.Count;
                break;
            case JobEventKind.Decided when !nodes.IsEmpty:
                row.Text = _texts.Of(nodes);
                if (!_nodeCounts.ContainsKey(row.Text)) _nodeCounts[row.Text] = HostList.Expand(_texts[row.Text]!).Length;
                break;
            case JobEventKind.Started or JobEventKind.Finished when !member.IsEmpty:
                row.Text = _texts.Of(member);
                break;
        }
    }

    private ref readonly Row At(int index) => ref _chunks[index / Chunk][index % Chunk];

    private JobHappening Happened(in Row row)
    {
        var kind = (JobEventKind)row.Kind;
        return new(kind, row.Time)
        {
            Planned = kind == JobEventKind.Sent && row.Text > 0 ? _planned[row.Text - 1] : null,
            SchedulerId = kind == JobEventKind.Accepted && row.Text > 0 ? _ids[row.Text - 1] : null,
            Nodes = kind == JobEventKind.Decided ? _texts[row.Text] : null,
            Member = kind is JobEventKind.Started or JobEventKind.Finished ? _texts[row.Text] : null,
            State = row.State < 0 ? null : (JobState)row.State,
            ExitCode = row.ExitCode == int.MinValue ? null : row.ExitCode,
        };
    }

    private struct Row
    {
        public long Time;
        public int Place;

        // Of a sending its planned time, of an acceptance the scheduler's name, else the nodes or the member; counted from 1, and 0 for none.
        public int Text;
        public int ExitCode;
        public byte Kind;
        public sbyte State;
    }
}
