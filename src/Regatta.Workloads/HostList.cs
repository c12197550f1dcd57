namespace Regatta.Workloads;

/// <summary>The notation of node names that Slurm and Flux share: <c>w[1-3,07],head</c>.</summary>
public static class HostList
{
    private const int Most = 100_000;

    /// <summary>Takes one name of a list; it is valid until the next one.</summary>
    public delegate void Taker(ReadOnlySpan<char> name);

    /// <summary>
    /// The names that <paramref name="list"/> stands for; empty when it cannot be understood. A name with several brackets, such as <c>r[1-2]n[1-2]</c>, stands for every
    /// combination, the last number changing first, as Slurm writes machines of several dimensions.
    /// </summary>
    public static ImmutableArray<string> Expand(string list)
    {
        ArgumentNullException.ThrowIfNull(list);
        var names = ImmutableArray.CreateBuilder<string>();
        return Visit(list, name => names.Add(name.ToString())) ? names.ToImmutable() : [];
    }

    /// <summary>Gives the names that <see cref="Expand"/> would, one by one, without making a text of each.</summary>
    /// <param name="list">The list.</param>
    /// <param name="take">Takes them.</param>
    /// <returns>False when the list cannot be understood; what was taken before that was seen means nothing.</returns>
    public static bool Visit(ReadOnlySpan<char> list, Taker take)
    {
        ArgumentNullException.ThrowIfNull(take);
        var walk = new Walk(stackalloc char[256], take);
        int depth = 0, from = 0;
        for (var i = 0; i < list.Length; i++)
        {
            if (list[i] == '[') depth++;
            else if (list[i] == ']') depth--;
            else if (list[i] == ',' && depth == 0)
            {
                if (!walk.Part(list[from..i])) return false;
                from = i + 1;
            }
        }

        return walk.Part(list[from..]);
    }

    /// <summary>The list of the nodes whose names are <paramref name="prefix"/> and a number in one of <paramref name="ranges"/>, each from its first number to its last, rising; at least one.</summary>
    public static string Of(string prefix, IEnumerable<(int First, int Last)> ranges)
    {
        var numbers = string.Join(',', ranges.Select(r => r.First == r.Last ? string.Create(CultureInfo.InvariantCulture, $"{r.First}") : string.Create(CultureInfo.InvariantCulture, $"{r.First}-{r.Last}")));
        return numbers.AsSpan().ContainsAny(',', '-') ? $"{prefix}[{numbers}]" : prefix + numbers;
    }

    private static bool Number(ReadOnlySpan<char> text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    /// <summary>The names of a list, put together in one buffer.</summary>
    private ref struct Walk(Span<char> buffer, Taker take)
    {
        private Span<char> _buffer = buffer;
        private int _names;

        /// <summary>Every name of one part of a list; false when its brackets cannot be understood or there are too many.</summary>
        public bool Part(ReadOnlySpan<char> part) => !part.IsEmpty && Rest(part, 0);

        /// <summary>Every name that begins with the first <paramref name="length"/> characters of the buffer.</summary>
        private bool Rest(ReadOnlySpan<char> rest, int length)
        {
            var open = rest.IndexOf('[');
            if (open < 0)
            {
                if (rest.Contains(']') || ++_names > Most) return false;
                length = Put(rest, length);
                take(_buffer[..length]);
                return true;
            }

            var close = rest[open..].IndexOf(']');
            if (close < 0) return false;
            length = Put(rest[..open], length);
            var ranges = rest.Slice(open + 1, close - 1);
            var after = rest[(open + close + 1)..];
            foreach (var range in ranges.Split(','))
            {
                if (!Range(ranges[range], after, length)) return false;
            }

            return true;
        }

        private bool Range(ReadOnlySpan<char> range, ReadOnlySpan<char> after, int length)
        {
            var dash = range.IndexOf('-');
            var lowest = dash < 0 ? range : range[..dash];
            if (!Number(lowest, out var first) || !Number(range[(dash + 1)..], out var last) || last < first) return false;
            for (long n = first; n <= last; n++)
            {
                if (!Rest(after, Put(n, lowest.Length, length))) return false;
            }

            return true;
        }

        private int Put(ReadOnlySpan<char> text, int length)
        {
            Hold(length + text.Length);
            text.CopyTo(_buffer[length..]);
            return length + text.Length;
        }

        /// <summary>A number, at least as wide as its range writes it.</summary>
        private int Put(long number, int width, int length)
        {
            const int mostDigits = 10;
            Hold(length + width + mostDigits);
            number.TryFormat(_buffer[length..], out var written, provider: CultureInfo.InvariantCulture);
            if (written >= width) return length + written;
            _buffer.Slice(length, written).CopyTo(_buffer[(length + width - written)..]);
            _buffer.Slice(length, width - written).Fill('0');
            return length + width;
        }

        private void Hold(int length)
        {
            if (length <= _buffer.Length) return;
            var larger = new char[2 * length];
            _buffer.CopyTo(larger);
            _buffer = larger;
        }
    }
}
