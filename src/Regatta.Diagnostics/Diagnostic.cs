namespace Regatta.Diagnostics;

/// <summary>How much a diagnostic weighs. Only <see cref="Error"/> stops what was asked for.</summary>
public enum Severity
{
    /// <summary>Worth knowing; nothing is wrong.</summary>
    Hint,

    /// <summary>The result may not be what was meant.</summary>
    Warning,

    /// <summary>What was asked for cannot be done.</summary>
    Error,
}

/// <summary>A place in a text that a person wrote.</summary>
/// <param name="Source">File path, or a name such as <c>command line</c>.</param>
/// <param name="Line">Line, from 1; 0 when only the source is known.</param>
/// <param name="Column">Column in UTF-16 units, from 1; 0 when only the line is known.</param>
/// <param name="Length">Length of the marked text on that line; 0 when it is a point.</param>
public readonly record struct SourceRange(string Source, int Line = 0, int Column = 0, int Length = 0)
{
    /// <summary><c>file:line:column</c>, leaving out what is not known.</summary>
    public override string ToString() =>
        Line == 0 ? Source : Column == 0 ? $"{Source}:{Line}" : $"{Source}:{Line}:{Column}";
}

/// <summary>One thing that is wrong or worth knowing: what, where, and what to do.</summary>
/// <param name="Severity">How much it weighs.</param>
/// <param name="Code">A stable name in kebab case, such as <c>swf-field-count</c>; documented and searched for.</param>
/// <param name="Summary">One line that names the thing and the fault, without a final full stop.</param>
public sealed record Diagnostic(Severity Severity, string Code, string Summary)
{
    /// <summary>More about the cause: several lines, the last lines of a log, the text that was read.</summary>
    public string? Detail { get; init; }

    /// <summary>Where the fault stands in a text, if it stands in one.</summary>
    public SourceRange? Where { get; init; }

    /// <summary>The line of text that <see cref="Where"/> points into, to be shown with a caret.</summary>
    public string? Excerpt { get; init; }

    /// <summary>What to do about it; a command where one mends it.</summary>
    public string? Help { get; init; }

    /// <summary>An error.</summary>
    public static Diagnostic Error(string code, string summary) => new(Severity.Error, code, summary);

    /// <summary>A warning.</summary>
    public static Diagnostic Warning(string code, string summary) => new(Severity.Warning, code, summary);

    /// <summary>A hint.</summary>
    public static Diagnostic Hint(string code, string summary) => new(Severity.Hint, code, summary);

    /// <summary>The diagnostic as plain text, one fact a line, as tests and logs show it.</summary>
    public override string ToString()
    {
        var text = new System.Text.StringBuilder();
        text.Append(Severity switch { Severity.Error => "error", Severity.Warning => "warning", _ => "hint" });
        text.Append('[').Append(Code).Append("]: ").Append(Summary);
        if (Where is { } where) text.Append('\n').Append("  at ").Append(where.ToString());
        if (Excerpt is not null)
        {
            text.Append('\n').Append("    ").Append(Excerpt);
            if (Where is { Column: > 0 } range)
                text.Append('\n').Append("    ").Append(' ', range.Column - 1).Append('^', Math.Max(1, range.Length));
        }

        if (Detail is not null) text.Append('\n').Append("  ").Append(Detail.ReplaceLineEndings("\n  "));
        if (Help is not null) text.Append('\n').Append("  help: ").Append(Help.ReplaceLineEndings("\n        "));
        return text.ToString();
    }
}

/// <summary>Thrown when something that was asked for cannot be done, with every reason that is known.</summary>
public sealed class DiagnosticException : Exception
{
    /// <summary>Wraps one diagnostic.</summary>
    public DiagnosticException(Diagnostic diagnostic, Exception? cause = null)
        : this([diagnostic], cause)
    {
    }

    /// <summary>Wraps several diagnostics; at least one is an error.</summary>
    /// <exception cref="ArgumentException">None of them is an error.</exception>
    public DiagnosticException(IReadOnlyList<Diagnostic> diagnostics, Exception? cause = null)
        : base(string.Join('\n', diagnostics), cause)
    {
        if (!diagnostics.Any(d => d.Severity == Severity.Error))
            throw new ArgumentException("at least one diagnostic must be an error", nameof(diagnostics));
        Diagnostics = diagnostics;
    }

    /// <summary>What was found, in the order it is to be shown.</summary>
    public IReadOnlyList<Diagnostic> Diagnostics { get; }
}
