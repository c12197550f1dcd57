using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Regatta.Reports.Queries;

/// <summary>Answers as text.</summary>
public static class QueryText
{
    /// <summary>A value as a person reads it; empty for null.</summary>
    public static string Of(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>A line of CSV by RFC 4180, without its end.</summary>
    public static string Csv(IEnumerable<object?> values) => string.Join(',', values.Select(v =>
    {
        var text = Of(v);
        return text.AsSpan().ContainsAny(",\"\r\n") ? "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : text;
    }));

    /// <summary>A row as a JSON object on one line. Numbers that JSON cannot hold become strings.</summary>
    public static string Json(IReadOnlyList<string> columns, IReadOnlyList<object?> row)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            for (var i = 0; i < columns.Count; i++)
            {
                writer.WritePropertyName(columns[i]);
                switch (row[i])
                {
                    case null: writer.WriteNullValue(); break;
                    case bool flag: writer.WriteBooleanValue(flag); break;
                    case long number: writer.WriteNumberValue(number); break;
                    case double number when double.IsFinite(number): writer.WriteNumberValue(number); break;
                    case decimal number: writer.WriteNumberValue(number); break;
                    case var other: writer.WriteStringValue(Of(other)); break;
                }
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
