using System.Text;

namespace Regatta.Config;

/// <summary>
/// Indents what brackets, braces and quotes continue on later lines. PyYAML asks for no indentation there and many people give none;
/// YamlDotNet keeps to YAML 1.2, which asks for it. Only texts that YamlDotNet refused come here, so a wrong guess changes nothing that is valid.
/// </summary>
internal sealed class YamlContinuation
{
    private readonly string text;
    private readonly Stack<int> open = [];
    private readonly StringBuilder result;
    private readonly List<int> shifts = [];
    private int at;
    private int lineStart;
    private int lineShift;
    private bool changed;

    private YamlContinuation(string text)
    {
        this.text = text;
        result = new StringBuilder(text.Length + 256);
    }

    /// <summary>The indented text, and by how many columns each line was shifted; null when there is nothing to indent.</summary>
    public static (string Text, IReadOnlyList<int> Shifts)? Indented(string text)
    {
        var scan = new YamlContinuation(text);
        return scan.Run() && scan.changed ? (scan.result.ToString(), scan.shifts) : null;
    }

    private bool Run()
    {
        while (at < text.Length)
        {
            if (!Line()) return false;
            if (result.Length > YamlReader.LengthLimit) return false;
        }

        return open.Count == 0;
    }

    // A line outside of brackets and quotes; what it opens is followed to its end.
    private bool Line()
    {
        StartLine(0);
        Blanks();
        var indent = at - lineStart;
        if (IsDocumentMarker()) return EndLine();
        while (!AtLineEnd())
        {
            var c = text[at];
            if (c == '#') break;
            if (c is '|' or '>') return BlockText(indent);
            if (c is '[' or '{')
            {
                if (!Flow()) return false;
            }
            else if (c is '"' or '\'')
            {
                if (!Quoted()) return false;
            }
            else if ((c is '-' or '?' or ':') && IsBlankAt(at + 1))
            {
                at++;
            }
            else if (c is '&' or '!')
            {
                while (!IsBlankAt(at)) at++;
            }
            else
            {
                Plain();
            }

            Blanks();
        }

        return EndLine();
    }

    // Up to a colon that ends a key, or a comment, or the end of the line.
    private void Plain()
    {
        while (!AtLineEnd() && !(text[at] == ':' && IsBlankAt(at + 1)) && !(text[at] == '#' && text[at - 1] is ' ' or '\t')) at++;
    }

    private bool BlockText(int indent)
    {
        if (!EndLine()) return false;
        while (at < text.Length)
        {
            var first = at;
            while (first < text.Length && text[first] == ' ') first++;
            if (first < text.Length && text[first] is not ('\n' or '\r') && first - at <= indent) return true;
            StartLine(0);
            EndLine();
        }

        return true;
    }

    private bool Flow()
    {
        var column = at - lineStart + lineShift + 1;
        var from = open.Count;
        open.Push(text[at++]);
        var starts = true;
        while (open.Count > from)
        {
            if (at >= text.Length) return false;
            if (AtLineEnd())
            {
                if (!Continue(column)) return false;
                starts = true;
                continue;
            }

            var c = text[at];
            if (c == '#' && text[at - 1] is ' ' or '\t' or '\n')
            {
                while (!AtLineEnd()) at++;
            }
            else if (starts && c is '"' or '\'')
            {
                if (!Quoted(column)) return false;
                starts = false;
            }
            else
            {
                if (c is '[' or '{') open.Push(c);
                else if (c is ']' or '}') open.Pop();
                starts = c is '[' or '{' or ',' or ':' || (starts && c is ' ' or '\t');
                at++;
            }
        }

        return true;
    }

    private bool Quoted(int column = -1)
    {
        if (column < 0) column = at - lineStart + lineShift + 1;
        var quote = text[at++];
        while (at < text.Length)
        {
            var c = text[at];
            if (c == '\\' && quote == '"' && at + 1 < text.Length && text[at + 1] is not ('\n' or '\r'))
            {
                at += 2;
            }
            else if (c == quote)
            {
                at++;
                if (quote != '\'' || at >= text.Length || text[at] != '\'') return true;
                at++;
            }
            else if (c == '\n')
            {
                if (!Continue(column)) return false;
            }
            else
            {
                at++;
            }
        }

        return false;
    }

    private bool Continue(int column)
    {
        EndLine();
        if (at >= text.Length || IsDocumentMarker()) return false;
        var blanks = 0;
        while (at + blanks < text.Length && text[at + blanks] == ' ') blanks++;
        var empty = at + blanks >= text.Length || text[at + blanks] is '\n' or '\r';
        StartLine(empty ? 0 : Math.Max(0, column - blanks));
        Blanks();
        return result.Length <= YamlReader.LengthLimit;
    }

    private void StartLine(int shift)
    {
        lineStart = at;
        lineShift = shift;
        changed |= shift > 0;
        shifts.Add(shift);
        result.Append(' ', shift);
    }

    private bool EndLine()
    {
        while (at < text.Length && text[at] != '\n') at++;
        if (at < text.Length) at++;
        result.Append(text, lineStart, at - lineStart);
        lineStart = at;
        return true;
    }

    private bool IsDocumentMarker() => at == lineStart && at + 3 <= text.Length && text.AsSpan(at, 3) is "---" or "..." && IsBlankAt(at + 3);

    private void Blanks()
    {
        while (at < text.Length && text[at] is ' ' or '\t') at++;
    }

    private bool AtLineEnd() => at >= text.Length || text[at] is '\n' or '\r';

    private bool IsBlankAt(int index) => index >= text.Length || text[index] is ' ' or '\t' or '\n' or '\r';
}
