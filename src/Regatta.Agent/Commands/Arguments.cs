namespace Regatta.Agent.Commands;

/// <summary>The options of a command: pairs of <c>--name value</c>.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly string _command;

    public Arguments(string command, string[] arguments, params string[] known)
    {
        _command = command;
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (!known.Contains(arguments[i])) throw Fault($"{command} has no option '{arguments[i]}'", Suggestion.Help(arguments[i], known));
            if (i + 1 == arguments.Length) throw Fault($"{command}'s option '{arguments[i]}' needs a value");
            _values[arguments[i]] = arguments[i + 1];
        }
    }

    public string Required(string name) => _values.TryGetValue(name, out var value) && value.Length > 0 ? value : throw Fault($"{_command} needs {name}");

    public long Number(string name, long otherwise) =>
        !_values.TryGetValue(name, out var value) ? otherwise
        : long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw Fault($"{_command}'s {name} is a whole number, not '{value}'");

    /// <summary>One of several words; the first where none is given.</summary>
    public string Choice(string name, params string[] words) =>
        !_values.TryGetValue(name, out var value) ? words[0]
        : words.Contains(value) ? value
        : throw Fault($"{_command}'s {name} cannot be '{value}'", Suggestion.Help(value, words));

    private static DiagnosticException Fault(string text, string? help = null) => new(Diagnostic.Error("agent-option", text) with { Help = help });
}
