using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Regatta.Agent.Sampling;

/// <summary>A family of metrics that is kept of what a server tells.</summary>
/// <param name="Name">Its name; a histogram or summary is kept as its <c>_sum</c> and <c>_count</c>, under those names.</param>
/// <param name="Labels">Labels that tell its series apart; what agrees in all of them is added up.</param>
internal sealed record KeptMetric(string Name, params string[] Labels)
{
    /// <summary>A label that every series of it gets besides, such as <c>process="kube-scheduler"</c>, where several servers tell the same; empty for none.</summary>
    public string Owner { get; init; } = "";

    /// <summary>A label and a value of it that are left out, such as watches, which last as long as somebody looks; null for none.</summary>
    public (string Label, string Value)? Without { get; init; }

    /// <summary>A histogram's or a summary's sum and count.</summary>
    public static IEnumerable<KeptMetric> Times(string name, params string[] labels) => [new(name + "_sum", labels), new(name + "_count", labels)];
}

/// <summary>
/// Takes what is kept out of a text of metrics (the text format of Prometheus 0.0.4): a server of Kubernetes tells thousands of lines, most of them buckets.
/// Series that have never been other than zero are left out.
/// </summary>
internal sealed class MetricSelection
{
    private readonly Dictionary<string, Kept>.AlternateLookup<ReadOnlySpan<char>> _byName;
    private readonly Dictionary<string, Sum> _sums = new(StringComparer.Ordinal);

    // Lines of what is kept as they were told last, up to their value. A server tells them in the same order each time, with few more now and then: each is held against
    // the one that came in its place before, and looked into only where it is another one.
    private List<(byte[] Line, Sum? Sum)> _told = [], _telling = [];

    /// <param name="kept">What is kept.</param>
    public MetricSelection(IEnumerable<KeptMetric> kept) => _byName = kept.ToDictionary(k => k.Name, Kept.Of, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Takes what is kept out of a text.</summary>
    /// <exception cref="IOException">A line of what is kept is none of metrics.</exception>
    public void Take(ReadOnlySpan<byte> text, SampleWriter into)
    {
        foreach (var sum in _sums.Values) (sum.Value, sum.Told) = (0, false);
        _telling.Clear();
        var place = 0;
        Span<char> name = stackalloc char[128];
        ReadOnlySpan<byte> last = default;
        Kept? found = null;
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)'\n');
            var line = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            if (line.IsEmpty || line[0] == '#') continue;
            var length = line.IndexOfAny((byte)'{', (byte)' ');
            if (length <= 0 || length > name.Length) continue;
            // Lines of one family follow each other.
            if (!line[..length].SequenceEqual(last))
            {
                last = line[..length];
                found = _byName.TryGetValue(name[..Encoding.ASCII.GetChars(last, name)], out var kept) ? kept : null;
            }

            if (found is not null) Add(line, length, found, ref place);
        }

        (_told, _telling) = (_telling, _told);
        foreach (var sum in _sums.Values)
        {
            if (sum is { Told: true, Value: not 0 }) sum.Counted = true;
            if (sum is { Told: true, Counted: true }) into.Add(sum.Key, sum.Value);
        }
    }

    private void Add(ReadOnlySpan<byte> line, int name, Kept kept, ref int place)
    {
        var (known, sum) = Known(line, ref place) ?? Read(line, name, kept);
        _telling.Add((known, sum));
        // What is no number (NaN, +Inf) says nothing that could be added up.
        if (sum is null || !Utf8Parser.TryParse(line[known.Length..], out double number, out _) || !double.IsFinite(number)) return;
        (sum.Value, sum.Told) = (sum.Value + number, true);
    }

    /// <summary>The line where it is one of those that may come next: a few may have gone in between.</summary>
    private (byte[] Line, Sum? Sum)? Known(ReadOnlySpan<byte> line, ref int place)
    {
        const int Ahead = 4;
        for (var i = place; i < Math.Min(place + Ahead, _told.Count); i++)
        {
            if (!line.StartsWith(_told[i].Line)) continue;
            place = i + 1;
            return _told[i];
        }

        return null;
    }

    private (byte[] Line, Sum? Sum) Read(ReadOnlySpan<byte> line, int name, Kept kept)
    {
        var (metric, labels, without) = kept;
        var value = name;
        ReadOnlySpan<byte> told = default;
        if (line[name] == '{')
        {
            var end = EndOfLabels(line[name..]);
            if (end < 0) throw new IOException($"no line of metrics: {Encoding.UTF8.GetString(line)}");
            told = line[(name + 1)..(name + end)];
            value = name + end + 1;
        }

        while (value < line.Length && line[value] == ' ') value++;
        var known = line[..value].ToArray();
        if (without is var (label, left) && Value(told, label).SequenceEqual(left)) return (known, null);
        var key = new StringBuilder(metric.Name).Append('{').Append(metric.Owner);
        for (var i = 0; i < labels.Length; i++)
        {
            if (key[^1] != '{') key.Append(',');
            // Escapes are the same in what is written.
            key.Append(metric.Labels[i]).Append("=\"").Append(Encoding.UTF8.GetString(Value(told, labels[i]))).Append('"');
        }

        if (key[^1] == '{') key.Length--;
        else key.Append('}');
        var text = key.ToString();
        if (!_sums.TryGetValue(text, out var sum)) _sums.Add(text, sum = new Sum(text));
        return (known, sum);
    }

    private static int EndOfLabels(ReadOnlySpan<byte> text)
    {
        var quoted = false;
        for (var i = 1; i < text.Length; i++)
        {
            if (quoted && text[i] == '\\') i++;
            else if (text[i] == '"') quoted = !quoted;
            else if (text[i] == '}' && !quoted) return i;
        }

        return -1;
    }

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> labels, ReadOnlySpan<byte> name)
    {
        while (!labels.IsEmpty)
        {
            var equals = labels.IndexOf((byte)'=');
            if (equals < 0 || labels.Length < equals + 2) return default;
            var value = labels[(equals + 2)..];
            var end = 0;
            while (end < value.Length && value[end] != '"') end += value[end] == '\\' ? 2 : 1;
            if (end > value.Length) return default;
            if (labels[..equals].Trim((byte)' ').SequenceEqual(name)) return value[..end];
            labels = value[Math.Min(value.Length, end + 1)..].TrimStart((byte)',');
        }

        return default;
    }

    /// <summary>A series that is kept: what lines that agree in its labels come to.</summary>
    private sealed class Sum(string key)
    {
        public JsonEncodedText Key { get; } = SampleWriter.Encode(key);

        public double Value { get; set; }

        public bool Told { get; set; }

        public bool Counted { get; set; }
    }

    /// <summary>What is kept, as bytes that lines are held against.</summary>
    private sealed record Kept(KeptMetric Metric, byte[][] Labels, (byte[] Label, byte[] Value)? Without)
    {
        public static Kept Of(KeptMetric metric) => new(metric, [.. metric.Labels.Select(Encoding.ASCII.GetBytes)],
            metric.Without is var (label, value) ? (Encoding.ASCII.GetBytes(label), Encoding.ASCII.GetBytes(value)) : null);
    }
}
