using System.Text;
using System.Text.Json;
using Regatta.Diagnostics;

namespace Regatta.Experiments.Runs;

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

    /// <summary>No further repetition is needed, from this trial on.</summary>
    Enough,

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
public sealed record JournalEntry(DateTimeOffset Time, JournalKind Kind, string? Subject = null, string? Text = null);

/// <summary>The append-only journal of a run: each line is on the disk before the next step starts.</summary>
public sealed class Journal : IDisposable
{
    private readonly FileStream stream;
    private readonly TimeProvider time;
    private readonly Lock gate = new();

    /// <summary>Opens the journal at <paramref name="path"/> for appending; a half-written last line is cut off.</summary>
    public Journal(string path, TimeProvider time)
    {
        this.time = time;
        stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        stream.SetLength(EndOfLastLine(stream));
        stream.Seek(0, SeekOrigin.End);
    }

    /// <summary>Appends a line and waits until it is on the disk.</summary>
    public void Write(JournalKind kind, string? subject = null, string? text = null)
    {
        var entry = new JournalEntry(time.GetUtcNow(), kind, subject, text);
        var line = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(entry, RunJsonLines.Default.JournalEntry) + "\n");
        lock (gate)
        {
            stream.Write(line);
            stream.Flush(flushToDisk: true);
        }
    }

    /// <summary>Reads the whole lines of a journal; a half-written last line is passed over.</summary>
    /// <exception cref="DiagnosticException">A whole line is not a journal entry.</exception>
    public static IReadOnlyList<JournalEntry> Read(string path)
    {
        var entries = new List<JournalEntry>();
        if (!File.Exists(path)) return entries;
        var text = File.ReadAllText(path);
        var lines = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < lines.Length; i++)
        {
            try
            {
                entries.Add(JsonSerializer.Deserialize(lines[i], RunJsonLines.Default.JournalEntry)
                    ?? throw new JsonException("null"));
            }
            catch (JsonException exception)
            {
                throw new DiagnosticException(Diagnostic.Error("journal-line", "a line of the run's journal cannot be read") with
                {
                    Where = new SourceRange(path, i + 1),
                    Detail = exception.Message,
                    Help = "the trials that are there can still be reported: regatta report " + Path.GetDirectoryName(path),
                    ExitCode = ExitCode.Failed,
                });
            }
        }

        return entries;
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

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
