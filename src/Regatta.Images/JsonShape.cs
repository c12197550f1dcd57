using System.Text.Json;
using System.Text.RegularExpressions;

namespace Regatta.Images;

/// <summary>Reads a JSON file of a known shape and collects every departure from it, each with its path in the file.</summary>
internal sealed partial class JsonShape(string source, string code, string help)
{
    private readonly List<Diagnostic> _faults = [];

    /// <summary>Parses the text; null after a syntax error.</summary>
    public JsonElement? Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement.Clone();
            if (root.ValueKind != JsonValueKind.Object) Fault("", $"an object is expected, not {Kind(root)}");
            else if (!IsText(root)) Fault("", "it holds half of a surrogate pair (\\ud800 to \\udfff), which is no text");
            else return root;
        }
        catch (JsonException exception)
        {
            var (line, column) = ((int)(exception.LineNumber ?? 0) + 1, (int)(exception.BytePositionInLine ?? 0) + 1);
            var lines = text.Split('\n');
            _faults.Add(Diagnostic.Error(code, $"'{Path.GetFileName(source)}' is not JSON") with
            {
                Detail = exception.Message.Split(". LineNumber", 2)[0].Split(" LineNumber:", 2)[0],
                Where = new SourceRange(source, line, column),
                Excerpt = line <= lines.Length && lines[line - 1].Length < 400 ? lines[line - 1] : null,
                Help = help,
            });
        }

        return null;
    }

    // Syntax allows halves of surrogate pairs in strings and names; nothing can read them afterwards.
    private static bool IsText(JsonElement element)
    {
        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.Object => element.EnumerateObject().All(p => p.Name.Length >= 0 && IsText(p.Value)),
                JsonValueKind.Array => element.EnumerateArray().All(IsText),
                JsonValueKind.String => element.GetString() is not null,
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Adds a fault at a path of the file.</summary>
    public void Fault(string path, string text) =>
        _faults.Add(Diagnostic.Error(code, path.Length == 0 ? $"'{Path.GetFileName(source)}': {text}" : $"'{Path.GetFileName(source)}': {path}: {text}") with
        {
            Where = new SourceRange(source),
            Help = help,
        });

    /// <summary>Throws when there was any fault; the first ten are shown.</summary>
    public void ThrowOnFaults()
    {
        if (_faults.Count == 0) return;
        if (_faults.Count > 10)
        {
            var more = _faults.Count - 10;
            _faults.RemoveRange(10, more);
            _faults[9] = _faults[9] with { Detail = string.Create(CultureInfo.InvariantCulture, $"and {more} more faults") };
        }

        throw new DiagnosticException(_faults);
    }

    public string Text(JsonElement parent, string path, string name, Regex? pattern = null, string? expected = null)
    {
        if (!Get(parent, path, name, out var value)) return "";
        if (value.ValueKind != JsonValueKind.String)
        {
            Fault(path + name, $"a string is expected, not {Kind(value)}");
            return "";
        }

        var text = value.GetString()!;
        if (pattern?.IsMatch(text) == false) Fault(path + name, $"'{text}' is not {expected}");
        return text;
    }

    public bool Flag(JsonElement parent, string path, string name)
    {
        if (!Get(parent, path, name, out var value)) return false;
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) Fault(path + name, $"a boolean is expected, not {Kind(value)}");
        return value.ValueKind == JsonValueKind.True;
    }

    /// <summary>Refuses keys that nothing reads.</summary>
    public void Keys(JsonElement parent, string path, IReadOnlyCollection<string> known)
    {
        foreach (var key in parent.EnumerateObject().Select(p => p.Name).Where(n => !known.Contains(n)))
            Fault(path + key, $"there is no such key: {Suggestion.Help(key, known)}");
    }

    public string Sha256(JsonElement parent, string path, string name) => Text(parent, path, name, HexSha256(), "a sha256 of 64 lower-case hexadecimal digits");

    public long Integer(JsonElement parent, string path, string name, long minimum = 0)
    {
        if (!Get(parent, path, name, out var value)) return minimum;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= minimum) return number;
        Fault(path + name, string.Create(CultureInfo.InvariantCulture, $"an integer of at least {minimum} is expected, not {value.GetRawText()}"));
        return minimum;
    }

    public IEnumerable<(JsonElement Element, string Path)> Items(JsonElement parent, string path, string name)
    {
        if (!Get(parent, path, name, out var value)) yield break;
        if (value.ValueKind != JsonValueKind.Array)
        {
            Fault(path + name, $"a list is expected, not {Kind(value)}");
            yield break;
        }

        var index = 0;
        foreach (var item in value.EnumerateArray())
            yield return (item, string.Create(CultureInfo.InvariantCulture, $"{path}{name}[{index++}]"));
    }

    public IEnumerable<(JsonElement Element, string Path)> Objects(JsonElement parent, string path, string name)
    {
        foreach (var (item, at) in Items(parent, path, name))
        {
            if (item.ValueKind == JsonValueKind.Object) yield return (item, at + ".");
            else Fault(at, $"an object is expected, not {Kind(item)}");
        }
    }

    public JsonElement? Object(JsonElement parent, string path, string name)
    {
        if (!Get(parent, path, name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Object) return value;
        Fault(path + name, $"an object is expected, not {Kind(value)}");
        return null;
    }

    public ImmutableArray<string> Texts(JsonElement parent, string path, string name)
    {
        var texts = ImmutableArray.CreateBuilder<string>();
        foreach (var (item, at) in Items(parent, path, name))
        {
            if (item.ValueKind == JsonValueKind.String) texts.Add(item.GetString()!);
            else Fault(at, $"a string is expected, not {Kind(item)}");
        }

        return texts.DrainToImmutable();
    }

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };

    private bool Get(JsonElement parent, string path, string name, out JsonElement value)
    {
        if (parent.TryGetProperty(name, out value)) return true;
        Fault(path + name, "is missing");
        return false;
    }

    [GeneratedRegex("^[0-9a-f]{64}$")]
    private static partial Regex HexSha256();
}
