using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Regatta.Cli.Terminal;

/// <summary>The terminal of the process.</summary>
public sealed class ConsoleTerminal : ITerminal
{
    // Columns where lines stay as they are: what is read by programs, or copied, must not be broken.
    private const int Unwrapped = 1 << 20;

    private readonly Lazy<IAnsiConsole> _console;
    private readonly Lazy<IAnsiConsole>? _faults;
    private readonly GuardedWriter _human;
    private readonly GuardedWriter _output;
    private readonly GuardedWriter _errors;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Lock _gate = new();

    /// <summary>A terminal on given consoles.</summary>
    /// <param name="json">Results as JSON lines.</param>
    /// <param name="human">Where human text goes: standard output, or standard error with <paramref name="json"/>.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="interactive">A person watches.</param>
    /// <param name="time">Clock for elapsed times.</param>
    /// <param name="faults">Where diagnostics go as text; null for where human text goes.</param>
    public ConsoleTerminal(bool json, IAnsiConsole human, TextWriter output, bool interactive, TimeProvider time, IAnsiConsole? faults = null)
        : this(json, new GuardedWriter(() => human.Profile.Out.Writer), new GuardedWriter(() => output), Errors(), _ => human, faults is null ? null : _ => faults, time)
    {
        Interactive = interactive;
    }

    private ConsoleTerminal(
        bool json, GuardedWriter human, GuardedWriter output, GuardedWriter errors, Func<TextWriter, IAnsiConsole> draw, Func<TextWriter, IAnsiConsole>? drawFaults, TimeProvider time)
    {
        Json = json;
        _human = human;
        _output = output;
        _errors = errors;
        _time = time;
        _start = time.GetTimestamp();
        // Where nobody watches, most commands print plain lines alone: the console that draws is made when it is needed.
        _console = Drawn(draw, human);
        _faults = drawFaults is null ? null : Drawn(drawFaults, errors);
    }

    /// <inheritdoc/>
    public bool Json { get; }

    /// <inheritdoc/>
    public bool Interactive { get; private init; }

    // Standard output is a terminal.
    private bool OutputShown { get; init; }

    /// <inheritdoc/>
    public int Width => Human.Profile.Width;

    /// <inheritdoc/>
    public TextWriter Output => _output;

    /// <inheritdoc/>
    public Exception? WriteFault => _output.Fault ?? _human.Fault;

    /// <summary>Opens standard input.</summary>
    public Func<Stream> Input { get; init; } = Console.OpenStandardInput;

    /// <summary>The terminal of this process.</summary>
    public static ConsoleTerminal ForProcess(bool json)
    {
        var output = new GuardedWriter(() => Console.Out);
        var errors = Errors();
        var human = json ? errors : output;
        var shown = !Console.IsOutputRedirected;
        // Diagnostics go to standard error; on one screen they stand among the rest, so that neither is drawn over the other.
        Func<TextWriter, IAnsiConsole>? faults = !Console.IsErrorRedirected && (json || shown) ? null : writer => Redirected(writer, Unwrapped);
        if (json ? Console.IsErrorRedirected : !shown)
            return new ConsoleTerminal(json, human, output, errors, writer => Redirected(writer, 120), faults, TimeProvider.System) { OutputShown = shown };
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new ScreenOutput(human) });
        return new ConsoleTerminal(json, human, output, errors, _ => console, faults, TimeProvider.System) { OutputShown = shown, Interactive = console.Profile.Capabilities.Ansi };
    }

    private static Lazy<IAnsiConsole> Drawn(Func<TextWriter, IAnsiConsole> draw, TextWriter writer) => new(() =>
    {
        var made = draw(writer);
        made.Pipeline.Attach(ControlCharacters.Hook);
        return made;
    });

    private static GuardedWriter Errors() => new(() => Console.Error);

    private static IAnsiConsole Redirected(TextWriter writer, int width)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = AnsiSupport.No,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = width;
        return console;
    }

    private IAnsiConsole Human => _console.Value;

    /// <inheritdoc/>
    public void Write(IRenderable renderable)
    {
        lock (_gate) Human.Write(renderable);
    }

    /// <inheritdoc/>
    public void WriteLine(string text = "")
    {
        // Plain text: long lines are left to the terminal, so that paths can be copied whole.
        lock (_gate) _human.WriteLine(ControlCharacters.Shown(text));
    }

    /// <inheritdoc/>
    public void WriteResult(string text)
    {
        // A file or a pipe gets the text as it is.
        lock (_gate) _output.WriteLine(OutputShown ? ControlCharacters.Shown(text) : text);
    }

    /// <inheritdoc/>
    public void WriteJson<T>(string type, T value, JsonTypeInfo<T> typeInfo)
    {
        if (!Json) return;
        var line = $"{{\"type\":\"{type}\",\"data\":{JsonSerializer.Serialize(value, typeInfo)}}}";
        lock (_gate) _output.WriteLine(line);
    }

    /// <inheritdoc/>
    public void Report(Diagnostic diagnostic)
    {
        if (Json) WriteJson("diagnostic", DiagnosticLine.Of(diagnostic), TerminalJson.Default.DiagnosticLine);
        lock (_gate)
        {
            if (_faults is not null)
            {
                _faults.Value.Write(DiagnosticView.Render(diagnostic));
                return;
            }

            if (_human.Fault is null) Human.Write(DiagnosticView.Render(diagnostic));
            if (_human.Fault is not null) _errors.WriteLine(ControlCharacters.Shown(diagnostic.ToString()));
        }
    }

    /// <inheritdoc/>
    public Stream OpenInput() => Input();

    /// <inheritdoc/>
    public bool Confirm(string question) => Interactive && !Console.IsInputRedirected && Human.Prompt(new ConfirmationPrompt(question) { DefaultValue = false });

    /// <inheritdoc/>
    public async Task<T> WatchAsync<T>(Func<IActivityMonitor, Task<T>> work)
    {
        if (Json) return await work(new JsonMonitor(this));
        if (!Interactive) return await work(new LineMonitor(this, _time, _start));
        return await LiveMonitor.RunAsync(Human, _time, work);
    }

    private sealed class JsonMonitor(ConsoleTerminal terminal) : IActivityMonitor
    {
        public void Report(Activity activity) => terminal.WriteJson("activity", activity, TerminalJson.Default.Activity);
    }

    // A console's own output asks whether its writer is that of the process; the guard stands before that one.
    private sealed class ScreenOutput(TextWriter writer) : IAnsiConsoleOutput
    {
        private readonly AnsiConsoleOutput _screen = new(Console.Out);

        public TextWriter Writer => writer;

        public bool IsTerminal => true;

        public int Width => _screen.Width;

        public int Height => _screen.Height;

        public void SetEncoding(System.Text.Encoding encoding) => _screen.SetEncoding(encoding);
    }
}
