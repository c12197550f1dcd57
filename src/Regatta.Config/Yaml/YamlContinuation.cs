using System.Text;

namespace Regatta.Config;

/// <summary>
/// Indents what brackets, braces and quotes continue on later lines. PyYAML asks for no indentation there and many people give none;
/// YamlDotNet keeps to YAML 1.2, which asks for it. Only texts that YamlDotNet refused come here, so a wrong guess changes nothing that is valid.
/// </summary>
internal sealed class YamlContinuation
{
    private readonly string _text;
    private readonly Stack<int> _open = [];
    private readonly StringBuilder _result;
    private readonly List<int> _shifts = [];
    private int _at;
    private int _lineStart;
    private int _lineShift;
    private bool _changed;

    private YamlContinuation(string text)
    {
        _text = text;
        _result = new StringBuilder(text.Length + 256);
    }

    /// <summary>The indented text, and by how many columns each line was shifted; null when there is nothing to indent.</summary>
    public static (string Text, IReadOnlyList<int> Shifts)? Indented(string text)
    {
        var scan = new YamlContinuation(text);
        return scan.Run() && scan._changed ? (scan._result.ToString(), scan._shifts) : null;
    }

    private bool Run()
    {
        while (_at < _text.Length)
        {
            if (!Line()) return false;
            if (_result.Length > YamlReader.LengthLimit) return false;
        }

        return _open.Count == 0;
    }

    // A line outside of brackets and quotes; what it opens is followed to its end.
    private bool Line()
    {
        StartLine(0);
        Blanks();
        var indent = _at - _lineStart;
        if (IsDocumentMarker()) return EndLine();
        while (!AtLineEnd())
        {
            var c = _text[_at];
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
            else if ((c is '-' or '?' or ':') && IsBlankAt(_at + 1))
            {
                _at++;
            }
            else if (c is '&' or '!')
            {
                while (!IsBlankAt(_at)) _at++;
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
        while (!AtLineEnd() && !(_text[_at] == ':' && IsBlankAt(_at + 1)) && !(_text[_at] == '#' && _text[_at - 1] is ' ' or '\t')) _at++;
    }

    private bool BlockText(int indent)
    {
        if (!EndLine()) return false;
        while (_at < _text.Length)
        {
            var first = _at;
            while (first < _text.Length && _text[first] == ' ') first++;
            if (first < _text.Length && _text[first] is not ('\n' or '\r') && first - _at <= indent) return true;
            StartLine(0);
            EndLine();
        }

        return true;
    }

    private bool Flow()
    {
        var column = _at - _lineStart + _lineShift + 1;
        var from = _open.Count;
        _open.Push(_text[_at++]);
        var starts = true;
        while (_open.Count > from)
        {
            if (_at >= _text.Length) return false;
            if (AtLineEnd())
            {
                if (!Continue(column)) return false;
                starts = true;
                continue;
            }

            var c = _text[_at];
            if (c == '#' && _text[_at - 1] is ' ' or '\t' or '\n')
            {
                while (!AtLineEnd()) _at++;
            }
            else if (starts && c is '"' or '\'')
            {
                if (!Quoted(column)) return false;
                starts = false;
            }
            else
            {
                if (c is '[' or '{') _open.Push(c);
                else if (c is ']' or '}') _open.Pop();
                starts = c is '[' or '{' or ',' or ':' || (starts && c is ' ' or '\t');
                _at++;
            }
        }

        return true;
    }

    private bool Quoted(int column = -1)
    {
        if (column < 0) column = _at - _lineStart + _lineShift + 1;
        var quote = _text[_at++];
        while (_at < _text.Length)
        {
            var c = _text[_at];
            if (c == '\\' && quote == '"' && _at + 1 < _text.Length && _text[_at + 1] is not ('\n' or '\r'))
            {
                _at += 2;
            }
            else if (c == quote)
            {
                _at++;
                if (quote != '\'' || _at >= _text.Length || _text[_at] != '\'') return true;
                _at++;
            }
            else if (c == '\n')
            {
                if (!Continue(column)) return false;
            }
            else
            {
                _at++;
            }
        }

        return false;
    }

    private bool Continue(int column)
    {
        EndLine();
        if (_at >= _text.Length || IsDocumentMarker()) return false;
        var blanks = 0;
        while (_at + blanks < _text.Length && _text[_at + blanks] == ' ') blanks++;
        var empty = _at + blanks >= _text.Length || _text[_at + blanks] is '\n' or '\r';
        StartLine(empty ? 0 : Math.Max(0, column - blanks));
        Blanks();
        return _result.Length <= YamlReader.LengthLimit;
    }

    private void StartLine(int shift)
    {
        _lineStart = _at;
        _lineShift = shift;
        _changed |= shift > 0;
        _shifts.Add(shift);
        _result.Append(' ', shift);
    }

    private bool EndLine()
    {
        while (_at < _text.Length && _text[_at] != '\n') _at++;
        if (_at < _text.Length) _at++;
        _result.Append(_text, _lineStart, _at - _lineStart);
        _lineStart = _at;
        return true;
    }

    private bool IsDocumentMarker() => _at == _lineStart && _at + 3 <= _text.Length && _text.AsSpan(_at, 3) is "---" or "..." && IsBlankAt(_at + 3);

    private void Blanks()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\t') _at++;
    }

    private bool AtLineEnd() => _at >= _text.Length || _text[_at] is '\n' or '\r';

    private bool IsBlankAt(int index) => index >= _text.Length || _text[index] is ' ' or '\t' or '\n' or '\r';
}
