using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Regatta.Workloads;

namespace Regatta.Experiments.Running;

/// <summary>
/// Writes <c>events.jsonl</c> of a simulated trial: each job's events in the order of their times, one a line, as <see cref="JobEvent"/> is written elsewhere. It is most of what such a trial writes,
/// so that the lines are put together by hand, and only the places of events are sorted: millions of events at once would take the memory.
/// </summary>
internal sealed class SimulatedEvents
{
    private const int Flush = 1 << 20;
    private const int LongestStamps = 256;

    private static readonly (JobEventKind Kind, byte[] Text)[] Kinds =
    [
        .. new[]
        {
            JobEventKind.Sent, JobEventKind.Accepted, JobEventKind.Eligible, JobEventKind.Decided, JobEventKind.Started, JobEventKind.Finished, JobEventKind.Ended, JobEventKind.Released,
        }.Select(kind => (kind, Encoding.UTF8.GetBytes($",\"kind\":\"{kind}\",\"time\":"))),
    ];

    private static readonly byte[][] States = [.. Enum.GetNames<JobState>().Select(name => Encoding.UTF8.GetBytes($",\"state\":\"{name}\""))];

    private readonly FileStream _stream;
    private byte[] _buffer = new byte[64 << 10];
    private int _length;

    private SimulatedEvents(FileStream stream) => _stream = stream;

    /// <summary>Writes the file.</summary>
    /// <param name="path">Where; it is not there yet.</param>
    /// <param name="records">The jobs, in the order of their submission.</param>
    /// <param name="cancellation">Stops it.</param>
    public static void Write(string path, IReadOnlyList<JobRecord> records, CancellationToken cancellation)
    {
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        new SimulatedEvents(stream).Write(records, Places(records), cancellation);
    }

    private static Place[] Places(IReadOnlyList<JobRecord> records)
    {
        var places = new Place[records.Count * Kinds.Length];
        var count = 0;
        for (var row = 0; row < records.Count; row++)
        {
            var job = records[row];
            for (var kind = 0; kind < Kinds.Length; kind++)
            {
                if (Time(job, Kinds[kind].Kind) is { } time) places[count++] = new Place(time, job.Job, row, kind);
            }
        }

        Array.Resize(ref places, count);
        places.AsSpan().Sort(default(InOrder));
        return places;
    }

    private void Write(IReadOnlyList<JobRecord> records, Place[] places, CancellationToken cancellation)
    {
        foreach (var place in places)
        {
            var job = records[place.Row];
            var kind = Kinds[place.Kind].Kind;
            var nodes = kind == JobEventKind.Decided ? job.NodeList : null;
            Reserve(LongestStamps + (nodes is null ? 0 : nodes.Length * 6));
            Put("{\"job\":"u8);
            Put(job.Job);
            Put(Kinds[place.Kind].Text);
            Put(place.Time);
            Put(",\"source\":\"simulation\""u8);
            if (nodes is not null)
            {
                Put(",\"nodes\":\""u8);
                Put(JsonEncodedText.Encode(nodes).EncodedUtf8Bytes);
                Put("\""u8);
            }

            if (kind == JobEventKind.Ended)
            {
                Put(States[(int)job.State]);
                if (job.ExitCode is { } code)
                {
                    Put(",\"exitCode\":"u8);
                    Put(code);
                }
            }

            Put("}\n"u8);
            if (_length < Flush) continue;
            cancellation.ThrowIfCancellationRequested();
            Empty();
        }

        Empty();
    }

    private void Reserve(int bytes)
    {
        if (_buffer.Length - _length < bytes) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes));
    }

    private void Put(ReadOnlySpan<byte> text)
    {
        text.CopyTo(_buffer.AsSpan(_length));
        _length += text.Length;
    }

    private void Put(long number)
    {
        Utf8Formatter.TryFormat(number, _buffer.AsSpan(_length), out var written);
        _length += written;
    }

    private void Empty()
    {
        _stream.Write(_buffer, 0, _length);
        _length = 0;
    }

    private static long? Time(JobRecord job, JobEventKind kind) => kind switch
    {
        JobEventKind.Sent => job.Sent,
        JobEventKind.Accepted => job.Accepted,
        JobEventKind.Eligible => job.Eligible,
        JobEventKind.Decided => job.Decided,
        JobEventKind.Started => job.Start,
        JobEventKind.Released => job.Released,
        _ => job.Finish,
    };

    private readonly record struct Place(long Time, long Job, int Row, int Kind);

    // Events of one time stand by the job's number, and those of one job as they follow each other.
    private readonly struct InOrder : IComparer<Place>
    {
        public int Compare(Place x, Place y) => x.Time != y.Time ? x.Time.CompareTo(y.Time) : x.Row != y.Row ? x.Job.CompareTo(y.Job) : x.Kind.CompareTo(y.Kind);
    }
}
