using Microsoft.Extensions.Time.Testing;
using Regatta.Experiments.Replay;

namespace Regatta.Tests.Experiments;

/// <summary>The way to nodes, some of which stop answering; a shell on this machine stands for them.</summary>
public sealed class NodeShellTests : ScratchTests
{
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _asked = [], _disconnected = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_that_hangs_is_given_up_once_and_not_waited_for_again()
    {
        // The shared connection is to a machine that is no more; without it there is no way at all.
        var shell = Shell((node, script) => _disconnected.Contains(node) ? "echo 'No route to host' >&2; exit 255" : "exec sleep 600");
        var first = await PassAsync(shell.ReadAsync("n1", "first", Within, Cancellation));
        Assert.Equal((255, "No route to host"), (first.Code, first.LastLine));
        Assert.Equal(["n1"], _disconnected);
        Assert.True(_asked.Count > 1);

        _asked.Clear();
        var began = _time.GetUtcNow();
        Assert.Equal(255, (await PassAsync(shell.ReadAsync("n1", "second", Within, Cancellation))).Code);
        Assert.Equal(["second"], _asked);
        Assert.Empty(await PassAsync(shell.AnsweringAsync(["n1"], Within, Cancellation)));
        Assert.Equal(["second", "true"], _asked);
        Assert.True(_time.GetUtcNow() - began < Within);
    }

    [Fact]
    public async Task A_node_that_answers_again_is_waited_for_again()
    {
        var gone = true;
        var shell = Shell((_, script) => gone ? "exit 255" : script);
        Assert.Equal(255, (await PassAsync(shell.ReadAsync("n1", "echo one", Within, Cancellation))).Code);
        gone = false;
        Assert.Equal(["n1", "n2"], await PassAsync(shell.AnsweringAsync(["n1", "n2"], Within, Cancellation)));
        // The other was never asked: who is not known to be silent is asked when something is to be had from it.
        Assert.Equal("true", _asked[^1]);
        gone = true;
        _asked.Clear();
        await PassAsync(shell.ReadAsync("n1", "echo two", Within, Cancellation));
        Assert.True(_asked.Count > 1);
    }

    private NodeShell Shell(Func<string, string, string> script) => new(
        (node, asked) =>
        {
            lock (_asked) _asked.Add(asked);
            // What ends by itself does so in no time, however long this machine takes for it.
            var line = script(node, asked);
            if (line.StartsWith("exec sleep", StringComparison.Ordinal)) return CliWrap.Cli.Wrap("bash").WithArguments(["-c", line]);
            File.WriteAllText(Answering, "");
            return CliWrap.Cli.Wrap("bash").WithArguments(["-c", $"trap 'rm -f \"{Answering}\"' EXIT; {line}"]);
        },
        _time,
        node =>
        {
            _disconnected.Add(node);
            return CliWrap.Cli.Wrap("true");
        });

    private string Answering => Path.Combine(Scratch, "answering");

    /// <summary>Lets time pass until something has ended.</summary>
    private async Task<T> PassAsync<T>(Task<T> task)
    {
        while (await Task.WhenAny(task, Task.Delay(20, Cancellation)) != task)
        {
            if (!File.Exists(Answering)) _time.Advance(TimeSpan.FromSeconds(1));
        }

        return await task;
    }
}
