using Spectre.Console;
using Spectre.Console.Rendering;

namespace Regatta.Cli.Terminal;

/// <summary>How a diagnostic looks on a terminal.</summary>
internal static class DiagnosticView
{
    public static IRenderable Render(Diagnostic diagnostic)
    {
        var (word, colour) = diagnostic.Severity switch
        {
            Severity.Error => ("error", Color.Red),
            Severity.Warning => ("warning", Color.Yellow),
            _ => ("hint", Color.Blue),
        };
        var text = new Paragraph();
        text.Append(word, new Style(colour, decoration: Decoration.Bold));
        text.Append($"[{diagnostic.Code}]", new Style(Color.Grey));
        text.Append(": " + diagnostic.Summary + "\n", new Style(decoration: Decoration.Bold));
        if (diagnostic.Where is { } where) text.Append("  at " + where + "\n", new Style(Color.Grey));
        if (diagnostic.Excerpt is { } excerpt)
        {
            text.Append("    " + excerpt + "\n");
            if (diagnostic.Where is { Column: > 0 } range)
                text.Append("    " + new string(' ', range.Column - 1) + new string('^', Math.Max(1, range.Length)) + "\n", new Style(colour));
        }

        if (diagnostic.Detail is { } detail) text.Append("  " + detail.TrimEnd().ReplaceLineEndings("\n  ") + "\n");
        if (diagnostic.Help is { } help)
        {
            text.Append("  help: ", new Style(Color.Green));
            text.Append(help.ReplaceLineEndings("\n        ") + "\n");
        }

        return text;
    }
}
