using Regatta.Analysis;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Experiments.Replay;

/// <summary>The calls of clients, from the head into the trial's directory.</summary>
/// <param name="shell">The way to the head.</param>
/// <param name="within">How long the head is tried to be reached.</param>
internal sealed class ClientCalls(NodeShell shell, TimeSpan within)
{
    /// <summary>Writes <c>clients.parquet</c>.</summary>
    /// <param name="storm">Which clients called.</param>
    /// <param name="head">The head.</param>
    /// <param name="replay">The directory of the replay there.</param>
    /// <param name="directory">The trial's directory here.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>Their latencies, by kind.</returns>
    /// <exception cref="DiagnosticException">The calls cannot be read.</exception>
    public async Task<ImmutableArray<ClientLatency>> TakeAsync(ClientStorm storm, string head, string replay, string directory, CancellationToken cancellation)
    {
        var path = $"{replay}/clients.jsonl";
        var reply = await shell.ReadAsync(head, $"cat {path}", within, cancellation);
        if (reply.Code != 0)
            throw new DiagnosticException(Diagnostic.Error("clients-unread", $"the calls of the clients cannot be read on {head}") with { Detail = reply.Error.Trim(), Help = "the trial's logs say how the clients ended; run the trial again" });
        var calls = Read(reply.Output, path);
        await using var file = new FileStream(Path.Combine(directory, TrialFiles.Clients), FileMode.Create);
        await ClientTable.WriteAsync(file, calls, cancellation);
        return ClientLatency.Of(storm, calls);
    }

    private static List<ClientCall> Read(ReadOnlySpan<byte> lines, string source)
    {
        var calls = new List<ClientCall>();
        while (lines.IndexOf((byte)'\n') is >= 0 and var end)
        {
            calls.Add(ReplayJson.ReadCall(lines[..end], source, calls.Count + 1));
            lines = lines[(end + 1)..];
        }

        return calls;
    }
}
