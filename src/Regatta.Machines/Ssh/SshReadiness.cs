using System.Net.Sockets;
using Regatta.Host;

namespace Regatta.Machines.Ssh;

/// <summary>Why a node is not waited for any longer.</summary>
/// <param name="Summary">What is the matter, after the node's name.</param>
/// <param name="Words">What was said last.</param>
internal sealed record NotReady(string Summary, string? Words);

/// <summary>Waits until a node answers SSH.</summary>
/// <param name="config">OpenSSH configuration.</param>
/// <param name="time">Clock for the time limit.</param>
internal sealed class SshReadiness(string config, TimeProvider time)
{
    private static readonly TimeSpan Attempt = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns null when the node answered, else why not.</summary>
    /// <param name="node">The node.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="gone">Says that the machine has ended, so that waiting is in vain.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<NotReady?> WaitAsync(Node node, TimeSpan limit, Func<bool> gone, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        string? words = null;
        while (time.GetElapsedTime(start) < limit)
        {
            if (gone()) return new NotReady("ended before it answered SSH", words);
            if (await BannerAsync(node, cancellation))
            {
                // Every attempt is bounded: a machine that accepts and then says nothing must not outlast the limit.
                using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                bounded.CancelAfter(limit - time.GetElapsedTime(start) + Attempt);
                try
                {
                    var result = await HostTool.TryAsync("ssh", ["-F", config, "-o", "BatchMode=yes", "--", node.Name, "true"], bounded.Token);
                    if (result.ExitCode == 0) return null;
                    words = result.Error.Trim();
                    if (words.Contains("Host key verification failed", StringComparison.Ordinal) || words.Contains("Permission denied", StringComparison.Ordinal))
                        return new NotReady("refuses SSH", words);
                }
                catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
                {
                    break;
                }
            }

            await Task.Delay(Pause, time, cancellation);
        }

        return new NotReady($"did not answer SSH within {limit.TotalSeconds:0.###} s", words);
    }

    private static async Task<bool> BannerAsync(Node node, CancellationToken cancellation)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(Attempt);
        using var socket = new Socket(node.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(node.Address, node.Port, bounded.Token);
            var buffer = new byte[4];
            // A slow machine needs longer for its first words than for accepting.
            bounded.CancelAfter(TimeSpan.FromSeconds(10));
            return await socket.ReceiveAsync(buffer, bounded.Token) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }
}
