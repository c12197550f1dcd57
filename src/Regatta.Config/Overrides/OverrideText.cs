using System.Text;

namespace Regatta.Config;

/// <summary>Writes values as the override grammar reads them back.</summary>
internal static class OverrideText
{
    private static readonly System.Buffers.SearchValues<char> Special = System.Buffers.SearchValues.Create("\\()[]{}:=, \t");

    public static string Of(object? value)
    {
        switch (value)
        {
            case null: return "null";
            case QuotedText quoted: return Quoted(quoted);
            case string text: return Escaped(text);
            case IReadOnlyList<object?> items: return $"[{string.Join(',', items.Select(Of))}]";
            case PlainMap map: return $"{{{string.Join(',', map.Items.Select(i => $"{Of(i.Key)}:{Of(i.Value)}"))}}}";
            default: return PythonText.Str(value);
        }
    }

    public static string Escaped(string text)
    {
        if (text.AsSpan().IndexOfAny(Special) < 0) return text;
        var result = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            if (Special.Contains(c)) result.Append('\\');
            result.Append(c);
        }

        return result.ToString();
    }

    // Backslashes before a quote, and those at the end, are doubled; quotes get one more.
    private static string Quoted(QuotedText quoted)
    {
        var result = new StringBuilder().Append(quoted.Quote);
        var text = quoted.Text;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                var run = 1;
                while (i + run < text.Length && text[i + run] == '\\') run++;
                var doubled = i + run == text.Length || text[i + run] == quoted.Quote;
                result.Append('\\', doubled ? run * 2 : run);
                i += run - 1;
            }
            else
            {
                if (text[i] == quoted.Quote) result.Append('\\');
                result.Append(text[i]);
            }
        }

        return result.Append(quoted.Quote).ToString();
    }
}
