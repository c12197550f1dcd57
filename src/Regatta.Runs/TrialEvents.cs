using System.Security.Cryptography;
using Regatta.Workloads;

namespace Regatta.Runs;

/// <summary>The events of a trial, read back from its <c>events.jsonl</c>.</summary>
/// <param name="Events">The events, in the order of the file.</param>
/// <param name="Sha256">sha256 of the file, hexadecimal.</param>
public sealed record TrialEvents(EventColumns Events, string Sha256)
{
    private const int Block = 4 << 20;

    /// <summary>Reads the events of a trial.</summary>
    /// <param name="directory">The trial's directory.</param>
    /// <param name="places">Its jobs.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="DiagnosticException">The file cannot be read, or a line of it is no event.</exception>
    public static async Task<TrialEvents> ReadAsync(string directory, JobPlaces places, CancellationToken cancellation)
    {
        var file = Path.Combine(directory, TrialFiles.Events);
        try
        {
            using var handle = File.OpenHandle(file, options: FileOptions.SequentialScan | FileOptions.Asynchronous);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var events = new EventColumns(places);
            var (lines, next) = (new byte[Block], new byte[Block]);
            var (held, line) = (0, 1);
            var hashed = Task.CompletedTask;
            for (long at = 0; ; )
            {
                if (held == lines.Length) Array.Resize(ref lines, lines.Length * 2);
                var read = await RandomAccess.ReadAsync(handle, lines.AsMemory(held), at, cancellation);
                at += read;
                // The last line may lack its end.
                var whole = read == 0 ? held : lines.AsSpan(0, held + read).LastIndexOf((byte)'\n') + 1;
                // The hash is made of a block while its lines are read.
                var (block, from) = (lines, held);
                hashed = Task.Run(() => hash.AppendData(block, from, read), cancellation);
                try
                {
                    line = events.Add(lines.AsSpan(0, whole), file, line);
                }
                finally
                {
                    await hashed;
                }

                held += read;
                if (next.Length < lines.Length) next = new byte[lines.Length];
                lines.AsSpan(whole, held - whole).CopyTo(next);
                held -= whole;
                (lines, next) = (next, lines);
                if (read == 0) return new TrialEvents(events, Convert.ToHexStringLower(hash.GetHashAndReset()));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw RunFile.Unreadable(file, exception.Message, null, exception);
        }
    }
}
