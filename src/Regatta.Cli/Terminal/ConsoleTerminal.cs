using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Regatta.Diagnostics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Regatta.Cli.Terminal;

/// <summary>The terminal of the process.</summary>
public sealed class ConsoleTerminal : ITerminal
{
    private readonly Lazy<IAnsiConsole> console;
    private readonly TextWriter plain;
    private readonly TextWriter output;
    private readonly TimeProvider time;
    private readonly long start;
    private readonly Lock gate = new();

    /// <summary>A terminal on given consoles.</summary>
    /// <param name="json">Results as JSON lines.</param>
    /// <param name="human">Where human text goes: standard output, or standard error with <paramref name="json"/>.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="interactive">A person watches.</param>
    /// <param name="time">Clock for elapsed times.</param>
    public ConsoleTerminal(bool json, IAnsiConsole human, TextWriter output, bool interactive, TimeProvider time)
    {
        Json = json;
        Interactive = interactive;
        console = new Lazy<IAnsiConsole>(human);
        plain = human.Profile.Out.Writer;
        this.output = output;
        this.time = time;
        start = time.GetTimestamp();
    }

    // Where nobody watches, most commands print plain lines alone: the console that draws is made when it is needed.
    private ConsoleTerminal(bool json, TextWriter writer)
    {
        Json = json;
        console = new Lazy<IAnsiConsole>(() => Redirected(writer));
        plain = writer;
        output = Console.Out;
        time = TimeProvider.System;
        start = time.GetTimestamp();
    }

    /// <inheritdoc/>
    public bool Json { get; }

    /// <inheritdoc/>
    public bool Interactive { get; }

    /// <inheritdoc/>
    public int Width => Human.Profile.Width;

    /// <summary>The terminal of this process.</summary>
    public static ConsoleTerminal ForProcess(bool json)
    {
        var writer = json ? Console.Error : Console.Out;
        var redirected = json ? Console.IsErrorRedirected : Console.IsOutputRedirected;
        if (redirected) return new ConsoleTerminal(json, writer);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        return new ConsoleTerminal(json, console, Console.Out, console.Profile.Capabilities.Ansi, TimeProvider.System);
    }

    private static IAnsiConsole Redirected(TextWriter writer)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = AnsiSupport.No,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = 120;
        return console;
    }

    private IAnsiConsole Human => console.Value;

    /// <inheritdoc/>
    public void Write(IRenderable renderable)
    {
        lock (gate) Human.Write(renderable);
    }

    /// <inheritdoc/>
    public void WriteLine(string text = "")
    {
        // Plain text: long lines are left to the terminal, so that paths can be copied whole.
        lock (gate) plain.WriteLine(text);
    }

    /// <inheritdoc/>
    public void WriteResult(string text)
    {
        lock (gate) output.WriteLine(text);
    }

    /// <inheritdoc/>
    public void WriteJson<T>(string type, T value, JsonTypeInfo<T> typeInfo)
    {
        if (!Json) return;
        var line = $"{{\"type\":\"{type}\",\"data\":{JsonSerializer.Serialize(value, typeInfo)}}}";
        lock (gate) output.WriteLine(line);
    }

    /// <inheritdoc/>
    public void Report(Diagnostic diagnostic)
    {
        if (Json) WriteJson("diagnostic", diagnostic, TerminalJson.Default.Diagnostic);
        lock (gate) Human.Write(DiagnosticView.Render(diagnostic));
    }

    /// <inheritdoc/>
    public bool Confirm(string question) => Interactive && !Console.IsInputRedirected && Human.Prompt(new ConfirmationPrompt(question) { DefaultValue = false });

    /// <inheritdoc/>
    public async Task<T> WatchAsync<T>(Func<IActivityMonitor, Task<T>> work)
    {
        if (Json) return await work(new JsonMonitor(this)).ConfigureAwait(false);
        if (!Interactive) return await work(new LineMonitor(this, time, start)).ConfigureAwait(false);
        return await LiveMonitor.RunAsync(Human, time, work).ConfigureAwait(false);
    }

    private sealed class JsonMonitor(ConsoleTerminal terminal) : IActivityMonitor
    {
        public void Report(Activity activity) => terminal.WriteJson("activity", activity, TerminalJson.Default.Activity);
    }
}
