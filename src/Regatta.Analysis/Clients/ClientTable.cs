using Parquet;
using Parquet.Schema;
using Regatta.Workloads;

namespace Regatta.Analysis;

/// <summary>The calls of clients as a table, <c>clients.parquet</c>: a row a call, in the order in which they were planned.</summary>
public static class ClientTable
{
    /// <summary>Writes the table.</summary>
    /// <param name="stream">Where to; writable and seekable, left open.</param>
    /// <param name="calls">The calls.</param>
    /// <param name="cancel">Stops the writing.</param>
    public static async Task WriteAsync(Stream stream, IReadOnlyList<ClientCall> calls, CancellationToken cancel)
    {
        var ordered = calls.OrderBy(c => c.Planned).ThenBy(c => c.Kind).ToList();
        DataField<string> kind = new("kind", nullable: false), outcome = new("outcome", nullable: false);
        DataField planned = new("planned", typeof(long), isNullable: false), began = new("began", typeof(long), isNullable: false), took = new("took", typeof(long), isNullable: false), code = new("exit_code", typeof(int), isNullable: true);
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.Zstd, CompressionLevel = System.IO.Compression.CompressionLevel.Fastest };
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(kind, planned, began, took, outcome, code), stream, options, cancellationToken: cancel);
        using var group = writer.CreateRowGroup();
        await group.WriteAsync(kind, ordered.Select(c => c.Kind.Name()).ToArray());
        await group.WriteAsync<long>(planned, ordered.Select(c => c.Planned).ToArray(), cancellationToken: cancel);
        await group.WriteAsync<long>(began, ordered.Select(c => c.Began).ToArray(), cancellationToken: cancel);
        await group.WriteAsync<long>(took, ordered.Select(c => c.Took).ToArray(), cancellationToken: cancel);
        await group.WriteAsync(outcome, ordered.Select(c => OutcomeName(c.Outcome)).ToArray());
        await group.WriteAsync<int>(code, ordered.Select(c => c.ExitCode).ToArray(), cancellationToken: cancel);
    }

    /// <summary>The name of an outcome in files and tables.</summary>
    public static string OutcomeName(ClientOutcome outcome) => outcome switch
    {
        ClientOutcome.Done => "done",
        ClientOutcome.Failed => "failed",
        ClientOutcome.TimedOut => "timed-out",
        ClientOutcome.LeftOut => "left-out",
        _ => "cut",
    };
}
