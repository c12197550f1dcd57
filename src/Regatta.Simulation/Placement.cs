using System.Numerics;

namespace Regatta.Simulation;

/// <summary>Processors next to each other.</summary>
/// <param name="First">The lowest, from 0.</param>
/// <param name="Count">How many.</param>
public readonly record struct ProcessorRange(int First, int Count);

/// <summary>Which processors each job of a schedule ran on: at its start it takes the lowest ones that are free.</summary>
public sealed class Placement
{
    private readonly Schedule _schedule;
    private readonly ProcessorRange[][] _ranges;

    private Placement(Schedule schedule, ProcessorRange[][] ranges)
    {
        _schedule = schedule;
        _ranges = ranges;
    }

    /// <summary>Places every job. With whole nodes a job holds all processors of its nodes.</summary>
    /// <exception cref="InvalidOperationException">The schedule gives away more than the machine has.</exception>
    public static Placement Of(Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var wholeNodes = schedule.Options.WholeNodes;
        var unit = wholeNodes ? schedule.Machine.ProcessorsPerNode : 1;
        var free = new FreeUnits(wholeNodes ? schedule.Machine.Nodes : schedule.Machine.Processors);
        var ranges = new ProcessorRange[schedule.Jobs.Count][];
        Array.Fill(ranges, []);
        var rows = Enumerable.Range(0, ranges.Length).Where(row => schedule.Starts[row] != Schedule.Never);
        // Jobs of no run time first: of one instant, they may have freed what the others took.
        var order = rows.OrderBy(row => schedule.Starts[row]).ThenBy(row => schedule.Jobs.RunTimes[row] > 0);
        var ends = new PriorityQueue<int, long>();
        foreach (var row in order)
        {
            while (ends.TryPeek(out var ended, out var time) && time <= schedule.Starts[row])
            {
                ends.Dequeue();
                free.Give(ranges[ended], unit);
            }

            ranges[row] = free.Take(schedule.Sizes[row], unit);
            ends.Enqueue(row, schedule.Finish(row));
        }

        return new Placement(schedule, ranges);
    }

    /// <summary>Processors of a job; empty when it never ran.</summary>
    public IReadOnlyList<ProcessorRange> this[int row] => _ranges[row];

    /// <summary>The nodes of a job, from 0, as ranges in rising order; empty when it never ran.</summary>
    public IReadOnlyList<ProcessorRange> Nodes(int row)
    {
        var perNode = _schedule.Machine.ProcessorsPerNode;
        var held = new List<ProcessorRange>();
        foreach (var range in _ranges[row])
        {
            var (first, last) = (range.First / perNode, (range.First + range.Count - 1) / perNode);
            if (held.Count > 0 && held[^1].First + held[^1].Count >= first) held[^1] = held[^1] with { Count = last - held[^1].First + 1 };
            else held.Add(new(first, last - first + 1));
        }

        return held;
    }

    private sealed class FreeUnits
    {
        private readonly ulong[] _words;
        private int _firstFree;

        public FreeUnits(int count)
        {
            _words = new ulong[(count + 63) / 64];
            for (var i = 0; i < count; i++) _words[i / 64] |= 1UL << i % 64;
        }

        public ProcessorRange[] Take(int count, int unit)
        {
            var ranges = new List<(int First, int Count)>();
            var word = _firstFree;
            while (count > 0)
            {
                while (word < _words.Length && _words[word] == 0) word++;
                if (word == _words.Length) throw new InvalidOperationException("the schedule gives away more processors than the machine has");
                var at = (word * 64) + BitOperations.TrailingZeroCount(_words[word]);
                _words[word] &= _words[word] - 1;
                count--;
                if (ranges.Count > 0 && ranges[^1].First + ranges[^1].Count == at) ranges[^1] = (ranges[^1].First, ranges[^1].Count + 1);
                else ranges.Add((at, 1));
            }

            _firstFree = word;
            return [.. ranges.Select(range => new ProcessorRange(range.First * unit, range.Count * unit))];
        }

        public void Give(ProcessorRange[] ranges, int unit)
        {
            foreach (var range in ranges)
            {
                for (var i = range.First / unit; i < (range.First + range.Count) / unit; i++) _words[i / 64] |= 1UL << i % 64;
                _firstFree = Math.Min(_firstFree, range.First / unit / 64);
            }
        }
    }
}
