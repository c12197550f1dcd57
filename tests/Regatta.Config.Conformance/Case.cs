using System.Text.Json;

namespace Regatta.Config.Conformance;

/// <summary>One line of a case file: files, overrides, and what the real thing did with them.</summary>
internal sealed record Case(string Id, string Mode, JsonElement Json)
{
    public bool IsQuirk => Flag("quirk");

    public bool IsPythonText => Flag("python_text");

    public bool AnyError => Flag("any_error");

    public JsonElement Expect => Json.GetProperty("expect");

    public string? ConfigName => Json.GetProperty("config_name").GetString();

    public IReadOnlyList<string> Overrides => Texts("overrides");

    public IReadOnlyList<string> Arguments => Texts("args");

    public string Flags => (IsQuirk, IsPythonText) switch
    {
        (true, _) => " (quirk)",
        (_, true) => " (python_text)",
        _ => "",
    };

    public static Case Parse(string line)
    {
        var json = JsonDocument.Parse(line).RootElement;
        return new Case(json.GetProperty("id").GetString()!, json.GetProperty("mode").GetString()!, json);
    }

    /// <summary>The files by path, relative to the working directory; the primary directory is <c>conf</c>.</summary>
    public Dictionary<string, string> Files() => Json.GetProperty("files").EnumerateObject().ToDictionary(f => "conf/" + f.Name, f => f.Value.GetString()!, StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Environment() => Json.TryGetProperty("env", out var env)
        ? env.EnumerateObject().ToDictionary(e => e.Name, e => e.Value.GetString()!, StringComparer.Ordinal) : [];

    public IReadOnlyList<string> Texts(string name) => Json.TryGetProperty(name, out var list)
        ? list.EnumerateArray().Select(e => e.GetString()!).ToList() : [];

    private bool Flag(string name) => Json.TryGetProperty(name, out var flag) && flag.ValueKind == JsonValueKind.True;
}

/// <summary>What became of a case.</summary>
internal sealed record Verdict(bool Passed, string Reason, bool Unexpected = false)
{
    public static Verdict Pass { get; } = new(true, "");

    public static Verdict Fail(string reason) => new(false, reason);
}

/// <summary>The counts.</summary>
internal sealed class Tally
{
    private int _plain;
    private int _plainPassed;
    private int _flagged;
    private int _flaggedPassed;
    private int _unexpected;

    public bool IsGood => _unexpected == 0 && _plainPassed >= 0.98 * _plain;

    public int Unexpected => _unexpected;

    public double PlainShare => _plain == 0 ? 1 : (double)_plainPassed / _plain;

    public void Add(Case test, Verdict verdict)
    {
        if (test.IsQuirk || test.IsPythonText)
        {
            _flagged++;
            if (verdict.Passed) _flaggedPassed++;
        }
        else
        {
            _plain++;
            if (verdict.Passed) _plainPassed++;
        }

        if (verdict.Unexpected) _unexpected++;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{_plainPassed} of {_plain} cases pass ({100 * PlainShare:F2} %); of those flagged quirk or python_text {_flaggedPassed} of {_flagged}; unexpected exceptions: {_unexpected}");
}
