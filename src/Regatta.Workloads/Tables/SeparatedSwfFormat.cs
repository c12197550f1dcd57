using System.Text;

namespace Regatta.Workloads;

/// <summary>The fields of the Standard Workload Format with <c>;</c> or <c>,</c> between them instead of blanks, as spreadsheets and some simulators write them; users, groups, queues and the like may be names.</summary>
public sealed class SeparatedSwfFormat : ITraceFormat
{
    private const int Least = 5;

    /// <inheritdoc/>
    public string Name => "SWF with separators";

    /// <inheritdoc/>
    public ImmutableArray<string> Extensions => [];

    /// <inheritdoc/>
    public bool Writes => false;

    /// <summary>Whether the first line that is no comment begins with numbers that have <c>;</c> or <c>,</c> between them.</summary>
    public bool Recognizes(ReadOnlySpan<byte> head) => SeparatorOf(head) != 0;

    /// <inheritdoc/>
    public Workload Read(Stream stream, string name, TraceReading reading, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(reading);
        var head = new HeadStream(stream);
        var separator = SeparatorOf(head.Text);
        using var plain = new PlainLines(head, name, separator, cancellationToken);
        using var reader = new SwfReader(plain, name, reading.Mode, cancellationToken);
        var workload = SwfJobs.Load(reader, name, cancellationToken);
        var names = plain.Names;
        var said = string.Create(CultureInfo.InvariantCulture, $"{name}: its fields have '{(char)separator}' between them{(names.Users.Length + names.Groups.Length + names.Queues.Length + names.Partitions.Length > 0 ? "; names became numbers" : "")}");
        return (workload with { Names = names }).Note("", Diagnostic.Hint("trace-changed", said));
    }

    /// <inheritdoc/>
    /// <exception cref="DiagnosticException">Always: SWF is written with blanks.</exception>
    public void Write(Workload workload, Stream stream, CancellationToken cancellationToken) =>
        throw new DiagnosticException(Diagnostic.Error("trace-write", "SWF is written with blanks between its fields") with { Help = "write a file that ends in .swf" });

    /// <inheritdoc/>
    public IEnumerable<string> Loses(Workload workload) => ["everything"];

    private static byte SeparatorOf(ReadOnlySpan<byte> head)
    {
        foreach (var range in head.Split((byte)'\n'))
        {
            var line = head[range].Trim(" \t\r"u8);
            // A comment begins with the separator of some: a first field tells them apart.
            if (line.IsEmpty || line[0] == (byte)';') continue;
            foreach (var separator in ";,"u8)
            {
                if (line.Count(separator) >= Least - 1 && Numbers(line, separator)) return separator;
            }

            return 0;
        }

        return 0;
    }

    /// <summary>Whether the first fields are numbers, or empty.</summary>
    private static bool Numbers(ReadOnlySpan<byte> line, byte separator)
    {
        var field = 0;
        foreach (var range in line.Split(separator))
        {
            var text = line[range].Trim(" \t"u8);
            if (!text.IsEmpty && !SwfLine.TryDecimal(text, out _)) return false;
            if (++field == Least) return true;
        }

        return false;
    }

    /// <summary>The lines with blanks between their fields: an empty field is unknown, a name becomes its number.</summary>
    private sealed class PlainLines(Stream stream, string name, byte separator, CancellationToken cancellation) : ForwardStream
    {
        private const int FirstName = 11;

        private readonly SwfLineSource _lines = new(stream, name);
        private readonly NameNumbers[] _names = [.. Enumerable.Range(0, 5).Select(_ => new NameNumbers())];
        private byte[] _text = [];
        private int _used;

        public TraceNames Names => new(_names[0].Names, _names[1].Names, _names[3].Names, _names[4].Names);

        public override int Read(Span<byte> buffer)
        {
            while (_used == _text.Length)
            {
                if (!_lines.Read(out var line, out var ended, out _, cancellation)) return 0;
                (_text, _used) = (Plain(line, ended), 0);
            }

            var part = _text.AsSpan(_used, Math.Min(buffer.Length, _text.Length - _used));
            part.CopyTo(buffer);
            _used += part.Length;
            Given += part.Length;
            return part.Length;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) _lines.Dispose();
            base.Dispose(disposing);
        }

        private byte[] Plain(ReadOnlySpan<byte> line, bool ended)
        {
            line = line.TrimEnd((byte)'\r');
            if (line.IsEmpty || line[0] == (byte)';') return [.. line, (byte)'\n'];
            var plain = new StringBuilder();
            var field = 0;
            foreach (var range in line.Split(separator))
            {
                var text = line[range].Trim(" \t"u8);
                // A separator behind the last field.
                if (text.IsEmpty && field >= SwfField.Count) continue;
                if (field > 0) plain.Append(' ');
                if (text.IsEmpty) plain.Append("-1");
                else if (field is >= FirstName and < FirstName + 5 && !SwfLine.TryDecimal(text, out _)) plain.Append(CultureInfo.InvariantCulture, $"{_names[field - FirstName].Of(text)}");
                else plain.Append(Encoding.UTF8.GetString(text).Replace(' ', '_'));
                field++;
            }

            if (ended) plain.Append('\n');
            return Encoding.UTF8.GetBytes(plain.ToString());
        }
    }
}
