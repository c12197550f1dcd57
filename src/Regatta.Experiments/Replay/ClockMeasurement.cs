using System.Text;
using CliWrap;
using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Experiments.Replay;

/// <summary>
/// Offsets of clocks by the exchange of four stamps (Cristian 1989; RFC 5905, section 8), through this host: each node is compared with this
/// host, and the difference of two nodes is that of their comparisons. Of many exchanges the one with the shortest round trip counts.
/// </summary>
public static class ClockMeasurement
{
    private const int Exchanges = 40;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30), Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>The clocks of <paramref name="nodes"/> against that of <paramref name="head"/>. A node that does not answer is left out.</summary>
    /// <param name="clock">Makes the command that runs the agent's <c>clock</c> on a node.</param>
    /// <param name="head">The head.</param>
    /// <param name="nodes">The other nodes.</param>
    /// <param name="within">How long a node is tried: a connection that is cut in the middle is made again.</param>
    /// <param name="time">This host's clock.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="DiagnosticException">The head does not answer.</exception>
    public static async Task<ImmutableArray<ClockOffset>> MeasureAsync(
        Func<string, Command> clock, string head, ImmutableArray<string> nodes, TimeSpan within, TimeProvider time, CancellationToken cancellation)
    {
        // One after the other: exchanges that disturb each other have longer round trips.
        var reference = await PersistAsync(clock, head, within, time, cancellation)
            ?? throw new DiagnosticException(Diagnostic.Error("clock-head", $"the clock of {head} cannot be measured: its agent does not answer") with
            {
                Help = "regatta cluster configure copies the agent",
            });
        var offsets = ImmutableArray.CreateBuilder<ClockOffset>();
        foreach (var node in nodes)
        {
            if (await PersistAsync(clock, node, within, time, cancellation) is { } own)
                offsets.Add(Difference(node, own, reference));
        }

        return offsets.ToImmutable();
    }

    /// <summary>Offset and bound of one exchange: sent here, received there, answered there, arrived here; microseconds.</summary>
    public static (long Offset, long Bound) Exchange(long sent, long received, long answered, long arrived) =>
        ((received - sent + (answered - arrived)) / 2, (arrived - sent - (answered - received) + 1) / 2);

    /// <summary>Offset of a node to the head, out of the offsets of both to this host.</summary>
    public static ClockOffset Difference(string node, (long Offset, long Bound) own, (long Offset, long Bound) head) =>
        new(node, own.Offset - head.Offset, own.Bound + head.Bound);

    private static async Task<(long Offset, long Bound)?> PersistAsync(Func<string, Command> clock, string node, TimeSpan within, TimeProvider time, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            var best = await CompareAsync(clock(node), time, cancellation);
            if (best is not null || time.GetElapsedTime(start) > within) return best;
            await Task.Delay(Pause, time, cancellation);
        }
    }

    private static async Task<(long Offset, long Bound)?> CompareAsync(Command clock, TimeProvider time, CancellationToken cancellation)
    {
        (long Offset, long Bound)? best = null;
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        var answers = System.Threading.Channels.Channel.CreateUnbounded<(string Line, long Arrived)>();
        try
        {
            await clock
                .WithStandardInputPipe(PipeSource.Create(async (stream, token) =>
                {
                    try
                    {
                        for (var i = 0; i < Exchanges; i++)
                        {
                            var name = i.ToString(CultureInfo.InvariantCulture);
                            var line = Encoding.ASCII.GetBytes(name + "\n");
                            var sent = Micros.Now(time);
                            await stream.WriteAsync(line, token);
                            await stream.FlushAsync(token);
                            var (answer, arrived) = await answers.Reader.ReadAsync(token);
                            if (answer.Split(' ') is not [var echo, var received, var answered] || echo != name) break;
                            var exchange = Exchange(sent, Number(received), Number(answered), arrived);
                            if (best is null || exchange.Bound < best.Value.Bound) best = exchange;
                        }
                    }
                    catch (Exception exception) when (exception is IOException or System.Threading.Channels.ChannelClosedException)
                    {
                        // The node is gone: what was measured before holds.
                    }
                }))
                .WithStandardOutputPipe(PipeTarget.Create(async (stream, token) =>
                {
                    var buffer = new byte[512];
                    var partial = new StringBuilder();
                    int count;
                    while ((count = await stream.ReadAsync(buffer, token)) > 0)
                    {
                        var arrived = Micros.Now(time);
                        partial.Append(Encoding.ASCII.GetString(buffer, 0, count));
                        if (buffer[count - 1] != '\n') continue;
                        answers.Writer.TryWrite((partial.ToString().Trim(), arrived));
                        partial.Clear();
                    }

                    answers.Writer.TryComplete();
                }))
                .WithStandardErrorPipe(PipeTarget.Null)
                .WithValidation(CommandResultValidation.None)
                .ExecuteAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return best;
        }

        return best;
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
