using System.Buffers.Text;
using System.Text;

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
    private readonly Dictionary<string, double> _sums = new(StringComparer.Ordinal);
    private readonly HashSet<string> _counted = new(StringComparer.Ordinal);

    /// <param name="kept">What is kept.</param>
    public MetricSelection(IEnumerable<KeptMetric> kept) => _byName = kept.ToDictionary(k => k.Name, Kept.Of, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Takes what is kept out of a text.</summary>
    /// <exception cref="IOException">A line of what is kept is none of metrics.</exception>
    public void Take(ReadOnlySpan<byte> text, SampleWriter into)
    {
        _sums.Clear();
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

            if (found is not null) Add(line, length, found);
        }

        foreach (var (key, value) in _sums)
        {
            if (value != 0) _counted.Add(key);
            if (_counted.Contains(key)) into.Add(key, value);
        }
    }

    private void Add(ReadOnlySpan<byte> line, int name, Kept kept)
    {
        var (metric, labels, without) = kept;
        var rest = line[name..];
        ReadOnlySpan<byte> told = default;
        if (rest[0] == '{')
        {
            var end = EndOfLabels(rest);
            if (end < 0) throw new IOException($"no line of metrics: {Encoding.UTF8.GetString(line)}");
            told = rest[1..end];
            rest = rest[(end + 1)..];
        }

        if (without is var (label, value) && Value(told, label).SequenceEqual(value)) return;
        rest = rest.TrimStart((byte)' ');
        // What is no number (NaN, +Inf) says nothing that could be added up.
        if (!Utf8Parser.TryParse(rest, out double number, out _) || !double.IsFinite(number)) return;
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
        _sums[text] = _sums.GetValueOrDefault(text) + number;
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

    /// <summary>What is kept, as bytes that lines are held against.</summary>
    private sealed record Kept(KeptMetric Metric, byte[][] Labels, (byte[] Label, byte[] Value)? Without)
    {
        public static Kept Of(KeptMetric metric) => new(metric, [.. metric.Labels.Select(Encoding.ASCII.GetBytes)],
            metric.Without is var (label, value) ? (Encoding.ASCII.GetBytes(label), Encoding.ASCII.GetBytes(value)) : null);
    }
}
