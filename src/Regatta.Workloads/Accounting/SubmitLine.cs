using System.Buffers.Text;

namespace Regatta.Workloads;

/// <summary>
/// What the command line of <c>sbatch</c>, <c>srun</c> or <c>salloc</c> says and no other column of sacct does. What the script's own <c>#SBATCH</c> lines say is not in it.
/// </summary>
internal ref struct SubmitLine
{
    /// <summary>Of <c>--dependency</c>; empty for none.</summary>
    public ReadOnlySpan<byte> Dependency { get; private set; }

    /// <summary>Bytes of <c>--mem</c>; 0 for none.</summary>
    public long MemoryPerNode { get; private set; }

    /// <summary>The second number of <c>--nodes=2-4</c>; 0 for none.</summary>
    public int MostNodes { get; private set; }

    /// <summary>Of <c>--nice</c>.</summary>
    public int Nice { get; private set; }

    /// <summary>Of <c>--array=0-9%2</c>; 0 for none.</summary>
    public int Throttle { get; private set; }

    /// <summary>1 with <c>--exclusive</c>.</summary>
    public sbyte Exclusive { get; private set; }

    /// <summary>1 with <c>--requeue</c>, -1 with <c>--no-requeue</c>.</summary>
    public sbyte Requeue { get; private set; }

    // Options without a value: what follows them is the next option or the script.
    private static ReadOnlySpan<byte> ShortFlags => "HIQsOkvWhEV"u8;

    /// <summary>Reads the options up to the script.</summary>
    public static SubmitLine Parse(ReadOnlySpan<byte> line)
    {
        var read = default(SubmitLine);
        Next(ref line);
        while (Next(ref line) is { IsEmpty: false } word && word[0] == (byte)'-')
        {
            if (word.Length > 1 && word[1] == (byte)'-')
            {
                var equals = word.IndexOf((byte)'=');
                var name = equals < 0 ? word[2..] : word[2..equals];
                if (name.SequenceEqual("wrap"u8)) break;
                if (read.Flag(name)) continue;
                if (name.SequenceEqual("nice"u8) && equals < 0) read.Nice = 100;
                else if (equals >= 0) read.Option(name, word[(equals + 1)..]);
                else if (!IsLongFlag(name)) read.Option(name, Next(ref line));
            }
            else if (word.Length > 1 && ShortFlags.IndexOf(word[1]) < 0)
            {
                read.Option(word.Slice(1, 1), word.Length > 2 ? word[2..] : Next(ref line));
            }
        }

        return read;
    }

    private bool Flag(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("exclusive"u8)) Exclusive = 1;
        else if (name.SequenceEqual("requeue"u8)) Requeue = 1;
        else if (name.SequenceEqual("no-requeue"u8)) Requeue = -1;
        else return false;
        return true;
    }

    private void Option(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual("dependency"u8) || name.SequenceEqual("d"u8))
        {
            Dependency = value;
        }
        else if (name.SequenceEqual("mem"u8))
        {
            MemoryPerNode = Math.Max(0, SacctValues.Memory(value));
        }
        else if (name.SequenceEqual("nodes"u8) || name.SequenceEqual("N"u8))
        {
            if (value.IndexOf((byte)'-') is > 0 and var dash) MostNodes = (int)Math.Clamp(SacctValues.Number(value[(dash + 1)..]), 0, int.MaxValue);
        }
        else if (name.SequenceEqual("nice"u8))
        {
            if (Utf8Parser.TryParse(value, out int nice, out var read) && read == value.Length) Nice = nice;
        }
        else if (name.SequenceEqual("array"u8) || name.SequenceEqual("a"u8))
        {
            if (value.IndexOf((byte)'%') is >= 0 and var percent) Throttle = (int)Math.Clamp(SacctValues.Number(value[(percent + 1)..]), 0, int.MaxValue);
        }
    }

    private static bool IsLongFlag(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("hold"u8) || name.SequenceEqual("overcommit"u8) || name.SequenceEqual("oversubscribe"u8) || name.SequenceEqual("share"u8) || name.SequenceEqual("parsable"u8) || name.SequenceEqual("quiet"u8)
        || name.SequenceEqual("verbose"u8) || name.SequenceEqual("test-only"u8) || name.SequenceEqual("wait"u8) || name.SequenceEqual("contiguous"u8) || name.SequenceEqual("spread-job"u8) || name.SequenceEqual("use-min-nodes"u8)
        || name.SequenceEqual("no-kill"u8) || name.SequenceEqual("reboot"u8) || name.SequenceEqual("pty"u8) || name.SequenceEqual("immediate"u8) || name.SequenceEqual("no-shell"u8) || name.SequenceEqual("disable-status"u8);

    /// <summary>The next word, without quotes around it; empty at the end.</summary>
    private static ReadOnlySpan<byte> Next(scoped ref ReadOnlySpan<byte> line)
    {
        line = line.TrimStart((byte)' ');
        var end = line.IndexOf((byte)' ');
        var word = end < 0 ? line : line[..end];
        line = end < 0 ? [] : line[(end + 1)..];
        return word.Length > 1 && word[0] == word[^1] && word[0] is (byte)'"' or (byte)'\'' ? word[1..^1] : word;
    }
}
