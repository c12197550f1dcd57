using System.Buffers.Text;
using System.Text;
using Regatta.Analysis;

namespace Regatta.Experiments.Running;

/// <summary>
/// Writes the events of a simulated trial, eight of most jobs: by time, then by job number, then in the order in which a job goes through them. They are three instants of a
/// job (submitted, started, ended), of which only the places are sorted, and lines that differ in little: millions of objects for them would take longer than the simulation.
/// </summary>
/// <param name="jobs">The jobs, as <see cref="JobTable.Of"/> makes them of a schedule: the stages of an instant have one time.</param>
internal sealed class SimulatedEvents(JobTable jobs)
{
    private const int Instants = 3;
    private const int Chunk = 1 << 18;

    // A line of an event without its nodes: its words, two numbers of at most twenty digits, and a state.
    private const int Longest = 256;

    private readonly byte[] _buffer = new byte[Chunk + (2 * Longest)];
    private int _used;

    /// <summary>Writes the lines.</summary>
    /// <param name="stream">Where to; left open.</param>
    /// <param name="cancellation">Stops the writing.</param>
    public void Write(Stream stream, CancellationToken cancellation)
    {
        var byNumber = ByNumber();
        foreach (var place in InOrder(byNumber))
        {
            if (_used >= Chunk) Flush(stream, cancellation);
            var row = byNumber[place / Instants];
            switch (place % Instants)
            {
                case 0:
                    Line("Sent"u8, row, jobs.Sent[row]);
                    Line("Accepted"u8, row, jobs.Accepted[row]);
                    Line("Eligible"u8, row, jobs.Eligible[row]);
                    break;
                case 1:
                    Begin("Decided"u8, row, jobs.Decided[row]);
                    if (jobs.NodeList(row) is { } nodes) Nodes(nodes, stream, cancellation);
                    Put("}\n"u8);
                    Line("Started"u8, row, jobs.Start[row]);
                    break;
                default:
                    Line("Finished"u8, row, jobs.Finish[row]);
                    Begin("Ended"u8, row, jobs.Finish[row]);
                    Put(",\"state\":\""u8);
                    Put(jobs.State(row).ToString());
                    Put("\""u8);
                    if (jobs.ExitCode(row) is { } code)
                    {
                        Put(",\"exitCode\":"u8);
                        Put(code);
                    }

                    Put("}\n"u8);
                    Line("Released"u8, row, jobs.Released[row]);
                    break;
            }
        }

        Flush(stream, cancellation);
    }

    /// <summary>The rows by job number.</summary>
    private int[] ByNumber()
    {
        var rows = new int[jobs.Count];
        var rises = true;
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row] = row;
            rises &= row == 0 || jobs.Job[row - 1] < jobs.Job[row];
        }

        if (!rises) jobs.Job.ToArray().AsSpan().Sort(rows.AsSpan());
        return rows;
    }

    /// <summary>The instants of all jobs by time: the rank of the job's number times <see cref="Instants"/>, and which of its instants, so that those of one time have an order of their own.</summary>
    private Span<int> InOrder(int[] byNumber)
    {
        var (times, places) = (new long[Instants * byNumber.Length], new int[Instants * byNumber.Length]);
        var count = 0;
        for (var rank = 0; rank < byNumber.Length; rank++)
        {
            var row = byNumber[rank];
            ReadOnlySpan<long> instants = [jobs.Sent[row], jobs.Start[row], jobs.Finish[row]];
            for (var i = 0; i < Instants; i++)
            {
                if (instants[i] == JobTable.Missing) continue;
                times[count] = instants[i];
                places[count++] = (rank * Instants) + i;
            }
        }

        var order = places.AsSpan(0, count);
        times.AsSpan(0, count).Sort(order);
        for (int first = 0, next; first < count; first = next)
        {
            for (next = first + 1; next < count && times[next] == times[first];) next++;
            if (next - first > 1) order[first..next].Sort();
        }

        return order;
    }

    private void Line(ReadOnlySpan<byte> kind, int row, long time)
    {
        Begin(kind, row, time);
        Put("}\n"u8);
    }

    private void Begin(ReadOnlySpan<byte> kind, int row, long time)
    {
        Put("{\"job\":"u8);
        Put(jobs.Job[row]);
        Put(",\"kind\":\""u8);
        Put(kind);
        Put("\",\"time\":"u8);
        Put(time);
        Put(",\"source\":\"simulation\""u8);
    }

    /// <summary>Names of nodes, which the simulation makes of letters, digits, brackets, commas and dashes.</summary>
    private void Nodes(string nodes, Stream stream, CancellationToken cancellation)
    {
        Put(",\"nodes\":\""u8);
        for (var at = 0; at < nodes.Length; at += Longest)
        {
            if (_used >= Chunk) Flush(stream, cancellation);
            Put(nodes.AsSpan(at, Math.Min(Longest, nodes.Length - at)));
        }

        Put("\""u8);
    }

    private void Put(ReadOnlySpan<byte> text)
    {
        text.CopyTo(_buffer.AsSpan(_used));
        _used += text.Length;
    }

    private void Put(ReadOnlySpan<char> text) => _used += Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_used));

    private void Put(long number)
    {
        Utf8Formatter.TryFormat(number, _buffer.AsSpan(_used), out var written);
        _used += written;
    }

    private void Flush(Stream stream, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        stream.Write(_buffer, 0, _used);
        _used = 0;
    }
}
