using CliWrap;
using Regatta.Workloads;

namespace Regatta.Experiments.Replay;

/// <summary>
/// What is sampled beside a replay, as it comes, into a file for who follows the trial. It is a copy: the trial's own samples are taken whole when it has ended, and what
/// becomes of this one costs the trial nothing.
/// </summary>
internal sealed class ArrivingSamples : IAsyncDisposable
{
    // What ssh ends with when its connection breaks, and more.
    private const int ConnectionBroke = 128;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    /// <summary>Begins to copy.</summary>
    /// <param name="shell">The way to the head.</param>
    /// <param name="head">The head.</param>
    /// <param name="follow">The command there that gives samples out; it takes <c>--from</c> and a byte besides.</param>
    /// <param name="path">The file here.</param>
    /// <param name="time">Time of pauses.</param>
    public ArrivingSamples(NodeShell shell, string head, string follow, string path, TimeProvider time) => _running = Task.Run(() => RunAsync(shell, head, follow, path, time, _stop.Token));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private static async Task RunAsync(NodeShell shell, string head, string follow, string path, TimeProvider time, CancellationToken cancellation)
    {
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0);
        while (true)
        {
            // The replay may not be there yet, and a connection may be cut: each goes on where the last one ended.
            var result = await shell.Command(head, string.Create(CultureInfo.InvariantCulture, $"{follow} --from {file.Position}"))
                .WithStandardOutputPipe(PipeTarget.ToStream(file))
                .WithStandardErrorPipe(PipeTarget.Null)
                .WithValidation(CommandResultValidation.None)
                .ExecuteAsync(cancellation);
            if (result.ExitCode is not (ReplayExit.Missing or >= ConnectionBroke)) return;
            await Task.Delay(Pause, time, cancellation);
        }
    }
}
