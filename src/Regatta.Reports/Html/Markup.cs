using System.Text;

namespace Regatta.Reports.Html;

/// <summary>Text of a page in the making. Whatever is interpolated is encoded; only literals and other <see cref="Markup"/> are taken as they are.</summary>
internal sealed class Markup
{
    private readonly StringBuilder _text = new();

    /// <summary>Appends HTML whose interpolated parts are encoded.</summary>
    public Markup Add([System.Runtime.CompilerServices.InterpolatedStringHandlerArgument("")] Handler html)
    {
        _ = html;
        return this;
    }

    /// <summary>Appends what <paramref name="other"/> holds.</summary>
    public Markup Add(Markup other)
    {
        _text.Append(other._text);
        return this;
    }

    /// <summary>Appends text that is HTML already: parts of the program itself.</summary>
    public Markup Raw(string html)
    {
        _text.Append(html);
        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    /// <summary>Encodes what would be markup or end an attribute.</summary>
    public static string Encode(string value)
    {
        var encoded = new StringBuilder(value.Length);
        foreach (var c in value)
        {
            encoded.Append(c switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                '\'' => "&#39;",
                < ' ' and not '\n' and not '\t' => "�",
                _ => null,
            });
            if (c is not ('&' or '<' or '>' or '"' or '\'') && (c >= ' ' || c is '\n' or '\t')) encoded.Append(c);
        }

        return encoded.ToString();
    }

    /// <summary>Takes literals as they are and encodes the rest.</summary>
    [System.Runtime.CompilerServices.InterpolatedStringHandler]
    public readonly ref struct Handler
    {
        private readonly StringBuilder _text;

        public Handler(int literalLength, int formattedCount, Markup markup)
        {
            _ = literalLength + formattedCount;
            _text = markup._text;
        }

        public void AppendLiteral(string value) => _text.Append(value);

        public void AppendFormatted(string? value) => _text.Append(Encode(value ?? ""));

        public void AppendFormatted(int value) => _text.Append(value.ToString(System.Globalization.CultureInfo.InvariantCulture));

        public void AppendFormatted(Markup value) => _text.Append(value._text);
    }
}
