using System.Text.Json.Serialization.Metadata;
using Spectre.Console.Rendering;

namespace Regatta.Cli.Terminal;

/// <summary>
/// All talk with the person (or the program) in front of the terminal; nothing else prints.
/// With <c>--json</c>, standard output holds JSON lines only and human text goes to standard error.
/// </summary>
public interface ITerminal
{
    /// <summary>True when results are wanted as JSON lines.</summary>
    bool Json { get; }

    /// <summary>True when a person watches: a terminal that can redraw lines.</summary>
    bool Interactive { get; }

    /// <summary>Width in columns; 100 where there is no terminal.</summary>
    int Width { get; }

    /// <summary>Standard output for the command line's own help; never throws for what it writes to.</summary>
    TextWriter Output { get; }

    /// <summary>The first error of writing human text or results; null while all was written.</summary>
    Exception? WriteFault { get; }

    /// <summary>Writes a human result, such as a table.</summary>
    void Write(IRenderable renderable);

    /// <summary>Writes a line of human text as it is (no markup); control characters are shown, not sent.</summary>
    void WriteLine(string text = "");

    /// <summary>Writes a line that is a result as it is: standard output in every mode, for text that is to be piped.</summary>
    void WriteResult(string text);

    /// <summary>Writes one JSON line to standard output: <c>{"type": type, "data": value}</c>. Does nothing without <c>--json</c>.</summary>
    void WriteJson<T>(string type, T value, JsonTypeInfo<T> typeInfo);

    /// <summary>Shows a diagnostic: coloured text, or a JSON line.</summary>
    void Report(Diagnostic diagnostic);

    /// <summary>Asks a question that is answered by yes or no; no where nobody watches.</summary>
    bool Confirm(string question);

    /// <summary>Standard input, for files named <c>-</c>.</summary>
    Stream OpenInput();

    /// <summary>Runs a long step whose activities are shown as they come: redrawn on a terminal, plain lines elsewhere, JSON lines with <c>--json</c>.</summary>
    Task<T> WatchAsync<T>(Func<IActivityMonitor, Task<T>> work);
}

/// <summary>Shorthands.</summary>
public static class TerminalExtensions
{
    /// <summary><see cref="ITerminal.WatchAsync{T}"/> for a step that returns nothing.</summary>
    public static Task WatchAsync(this ITerminal terminal, Func<IActivityMonitor, Task> work) =>
        terminal.WatchAsync(async monitor =>
        {
            await work(monitor);
            return true;
        });
}
