using System.Security.Cryptography;
using Regatta.Workloads;

namespace Regatta.Runs;

/// <summary>The events of a trial, read back from its <c>events.jsonl</c>.</summary>
/// <param name="Events">The events, in the order of the file.</param>
/// <param name="Sha256">sha256 of the file, hexadecimal.</param>
public sealed record TrialEvents(EventColumns Events, string Sha256)
{
    // Two pieces of it are read at once.
    private const int Block = 4 << 20;

    /// <summary>Reads the events of a trial.</summary>
    /// <param name="directory">The trial's directory.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="DiagnosticException">The file cannot be read, or a line of it is no event.</exception>
    public static async Task<TrialEvents> ReadAsync(string directory, CancellationToken cancellation)
    {
        var file = Path.Combine(directory, TrialFiles.Events);
        try
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1, FileOptions.SequentialScan);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var events = new EventColumns();
            var buffer = new byte[Block];
            var (held, line) = (0, 1);
            while (true)
            {
                if (held == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
                var read = await stream.ReadAsync(buffer.AsMemory(held), cancellation);
                hash.AppendData(buffer, held, read);
                held += read;
                // The last line may lack its end.
                var whole = read == 0 ? held : buffer.AsSpan(0, held).LastIndexOf((byte)'\n') + 1;
                line = Add(events, buffer.AsMemory(0, whole), file, line);
                buffer.AsSpan(whole, held - whole).CopyTo(buffer);
                held -= whole;
                if (read == 0) return new TrialEvents(events, Convert.ToHexStringLower(hash.GetHashAndReset()));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw RunFile.Unreadable(file, exception.Message, null, exception);
        }
    }

    private static int Add(EventColumns events, ReadOnlyMemory<byte> lines, string file, int first)
    {
        var half = lines.Span[..(lines.Length / 2)].LastIndexOf((byte)'\n') + 1;
        var (early, late) = (lines[..half], lines[half..]);
        var second = first + early.Span.Count((byte)'\n');
        List<JobEvent> one = [], two = [];
        DiagnosticException? fault = null, later = null;
        Parallel.Invoke(() => fault = Parse(early, file, first, one), () => later = Parse(late, file, second, two));
        if ((fault ?? later) is { } reason) throw reason;
        foreach (var happened in one) events.Add(happened);
        foreach (var happened in two) events.Add(happened);
        return second + late.Span.Count((byte)'\n');
    }

    private static DiagnosticException? Parse(ReadOnlyMemory<byte> lines, string file, int number, List<JobEvent> into)
    {
        var rest = lines.Span;
        try
        {
            for (; !rest.IsEmpty; number++)
            {
                var end = rest.IndexOf((byte)'\n');
                var line = end < 0 ? rest : rest[..end];
                if (!line.Trim(" \r\t"u8).IsEmpty) into.Add(ReplayJson.ReadEvent(line, file, number));
                rest = end < 0 ? [] : rest[(end + 1)..];
            }

            return null;
        }
        catch (DiagnosticException exception)
        {
            return exception;
        }
    }
}
