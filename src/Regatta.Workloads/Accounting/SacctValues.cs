using System.Buffers.Text;

namespace Regatta.Workloads;

/// <summary>The values in the columns of <c>sacct</c>, as <c>sacct(1)</c> of Slurm 22.05 to 26.05 describes them.</summary>
internal static class SacctValues
{
    private const long KiB = 1024;

    /// <summary>A whole number; -1 when it is none.</summary>
    public static long Number(ReadOnlySpan<byte> text) => Utf8Parser.TryParse(text, out long value, out var read) && read == text.Length && value >= 0 ? value : -1;

    /// <summary>A time limit in seconds; NaN for one of 365 days, which backfill gives a job that has none where it starts it, so that nobody asked for it.</summary>
    public static double Limit(double seconds) => seconds == 365 * 86400 ? double.NaN : seconds;

    /// <summary>Whether a row is a run of <c>scrontab</c>, which accounting does not say: nobody typed a command for it, and it became eligible at a minute of the clock.</summary>
    /// <param name="untyped">Whether the source says that it was submitted by no command.</param>
    public static bool Cron(bool untyped, double submit, double eligible) => untyped && eligible > submit && eligible % 60 == 0;

    /// <summary>Seconds of <c>[D-]HH:MM:SS[.fff]</c> or <c>MM:SS</c>; NaN when it is no such text, as for <c>UNLIMITED</c> and <c>Partition_Limit</c>.</summary>
    public static double Duration(ReadOnlySpan<byte> text)
    {
        double days = 0;
        if (text.IndexOf((byte)'-') is > 0 and var dash)
        {
            days = Number(text[..dash]);
            if (days < 0) return double.NaN;
            text = text[(dash + 1)..];
        }

        double seconds = 0;
        var parts = 0;
        while (true)
        {
            var colon = text.IndexOf((byte)':');
            var part = colon < 0 ? text : text[..colon];
            if (!Decimal(part, out var value, out var read) || read != part.Length || value < 0 || ++parts > 3) return double.NaN;
            seconds = (seconds * 60) + value;
            if (colon < 0) break;
            text = text[(colon + 1)..];
        }

        return parts >= 2 ? (days * 86400) + seconds : double.NaN;
    }

    /// <summary>The count of one resource of <c>cpu=4,mem=8000M,node=2</c>; for memory bytes. -1 when the text does not name it.</summary>
    public static long Resource(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        while (!text.IsEmpty)
        {
            var comma = text.IndexOf((byte)',');
            var part = comma < 0 ? text : text[..comma];
            if (part.Length > name.Length && part[name.Length] == (byte)'=' && part.StartsWith(name)) return name.SequenceEqual("mem"u8) ? Memory(part[(name.Length + 1)..]) : Number(part[(name.Length + 1)..]);
            text = comma < 0 ? [] : text[(comma + 1)..];
        }

        return -1;
    }

    /// <summary>The part of <c>billing=4,gres/gpu=4,gres/gpu:a100=4,mem=8G</c> whose names begin so; empty when there is none. They stand together, for the list is in order.</summary>
    public static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> text, ReadOnlySpan<byte> kind)
    {
        var start = text.IndexOf(kind);
        if (start < 0 || (start > 0 && text[start - 1] != (byte)',')) return [];
        var end = start;
        while (text[end..].StartsWith(kind))
        {
            var comma = text[end..].IndexOf((byte)',');
            if (comma < 0) return text[start..];
            end += comma + 1;
        }

        return text[start..(end - 1)];
    }

    /// <summary>Bytes of <c>1000M</c>, <c>62.50G</c> or <c>500</c>, which are MiB; -1 when it is no such text.</summary>
    public static long Memory(ReadOnlySpan<byte> text)
    {
        if (!Decimal(text, out var value, out var read) || value < 0) return -1;
        var unit = text[read..];
        double bytes = unit switch
        {
            [] or [(byte)'M'] => value * KiB * KiB,
            [(byte)'K'] => value * KiB,
            [(byte)'G'] => value * KiB * KiB * KiB,
            [(byte)'T'] => value * KiB * KiB * KiB * KiB,
            [(byte)'P'] => value * KiB * KiB * KiB * KiB * KiB,
            _ => -1,
        };
        return bytes < 1L << 60 ? (long)bytes : -1;
    }

    /// <summary>Reads a number at the beginning; whole ones, which nearly all are, are read digit by digit.</summary>
    private static bool Decimal(ReadOnlySpan<byte> text, out double value, out int read)
    {
        const int exact = 15;
        long whole = 0;
        for (read = 0; read < text.Length && read <= exact && char.IsAsciiDigit((char)text[read]); read++) whole = (whole * 10) + text[read] - '0';
        value = whole;
        return (read is > 0 and <= exact && (read == text.Length || !(text[read] is (byte)'.' or (byte)'e' or (byte)'E'))) || Utf8Parser.TryParse(text, out value, out read);
    }

    /// <summary>
    /// Bytes for each processor. <c>ReqTRES</c> has them for the whole job; <c>ReqMem</c> of releases before 21.08 ends in <c>c</c> for a processor and in <c>n</c> for
    /// a node, and is for the whole job after that. 0 when nothing was asked for or it is not known.
    /// </summary>
    /// <param name="whole">Memory in bytes by <c>ReqTRES</c>; 0 or less when it does not say.</param>
    /// <param name="cpus">Processors by <c>ReqTRES</c>; 0 or less when it does not say.</param>
    /// <param name="memory">The text of <c>ReqMem</c>.</param>
    /// <param name="processors">Processors by any column; 0 or less when none says.</param>
    /// <param name="nodes">Nodes by any column.</param>
    public static long MemoryPerProcessor(long whole, long cpus, ReadOnlySpan<byte> memory, long processors, long nodes)
    {
        if (whole > 0 && cpus > 0) return whole / cpus;
        if (memory.IsEmpty || processors < 1) return 0;
        return memory[^1] switch
        {
            (byte)'c' => Math.Max(0, Memory(memory[..^1])),
            (byte)'n' => Math.Max(0, Memory(memory[..^1])) * Math.Max(1, nodes) / processors,
            _ => Math.Max(0, Memory(memory)) / processors,
        };
    }

    /// <summary>How a job ended that is in this state; null when it has not.</summary>
    public static RecordedState? Ended(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("COMPLETED"u8)) return RecordedState.Completed;
        if (text.StartsWith("CANCELLED"u8)) return RecordedState.Cancelled;
        if (text.StartsWith("FAILED"u8) || text.StartsWith("LAUNCH_FAILED"u8)) return RecordedState.Failed;
        if (text.StartsWith("TIMEOUT"u8)) return RecordedState.TimedOut;
        if (text.StartsWith("OUT_OF_ME"u8)) return RecordedState.OutOfMemory;
        if (text.StartsWith("NODE_FAIL"u8)) return RecordedState.NodeFailed;
        if (text.StartsWith("PREEMPTED"u8)) return RecordedState.Preempted;
        if (text.StartsWith("DEADLINE"u8)) return RecordedState.Deadline;
        return text.StartsWith("BOOT_FAIL"u8) ? RecordedState.BootFailed : null;
    }

    /// <summary>The state of <c>COMPLETED</c>, <c>CANCELLED by 1001</c> and so on.</summary>
    public static AccountedState State(ReadOnlySpan<byte> text)
    {
        var blank = text.IndexOfAny((byte)' ', (byte)'+');
        var word = blank < 0 ? text : text[..blank];
        if (word.SequenceEqual("COMPLETED"u8)) return AccountedState.Completed;
        if (word.SequenceEqual("CANCELLED"u8)) return AccountedState.Cancelled;
        if (word.SequenceEqual("FAILED"u8) || word.SequenceEqual("TIMEOUT"u8) || word.SequenceEqual("OUT_OF_MEMORY"u8) || word.SequenceEqual("OUT_OF_ME"u8)
            || word.SequenceEqual("DEADLINE"u8) || word.SequenceEqual("BOOT_FAIL"u8) || word.SequenceEqual("LAUNCH_FAILED"u8)) return AccountedState.Failed;
        if (word.SequenceEqual("PREEMPTED"u8) || word.SequenceEqual("REQUEUED"u8) || word.SequenceEqual("NODE_FAIL"u8) || word.SequenceEqual("REVOKED"u8)) return AccountedState.Interrupted;
        if (word.SequenceEqual("RESIZING"u8)) return AccountedState.Resized;
        if (word.SequenceEqual("PENDING"u8) || word.SequenceEqual("REQUEUE_HOLD"u8) || word.SequenceEqual("SPECIAL_EXIT"u8) || word.SequenceEqual("RESV_DEL_HOLD"u8)) return AccountedState.Waiting;
        return word.SequenceEqual("RUNNING"u8) || word.SequenceEqual("SUSPENDED"u8) || word.SequenceEqual("COMPLETING"u8) || word.SequenceEqual("CONFIGURING"u8) || word.SequenceEqual("STOPPED"u8)
            || word.SequenceEqual("SIGNALING"u8) || word.SequenceEqual("STAGE_OUT"u8) ? AccountedState.Running : AccountedState.Unknown;
    }
}
