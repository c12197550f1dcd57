using System.Text;

namespace Regatta.Config;

/// <summary>Makes the diagnostics of one override; each points at the character.</summary>
internal sealed class OverrideFaults(string text, OriginSource source)
{
    /// <summary>A character that cannot stand where it does.</summary>
    public DiagnosticException Unexpected(int at, bool nested, string? expected = null)
    {
        var c = text[at];
        if (c is ' ' or '\t' && at + ValueTokens.BlankLength(text.AsSpan(at)) < text.Length) c = text[at + ValueTokens.BlankLength(text.AsSpan(at))];
        var what = c is ' ' or '\t' ? "a blank" : $"'{(char.IsSurrogate(c) ? char.ConvertFromUtf32(Rune.GetRuneAt(text, Math.Min(at, text.Length - 1)).Value) : c)}'";
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var key = equals < 0 ? text : text[..(equals + 1)];
        var value = equals < 0 ? "" : text[(equals + 1)..];
        var quoted = value.Contains('\'', StringComparison.Ordinal) ? $"\"{value}\"" : $"'{value}'";
        var help = !nested && !value.Contains('"', StringComparison.Ordinal)
            ? $"quote the value: {Short(key + quoted)} (in a shell: {Short(ShellQuoted(key + quoted))})"
            : "quote the part with this character, or put a backslash before it";
        return At(at, $"{what} cannot stand here unquoted{(expected is null ? "" : $"; expected {expected}")}", help);
    }

    private static string ShellQuoted(string word) => word.Contains('\'', StringComparison.Ordinal) ? $"\"{word.Replace("$", "\\$", StringComparison.Ordinal)}\"" : $"'{word}'";

    /// <summary>A text that fits into a message.</summary>
    public static string Short(string value) => value.Length <= 120 ? value : string.Concat(value.AsSpan(0, 117), "...");

    /// <summary>A fault at a position, from 0.</summary>
    public DiagnosticException At(int position, string summary, string? help, int length = 1)
    {
        var shown = text.Length <= 400 && !text.Contains('\n', StringComparison.Ordinal) ? text : null;
        return new DiagnosticException(Diagnostic.Error("config-override-parse", $"override '{Short(text)}': {summary}") with
        {
            Where = new SourceRange(source.Name, 1, position + 1, shown is null ? 0 : Math.Min(length, Math.Max(1, text.Length - position))),
            Excerpt = shown,
            Help = help,
        });
    }
}
