using System.Buffers;

namespace Regatta.Workloads;

/// <summary>
/// A line of <c>events.jsonl</c> as this program writes it, read in one pass and with nothing made of it: its texts are places in the line. All other lines, faulty ones among
/// them, are left to the general reader.
/// </summary>
internal ref struct EventLine
{
    private static readonly JobEventKind[] Kinds = Enum.GetValues<JobEventKind>();
    private static readonly byte[][] KindNames = [.. Kinds.Select(kind => System.Text.Encoding.ASCII.GetBytes(kind.ToString()))];
    private static readonly JobState[] States = Enum.GetValues<JobState>();
    private static readonly byte[][] StateNames = [.. States.Select(state => System.Text.Encoding.ASCII.GetBytes(state.ToString()))];

    // What ends a text, or needs the general reader: a quote, an escape, a control character, a letter beyond ASCII.
    private static readonly SearchValues<byte> Ends = SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, 32).Select(c => (byte)c), .. Enumerable.Range(127, 129).Select(c => (byte)c)]);

    private ReadOnlySpan<byte> _rest;

    public long Job;
    public long Time;
    public JobEventKind Kind;
    public long? Planned;
    public int? ExitCode;
    public JobState? State;
    public ReadOnlySpan<byte> Member;
    public ReadOnlySpan<byte> Nodes;
    public ReadOnlySpan<byte> SchedulerId;

    /// <summary>Reads a line; false when it is not of the usual kind.</summary>
    public static bool TryRead(ReadOnlySpan<byte> line, out EventLine read)
    {
        read = new EventLine { _rest = line };
        return read.Read();
    }

    private bool Read()
    {
        if (!Take("{\"job\":"u8) || !Number(out Job) || !Take(",\"kind\":"u8) || !Text(out var kind) || !Find(KindNames, kind, out var number)) return false;
        Kind = Kinds[number];
        if (!Take(",\"time\":"u8) || !Number(out Time) || !Take(",\"source\":"u8) || !Text(out _)) return false;
        // The order in which they are written; a key that comes in another one is left to the general reader.
        if (Take(",\"node\":"u8) && !Text(out _)) return false;
        if (Take(",\"member\":"u8) && !Text(out Member)) return false;
        if (Take(",\"planned\":"u8) && !Optional(out Planned)) return false;
        if (Take(",\"nodes\":"u8) && !Text(out Nodes)) return false;
        if (Take(",\"schedulerId\":"u8) && !Text(out SchedulerId)) return false;
        if (Take(",\"state\":"u8))
        {
            if (!Text(out var state) || !Find(StateNames, state, out number)) return false;
            State = States[number];
        }

        if (Take(",\"exitCode\":"u8))
        {
            if (!Number(out var code) || code != (int)code) return false;
            ExitCode = (int)code;
        }

        if (Take(",\"detail\":"u8) && !Text(out _)) return false;
        if (Take(",\"by\":"u8) && !Number(out _)) return false;
        return _rest.SequenceEqual("}"u8);
    }

    private bool Take(ReadOnlySpan<byte> words)
    {
        if (!_rest.StartsWith(words)) return false;
        _rest = _rest[words.Length..];
        return true;
    }

    // Of at least one letter: where nothing was said, the span is empty.
    private bool Text(out ReadOnlySpan<byte> text)
    {
        text = default;
        if (_rest.IsEmpty || _rest[0] != '"') return false;
        var end = _rest[1..].IndexOfAny(Ends);
        if (end < 1 || _rest[end + 1] != '"') return false;
        text = _rest.Slice(1, end);
        _rest = _rest[(end + 2)..];
        return true;
    }

    private bool Optional(out long? number)
    {
        number = null;
        if (!Number(out var read)) return false;
        number = read;
        return true;
    }

    // Digits as JSON has them, fewer than could be too many.
    private bool Number(out long number)
    {
        number = 0;
        var at = 0;
        for (; at < _rest.Length && (uint)(_rest[at] - '0') <= 9; at++)
        {
            if (at == 18) return false;
            number = (number * 10) + (_rest[at] - '0');
        }

        if (at == 0 || (at > 1 && _rest[0] == '0')) return false;
        _rest = _rest[at..];
        return true;
    }

    private static bool Find(byte[][] names, ReadOnlySpan<byte> name, out int number)
    {
        for (number = 0; number < names.Length; number++)
        {
            if (name.SequenceEqual(names[number])) return true;
        }

        return false;
    }
}
