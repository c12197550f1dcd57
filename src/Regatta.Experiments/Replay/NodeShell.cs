using System.Collections.Concurrent;
using System.Text;
using CliWrap;
using Regatta.Host;
using Regatta.Machines;

namespace Regatta.Experiments.Replay;

/// <summary>How a script on a node ended.</summary>
/// <param name="Code">Its exit code; 126 and above where the way to the node broke.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record NodeReply(int Code, byte[] Output, string Error)
{
    /// <summary>It was given up, as it said nothing for too long.</summary>
    public bool Hung { get; init; }

    /// <summary>What was said last; the exit code where nothing was.</summary>
    public string LastLine => LineOf(Error, Code);

    /// <summary>The last line of a text; the exit code where there is none.</summary>
    public static string LineOf(string text, int code) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [.., var last] ? last : string.Create(CultureInfo.InvariantCulture, $"exit code {code}");
}

/// <summary>
/// Runs scripts on nodes, over connections that may be cut, and remembers which nodes stopped answering: who has waited for one once does not wait for it again with
/// each thing that is to be had from it.
/// </summary>
/// <param name="shell">Makes the command that runs a script on a node.</param>
/// <param name="time">Time of limits and of the pauses between two tries.</param>
/// <param name="disconnect">Makes the command that ends what connection to a node is kept, which may be to a machine that is no more; null where none is kept.</param>
internal sealed class NodeShell(Func<string, string, Command> shell, TimeProvider time, Func<string, Command>? disconnect = null)
{
    // ssh ends with 255 when its connection breaks, and with 128 and the signal when it is ended; a shell that cannot run what it is asked ends with 126 or 127.
    private const int ConnectionBroke = 128, Unanswered = 255;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250), LongestPause = TimeSpan.FromSeconds(2);

    // A script may take long before it says anything, and a busy machine to be connected to.
    private static readonly TimeSpan LeastSilence = TimeSpan.FromSeconds(30), LeastConnecting = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, long> _silentSince = new(StringComparer.Ordinal);

    /// <summary>The way to a cluster's nodes, through its OpenSSH configuration.</summary>
    public static NodeShell Of(Cluster cluster, TimeProvider time) => new(
        (node, script) => new SshTarget(cluster.SshConfig, node).Run(script), time, node => new SshTarget(cluster.SshConfig, node).Disconnect());

    /// <summary>The command that runs a script on a node.</summary>
    public Command Command(string node, string script) => shell(node, script);

    /// <summary>Runs a script once.</summary>
    public Task<NodeReply> RunAsync(string node, string script, CancellationToken cancellation) => RunAsync(node, script, Timeout.InfiniteTimeSpan, cancellation);

    /// <summary>Runs a script that may run several times, until the way to the node held; at most for a time.</summary>
    public Task<NodeReply> ReachAsync(string node, string script, TimeSpan within, CancellationToken cancellation) =>
        PersistAsync(node, script, r => r.Code < ConnectionBroke, within, cancellation);

    /// <summary>Runs a script that reads something until it has read all of it; at most for a time. Whatever the failure, a later try may go through.</summary>
    public Task<NodeReply> ReadAsync(string node, string script, TimeSpan within, CancellationToken cancellation) =>
        PersistAsync(node, script, r => r.Code == 0, within, cancellation);

    /// <summary>The nodes that are not known to be silent, or answer now; in their order.</summary>
    public async Task<ImmutableArray<string>> AnsweringAsync(ImmutableArray<string> nodes, TimeSpan within, CancellationToken cancellation)
    {
        var answers = await Task.WhenAll(nodes.Select(async n => !_silentSince.ContainsKey(n) || (await ReachAsync(n, "true", within, cancellation)).Code < ConnectionBroke));
        return [.. nodes.Where((_, i) => answers[i])];
    }

    private async Task<NodeReply> PersistAsync(string node, string script, Func<NodeReply, bool> enough, TimeSpan within, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        var pause = FirstPause;
        for (var shared = disconnect is not null; ;)
        {
            var began = time.GetTimestamp();
            var reply = await RunAsync(node, script, Patience(node, within), cancellation);
            if (reply.Code < ConnectionBroke) _silentSince.TryRemove(node, out _);
            else _silentSince.TryAdd(node, began);
            // Tries that were made for something else count. What hung on a connection that was kept is tried once more on one of its own, which tells why.
            var over = time.GetElapsedTime(_silentSince.TryGetValue(node, out var since) ? Math.Min(since, start) : start) > within;
            if (enough(reply) || (over && !(reply.Hung && shared))) return reply;
            shared &= !reply.Hung;
            await Task.Delay(pause, time, cancellation);
            pause = pause + pause < LongestPause ? pause + pause : LongestPause;
        }
    }

    /// <summary>How long a try may say nothing.</summary>
    private TimeSpan Patience(string node, TimeSpan within)
    {
        if (!_silentSince.TryGetValue(node, out var since)) return within > LeastSilence ? within : LeastSilence;
        var left = within - time.GetElapsedTime(since);
        return left > LeastConnecting ? left : LeastConnecting;
    }

    private async Task<NodeReply> RunAsync(string node, string script, TimeSpan silence, CancellationToken cancellation)
    {
        using var output = new MemoryStream();
        var error = new StringBuilder();
        using var silent = new CancellationTokenSource(silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, silent.Token);
        try
        {
            var result = await shell(node, script)
                .WithStandardOutputPipe(PipeTarget.Create(async (stream, token) =>
                {
                    var buffer = new byte[1 << 16];
                    int count;
                    while ((count = await stream.ReadAsync(buffer, token)) > 0)
                    {
                        output.Write(buffer, 0, count);
                        silent.CancelAfter(silence);
                    }
                }))
                .WithStandardErrorPipe(PipeTarget.ToStringBuilder(error))
                .WithValidation(CommandResultValidation.None)
                .ExecuteAsync(either.Token);
            return new NodeReply(result.ExitCode, output.ToArray(), error.ToString());
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // A connection that is shared hangs for whoever comes next as well.
            if (disconnect is not null) await disconnect(node).WithValidation(CommandResultValidation.None).ExecuteAsync(cancellation);
            return new NodeReply(Unanswered, output.ToArray(), string.Create(CultureInfo.InvariantCulture, $"{error}\n{node} said nothing for {silence.TotalSeconds:0} s")) { Hung = true };
        }
    }
}
