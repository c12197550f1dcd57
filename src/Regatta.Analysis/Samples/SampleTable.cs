using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace Regatta.Analysis;

/// <summary>
/// <c>samples.parquet</c>: what was sampled of a scheduler from inside, one row a value: <c>time_us</c> (UTC microseconds), <c>name</c>, <c>labels</c> (empty, or as
/// <c>type="REQUEST_PING"</c>) and <c>value</c>. Rows are in the order of time.
/// </summary>
public sealed class SampleTable
{
    /// <summary>Its name in a trial's directory.</summary>
    public const string FileName = "samples.parquet";

    private static readonly DataField<long> TimeField = new("time_us");
    private static readonly DataField NameField = new("name", typeof(string), isNullable: false), LabelsField = new("labels", typeof(string), isNullable: false);
    private static readonly DataField<double> ValueField = new("value");

    private readonly List<long> _times = [];
    private readonly List<string> _names = [], _labels = [];
    private readonly List<double> _values = [];
    private readonly Dictionary<string, (string Name, string Labels)> _keys = new(StringComparer.Ordinal);

    /// <summary>How many values there are.</summary>
    public int Count => _times.Count;

    /// <summary>The values of a name and its labels over time, in microseconds.</summary>
    public IEnumerable<(long Time, double Value)> Series(string name, string labels = "")
    {
        for (var row = 0; row < Count; row++)
        {
            if (_names[row] == name && _labels[row] == labels) yield return (_times[row], _values[row]);
        }
    }

    /// <summary>Every series, by name and labels.</summary>
    public IEnumerable<IGrouping<(string Name, string Labels), (long Time, double Value)>> All =>
        Enumerable.Range(0, Count).GroupBy(row => (_names[row], _labels[row]), row => (_times[row], _values[row]));

    /// <summary>Reads the lines that the agent wrote; one that was cut off is the end.</summary>
    /// <param name="lines">JSON lines.</param>
    /// <param name="source">Where they are from, for diagnostics.</param>
    /// <exception cref="DiagnosticException">A line is none of samples.</exception>
    public static SampleTable Parse(ReadOnlyMemory<byte> lines, string source)
    {
        var table = new SampleTable();
        var number = 0;
        while (lines.Span.IndexOf((byte)'\n') is >= 0 and var end)
        {
            number++;
            try
            {
                table.Add(lines[..end]);
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
            {
                throw new DiagnosticException(Diagnostic.Error("samples-line", $"line {number} of {source} holds no samples") with { Where = new SourceRange(source, number), Detail = exception.Message }, exception);
            }

            lines = lines[(end + 1)..];
        }

        return table;
    }

    /// <summary>Writes Parquet.</summary>
    public async Task WriteAsync(Stream stream, CancellationToken cancel)
    {
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.Zstd, CompressionLevel = System.IO.Compression.CompressionLevel.Fastest };
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(TimeField, NameField, LabelsField, ValueField), stream, options, cancellationToken: cancel);
        using var group = writer.CreateRowGroup();
        await group.WriteAsync<long>(TimeField, _times.ToArray(), cancellationToken: cancel);
        await group.WriteAsync(NameField, _names.ToArray());
        await group.WriteAsync(LabelsField, _labels.ToArray());
        await group.WriteAsync<double>(ValueField, _values.ToArray(), cancellationToken: cancel);
    }

    /// <summary>Reads what <see cref="WriteAsync"/> wrote.</summary>
    /// <exception cref="DiagnosticException">It is something else, or damaged.</exception>
    public static async Task<SampleTable> ReadAsync(Stream stream, string source, CancellationToken cancel)
    {
        try
        {
            await using var reader = await ParquetReader.CreateAsync(stream, leaveStreamOpen: true, cancellationToken: cancel);
            var table = new SampleTable();
            for (var g = 0; g < reader.RowGroupCount; g++)
            {
                using var group = reader.OpenRowGroupReader(g);
                var rows = (int)group.RowCount;
                var (times, values, names, labels) = (new long[rows], new double[rows], new string?[rows], new string?[rows]);
                await group.ReadAsync<long>(reader.Schema.FindDataField(TimeField.Name), times, cancellationToken: cancel);
                await group.ReadAsync(reader.Schema.FindDataField(NameField.Name), names.AsMemory(), cancellationToken: cancel);
                await group.ReadAsync(reader.Schema.FindDataField(LabelsField.Name), labels.AsMemory(), cancellationToken: cancel);
                await group.ReadAsync<double>(reader.Schema.FindDataField(ValueField.Name), values, cancellationToken: cancel);
                table._times.AddRange(times);
                table._names.AddRange(names.Select(n => n ?? ""));
                table._labels.AddRange(labels.Select(l => l ?? ""));
                table._values.AddRange(values);
            }

            return table;
        }
        catch (Exception exception) when (exception is not (DiagnosticException or OperationCanceledException or OutOfMemoryException))
        {
            throw new DiagnosticException(Diagnostic.Error("samples-broken", $"{source} cannot be read as a table of samples") with
            {
                Where = new SourceRange(source), Detail = exception.Message, Help = "remove the file: the trial is valid without it",
            }, exception);
        }
    }

    /// <summary>The last value of each series as the text format of OpenMetrics 1.0, all as gauges with their times, one family after the other.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="labels">Labels that every line gets, such as the trial's; values of names that fit.</param>
    /// <param name="all">Every value, and not the last of each alone: a series may then have several times.</param>
    public void WriteOpenMetrics(TextWriter text, IReadOnlyList<(string Name, string Value)> labels, bool all)
    {
        ArgumentNullException.ThrowIfNull(text);
        var common = string.Join(',', labels.Select(l => $"{l.Name}=\"{Escaped(l.Value)}\""));
        foreach (var family in All.GroupBy(s => s.Key.Name).OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            var name = "regatta_" + family.Key;
            text.Write($"# TYPE {name} gauge\n");
            if (name.EndsWith("_seconds", StringComparison.Ordinal)) text.Write($"# UNIT {name} seconds\n");
            else if (name.EndsWith("_bytes", StringComparison.Ordinal)) text.Write($"# UNIT {name} bytes\n");
            foreach (var series in family.OrderBy(s => s.Key.Labels, StringComparer.Ordinal))
            {
                var own = string.Join(',', new[] { common, series.Key.Labels }.Where(l => l.Length > 0));
                foreach (var (time, value) in all ? series : series.TakeLast(1))
                    text.Write(string.Create(CultureInfo.InvariantCulture, $"{name}{(own.Length == 0 ? "" : $"{{{own}}}")} {value:R} {time / 1_000_000}.{time % 1_000_000:000000}\n"));
            }
        }
    }

    /// <summary>The end of a text of OpenMetrics.</summary>
    public const string OpenMetricsEnd = "# EOF\n";

    private static string Escaped(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private void Add(ReadOnlyMemory<byte> line)
    {
        using var json = JsonDocument.Parse(line);
        var time = json.RootElement.GetProperty("time").GetInt64();
        foreach (var value in json.RootElement.GetProperty("values").EnumerateObject())
        {
            if (!_keys.TryGetValue(value.Name, out var key)) _keys[value.Name] = key = Split(value.Name);
            _times.Add(time);
            _names.Add(key.Name);
            _labels.Add(key.Labels);
            _values.Add(value.Value.GetDouble());
        }
    }

    private static (string Name, string Labels) Split(string key) =>
        key.IndexOf('{', StringComparison.Ordinal) is >= 0 and var brace && key.EndsWith('}') ? (key[..brace], key[(brace + 1)..^1]) : (key, "");
}
