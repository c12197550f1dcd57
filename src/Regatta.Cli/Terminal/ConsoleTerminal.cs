using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Regatta.Diagnostics;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Regatta.Cli.Terminal;

/// <summary>The terminal of the process.</summary>
public sealed class ConsoleTerminal : ITerminal
{
    private readonly IAnsiConsole human;
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
        this.human = human;
        this.output = output;
        this.time = time;
        start = time.GetTimestamp();
    }

    /// <inheritdoc/>
    public bool Json { get; }

    /// <inheritdoc/>
    public bool Interactive { get; }

    /// <inheritdoc/>
    public int Width => human.Profile.Width;

    /// <summary>The terminal of this process.</summary>
    public static ConsoleTerminal ForProcess(bool json)
    {
        var writer = json ? Console.Error : Console.Out;
        var redirected = json ? Console.IsErrorRedirected : Console.IsOutputRedirected;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (redirected) console.Profile.Width = 120;
        var interactive = !redirected && console.Profile.Capabilities.Ansi;
        return new ConsoleTerminal(json, console, Console.Out, interactive, TimeProvider.System);
    }

    /// <inheritdoc/>
    public void Write(IRenderable renderable)
    {
        lock (gate) human.Write(renderable);
    }

    /// <inheritdoc/>
    public void WriteLine(string text = "")
    {
        // Plain text: long lines are left to the terminal, so that paths can be copied whole.
        lock (gate) human.Profile.Out.Writer.WriteLine(text);
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
        lock (gate) human.Write(DiagnosticView.Render(diagnostic));
    }

    /// <inheritdoc/>
    public bool Confirm(string question) => Interactive && !Console.IsInputRedirected && human.Prompt(new ConfirmationPrompt(question) { DefaultValue = false });

    /// <inheritdoc/>
    public async Task<T> WatchAsync<T>(Func<IActivityMonitor, Task<T>> work)
    {
        if (Json) return await work(new JsonMonitor(this)).ConfigureAwait(false);
        if (!Interactive) return await work(new LineMonitor(this, time, start)).ConfigureAwait(false);
        return await LiveMonitor.RunAsync(human, time, work).ConfigureAwait(false);
    }

    private sealed class JsonMonitor(ConsoleTerminal terminal) : IActivityMonitor
    {
        public void Report(Activity activity) => terminal.WriteJson("activity", activity, TerminalJson.Default.Activity);
    }
}
