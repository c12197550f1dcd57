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
        if (!Numbers(line, out var number, out var step)) return false;
        if (step)
        {
            jobs.Step();
            return true;
        }

        var submit = clock.Read(Field(line, SacctColumn.Submit));
        if (double.IsNaN(submit)) return false;
        ReadOnlySpan<byte> asks = Field(line, SacctColumn.ReqTres), gets = Field(line, SacctColumn.AllocTres);
        long cpus = SacctValues.Resource(asks, "cpu"u8), whole = cpus > 0 ? SacctValues.Resource(asks, "mem"u8) : 0;
        var requested = Number(line, SacctColumn.ReqCpus) is > 0 and var ofColumn ? ofColumn : Math.Max(0, cpus);
        var allocated = Number(line, SacctColumn.AllocCpus);
        if (allocated <= 0) allocated = SacctValues.Resource(gets, "cpu"u8);
        if (allocated <= 0) allocated = Math.Max(0, Number(line, SacctColumn.NCpus));
        var given = Number(line, SacctColumn.AllocNodes);
        if (given <= 0) given = Number(line, SacctColumn.NNodes);
        if (given <= 0) given = Math.Max(0, SacctValues.Resource(gets, "node"u8));
        var asked = Number(line, SacctColumn.ReqNodes);
        var state = Field(line, SacctColumn.State);
        var command = FreeField(line, SacctColumn.SubmitLine);
        var typed = SubmitLine.Parse(command);
        var eligible = clock.Read(Field(line, SacctColumn.Eligible));
        var (request, user, account) = Asked(line, typed);
        var suspended = SacctValues.Duration(Field(line, SacctColumn.Suspended));
        jobs.Add(new AccountedRow
        {
            Id = number.Id, Array = number.Array, ArrayTask = number.Task, Heterogeneous = number.Component ? number.First : 0, State = SacctValues.State(state), Ended = SacctValues.Ended(state), Submit = submit,
            Cron = SacctValues.Cron(header[SacctColumn.SubmitLine] >= 0 && command.IsEmpty, submit, eligible), Eligible = eligible, Start = clock.Read(Field(line, SacctColumn.Start)), End = clock.Read(Field(line, SacctColumn.End)),
            Ran = Ran(line) + (double.IsNaN(suspended) ? 0 : suspended), Suspended = suspended, Limit = Limit(line), Requested = requested, Allocated = allocated, GivenNothing = header[SacctColumn.AllocTres] >= 0 && gets.IsEmpty,
            Nodes = asked >= 0 ? asked : given,
            MemoryPerProcessor = SacctValues.MemoryPerProcessor(whole, cpus, Field(line, SacctColumn.ReqMem), requested > 0 ? requested : allocated, asked > 0 ? asked : given),
            User = user, Group = account, Queue = jobs.Names.Qos.Of(Field(line, SacctColumn.Qos)), Partition = jobs.Names.Partitions.Of(Field(line, SacctColumn.Partition)), Request = request,
            Dependency = typed.Dependency.IsEmpty ? null : System.Text.Encoding.UTF8.GetString(typed.Dependency),
        });
        return true;
    }

    private int _extra;

    private long Number(ReadOnlySpan<byte> line, SacctColumn column) => SacctValues.Number(Field(line, column));

    private int Split(ReadOnlySpan<byte> line)
    {
        var count = 0;
        var start = 0;
        while (count < _fields.Length)
        {
            var next = header.Delimiter.Length == 1 ? line[start..].IndexOf(header.Delimiter[0]) : line[start..].IndexOf(header.Delimiter);
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

    private readonly record struct JobNumber(long Id, long Array, int Task, bool Component, long First);

    /// <summary><c>12</c>, a task <c>12_3</c>, tasks that wait <c>12_[4-6%2]</c>, a component <c>12+1</c>, a step <c>12.batch</c>.</summary>
    private bool Numbers(ReadOnlySpan<byte> line, out JobNumber number, out bool step)
    {
        var raw = Field(line, SacctColumn.JobIdRaw);
        var shown = Field(line, SacctColumn.JobId);
        var text = shown.IsEmpty ? raw : shown;
        step = text.Contains((byte)'.');
        var mark = text.IndexOfAny((byte)'_', (byte)'+', (byte)'.');
        var id = SacctValues.Number(raw.IsEmpty ? text : raw);
        number = new JobNumber(id, 0, -1, false, id);
        if (mark < 0) return id > 0;
        var first = SacctValues.Number(text[..mark]);
        var component = text[mark] == (byte)'+';
        var behind = SacctValues.Number(text[(mark + 1)..]);
        if (id < 0) id = component && behind == 0 ? first : 0;
        number = text[mark] == (byte)'_' ? new JobNumber(id, first, (int)Math.Min(behind, int.MaxValue), false, first) : new JobNumber(id, 0, -1, component, first);
        return first > 0;
    }

    private (AccountedRequest Request, int User, int Account) Asked(ReadOnlySpan<byte> line, in SubmitLine typed)
    {
        var names = jobs.Names;
        var account = Field(line, SacctColumn.Account);
        var group = First(line, SacctColumn.Group, SacctColumn.Gid);
        if (!account.IsEmpty) names.HasAccounts = true;
        var resources = Field(line, SacctColumn.ReqTres);
        var licenses = SacctValues.Part(resources, "license/"u8);
        var memory = Field(line, SacctColumn.ReqMem);
        var request = new AccountedRequest
        {
            Group = account.IsEmpty ? 0 : names.Groups.Of(group), Reservation = names.Reservations.Of(Field(line, SacctColumn.Reservation)),
            Licenses = names.Licenses.Of(licenses.IsEmpty ? Field(line, SacctColumn.Licenses) : licenses), Constraint = names.Constraints.Of(FreeField(line, SacctColumn.Constraints)),
            Gres = names.Gres.Of(SacctValues.Part(resources, "gres/"u8)), MemoryPerNode = typed.MemoryPerNode > 0 ? typed.MemoryPerNode : memory.EndsWith("n"u8) ? Math.Max(0, SacctValues.Memory(memory[..^1])) : 0,
            MostNodes = typed.MostNodes, Nice = typed.Nice, Throttle = typed.Throttle, Exclusive = typed.Exclusive, Requeue = typed.Requeue,
        };
        return (request, names.Users.Of(First(line, SacctColumn.User, SacctColumn.Uid)), names.Accounts.Of(account.IsEmpty ? group : account));
    }

    /// <summary>The text of a column that may hold the delimiter, when it is the only one of that kind.</summary>
    private ReadOnlySpan<byte> FreeField(ReadOnlySpan<byte> line, SacctColumn column)
    {
        var place = header[column];
        if (place < 0 || place != header.Free || _extra == 0) return Field(line, column);
        var last = _fields[place + _extra];
        return line[_fields[place].Start..(last.Start + last.Length)];
    }

    private double Ran(ReadOnlySpan<byte> line)
    {
        double ran = SacctValues.Number(Field(line, SacctColumn.ElapsedRaw));
        if (ran < 0) ran = SacctValues.Duration(Field(line, SacctColumn.Elapsed));
        return ran;
    }

    /// <summary>In seconds; <c>TimelimitRaw</c> is in minutes.</summary>
    private double Limit(ReadOnlySpan<byte> line) =>
        SacctValues.Limit(SacctValues.Number(Field(line, SacctColumn.TimelimitRaw)) is > 0 and var minutes ? minutes * 60.0 : SacctValues.Duration(Field(line, SacctColumn.Timelimit)));
}
