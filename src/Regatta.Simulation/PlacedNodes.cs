namespace Regatta.Simulation;

/// <summary>The nodes that jobs of a schedule ran on, by names that are a prefix and a number from 1. Processors are taken lowest first.</summary>
/// <param name="schedule">The schedule.</param>
/// <param name="prefix">What the names begin with.</param>
public sealed class PlacedNodes(Schedule schedule, string prefix)
{
    private readonly Placement _placement = Placement.Of(schedule);
    private readonly List<ProcessorRange> _held = [];
    private char[] _text = new char[256];

    /// <summary>The nodes of a job as <c>worker[1-3,7]</c>, valid until the next call; empty when it never ran.</summary>
    /// <param name="row">The job's row.</param>
    /// <param name="count">How many nodes.</param>
    public ReadOnlySpan<char> Of(int row, out int count)
    {
        count = 0;
        _placement.Nodes(row, _held);
        if (_held.Count == 0) return [];
        const int mostOfRange = 2 * 11;
        if (_text.Length < prefix.Length + 2 + (mostOfRange * _held.Count)) _text = new char[2 * (prefix.Length + 2 + (mostOfRange * _held.Count))];
        var several = _held.Count > 1 || _held[0].Count > 1;
        prefix.CopyTo(_text);
        var length = prefix.Length;
        if (several) _text[length++] = '[';
        for (var i = 0; i < _held.Count; i++)
        {
            if (i > 0) _text[length++] = ',';
            var (first, nodes) = _held[i];
            count += nodes;
            Write(first + 1, ref length);
            if (nodes == 1) continue;
            _text[length++] = '-';
            Write(first + nodes, ref length);
        }

        if (several) _text[length++] = ']';
        return _text.AsSpan(0, length);
    }

    private void Write(int number, ref int length)
    {
        number.TryFormat(_text.AsSpan(length), out var written, provider: CultureInfo.InvariantCulture);
        length += written;
    }
}
