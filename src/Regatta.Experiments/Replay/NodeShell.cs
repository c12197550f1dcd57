using System.Text;
using CliWrap;

namespace Regatta.Experiments.Replay;

/// <summary>How a script on a node ended.</summary>
/// <param name="Code">Its exit code; 126 and above where the way to the node broke.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record NodeReply(int Code, byte[] Output, string Error)
{
    /// <summary>What was said last; the exit code where nothing was.</summary>
    public string LastLine => LineOf(Error, Code);

    /// <summary>The last line of a text; the exit code where there is none.</summary>
    public static string LineOf(string text, int code) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [.., var last] ? last : string.Create(CultureInfo.InvariantCulture, $"exit code {code}");
}

/// <summary>Runs scripts on nodes, over connections that may be cut.</summary>
/// <param name="shell">Makes the command that runs a script on a node.</param>
/// <param name="time">Time of the pauses between two tries.</param>
internal sealed class NodeShell(Func<string, string, Command> shell, TimeProvider time)
{
    // ssh ends with 255 when its connection breaks, and with 128 and the signal when it is ended; a shell that cannot run what it is asked ends with 126 or 127.
    private const int ConnectionBroke = 128;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250), LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>The command that runs a script on a node.</summary>
    public Command Command(string node, string script) => shell(node, script);

    /// <summary>Runs a script once.</summary>
    public async Task<NodeReply> RunAsync(string node, string script, CancellationToken cancellation)
    {
        using var output = new MemoryStream();
        var error = new StringBuilder();
        var result = await shell(node, script)
            .WithStandardOutputPipe(PipeTarget.ToStream(output))
            .WithStandardErrorPipe(PipeTarget.ToStringBuilder(error))
            .WithValidation(CommandResultValidation.None)
            .ExecuteAsync(cancellation);
        return new NodeReply(result.ExitCode, output.ToArray(), error.ToString());
    }

    /// <summary>Runs a script that may run several times, until the way to the node held; at most for a time.</summary>
    public Task<NodeReply> ReachAsync(string node, string script, TimeSpan within, CancellationToken cancellation) =>
        PersistAsync(node, script, r => r.Code < ConnectionBroke, within, cancellation);

    /// <summary>Runs a script that reads something until it has read all of it; at most for a time. Whatever the failure, a later try may go through.</summary>
    public Task<NodeReply> ReadAsync(string node, string script, TimeSpan within, CancellationToken cancellation) =>
        PersistAsync(node, script, r => r.Code == 0, within, cancellation);

    private async Task<NodeReply> PersistAsync(string node, string script, Func<NodeReply, bool> enough, TimeSpan within, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        var pause = FirstPause;
        while (true)
        {
            var reply = await RunAsync(node, script, cancellation);
            if (enough(reply) || time.GetElapsedTime(start) > within) return reply;
            await Task.Delay(pause, time, cancellation);
            pause = pause + pause < LongestPause ? pause + pause : LongestPause;
        }
    }
}
