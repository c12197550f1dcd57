using System.IO.Compression;
using Regatta.Analysis;

namespace Regatta.Experiments.Replay;

/// <summary>What was sampled beside a replay, from the head into the trial's directory.</summary>
/// <param name="shell">The way to the head.</param>
/// <param name="within">How long the head is tried to be reached.</param>
internal sealed class NodeSamples(NodeShell shell, TimeSpan within)
{
    /// <summary>Writes <c>samples.parquet</c>; samples that cannot be had do not cost the trial.</summary>
    /// <param name="head">The head.</param>
    /// <param name="replay">The directory of the replay there.</param>
    /// <param name="directory">The trial's directory here.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>Why they cannot be read; null when they were.</returns>
    public async Task<string?> TakeAsync(string head, string replay, string directory, CancellationToken cancellation)
    {
        var path = $"{replay}/samples.jsonl";
        var reply = await shell.ReadAsync(head, $"gzip -1 -c {path}", within, cancellation);
        try
        {
            if (reply.Code != 0) throw new IOException(reply.LastLine);
            using var packed = new GZipStream(new MemoryStream(reply.Output), CompressionMode.Decompress);
            using var lines = new MemoryStream();
            await packed.CopyToAsync(lines, cancellation);
            var table = SampleTable.Parse(lines.GetBuffer().AsMemory(0, (int)lines.Length), path);
            await using var file = new FileStream(Path.Combine(directory, SampleTable.FileName), FileMode.Create, FileAccess.Write);
            await table.WriteAsync(file, cancellation);
            return null;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or DiagnosticException)
        {
            return $"what was sampled cannot be read: {exception.Message}";
        }
    }
}
