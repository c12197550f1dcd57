using System.Buffers.Text;

namespace Regatta.Workloads;

/// <summary>A record of an accounting log of PBS.</summary>
internal static class PbsRecord
{
    // 10/02/2011 06:41:44;E;21048463.server;user=…
    private const int Stamp = 19;

    /// <summary>The letter that says what happened; 0 when the line is no record.</summary>
    public static char Kind(ReadOnlySpan<byte> line) =>
        line.Length > Stamp + 3 && line[2] == '/' && line[5] == '/' && line[10] == ' ' && line[13] == ':' && line[16] == ':' && line[Stamp] == ';' && line[Stamp + 2] == ';'
        && char.IsAsciiLetter((char)line[Stamp + 1]) && char.IsAsciiDigit((char)line[0]) ? (char)line[Stamp + 1] : '\0';

    /// <summary>The run that a record of an end tells of; null when it lacks its job, its times or its size cannot be read.</summary>
    public static AccountedRow? Read(ReadOnlySpan<byte> line, AccountedJobs jobs)
    {
        var rest = line[(Stamp + 3)..];
        var mark = rest.IndexOf((byte)';');
        if (mark <= 0) return null;
        var (id, array, task) = Number(rest[..mark]);
        var fields = rest[(mark + 1)..];
        var created = Seconds(fields, "ctime="u8);
        var queued = Seconds(fields, "qtime="u8);
        var submit = double.IsNaN(created) ? queued : created;
        if (id < 0 || double.IsNaN(submit)) return null;
        var exit = Value(fields, "Exit_status="u8);
        var hosts = Value(fields, "exec_host="u8);
        var (requested, nodes) = Asked(fields);
        var given = Given(fields, hosts);
        var names = jobs.Names;
        var account = Value(fields, "account="u8).Trim((byte)'"');
        var group = Value(fields, "group="u8);
        var place = Value(fields, "Resource_List.place="u8);
        if (!account.IsEmpty) names.HasAccounts = true;
        var walltime = Duration(Value(fields, "resources_used.walltime="u8));
        var start = Seconds(fields, "start="u8);
        var end = Seconds(fields, "end="u8);
        return new AccountedRow
        {
            Id = id, Array = array, ArrayTask = task, Submit = submit, Eligible = Seconds(fields, "etime="u8), Start = start > 0 ? start : double.NaN, End = end,
            // What it was charged, where it ran without being suspended; else from the start to the end.
            Ran = double.IsNaN(end) || double.IsNaN(start) ? walltime : end - start, Limit = Duration(Value(fields, "Resource_List.walltime="u8)), Requested = requested, Allocated = given, Nodes = nodes,
            State = exit.IsEmpty ? AccountedState.Unknown : exit.SequenceEqual("0"u8) ? AccountedState.Completed : exit.SequenceEqual("271"u8) ? AccountedState.Cancelled : AccountedState.Failed,
            MemoryPerProcessor = Memory(Value(fields, "Resource_List.mem="u8)) is > 0 and var whole && Math.Max(requested, given) is > 0 and var processors ? whole / processors : 0,
            Ended = exit.IsEmpty ? null : exit.SequenceEqual("0"u8) ? RecordedState.Completed : exit.SequenceEqual("271"u8) ? RecordedState.Cancelled : exit.SequenceEqual("-29"u8) ? RecordedState.TimedOut : RecordedState.Failed,
            User = names.Users.Of(Value(fields, "user="u8)), Group = names.Accounts.Of(account.IsEmpty ? group : account), Queue = -1, Partition = names.Partitions.Of(Value(fields, "queue="u8)),
            Request = new AccountedRequest
            {
                Group = account.IsEmpty ? 0 : names.Groups.Of(group), Reservation = names.Reservations.Of(Value(fields, "resvname="u8)), Exclusive = (sbyte)(place.IndexOf("excl"u8) >= 0 ? 1 : 0),
                Gres = SacctValues.Number(Value(fields, "Resource_List.ngpus="u8)) is > 0 and var gpus ? names.Gres.Of(string.Create(CultureInfo.InvariantCulture, $"gpu:{gpus}").AsSpan()) : 0,
            },
        };
    }

    /// <summary><c>12.server</c>, or the subjob <c>12[3].server</c>, which has no number of its own.</summary>
    private static (long Id, long Array, int Task) Number(ReadOnlySpan<byte> job)
    {
        if (!Utf8Parser.TryParse(job, out long number, out var read) || number < 1) return (-1, 0, -1);
        if (read == job.Length || job[read] is not ((byte)'[' or (byte)'-')) return (number, 0, -1);
        return (0, number, Utf8Parser.TryParse(job[(read + 1)..], out int task, out _) && task >= 0 ? task : -1);
    }

    /// <summary>The value of a key at the beginning or behind a blank; empty when it is not there.</summary>
    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> fields, ReadOnlySpan<byte> key)
    {
        for (var at = 0; at < fields.Length;)
        {
            var found = fields[at..].IndexOf(key);
            if (found < 0) return [];
            at += found;
            if (at == 0 || fields[at - 1] == (byte)' ')
            {
                var value = fields[(at + key.Length)..];
                var end = value.StartsWith("\""u8) && value[1..].IndexOf((byte)'"') is >= 0 and var quote ? quote + 2 : value.IndexOf((byte)' ');
                return end < 0 ? value : value[..end];
            }

            at += key.Length;
        }

        return [];
    }

    private static double Seconds(ReadOnlySpan<byte> fields, ReadOnlySpan<byte> key)
    {
        var value = Value(fields, key);
        return Utf8Parser.TryParse(value, out double seconds, out var read) && read == value.Length && seconds >= 0 ? seconds : double.NaN;
    }

    /// <summary><c>HH:MM:SS</c>, or seconds, which Torque 5 writes.</summary>
    private static double Duration(ReadOnlySpan<byte> text) =>
        text.Contains((byte)':') ? SacctValues.Duration(text) : Utf8Parser.TryParse(text, out double seconds, out var read) && read == text.Length && seconds >= 0 ? seconds : double.NaN;

    /// <summary>Processors and nodes that it asked for: <c>ncpus</c> and <c>nodect</c>, or <c>nodes=2:ppn=6</c>.</summary>
    private static (long Processors, long Nodes) Asked(ReadOnlySpan<byte> fields)
    {
        var count = SacctValues.Number(Value(fields, "Resource_List.nodect="u8));
        var processors = SacctValues.Number(Value(fields, "Resource_List.ncpus="u8));
        var nodes = Value(fields, "Resource_List.nodes="u8);
        if (processors < 1 && !nodes.IsEmpty)
        {
            processors = 0;
            foreach (var range in nodes.Split((byte)'+'))
            {
                var part = nodes[range];
                var ppn = part.IndexOf(":ppn="u8) is >= 0 and var at && Utf8Parser.TryParse(part[(at + 5)..], out long each, out _) ? each : 1;
                processors += (Utf8Parser.TryParse(part, out long hosts, out var read) && (read == part.Length || part[read] == (byte)':') ? hosts : 1) * ppn;
            }
        }

        return (Math.Max(0, processors), Math.Max(0, count));
    }

    /// <summary>Processors that it was given: of <c>exec_vnode</c>, of <c>total_execution_slots</c>, or the slots of <c>exec_host</c>.</summary>
    private static long Given(ReadOnlySpan<byte> fields, ReadOnlySpan<byte> hosts)
    {
        var vnodes = Value(fields, "exec_vnode="u8);
        long sum = 0;
        for (var at = vnodes.IndexOf(":ncpus="u8); at >= 0;)
        {
            vnodes = vnodes[(at + 7)..];
            if (Utf8Parser.TryParse(vnodes, out long each, out _)) sum += each;
            at = vnodes.IndexOf(":ncpus="u8);
        }

        if (sum > 0) return sum;
        if (SacctValues.Number(Value(fields, "total_execution_slots="u8)) is > 0 and var slots) return slots;
        foreach (var range in hosts.Split((byte)'+')) sum += Slots(hosts[range]);
        return sum;
    }

    /// <summary>The slots of <c>n1/0</c>, <c>n1/0-3,6</c> and <c>n1/0*8</c>.</summary>
    private static long Slots(ReadOnlySpan<byte> host)
    {
        var slash = host.IndexOf((byte)'/');
        if (slash < 0) return host.IsEmpty ? 0 : 1;
        var slots = host[(slash + 1)..];
        if (slots.IndexOf((byte)'*') is >= 0 and var star) return Math.Max(1, SacctValues.Number(slots[(star + 1)..]));
        long sum = 0;
        foreach (var range in slots.Split((byte)','))
        {
            var part = slots[range];
            var dash = part.IndexOf((byte)'-');
            sum += dash > 0 && SacctValues.Number(part[..dash]) is >= 0 and var first && SacctValues.Number(part[(dash + 1)..]) is var last && last >= first && last - first < 1_000_000 ? last - first + 1 : 1;
        }

        return sum;
    }

    /// <summary>Bytes of <c>4gb</c>, <c>4000mb</c>, <c>10485760kb</c> or <c>512b</c>; words (<c>w</c>) have eight of them.</summary>
    private static long Memory(ReadOnlySpan<byte> text)
    {
        if (!Utf8Parser.TryParse(text, out long value, out var read) || value < 0) return -1;
        var unit = text[read..];
        if (unit.IsEmpty) return value;
        var shift = (unit[0] | 0x20) switch { 'k' => 10, 'm' => 20, 'g' => 30, 't' => 40, 'p' => 50, 'b' or 'w' => 0, _ => -1 };
        if (shift < 0) return -1;
        var bytes = value * (double)(1L << shift) * ((unit[^1] | 0x20) == 'w' ? 8 : 1);
        return bytes < 1L << 60 ? (long)bytes : -1;
    }
}
