using System.Text;
using System.Text.Json;

namespace Regatta.Runs;

/// <summary>What a line of the journal says.</summary>
public enum JournalKind
{
    /// <summary>The run began, or went on after an interruption.</summary>
    Opened,

    /// <summary>An image is there.</summary>
    Image,

    /// <summary>A cluster is up.</summary>
    ClusterUp,

    /// <summary>A cluster is gone.</summary>
    ClusterDown,

    /// <summary>A trial began.</summary>
    TrialStarted,

    /// <summary>A trial ended and its files are in place.</summary>
    TrialFinished,

    /// <summary>A trial gave no record.</summary>
    TrialFailed,

    /// <summary>A trial that the client limited is run once more.</summary>
    TrialRepeated,

    /// <summary>No further repetition is needed, from this trial on.</summary>
    Enough,

    /// <summary>A host of the launcher was left out, and its trials went to the others.</summary>
    HostLeftOut,

    /// <summary>The run was interrupted.</summary>
    Interrupted,

    /// <summary>Every trial has ended.</summary>
    Finished,
}

/// <summary>One line of <c>journal.jsonl</c>.</summary>
/// <param name="Time">When, UTC.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Subject">The trial, image or cluster it speaks of.</param>
/// <param name="Text">More about it.</param>
public sealed record JournalEntry(DateTimeOffset Time, JournalKind Kind, string? Subject = null, string? Text = null)
{
    /// <summary>Of a trial that finished: sha256 of its <c>trial.json</c>, hexadecimal.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Of a trial that ended: how long it took, by a clock that does not jump.</summary>
    public TimeSpan? Took { get; init; }
}

/// <summary>What a journal says, as far as it can be read.</summary>
/// <param name="Entries">Its entries, in order.</param>
/// <param name="Faults">A warning for each whole line that is no entry.</param>
public sealed record JournalReading(ImmutableArray<JournalEntry> Entries, ImmutableArray<Diagnostic> Faults)
{
    /// <summary>The last entry on each subject.</summary>
    public IReadOnlyDictionary<string, JournalEntry> Last =>
        Entries.Where(e => e.Subject is not null).GroupBy(e => e.Subject!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);
}

/// <summary>The append-only journal of a run: each line is on the disk before the next step starts.</summary>
public sealed class Journal : IDisposable
{
    /// <summary>Name of the file in the run directory.</summary>
    public const string FileName = "journal.jsonl";

    private readonly FileStream _stream;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();

    /// <summary>Opens the journal at <paramref name="path"/> for appending; a half-written last line is cut off.</summary>
    public Journal(string path, TimeProvider time)
    {
        _time = time;
        _stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        _stream.SetLength(EndOfLastLine(_stream));
        _stream.Seek(0, SeekOrigin.End);
    }

    /// <summary>Appends a line and waits until it is on the disk.</summary>
    public void Write(JournalKind kind, string? subject = null, string? text = null, string? sha256 = null, TimeSpan? took = null)
    {
        var entry = new JournalEntry(_time.GetUtcNow(), kind, subject, text) { Sha256 = sha256, Took = took };
        var line = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(entry, RunJsonLines.Default.JournalEntry) + "\n");
        lock (_gate)
        {
            _stream.Write(line);
            _stream.Flush(flushToDisk: true);
        }
    }

    /// <summary>Appends lines and waits once until all are on the disk.</summary>
    public void Write(IEnumerable<JournalEntry> entries)
    {
        using var lines = new MemoryStream();
        foreach (var entry in entries)
        {
            JsonSerializer.Serialize(lines, entry, RunJsonLines.Default.JournalEntry);
            lines.WriteByte((byte)'\n');
        }

        lock (_gate)
        {
            _stream.Write(lines.GetBuffer().AsSpan(0, (int)lines.Length));
            _stream.Flush(flushToDisk: true);
        }
    }

    /// <summary>Appends a line that a run can do without after a crash of the machine: it is handed to the system, and not waited for.</summary>
    public void Note(JournalKind kind, string subject)
    {
        var line = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new JournalEntry(_time.GetUtcNow(), kind, subject), RunJsonLines.Default.JournalEntry) + "\n");
        lock (_gate)
        {
            _stream.Write(line);
            _stream.Flush(flushToDisk: false);
        }
    }

    /// <summary>Reads the whole lines of a journal; a half-written last line is passed over.</summary>
    /// <exception cref="DiagnosticException">A whole line is not a journal entry.</exception>
    public static IReadOnlyList<JournalEntry> Read(string path)
    {
        var read = Examine(path);
        if (read.Faults.IsEmpty) return read.Entries;
        throw new DiagnosticException(
        [
            .. read.Faults.Select(f => f with
            {
                Severity = Severity.Error,
                Help = "the trials that are there can still be reported: regatta report " + Path.GetDirectoryName(path),
            }),
        ]);
    }

    /// <summary>The entry that a line holds; null when it holds none.</summary>
    public static JournalEntry? Entry(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, RunJsonLines.Default.JournalEntry);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads what can be read of a journal: lines that are no entries are passed over, and said.</summary>
    /// <exception cref="DiagnosticException">The file cannot be read at all.</exception>
    public static JournalReading Examine(string path)
    {
        var entries = ImmutableArray.CreateBuilder<JournalEntry>();
        var faults = ImmutableArray.CreateBuilder<Diagnostic>();
        var rest = (ReadOnlySpan<byte>)ReadBytes(path);
        for (var line = 1; rest.IndexOf((byte)'\n') is >= 0 and var end; line++, rest = rest[(end + 1)..])
        {
            if (rest[..end].TrimEnd((byte)'\r').IsEmpty) continue;
            try
            {
                entries.Add(JsonSerializer.Deserialize(rest[..end], RunJsonLines.Default.JournalEntry) ?? throw new JsonException("it holds null"));
            }
            catch (JsonException exception)
            {
                faults.Add(Diagnostic.Warning("journal-line", "a line of the run's journal cannot be read") with
                {
                    Where = new SourceRange(path, line),
                    Detail = exception.Message,
                });
            }
        }

        return new JournalReading(entries.ToImmutable(), faults.ToImmutable());
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static byte[] ReadBytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw RunFile.Unreadable(path, exception.Message, null, exception);
        }
    }

    private static long EndOfLastLine(FileStream stream)
    {
        for (var position = stream.Length; position > 0; position--)
        {
            stream.Seek(position - 1, SeekOrigin.Begin);
            if (stream.ReadByte() == '\n') return position;
        }

        return 0;
    }
}
