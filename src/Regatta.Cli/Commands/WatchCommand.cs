using System.CommandLine;
using Regatta.Cli.Terminal;
using Regatta.Host;
using Regatta.Live.Serving;
using Regatta.Runs;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta watch</c>: serves a page that follows runs, whoever works on them.</summary>
internal static class WatchCommand
{
    public static Command Create(ITerminal terminal)
    {
        var names = new Argument<string[]>("run") { Description = "Run directories or ids; the newest run if none is given.", Arity = ArgumentArity.ZeroOrMore };
        var runs = new Option<string>("--runs") { Description = "Directory that holds the runs.", DefaultValueFactory = _ => "runs", HelpName = "DIRECTORY" };
        var listen = new Option<string>("--listen") { Description = "Address of this host that the page is served at; elsewhere than on loopback only with --token.", DefaultValueFactory = _ => "127.0.0.1", HelpName = "ADDRESS" };
        var port = new Option<int?>("--port") { Description = $"Port; the first free one from {WatchAddress.FirstPort} if not given.", HelpName = "PORT" };
        var token = new Option<bool>("--token") { Description = "Only who has the URL may read: it holds a token, which is made once and kept in the state directory." };
        var command = new Command("watch", "Serves a page that follows runs as they go on, until Ctrl-C. It only reads.") { names, runs, listen, port, token };
        command.SetAction(async (parsed, cancellation) =>
        {
            var collection = new RunCollection(parsed.GetRequiredValue(runs));
            var found = (parsed.GetValue(names) is { Length: > 0 } given ? given : ["latest"]).Select(collection.Find).Select(Path.GetFullPath).Distinct(StringComparer.Ordinal).ToImmutableArray();
            var address = WatchAddress.Of(parsed.GetRequiredValue(listen), parsed.GetValue(port), parsed.GetValue(token) ? Token() : null);
            await using var server = WatchServer.Start(address, found, TimeProvider.System);
            Tell(terminal, server.Url);
            await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return (int)ExitCode.Done;
        });
        return command.WithExamples(
            "regatta watch                                           the newest run",
            "regatta watch runs/20260101T120000Z-quickstart-1a2b3c4d runs/20260101T130000Z-policies-5e6f7a8b",
            "regatta watch --listen 0.0.0.0 --token                  for others, who need the URL");
    }

    /// <summary>The option of commands that work on a run themselves.</summary>
    public static Option<bool> Option() => new("--watch") { Description = "Serves a page that follows the run, on loopback, and says where; opens it where there is a desktop." };

    /// <summary>Serves a run that this program works on.</summary>
    /// <param name="terminal">Where the URL is told.</param>
    /// <param name="wanted">Whether it was asked for.</param>
    /// <param name="run">The run directory.</param>
    /// <returns>What ends the serving; null where it was not asked for.</returns>
    public static IAsyncDisposable? Serve(ITerminal terminal, bool wanted, string run)
    {
        if (!wanted) return null;
        var server = WatchServer.Start(WatchAddress.Of("127.0.0.1", null, null), [run], TimeProvider.System);
        Tell(terminal, server.Url);
        if (terminal.Interactive) Desktop.Open(server.Url);
        return server;
    }

    private static void Tell(ITerminal terminal, Uri url)
    {
        terminal.WriteLine($"Watch:  {url}");
        terminal.WriteJson("watch", url.ToString(), RunTexts.Default.String);
    }

    private static string Token() => WatchAddress.TokenIn(Path.Combine(StateDirectory.OfProcess().Root, "watch-token"));
}
