using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Regatta.Analysis;
using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Experiments.Running;

/// <summary>
/// Writes the events of a simulated trial, eight of a job that ran: by time, then by job number, then in the order in which a job goes through them. They are three instants of a
/// job (submitted, started, ended), of which only the places are sorted, and lines that differ in little: millions of objects for them would take longer than the simulation.
/// </summary>
/// <param name="jobs">The jobs, as <see cref="JobTable.Of"/> makes them of a schedule: the stages of an instant have one time.</param>
internal sealed class SimulatedEvents(JobTable jobs) : IDisposable
{
    private const int Instants = 3;

    // A line of an event without its nodes: its words, two numbers of at most twenty digits, and a state.
    private const int Longest = 256;

    // What is written at once: the rest of the buffer holds the lines of one more instant.
    private const int Buffer = 1 << 18;
    private const int Chunk = Buffer - (2 * Longest);

    // Thousands of small trials have one each, and of this size the collector looks at all memory for every few.
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(Buffer);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private int _used;

    // What comes before and after the kind in the lines of the instant that is being written.
    private readonly byte[] _common = new byte[Longest];
    private int _before, _after;

    /// <summary>Writes the lines.</summary>
    /// <param name="stream">Where to; left open.</param>
    /// <param name="cancellation">Stops the writing.</param>
    /// <returns>sha256 of all lines, hexadecimal.</returns>
    public string Write(Stream stream, CancellationToken cancellation)
    {
        var byNumber = ByNumber();
        foreach (var place in InOrder(byNumber))
        {
            if (_used >= Chunk) Flush(stream, cancellation);
            var row = byNumber[place / Instants];
            switch (place % Instants)
            {
                case 0:
                    Instant(row, jobs.Sent[row]);
                    Line("Sent"u8);
                    if (jobs.State(row) == JobState.Rejected)
                    {
                        Line("Rejected"u8);
                        break;
                    }

                    Line("Accepted"u8);
                    Line("Eligible"u8);
                    // What never starts is gone as it is sent.
                    if (jobs.Start[row] == JobTable.Missing) End(row);
                    break;
                case 1:
                    Instant(row, jobs.Start[row]);
                    Begin("Decided"u8);
                    if (jobs.NodeList(row) is { } nodes) Nodes(nodes, stream, cancellation);
                    Put("}\n"u8);
                    Line("Started"u8);
                    break;
                default:
                    Instant(row, jobs.Finish[row]);
                    Line("Finished"u8);
                    End(row);
                    Line("Released"u8);
                    break;
            }
        }

        Flush(stream, cancellation);
        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _hash.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
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

        if (!rises) TimeOrder.Sort(jobs.Job.ToArray(), rows);
        return rows;
    }

    /// <summary>
    /// The instants of all jobs by time: the rank of the job's number times <see cref="Instants"/>, and which of its instants, so that those of one time have an order of their own.
    /// Each of the three is ordered by itself, and then they are merged.
    /// </summary>
    private int[] InOrder(int[] byNumber)
    {
        var ranks = new int[Instants][];
        for (var i = 0; i < Instants; i++) ranks[i] = InOrder(byNumber, Times(i));
        var places = new int[ranks.Sum(r => r.Length)];
        Span<int> at = stackalloc int[Instants];
        Span<long> next = stackalloc long[Instants];
        for (var i = 0; i < Instants; i++) next[i] = TimeAt(i, 0);
        for (var place = 0; place < places.Length; place++)
        {
            var first = 0;
            for (var i = 1; i < Instants; i++)
            {
                if (next[i] < next[first] || (next[i] == next[first] && next[i] != long.MaxValue && ranks[i][at[i]] < ranks[first][at[first]])) first = i;
            }

            places[place] = (ranks[first][at[first]++] * Instants) + first;
            next[first] = TimeAt(first, at[first]);
        }

        return places;

        long TimeAt(int instant, int which) => which < ranks[instant].Length ? Times(instant)[byNumber[ranks[instant][which]]] : long.MaxValue;
    }

    private ReadOnlySpan<long> Times(int instant) => instant switch { 0 => jobs.Sent, 1 => jobs.Start, _ => jobs.Finish };

    /// <summary>The ranks of the jobs that have a time, by that time, those of one time in their order.</summary>
    private static int[] InOrder(int[] byNumber, ReadOnlySpan<long> column)
    {
        var (times, ranks) = (new long[byNumber.Length], new int[byNumber.Length]);
        var count = 0;
        for (var rank = 0; rank < byNumber.Length; rank++)
        {
            if (column[byNumber[rank]] is var time && time == JobTable.Missing) continue;
            times[count] = time;
            ranks[count++] = rank;
        }

        TimeOrder.Sort(times.AsSpan(0, count), ranks.AsSpan(0, count));
        return count == ranks.Length ? ranks : ranks[..count];
    }

    /// <summary>Lays out what the lines of an instant have in common, so that its numbers are written in digits once.</summary>
    private void Instant(int row, long time)
    {
        (_before, _after) = (0, Longest / 2);
        Common(ref _before, "{\"job\":"u8);
        Common(ref _before, jobs.Job[row]);
        Common(ref _before, ",\"kind\":\""u8);
        Common(ref _after, "\",\"time\":"u8);
        Common(ref _after, time);
        Common(ref _after, ",\"source\":\"simulation\""u8);
    }

    private void Common(ref int at, ReadOnlySpan<byte> text)
    {
        text.CopyTo(_common.AsSpan(at));
        at += text.Length;
    }

    private void Common(ref int at, long number)
    {
        Utf8Formatter.TryFormat(number, _common.AsSpan(at), out var written);
        at += written;
    }

    private void Line(ReadOnlySpan<byte> kind)
    {
        Begin(kind);
        Put("}\n"u8);
    }

    private void End(int row)
    {
        Begin("Ended"u8);
        Put(",\"state\":\""u8);
        Put(jobs.State(row).ToString());
        Put("\""u8);
        if (jobs.ExitCode(row) is { } code)
        {
            Put(",\"exitCode\":"u8);
            Put(code);
        }

        Put("}\n"u8);
    }

    private void Begin(ReadOnlySpan<byte> kind)
    {
        Put(_common.AsSpan(0, _before));
        Put(kind);
        Put(_common.AsSpan(Longest / 2, _after - (Longest / 2)));
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
        // While it is in the cache: to read hundreds of megabytes again for their hash takes as long as to write them.
        _hash.AppendData(_buffer, 0, _used);
        stream.Write(_buffer, 0, _used);
        _used = 0;
    }
}
