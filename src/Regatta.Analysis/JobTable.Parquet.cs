using Parquet;
using Parquet.Schema;
using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary><c>jobs.parquet</c>: one column a field, row groups of at most 250,000 jobs, the version of the schema in the file's metadata.</summary>
public sealed partial class JobTable
{
    /// <summary>Version of the schema that is written, and the newest that can be read.</summary>
    public const int SchemaVersion = 1;

    // Tables of the first programs have none; nothing drains in them.
    private const string DrainsColumn = "drains";

    private const string VersionKey = "regatta.jobs.version";
    private const int RowGroup = 250_000;

    // Of fewer jobs, Zstandard takes longer to lay out its tables for each column than to compress it.
    private const int ManyToCompress = 20_000;

    private static readonly string[] StateNames =
        ["unfinished", "completed", "failed", "timed-out", "cancelled", "node-failed", "rejected", "lost"];

    private IEnumerable<(string Name, long[] Values, bool Nullable)> LongColumns =>
    [
        ("job", _job, false),
        ("run_time_us", _runTime, false),
        ("requested_time_us", _requestedTime, true),
        ("planned_us", _planned, true),
        ("sent_us", _sent, true),
        ("accepted_us", _accepted, true),
        ("eligible_us", _eligible, true),
        ("decided_us", _decided, true),
        ("start_us", _start, true),
        ("finish_us", _finish, true),
        ("released_us", _released, true),
    ];

    private IEnumerable<(string Name, int[] Values)> IntColumns => [("user_id", _user), ("processors", _processors)];

    private IEnumerable<(string Name, RareColumn Values, bool Nullable)> RareColumns =>
    [
        ("group_id", _group, false),
        ("queue_id", _queue, false),
        ("nodes", _nodes, false),
        ("requeues", _requeues, false),
        ("exit_code", _exitCode, true),
        (DrainsColumn, _drains, false),
    ];

    /// <summary>The name of <paramref name="state"/> in files and tables, such as <c>timed-out</c>.</summary>
    public static string StateName(JobState state) => StateNames[(int)state];

    /// <summary>Writes the table as Parquet.</summary>
    /// <param name="stream">Where to; writable, left open. It is written from its beginning to its end.</param>
    /// <param name="cancel">Stops the writing.</param>
    public async Task WriteAsync(Stream stream, CancellationToken cancel)
    {
        var longs = LongColumns.Select(c => (Field: Field(c.Name, typeof(long), c.Nullable), c.Values)).ToList();
        var ints = IntColumns.Select(c => (Field: Field(c.Name, typeof(int), false), c.Values)).ToList();
        var rare = RareColumns.Select(c => (Field: Field(c.Name, typeof(int), c.Nullable), c.Values)).ToList();
        var strings = new[] { "state", "node_list", "scheduler_id" }.Select(n => new DataField(n, typeof(string), isNullable: n != "state")).ToList();
        var requests = RequestFields;
        var schema = new ParquetSchema([.. longs.Select(c => c.Field), .. ints.Select(c => c.Field), .. rare.Select(c => c.Field), .. strings, .. requests]);
        var method = Count < ManyToCompress ? CompressionMethod.Snappy : CompressionMethod.Zstd;
        var options = new ParquetOptions { CompressionMethod = method, CompressionLevel = System.IO.Compression.CompressionLevel.Fastest };
        await using var writer = await ParquetWriter.CreateAsync(schema, stream, options, cancellationToken: cancel);
        writer.CustomMetadata = new Dictionary<string, string> { [VersionKey] = SchemaVersion.ToString(CultureInfo.InvariantCulture) };
        var scratch = new Scratch(Math.Min(RowGroup, Count));
        for (var first = 0; first < Count || first == 0; first += RowGroup)
        {
            var length = Math.Min(RowGroup, Count - first);
            using var group = writer.CreateRowGroup();
            foreach (var (field, values) in longs)
            {
                if (field.IsNullable) await group.WriteAsync<long>(field, scratch.Nullable(values.AsMemory(first, length)), cancellationToken: cancel);
                else await group.WriteAsync<long>(field, values.AsMemory(first, length), cancellationToken: cancel);
            }

            foreach (var (field, values) in ints) await group.WriteAsync<int>(field, values.AsMemory(first, length), cancellationToken: cancel);
            foreach (var (field, values) in rare)
            {
                if (field.IsNullable) await group.WriteAsync<int>(field, scratch.Nullable(values, first, length), cancellationToken: cancel);
                else await group.WriteAsync<int>(field, scratch.Plain(values, first, length), cancellationToken: cancel);
            }

            await group.WriteAsync(strings[0], scratch.Texts(first, length, row => StateNames[_state[row]]));
            await group.WriteAsync(strings[1], scratch.Texts(first, length, NodeList));
            await group.WriteAsync(strings[2], scratch.Texts(first, length, SchedulerId));
            await WriteRequestsAsync(group, requests, first, length, scratch, cancel);
            cancel.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Reads a table that <see cref="WriteAsync"/> wrote.</summary>
    /// <param name="stream">Where from; readable and seekable, left open.</param>
    /// <param name="source">Name of the file, for diagnostics.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <exception cref="DiagnosticException">It is not Parquet, is cut off, is of a newer schema, lacks a column, or holds values that cannot be.</exception>
    public static async Task<JobTable> ReadAsync(Stream stream, string source, CancellationToken cancel)
    {
        try
        {
            await using var reader = await ParquetReader.CreateAsync(stream, leaveStreamOpen: true, cancellationToken: cancel);
            CheckSchema(reader, source);
            long rows = 0;
            var longest = 0;
            for (var g = 0; g < reader.RowGroupCount; g++)
            {
                using var group = reader.OpenRowGroupReader(g);
                rows += group.RowCount;
                longest = Math.Max(longest, checked((int)group.RowCount));
            }

            if (rows > Array.MaxLength) throw Broken(source, $"it holds {rows} rows, more than the {Array.MaxLength} that can be read");
            var table = new JobTable((int)rows);
            var scratch = new Scratch(longest);
            var first = 0;
            for (var g = 0; g < reader.RowGroupCount; g++)
            {
                using var group = reader.OpenRowGroupReader(g);
                await table.ReadAsync(group, reader.Schema, first, scratch, source, cancel);
                first += (int)group.RowCount;
            }

            return table;
        }
        catch (Exception e) when (e is not (DiagnosticException or OperationCanceledException or OutOfMemoryException))
        {
            // Parquet.Net meets damaged files with exceptions of many types; to the user they are all one fault.
            throw Broken(source, e.Message.Length == 0 ? e.GetType().Name : e.Message, e);
        }
    }

    private async Task ReadAsync(ParquetRowGroupReader group, ParquetSchema schema, int first, Scratch scratch, string source, CancellationToken cancel)
    {
        var length = (int)group.RowCount;
        foreach (var (name, values, nullable) in LongColumns)
        {
            var field = schema.FindDataField(name);
            if (!field.IsNullable)
            {
                await group.ReadAsync<long>(field, values.AsMemory(first, length), cancellationToken: cancel);
                continue;
            }

            var read = scratch.NullableLongs[..length];
            await group.ReadAsync<long>(field, read, cancellationToken: cancel);
            for (var i = 0; i < length; i++) values[first + i] = read.Span[i] ?? (nullable ? Missing : throw Null(source, name, first + i));
        }

        foreach (var (name, set, nullable) in IntColumns.Select(c => (c.Name, (Action<int, int>)((row, value) => c.Values[row] = value), false))
            .Concat(RareColumns.Select(c => (c.Name, (Action<int, int>)((row, value) => c.Values[row] = value), c.Nullable))))
        {
            if (name == DrainsColumn && schema.GetDataFields().All(f => f.Name != name)) continue;
            var field = schema.FindDataField(name);
            if (!field.IsNullable)
            {
                var plain = scratch.Ints[..length];
                await group.ReadAsync<int>(field, plain, cancellationToken: cancel);
                for (var i = 0; i < length; i++) set(first + i, plain.Span[i]);
                continue;
            }

            var read = scratch.NullableInts[..length];
            await group.ReadAsync<int>(field, read, cancellationToken: cancel);
            for (var i = 0; i < length; i++) set(first + i, read.Span[i] ?? (nullable ? NoExitCode : throw Null(source, name, first + i)));
        }

        var strings = scratch.Strings[..length];
        await group.ReadAsync(schema.FindDataField("state"), strings!, cancellationToken: cancel);
        for (var i = 0; i < length; i++)
        {
            var state = Array.IndexOf(StateNames, strings.Span[i]);
            if (state < 0) throw Broken(source, $"row {first + i + 1} has the unknown state '{strings.Span[i]}'");
            _state[first + i] = (byte)state;
        }

        await group.ReadAsync(schema.FindDataField("node_list"), strings!, cancellationToken: cancel);
        for (var i = 0; i < length; i++) _nodeList[first + i] = NodeListNumber(strings.Span[i]);
        await group.ReadAsync(schema.FindDataField("scheduler_id"), strings!, cancellationToken: cancel);
        for (var i = 0; i < length; i++)
        {
            if (strings.Span[i] is { } id) (_schedulerId ??= new string?[Count])[first + i] = id;
        }

        await ReadRequestsAsync(group, schema, first, length);
        for (var i = first; i < first + length; i++)
        {
            if (_processors[i] is < 0 or > MachineSize.MostProcessors || _runTime[i] < 0)
                throw Broken(source, $"row {i + 1} (job {_job[i]}) has {_processors[i]} processors and a run time of {_runTime[i]} µs");
        }
    }

    private static void CheckSchema(ParquetReader reader, string source)
    {
        if (!reader.CustomMetadata.TryGetValue(VersionKey, out var text) || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            throw new DiagnosticException(Diagnostic.Error("jobs-not-ours", $"{source} is a Parquet file, but not one of jobs")
                with { Where = new SourceRange(source), Help = $"its metadata lacks '{VersionKey}'; give a jobs.parquet of a run directory" });
        }

        if (version is < 1 or > SchemaVersion)
        {
            throw new DiagnosticException(Diagnostic.Error("jobs-version", $"{source} has schema version {version}; this program reads 1 to {SchemaVersion}")
                with { Where = new SourceRange(source), Help = "read it with the version of regatta that wrote it, or a newer one" });
        }

        var expected = Empty.LongColumns.Select(c => (c.Name, Type: typeof(long)))
            .Concat(Empty.IntColumns.Select(c => (c.Name, Type: typeof(int))))
            .Concat(Empty.RareColumns.Select(c => (c.Name, Type: typeof(int))))
            .Concat(new[] { "state", "node_list", "scheduler_id" }.Select(n => (Name: n, Type: typeof(string))));
        var found = reader.Schema.GetDataFields().ToDictionary(f => f.Name, StringComparer.Ordinal);
        var faults = new List<Diagnostic>();
        foreach (var (name, type) in expected)
        {
            var fault = !found.TryGetValue(name, out var field) ? name == DrainsColumn ? null : $"{source} lacks the column '{name}'"
                : !SameType(field.ClrType, type) ? $"{source}: column '{name}' is of type {field.ClrType.Name}, not {type.Name}"
                : null;
            if (fault is not null) faults.Add(Diagnostic.Error("jobs-column", fault) with { Where = new SourceRange(source) });
        }

        faults.AddRange(RequestFaults(reader.Schema, source));
        if (faults.Count > 0) throw new DiagnosticException(faults);
    }

    // Parquet.Net names the type of text columns ReadOnlyMemory<char> or string, depending on how the field was made.
    private static bool SameType(Type found, Type wanted) =>
        found == wanted || (wanted == typeof(string) && found == typeof(ReadOnlyMemory<char>));

    private static DataField Field(string name, Type type, bool nullable) => new(name, type, nullable);

    private static DiagnosticException Null(string source, string column, int row) =>
        Broken(source, $"row {row + 1} has no '{column}'");

    private static DiagnosticException Broken(string source, string why, Exception? cause = null) =>
        new(Diagnostic.Error("jobs-broken", $"{source} cannot be read as a table of jobs") with
        {
            Where = new SourceRange(source),
            Detail = why,
            Help = "the file is damaged or cut off; 'regatta resume' runs the trial again when its directory lacks the file",
        }, cause);

    /// <summary>What one row group after the other is laid out in: columns made anew for each would stay in memory for long.</summary>
    private sealed class Scratch(int length)
    {
        private readonly Lazy<long?[]> _nullableLongs = new(() => new long?[length]);
        private readonly Lazy<int?[]> _nullableInts = new(() => new int?[length]);
        private readonly Lazy<int[]> _ints = new(() => new int[length]);
        private readonly Lazy<string[]> _strings = new(() => new string[length]);

        public Memory<long?> NullableLongs => _nullableLongs.Value;

        public Memory<int?> NullableInts => _nullableInts.Value;

        public Memory<int> Ints => _ints.Value;

        public Memory<string> Strings => _strings.Value;

        public ReadOnlyMemory<long?> Nullable(ReadOnlyMemory<long> values)
        {
            var nullable = NullableLongs[..values.Length];
            for (var i = 0; i < values.Length; i++) nullable.Span[i] = values.Span[i] == Missing ? null : values.Span[i];
            return nullable;
        }

        public ReadOnlyMemory<int?> Nullable(RareColumn values, int first, int count)
        {
            var nullable = NullableInts[..count];
            for (var i = 0; i < count; i++) nullable.Span[i] = values[first + i] == NoExitCode ? null : values[first + i];
            return nullable;
        }

        public ReadOnlyMemory<int> Plain(RareColumn values, int first, int count)
        {
            var plain = Ints[..count];
            for (var i = 0; i < count; i++) plain.Span[i] = values[first + i];
            return plain;
        }

        public string[] Texts(int first, int count, Func<int, string?> text)
        {
            var texts = count == length ? _strings.Value : new string[count];
            for (var i = 0; i < count; i++) texts[i] = text(first + i)!;
            return texts;
        }
    }
}
