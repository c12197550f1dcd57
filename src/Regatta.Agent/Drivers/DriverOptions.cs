using Regatta.Workloads;

namespace Regatta.Agent.Drivers;

/// <summary>Reads the options of a driver out of a header.</summary>
internal static class DriverOptions
{
    /// <summary>Sets the options that the header gives, one after the other.</summary>
    /// <param name="header">The header.</param>
    /// <param name="options">The options as they are by default.</param>
    /// <param name="setters">How each option that there is, is set.</param>
    /// <exception cref="DiagnosticException">One is not known or cannot be.</exception>
    public static T Read<T>(ReplayHeader header, T options, IReadOnlyDictionary<string, Func<T, string, T>> setters)
    {
        foreach (var (name, value) in header.Options)
        {
            if (!setters.TryGetValue(name, out var set)) throw Fault($"the {header.Scheduler} driver has no option '{name}'", Suggestion.Help(name, [.. setters.Keys.Order(StringComparer.Ordinal)]));
            if (value.Length == 0 || value.Any(c => char.IsControl(c) || c == '\'')) throw Fault($"the option '{name}' cannot be '{value}'", "a value has no quote and no control character");
            options = set(options, value);
        }

        return options;
    }

    /// <summary>An option that cannot be.</summary>
    public static DiagnosticException Fault(string text, string help) => new(Diagnostic.Error("replay-option", text) with { Help = help });
}
