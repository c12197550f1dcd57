using System.Numerics;

namespace Regatta.Simulation;

/// <summary>Processors next to each other.</summary>
/// <param name="First">The lowest, from 0.</param>
/// <param name="Count">How many.</param>
public readonly record struct ProcessorRange(int First, int Count);

/// <summary>Which processors each job of a schedule ran on: at its start it takes the lowest ones that are free.</summary>
public sealed class Placement
{
    private readonly int _perNode;
    private readonly int[] _firsts, _counts;
    private ProcessorRange[] _ranges;
    private int _used;

    private Placement(Schedule schedule)
    {
        _perNode = schedule.Machine.ProcessorsPerNode;
        _firsts = new int[schedule.Jobs.Count];
        _counts = new int[schedule.Jobs.Count];
        _ranges = new ProcessorRange[schedule.Jobs.Count + 64];
    }

    /// <summary>Places every job. With whole nodes a job holds all processors of its nodes.</summary>
    /// <exception cref="InvalidOperationException">The schedule gives away more than the machine has.</exception>
    public static Placement Of(Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var wholeNodes = schedule.Options.WholeNodes;
        var placement = new Placement(schedule);
        var (perNode, unit) = wholeNodes ? (1, schedule.Machine.ProcessorsPerNode) : (schedule.Machine.ProcessorsPerNode, 1);
        var units = wholeNodes ? schedule.Machine.Nodes : schedule.Machine.Processors;
        FreeUnits[] parts = schedule.Parts is { } known ? [.. known.Nodes.Select(nodes => new FreeUnits(units, unit, nodes.Select(range => new ProcessorRange(range.First * perNode, range.Count * perNode))))]
            : [new FreeUnits(units, unit, [new(0, units)])];
        var ends = new EndQueue();
        foreach (var row in InOrder(schedule))
        {
            while (ends.NextTime <= schedule.Starts[row])
            {
                var ended = ends.Pop();
                foreach (var range in placement.Ranges(ended)) parts[schedule.PartOf?[ended] ?? 0].Give(range);
            }

            placement._firsts[row] = placement._used;
            parts[schedule.PartOf?[row] ?? 0].Take(schedule.Sizes[row], placement);
            placement._counts[row] = placement._used - placement._firsts[row];
            ends.Push(schedule.Finish(row), row);
        }

        return placement;
    }

    /// <summary>Processors of a job; empty when it never ran.</summary>
    public IReadOnlyList<ProcessorRange> this[int row] => new ArraySegment<ProcessorRange>(_ranges, _firsts[row], _counts[row]);

    /// <summary>The nodes of a job, from 0, as ranges in rising order; empty when it never ran.</summary>
    /// <param name="row">The job.</param>
    /// <param name="held">What held others before and is used again.</param>
    internal void Nodes(int row, List<ProcessorRange> held)
    {
        held.Clear();
        foreach (var range in Ranges(row))
        {
            var (first, last) = (range.First / _perNode, (range.First + range.Count - 1) / _perNode);
            if (held.Count > 0 && held[^1].First + held[^1].Count >= first) held[^1] = held[^1] with { Count = last - held[^1].First + 1 };
            else held.Add(new(first, last - first + 1));
        }
    }

    private ReadOnlySpan<ProcessorRange> Ranges(int row) => _ranges.AsSpan(_firsts[row], _counts[row]);

    private void Add(ProcessorRange range)
    {
        if (_used == _ranges.Length) Array.Resize(ref _ranges, _used * 2);
        _ranges[_used++] = range;
    }

    /// <summary>Jobs that ran, by start. Those of no run time first: of one instant, they may have freed what the others took.</summary>
    private static Span<int> InOrder(Schedule schedule)
    {
        var count = schedule.Jobs.Count;
        var (times, rows) = (new long[count], new int[count]);
        var ran = 0;
        foreach (var instant in (ReadOnlySpan<bool>)[true, false])
        {
            for (var row = 0; row < count; row++)
            {
                if (schedule.Starts[row] == Schedule.Never || schedule.Jobs.RunTimes[row] > 0 == instant) continue;
                times[ran] = schedule.Starts[row];
                rows[ran++] = row;
            }
        }

        // Those of one time stay in the order that they have here.
        TimeOrder.Sort(times.AsSpan(0, ran), rows.AsSpan(0, ran));
        return rows.AsSpan(0, ran);
    }

    private sealed class FreeUnits
    {
        private const int Word = 64;

        private readonly int _unit;
        private readonly ulong[] _words;
        private int _firstFree;

        public FreeUnits(int count, int unit, IEnumerable<ProcessorRange> own)
        {
            _unit = unit;
            _words = new ulong[(count + Word - 1) / Word];
            _firstFree = _words.Length;
            foreach (var range in own) Set(range.First, range.Count);
        }

        public void Take(int count, Placement into)
        {
            var open = default(ProcessorRange);
            var word = _firstFree;
            while (count > 0)
            {
                while (word < _words.Length && _words[word] == 0) word++;
                if (word == _words.Length) throw new InvalidOperationException("the schedule gives away more processors than the machine has");
                var at = BitOperations.TrailingZeroCount(_words[word]);
                var length = Math.Min(count, BitOperations.TrailingZeroCount(~(_words[word] >> at)));
                _words[word] &= ~Bits(at, length);
                count -= length;
                var first = (word * Word) + at;
                if (open.Count > 0 && open.First + open.Count == first)
                {
                    open = open with { Count = open.Count + length };
                    continue;
                }

                if (open.Count > 0) into.Add(new(open.First * _unit, open.Count * _unit));
                open = new(first, length);
            }

            if (open.Count > 0) into.Add(new(open.First * _unit, open.Count * _unit));
            _firstFree = word;
        }

        public void Give(ProcessorRange range) => Set(range.First / _unit, range.Count / _unit);

        private void Set(int first, int count)
        {
            _firstFree = Math.Min(_firstFree, first / Word);
            while (count > 0)
            {
                var length = Math.Min(count, Word - (first % Word));
                _words[first / Word] |= Bits(first % Word, length);
                (first, count) = (first + length, count - length);
            }
        }

        private static ulong Bits(int at, int length) => (length == Word ? ulong.MaxValue : (1UL << length) - 1) << at;
    }
}
