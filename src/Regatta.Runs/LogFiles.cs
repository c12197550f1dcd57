using System.IO.Compression;
using System.Text;
using Regatta.Analysis;

namespace Regatta.Runs;

/// <summary>Lines of a log around a fault.</summary>
/// <param name="Log">The log, such as <c>head/slurmctld.log</c>.</param>
/// <param name="Fault">The fault.</param>
/// <param name="Lines">The lines.</param>
public sealed record LogExcerpt(string Log, string Fault, ImmutableArray<string> Lines);

/// <summary>The logs that were kept with a trial, below its <c>logs/</c>: plain files, and larger ones as <c>NAME.gz</c>.</summary>
public static class LogFiles
{
    /// <summary>Logs of so many bytes and more are compressed.</summary>
    public const int CompressedFrom = 256 << 10;

    private const int MostFaults = 4, MostLogs = 4, MostLines = 12, LongestLine = 240;

    private static readonly TimeSpan Around = TimeSpan.FromSeconds(2);

    /// <summary>Writes a log, compressed where it is large.</summary>
    /// <param name="path">Its path without the end <c>.gz</c>.</param>
    /// <param name="text">What is in it.</param>
    public static void Write(string path, ReadOnlySpan<byte> text)
    {
        if (text.Length < CompressedFrom)
        {
            File.WriteAllBytes(path, text);
            return;
        }

        using var file = new FileStream(path + ".gz", FileMode.Create, FileAccess.Write);
        using var packed = new GZipStream(file, CompressionLevel.Fastest);
        packed.Write(text);
    }

    /// <summary>The lines of a log, compressed or not; what is no text is shown as it can be.</summary>
    public static IEnumerable<string> Lines(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var plain = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
        using var reader = new StreamReader(plain, Encoding.UTF8);
        while (reader.ReadLine() is { } line) yield return line;
    }

    /// <summary>What the logs of a trial say within two seconds of its faults: of the first few faults, the logs of the node concerned and of the head.</summary>
    /// <param name="directory">The trial's directory.</param>
    /// <param name="record">The trial.</param>
    public static ImmutableArray<LogExcerpt> Excerpts(string directory, TrialRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        var logs = Path.Combine(directory, "logs");
        if (!Directory.Exists(logs)) return [];
        var excerpts = ImmutableArray.CreateBuilder<LogExcerpt>();
        var faults = record.Faults.Select(f => (f.Time, f.Node, f.Text))
            .Concat((record.Injection?.Faults ?? []).Where(f => f.Failure is not null).Select(f => (Time: f.Began, Node: (string?)f.Node, Text: f.Failure!)))
            .OrderBy(f => f.Time).Take(MostFaults).ToList();
        foreach (var (time, node, text) in faults)
        {
            var files = new[] { node, "head" }.OfType<string>().Distinct(StringComparer.Ordinal).Select(n => Path.Combine(logs, n)).Where(Directory.Exists)
                .SelectMany(d => Directory.EnumerateFiles(d).Where(f => !Path.GetFileName(f).StartsWith("console", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
            excerpts.AddRange(files.Select(file => (Log: Path.GetRelativePath(logs, file), Lines: Near(file, time))).Where(e => e.Lines.Length > 0).Take(MostLogs).Select(e => new LogExcerpt(e.Log, text, e.Lines)));
        }

        return excerpts.ToImmutable();
    }

    /// <summary>The time that a line begins with, as Slurm, systemd and the agent write it, UTC; null for none.</summary>
    internal static DateTime? TimeOf(string line)
    {
        var text = line.AsSpan().TrimStart('[');
        if (text.Length < 19 || text[4] != '-' || text[10] != 'T') return null;
        var end = text.IndexOfAny(" ]");
        if (end < 0) end = text.Length;
        return DateTimeOffset.TryParse(Zoned(text[..end].ToString()), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time.UtcDateTime : null;
    }

    // systemd writes +0000, which is no zone to .NET.
    private static string Zoned(string text) => text.Length > 5 && text[^5] is '+' or '-' && text[^5..].Skip(1).All(char.IsAsciiDigit) ? text[..^2] + ":" + text[^2..] : text;

    private static ImmutableArray<string> Near(string file, long micros)
    {
        var time = DateTime.UnixEpoch.AddMicroseconds(micros);
        try
        {
            return [.. Lines(file).Where(l => TimeOf(l) is { } at && (at - time).Duration() <= Around).Take(MostLines).Select(l => l.Length > LongestLine ? l[..LongestLine] + "…" : l)];
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return [$"[it cannot be read: {exception.Message}]"];
        }
    }
}
