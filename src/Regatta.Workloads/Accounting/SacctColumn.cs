using System.Text;

namespace Regatta.Workloads;

/// <summary>The columns of <c>sacct</c> that are read; all others are skipped.</summary>
internal enum SacctColumn
{
    JobIdRaw, JobId, Cluster, User, Uid, Account, Group, Gid, Qos, Partition, State, Submit, Eligible, Start, End, ElapsedRaw, Elapsed, Suspended,
    TimelimitRaw, Timelimit, ReqCpus, AllocCpus, NCpus, ReqNodes, AllocNodes, NNodes, ReqMem, ReqTres, AllocTres, Reservation, Licenses, Constraints, SubmitLine,
}

/// <summary>The first line of <c>sacct -P</c> or <c>-p</c>: which column is where, and what stands between them.</summary>
internal sealed class SacctHeader
{
    private static readonly string[] Names = Enum.GetNames<SacctColumn>();

    // sacct writes these as their users did: a delimiter in one of them moves what comes behind.
    private static readonly HashSet<string> FreeText = new(["JobName", "SubmitLine", "Comment", "AdminComment", "SystemComment", "Constraints", "WorkDir", "StdIn", "StdOut", "StdErr", "Extra"], StringComparer.OrdinalIgnoreCase);

    private readonly int[] _places = new int[Names.Length];

    private SacctHeader(byte[] delimiter, IReadOnlyList<string> columns)
    {
        Delimiter = delimiter;
        Columns = columns.Count;
        Array.Fill(_places, -1);
        for (var i = 0; i < columns.Count; i++)
        {
            var known = Array.FindIndex(Names, name => name.Equals(columns[i], StringComparison.OrdinalIgnoreCase));
            if (known >= 0 && _places[known] < 0) _places[known] = i;
        }

        var free = Enumerable.Range(0, columns.Count).Where(i => FreeText.Contains(columns[i])).ToList();
        Free = free.Count == 1 ? free[0] : -1;
    }

    /// <summary>What stands between two columns, at least one byte.</summary>
    public byte[] Delimiter { get; }

    /// <summary>How many columns there are.</summary>
    public int Columns { get; }

    /// <summary>Place of the only column of free text, which may hold the delimiter; -1 when there is none or more than one.</summary>
    public int Free { get; }

    /// <summary>Place of a column, from 0; -1 when it is not there.</summary>
    public int this[SacctColumn column] => _places[(int)column];

    /// <summary>The header that a line is; null when the line is none of sacct's.</summary>
    public static SacctHeader? Parse(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd((byte)'\r');
        var name = Letters(line);
        if (name == 0 || name == line.Length) return null;
        var between = 0;
        while (name + between < line.Length && !IsLetter(line[name + between])) between++;
        // A name that ends the line has its delimiter behind it with -p.
        var delimiter = line.Slice(name, between).ToArray();
        if (delimiter.AsSpan().IndexOfAny(" \t"u8) >= 0) return null;
        var columns = Encoding.Latin1.GetString(line).Split(Encoding.Latin1.GetString(delimiter)).ToList();
        if (columns[^1].Length == 0) columns.RemoveAt(columns.Count - 1);
        if (columns.Any(column => column.Length == 0 || !column.All(char.IsAsciiLetter))) return null;
        var header = new SacctHeader(delimiter, columns);
        return header.Has(SacctColumn.JobId, SacctColumn.JobIdRaw) && header._places.Count(place => place >= 0) >= 2 ? header : null;
    }

    /// <summary>What a trace needs and this one lacks, each with the columns of which one would do; empty when nothing lacks.</summary>
    public IEnumerable<string> Missing()
    {
        if (!Has(SacctColumn.Submit)) yield return "Submit";
        if (!Has(SacctColumn.Start)) yield return "Start";
        if (!Has(SacctColumn.ElapsedRaw, SacctColumn.Elapsed, SacctColumn.End)) yield return "ElapsedRaw";
        if (!Has(SacctColumn.State)) yield return "State";
        if (!Has(SacctColumn.AllocCpus, SacctColumn.NCpus, SacctColumn.AllocTres, SacctColumn.ReqCpus)) yield return "AllocCPUS";
    }

    private bool Has(params ReadOnlySpan<SacctColumn> columns)
    {
        foreach (var column in columns)
        {
            if (this[column] >= 0) return true;
        }

        return false;
    }

    private static int Letters(ReadOnlySpan<byte> text)
    {
        var length = 0;
        while (length < text.Length && IsLetter(text[length])) length++;
        return length;
    }

    private static bool IsLetter(byte letter) => char.IsAsciiLetter((char)letter);
}
