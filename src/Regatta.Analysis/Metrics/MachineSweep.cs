using System.Numerics;
using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>What the machine looked like between two neighbouring events.</summary>
/// <param name="From">Start of the step, UTC microseconds.</param>
/// <param name="To">End of the step, UTC microseconds; later than <paramref name="From"/>.</param>
/// <param name="Busy">Processors on which jobs ran.</param>
/// <param name="Waiting">Eligible jobs that waited.</param>
/// <param name="WaitingProcessors">Processors that they wanted.</param>
/// <param name="SmallestWaiting">Processors that the smallest of them wanted; 0 when none waited.</param>
public readonly record struct MachineStep(long From, long To, long Busy, int Waiting, long WaitingProcessors, int SmallestWaiting);

/// <summary>Takes the steps of a sweep, in order and without gaps.</summary>
public interface IMachineStepVisitor
{
    /// <summary>Takes the next step.</summary>
    void Visit(in MachineStep step);
}

/// <summary>
/// Walks once over all arrivals, starts and ends of a trial's jobs in time order. A job waits from when it is eligible (or sent, when that
/// is not known) until it starts, or is released without a start; it occupies its processors from its start until its finish, or its
/// release when it could not stamp the finish, or the end of the window.
/// </summary>
public static class MachineSweep
{
    /// <summary>Walks over the part of the trial within <paramref name="from"/> and <paramref name="to"/>.</summary>
    /// <exception cref="Diagnostics.DiagnosticException">The span of the stamps and the number of distinct job sizes do not fit into 64 bits together.</exception>
    public static void Run<TVisitor>(JobTable jobs, long from, long to, ref TVisitor visitor)
        where TVisitor : struct, IMachineStepVisitor
    {
        if (to <= from) return;
        var sizes = new JobSizes(jobs.Processors);
        var sizeBits = sizes.Bits;
        var timeBits = sizes.TimeBits(to - from);

        ulong Pack(long time, int size) => ((ulong)(Math.Clamp(time, from, to) - from) << sizeBits) | (uint)size;
        using Rented<ulong> first = new(jobs.Count), second = new(jobs.Count), third = new(jobs.Count), spare = new(jobs.Count);
        MachineEvents arrivals = new(first.Items), starts = new(second.Items), ends = new(third.Items);
        for (var row = 0; row < jobs.Count; row++)
        {
            var size = sizes[jobs.Processors[row]];
            var (waitFrom, start, end) = Spans(jobs, row, to);
            if (start == JobTable.Missing)
            {
                // Waits without ever running: the start and the end fall together, where the wait ends.
                if (waitFrom == JobTable.Missing || end <= from) continue;
                start = end;
            }
            else if (end <= from)
            {
                continue;
            }

            if (waitFrom == JobTable.Missing || waitFrom > start) waitFrom = start;
            if (waitFrom >= to) continue;
            arrivals.Add(Pack(waitFrom, size));
            starts.Add(Pack(start, size));
            ends.Add(Pack(end, size));
        }

        var scratch = spare.Items[..arrivals.Count];
        arrivals.Sort(sizeBits, timeBits, scratch);
        starts.Sort(sizeBits, timeBits, scratch);
        ends.Sort(sizeBits, timeBits, scratch);
        Walk(arrivals.Items, starts.Items, ends.Items, sizes.Sizes, sizeBits, from, to, ref visitor);
    }

    /// <summary>Since when a job waited, when it started (or <see cref="JobTable.Missing"/>) and when it was gone.</summary>
    internal static (long WaitFrom, long Start, long End) Spans(JobTable jobs, int row, long to)
    {
        var waitFrom = jobs.Eligible[row] != JobTable.Missing ? Math.Max(jobs.Eligible[row], jobs.Sent[row]) : jobs.Sent[row];
        var start = jobs.Start[row];
        if (start != JobTable.Missing)
        {
            var end = jobs.Finish[row] != JobTable.Missing ? jobs.Finish[row] : jobs.Released[row] != JobTable.Missing ? jobs.Released[row] : to;
            return (waitFrom, start, Math.Max(end, start));
        }

        if (jobs.Released[row] != JobTable.Missing) return (waitFrom, JobTable.Missing, Math.Max(jobs.Released[row], waitFrom));
        return jobs.State(row) == JobState.Unfinished ? (waitFrom, JobTable.Missing, to) : (JobTable.Missing, JobTable.Missing, to);
    }

    private static void Walk<TVisitor>(
        ReadOnlySpan<ulong> arrivals, ReadOnlySpan<ulong> starts, ReadOnlySpan<ulong> ends, int[] sizes, int sizeBits, long from, long to, ref TVisitor visitor)
        where TVisitor : struct, IMachineStepVisitor
    {
        var mask = (1UL << sizeBits) - 1;
        var counts = new int[sizes.Length];
        var present = new ulong[(sizes.Length / 64) + 1];
        long busy = 0, wanted = 0, now = from;
        int waiting = 0, a = 0, s = 0, e = 0;
        while (true)
        {
            var next = to;
            if (a < arrivals.Length) next = Math.Min(next, from + (long)(arrivals[a] >> sizeBits));
            if (s < starts.Length) next = Math.Min(next, from + (long)(starts[s] >> sizeBits));
            if (e < ends.Length) next = Math.Min(next, from + (long)(ends[e] >> sizeBits));
            if (next > now)
            {
                visitor.Visit(new(now, next, busy, waiting, wanted, waiting == 0 ? 0 : sizes[Smallest(present)]));
                now = next;
            }

            if (now >= to) return;
            var offset = (ulong)(now - from);
            for (; a < arrivals.Length && arrivals[a] >> sizeBits == offset; a++)
            {
                var size = (int)(arrivals[a] & mask);
                waiting++;
                wanted += sizes[size];
                if (counts[size]++ == 0) present[size / 64] |= 1UL << (size % 64);
            }

            for (; s < starts.Length && starts[s] >> sizeBits == offset; s++)
            {
                var size = (int)(starts[s] & mask);
                waiting--;
                wanted -= sizes[size];
                busy += sizes[size];
                if (--counts[size] == 0) present[size / 64] &= ~(1UL << (size % 64));
            }

            for (; e < ends.Length && ends[e] >> sizeBits == offset; e++) busy -= sizes[(int)(ends[e] & mask)];
        }
    }

    private static int Smallest(ulong[] present)
    {
        var word = 0;
        while (present[word] == 0) word++;
        return (word * 64) + BitOperations.TrailingZeroCount(present[word]);
    }
}
