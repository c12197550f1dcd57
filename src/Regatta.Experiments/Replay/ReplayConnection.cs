using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using CliWrap;
using Regatta.Workloads;

namespace Regatta.Experiments.Replay;

/// <summary>
/// The way to a replay on a head. The replay outlives it: a connection that is cut is made again, and goes on at the byte where it was cut.
/// </summary>
/// <param name="head">Name of the head, for words.</param>
/// <param name="shell">Makes the command that runs a script on the head.</param>
/// <param name="agent">Path of the agent there.</param>
/// <param name="directory">Directory of the replay there.</param>
/// <param name="lostAfter">How long the head may not be reached before it is given up.</param>
/// <param name="cut">Told each time the connection was cut, with what was said last.</param>
/// <param name="time">Time of the pauses between two tries.</param>
internal sealed class ReplayConnection(string head, Func<string, Command> shell, string agent, string directory, TimeSpan lostAfter, Action<string> cut, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500), LongestPause = TimeSpan.FromSeconds(5), EndWithin = TimeSpan.FromSeconds(5);

    /// <summary>The lines of the head's events, each once, over every cut of the connection.</summary>
    /// <param name="header">The header of the replay, complete.</param>
    /// <param name="jobs">The jobs.</param>
    /// <param name="cancellation">Ends the connection; the replay on the head goes on until it is asked to cancel.</param>
    /// <exception cref="DiagnosticException">The replay cannot be started, failed, or its head was lost.</exception>
    public async IAsyncEnumerable<byte[]> LinesAsync(ReplayHeader header, IReadOnlyList<Job> jobs, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var started = false;
        var offset = 0L;
        var pause = FirstPause;
        long? lostSince = null;
        while (true)
        {
            var before = offset;
            var lines = Channel.CreateBounded<byte[]>(4096);
            var words = new StringBuilder();
            // A reader that stops reading ends the connection as well.
            using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var running = ConnectAsync(header, jobs, started ? offset : null, lines.Writer, words, reading.Token);
            try
            {
                await foreach (var line in lines.Reader.ReadAllAsync(cancellation))
                {
                    offset += line.Length + 1;
                    yield return line;
                }
            }
            finally
            {
                if (!lines.Reader.Completion.IsCompleted)
                {
                    await reading.CancelAsync();
                    await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }

            var code = await running;
            switch (code)
            {
                case ReplayExit.Done:
                    yield break;
                case ReplayExit.Failed:
                    throw Failed(head, words.ToString());
                case ReplayExit.Missing when started && offset == 0:
                    // The connection was cut before the head had read the schedule.
                    started = false;
                    continue;
                case ReplayExit.Exists:
                    // The connection was cut after the head had read all, and before it had said so.
                    started = true;
                    continue;
                case 126 or 127:
                    throw new DiagnosticException(Diagnostic.Error("agent-missing", $"{head} has no agent at {agent}") with
                    {
                        Detail = words.ToString().Trim(), Help = "regatta cluster configure copies it",
                    });
            }

            // Whatever the code, the head holds the truth: it is asked again, from where the last whole line ended.
            started = true;
            var now = time.GetTimestamp();
            if (offset > before || lostSince is null) (pause, lostSince) = (FirstPause, now);
            cut(NodeReply.LineOf(words.ToString(), code));
            if (time.GetElapsedTime(lostSince.Value) > lostAfter)
            {
                throw new DiagnosticException(Diagnostic.Error("replay-connection-lost", string.Create(CultureInfo.InvariantCulture, $"{head} was not reached for {lostAfter.TotalSeconds:0} s, and what becomes of the replay there is not known")) with
                {
                    Detail = words.ToString().Trim(),
                });
            }

            await Task.Delay(pause, time, cancellation);
            pause = pause + pause < LongestPause ? pause + pause : LongestPause;
        }
    }

    /// <summary>Writes a line with its end.</summary>
    internal static async Task WriteLineAsync(Stream stream, byte[] line, CancellationToken cancellation)
    {
        await stream.WriteAsync(line, cancellation);
        await stream.WriteAsync("\n"u8.ToArray(), cancellation);
    }

    /// <summary>The replay failed, with the agent's words.</summary>
    internal static DiagnosticException Failed(string head, string words) =>
        new(Diagnostic.Error("replay-failed", $"the replay on {head} failed") with { Detail = words.Trim() });

    /// <summary>One connection: starts the replay when there is no offset, else follows it from there. Only whole lines are passed on.</summary>
    private async Task<int> ConnectAsync(ReplayHeader header, IReadOnlyList<Job> jobs, long? offset, ChannelWriter<byte[]> lines, StringBuilder words, CancellationToken cancellation)
    {
        try
        {
            var script = offset is { } from
                ? string.Create(CultureInfo.InvariantCulture, $"exec {agent} follow --directory {directory} --from {from}")
                : $"exec {agent} replay --directory {directory}";
            var command = shell(script)
                .WithStandardOutputPipe(PipeTarget.Create((stream, token) => SplitAsync(stream, lines, token)))
                .WithStandardErrorPipe(PipeTarget.ToStringBuilder(words))
                .WithValidation(CommandResultValidation.None);
            if (offset is null) command = command.WithStandardInputPipe(PipeSource.Create((stream, token) => SendAsync(header, jobs, stream, token)));
            // Only the connection is ended, by a signal to it: what runs behind it goes on until it is asked to cancel.
            using var forceful = new CancellationTokenSource();
            using var patience = cancellation.Register(() => forceful.CancelAfter(EndWithin));
            var result = await command.ExecuteAsync(forceful.Token, cancellation);
            return result.ExitCode;
        }
        finally
        {
            lines.TryComplete();
        }
    }

    private static async Task SendAsync(ReplayHeader header, IReadOnlyList<Job> jobs, Stream stream, CancellationToken cancellation)
    {
        try
        {
            await WriteLineAsync(stream, ReplayJson.Line(header), cancellation);
            foreach (var job in jobs) await WriteLineAsync(stream, ReplayJson.Line(job), cancellation);
        }
        catch (IOException)
        {
            // The other end is gone; its exit code says why.
        }
    }

    private static async Task SplitAsync(Stream stream, ChannelWriter<byte[]> lines, CancellationToken cancellation)
    {
        var buffer = new byte[64 * 1024];
        var partial = new MemoryStream();
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellation)) > 0)
        {
            var start = 0;
            while (buffer.AsSpan(start, count - start).IndexOf((byte)'\n') is var end && end >= 0)
            {
                partial.Write(buffer, start, end);
                await lines.WriteAsync(partial.ToArray(), cancellation);
                partial.SetLength(0);
                start += end + 1;
            }

            partial.Write(buffer, start, count - start);
        }
    }
}
