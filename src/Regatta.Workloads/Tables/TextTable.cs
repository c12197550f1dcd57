using System.Text;

namespace Regatta.Workloads;

/// <summary>Reads tables of text line by line: cells with commas between them and perhaps in double quotes, or with blanks between them.</summary>
internal static class TextTable
{
    /// <summary>The cells of a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="delimiter">What stands between two cells; null for any number of blanks.</param>
    public static List<string> Cells(ReadOnlySpan<byte> line, char? delimiter)
    {
        var text = Encoding.UTF8.GetString(line).TrimEnd('\r');
        if (delimiter is not { } mark) return [.. text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)];
        if (!text.Contains('"', StringComparison.Ordinal)) return [.. text.Split(mark)];
        var cells = new List<string>();
        var cell = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (quoted && text[i] == '"' && i + 1 < text.Length && text[i + 1] == '"') cell.Append(text[i++]);
            else if (text[i] == '"') quoted = !quoted;
            else if (text[i] == mark && !quoted) Take();
            else cell.Append(text[i]);
        }

        Take();
        return cells;

        void Take()
        {
            cells.Add(cell.ToString());
            cell.Clear();
        }
    }
}
