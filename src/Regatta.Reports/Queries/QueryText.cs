using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Regatta.Reports.Queries;

/// <summary>Answers as text.</summary>
public static class QueryText
{
    private static readonly JsonWriterOptions Plainly = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A line of CSV by RFC 4180, without its end. Null is an empty field.</summary>
    public static string Csv(IEnumerable<string?> values) => string.Join(',', values.Select(text =>
        text.AsSpan().ContainsAny(",\"\r\n") ? "\"" + text!.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : text));

    /// <summary>A row as a JSON object on one line. What JSON cannot hold, such as an infinity, becomes a string.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="row">Values as a query that asked for JSON returns them.</param>
    public static string Json(IReadOnlyList<QueryColumn> columns, IReadOnlyList<string?> row)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Plainly))
        {
            writer.WriteStartObject();
            for (var i = 0; i < columns.Count; i++)
            {
                writer.WritePropertyName(columns[i].Name);
                if (row[i] is not { } value) writer.WriteNullValue();
                else if (columns[i].Kind == ColumnKind.Text || !IsJson(value)) writer.WriteStringValue(value);
                else writer.WriteRawValue(value, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static bool IsJson(string text)
    {
        try
        {
            using var parsed = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
