namespace Regatta.Workloads;

/// <summary>
/// The comments at the head of an SWF file, kept line by line as they stand. A label such as <c>MaxProcs</c> is looked up in the
/// <c>; Label: value</c> lines, case ignored; where one stands twice (<c>Note</c>, <c>Queue</c>), the first counts for <see cref="this[string]"/>.
/// </summary>
/// <param name="Lines">The lines without their ends, each starting with <c>;</c> (perhaps after blanks) or empty.</param>
public sealed record SwfHeader(ImmutableArray<string> Lines)
{
    /// <summary>A header without lines.</summary>
    public static SwfHeader Empty { get; } = new([]);

    /// <summary>Value of the first line with this label; null when there is none.</summary>
    public string? this[string label] => All(label).FirstOrDefault();

    /// <summary>Field <c>MaxProcs</c>: processors of the machine; null when it is missing or no positive number.</summary>
    public int? MaxProcs => Number("MaxProcs");

    /// <summary>Field <c>MaxNodes</c>: nodes of the machine; null when it is missing or no positive number.</summary>
    public int? MaxNodes => Number("MaxNodes");

    /// <summary>Field <c>UnixStartTime</c>: when the log begins, in seconds since 1970-01-01 UTC; null when missing.</summary>
    public long? UnixStartTime =>
        this["UnixStartTime"] is { } text && long.TryParse(FirstWord(text), CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>Values of all lines with this label, in order.</summary>
    public IEnumerable<string> All(string label)
    {
        foreach (var line in Lines)
        {
            if (Split(line) is { } pair && pair.Label.Equals(label, StringComparison.OrdinalIgnoreCase)) yield return pair.Value;
        }
    }

    /// <summary>The header with this label set: the first such line is replaced, or a line is added at the end.</summary>
    public SwfHeader With(string label, string value)
    {
        var line = $"; {label}: {value}";
        for (var i = 0; i < Lines.Length; i++)
        {
            if (Split(Lines[i]) is { } pair && pair.Label.Equals(label, StringComparison.OrdinalIgnoreCase))
                return new SwfHeader(Lines.SetItem(i, line));
        }

        return new SwfHeader(Lines.Add(line));
    }

    /// <summary>The header with one more line of this label at the end, as for <c>Note</c>.</summary>
    public SwfHeader Add(string label, string value) => new(Lines.Add($"; {label}: {value}"));

    /// <summary>The header without the lines of these labels.</summary>
    public SwfHeader Without(params IReadOnlyList<string> labels) =>
        new(Lines.RemoveAll(line => Split(line) is { } pair && labels.Contains(pair.Label, StringComparer.OrdinalIgnoreCase)));

    /// <summary>
    /// The header of a log whose times count from a later moment: <c>UnixStartTime</c> moves with them where it is known, and <c>StartTime</c>, the same moment for
    /// people, goes.
    /// </summary>
    internal SwfHeader StartingAt(TimeSpan start)
    {
        if (start == TimeSpan.Zero) return this;
        var moved = Without("StartTime");
        return UnixStartTime is > 0 and var unix ? moved.With("UnixStartTime", (unix + (long)Math.Floor(start.TotalSeconds)).ToString(CultureInfo.InvariantCulture)) : moved;
    }

    /// <inheritdoc/>
    public bool Equals(SwfHeader? other) => other is not null && Lines.SequenceEqual(other.Lines);

    /// <inheritdoc/>
    public override int GetHashCode() => Lines.Length;

    private int? Number(string label) =>
        this[label] is { } text && int.TryParse(FirstWord(text), CultureInfo.InvariantCulture, out var value) && value > 0 ? value : null;

    private static string FirstWord(string text)
    {
        var end = text.AsSpan().IndexOfAny(' ', '\t', '(');
        return end < 0 ? text : text[..end];
    }

    private static (string Label, string Value)? Split(string line)
    {
        var text = line.AsSpan().Trim();
        if (text.IsEmpty || text[0] != ';') return null;
        text = text.TrimStart(';').Trim();
        var colon = text.IndexOf(':');
        return colon <= 0 ? null : (text[..colon].Trim().ToString(), text[(colon + 1)..].Trim().ToString());
    }
}
