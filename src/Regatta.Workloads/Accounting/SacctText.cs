namespace Regatta.Workloads;

/// <summary>Reads <c>sacct -P</c> and <c>-p</c>: a line of column names, then a row for each run of a job.</summary>
internal sealed class SacctText(SacctHeader header, SacctClock clock, AccountedJobs jobs)
{
    private readonly (int Start, int Length)[] _fields = new (int, int)[header.Columns + 64];

    /// <summary>Takes a row; false when it cannot be read.</summary>
    public bool Take(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd((byte)'\r');
        var count = Split(line);
        // -p writes a delimiter behind the last column.
        if (count == header.Columns + 1 && _fields[count - 1].Length == 0) count--;
        var extra = count - header.Columns;
        if (extra < 0 || (extra > 0 && header.Free < 0)) return false;
        _extra = extra;
        var cluster = Field(line, SacctColumn.Cluster);
        if (!cluster.IsEmpty) jobs.Clusters.Of(cluster);
        if (!Numbers(line, out var id, out var array, out var component, out var step)) return false;
        if (step)
        {
            jobs.Step();
            return true;
        }

        var submit = clock.Read(Field(line, SacctColumn.Submit));
        if (double.IsNaN(submit)) return false;
        var requested = Known(SacctValues.Number(Field(line, SacctColumn.ReqCpus)), SacctValues.Resource(Field(line, SacctColumn.ReqTres), "cpu"u8));
        var allocated = Known(SacctValues.Number(Field(line, SacctColumn.AllocCpus)), SacctValues.Resource(Field(line, SacctColumn.AllocTres), "cpu"u8), SacctValues.Number(Field(line, SacctColumn.NCpus)));
        var given = Known(SacctValues.Number(Field(line, SacctColumn.AllocNodes)), SacctValues.Number(Field(line, SacctColumn.NNodes)), SacctValues.Resource(Field(line, SacctColumn.AllocTres), "node"u8));
        var asked = SacctValues.Number(Field(line, SacctColumn.ReqNodes));
        jobs.Add(new AccountedRow
        {
            Id = id, Array = array, Component = component, State = SacctValues.State(Field(line, SacctColumn.State)), Submit = submit,
            Eligible = clock.Read(Field(line, SacctColumn.Eligible)), Start = clock.Read(Field(line, SacctColumn.Start)), End = clock.Read(Field(line, SacctColumn.End)),
            Ran = Ran(line), Limit = Limit(line), Requested = requested, Allocated = allocated, GivenNothing = header[SacctColumn.AllocTres] >= 0 && Field(line, SacctColumn.AllocTres).IsEmpty,
            Nodes = asked >= 0 ? asked : given,
            MemoryPerProcessor = SacctValues.MemoryPerProcessor(Field(line, SacctColumn.ReqTres), Field(line, SacctColumn.ReqMem), requested > 0 ? requested : allocated, asked > 0 ? asked : given),
            User = jobs.Users.Of(First(line, SacctColumn.User, SacctColumn.Uid)), Group = jobs.Groups.Of(First(line, SacctColumn.Account, SacctColumn.Group, SacctColumn.Gid)),
            Queue = jobs.Queues.Of(Field(line, SacctColumn.Qos)), Partition = jobs.Partitions.Of(Field(line, SacctColumn.Partition)),
        });
        return true;
    }

    private int _extra;

    private static long Known(params ReadOnlySpan<long> values)
    {
        foreach (var value in values)
        {
            if (value > 0) return value;
        }

        return 0;
    }

    private int Split(ReadOnlySpan<byte> line)
    {
        var count = 0;
        var start = 0;
        while (count < _fields.Length)
        {
            var next = line[start..].IndexOf(header.Delimiter);
            _fields[count++] = (start, next < 0 ? line.Length - start : next);
            if (next < 0) return count;
            start += next + header.Delimiter.Length;
        }

        return -1;
    }

    /// <summary>The text of a column; empty when it is not there. What stands behind the only free text is moved by the delimiters in that.</summary>
    private ReadOnlySpan<byte> Field(ReadOnlySpan<byte> line, SacctColumn column)
    {
        var place = header[column];
        if (place < 0) return [];
        var (start, length) = _fields[place > header.Free && header.Free >= 0 ? place + _extra : place];
        return line.Slice(start, length);
    }

    private ReadOnlySpan<byte> First(ReadOnlySpan<byte> line, params ReadOnlySpan<SacctColumn> columns)
    {
        foreach (var column in columns)
        {
            if (Field(line, column) is { IsEmpty: false } text) return text;
        }

        return [];
    }

    /// <summary><c>12</c>, a task <c>12_3</c>, tasks that wait <c>12_[4-6%2]</c>, a component <c>12+1</c>, a step <c>12.batch</c>.</summary>
    private bool Numbers(ReadOnlySpan<byte> line, out long id, out long array, out bool component, out bool step)
    {
        var raw = Field(line, SacctColumn.JobIdRaw);
        var shown = Field(line, SacctColumn.JobId);
        var text = shown.IsEmpty ? raw : shown;
        step = text.Contains((byte)'.');
        (array, component) = (0, false);
        var mark = text.IndexOfAny((byte)'_', (byte)'+', (byte)'.');
        id = SacctValues.Number(raw.IsEmpty ? text : raw);
        if (mark < 0) return id > 0;
        var first = SacctValues.Number(text[..mark]);
        if (text[mark] == (byte)'_') array = first;
        component = text[mark] == (byte)'+';
        if (id < 0) id = component && text[(mark + 1)..].SequenceEqual("0"u8) ? first : 0;
        return first > 0;
    }

    private double Ran(ReadOnlySpan<byte> line)
    {
        double ran = SacctValues.Number(Field(line, SacctColumn.ElapsedRaw));
        if (ran < 0) ran = SacctValues.Duration(Field(line, SacctColumn.Elapsed));
        var suspended = SacctValues.Duration(Field(line, SacctColumn.Suspended));
        return ran + (double.IsNaN(suspended) ? 0 : suspended);
    }

    /// <summary>In seconds; <c>TimelimitRaw</c> is in minutes.</summary>
    private double Limit(ReadOnlySpan<byte> line) =>
        SacctValues.Number(Field(line, SacctColumn.TimelimitRaw)) is > 0 and var minutes ? minutes * 60.0 : SacctValues.Duration(Field(line, SacctColumn.Timelimit));
}
