namespace Regatta.Config;

/// <summary>
/// The settings of a command that composes nothing, as words <c>key=value</c>: they become a mapping that a record is bound to as a section of a configuration is. A
/// value is text as it stands, commas and all; <c>key=</c> gives nothing.
/// </summary>
public static class SettingWords
{
    /// <summary>Reads words.</summary>
    /// <param name="words">The words.</param>
    /// <param name="kind">The kind of the section, where the command takes it as a word of its own; null otherwise.</param>
    /// <returns>A mapping in which every value knows its word.</returns>
    /// <exception cref="DiagnosticException">Words have no <c>=</c>, or a key stands twice; every such word is reported.</exception>
    public static MappingNode Read(IEnumerable<string> words, string? kind = null)
    {
        ArgumentNullException.ThrowIfNull(words);
        var faults = new List<Diagnostic>();
        var settings = new MappingNode();
        if (kind is not null) settings.Set(KindSchema.Key, new ScalarNode(kind) { Origin = Of(kind, 0) });
        foreach (var word in words)
        {
            var at = word.IndexOf('=', StringComparison.Ordinal);
            if (at < 1)
            {
                faults.Add(ConfigFault.At(Diagnostic.Error("config-word-without-value", $"'{word}' is no key=value") with { Help = "such as jobs=1000 seed=7" }, Of(word, 0)));
                continue;
            }

            var key = Key(word[..at]);
            if (settings[key] is not null)
                faults.Add(ConfigFault.At(Diagnostic.Error("config-word-twice", $"'{word[..at]}' is given twice") with { Help = "leave one of the two out" }, Of(word, 0)));
            else if (at + 1 < word.Length)
                settings.Set(key, new ScalarNode(word[(at + 1)..]) { Origin = Of(word, at + 1) });
        }

        return faults.Count == 0 ? settings : throw new DiagnosticException(faults);
    }

    /// <summary>The key that a name on the command line means: <c>-</c> and <c>.</c> stand for <c>_</c>.</summary>
    public static string Key(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Replace('-', '_').Replace('.', '_');
    }

    private static Origin Of(string word, int at) => new(new OriginSource(OriginKind.Override, "command line") { Text = word }, 1, at + 1);
}
