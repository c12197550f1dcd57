using System.Text.RegularExpressions;

namespace Regatta.Images.Mirrors;

/// <summary>One repository that the machine's apt knows.</summary>
/// <param name="Address">Base address, without a slash at the end.</param>
/// <param name="Suite">Suite, such as <c>bookworm-security</c>.</param>
/// <param name="Components">Components, such as <c>main</c>.</param>
/// <param name="Keyring">Path of the keyring that signs it, where the source names one.</param>
public sealed record AptSource(string Address, string Suite, ImmutableArray<string> Components, string? Keyring)
{
    /// <summary>
    /// The repository of Debian that it mirrors: <c>debian</c>, <c>debian-security</c>, or null for anything else (told by the names
    /// of suite and component, because mirrors may have any address).
    /// </summary>
    public string? Repo => Components.Contains("main") && AptSources.DebianSuite().Match(Suite) is { Success: true } match
        ? match.Groups["security"].Success ? "debian-security" : "debian"
        : null;
}

/// <summary>Reads apt's source lists, both the one-line and the deb822 format.</summary>
public static partial class AptSources
{
    /// <summary>All sources of a machine: <c>sources.list</c>, then the files of <c>sources.list.d</c> by name.</summary>
    /// <param name="directory">apt's configuration directory, <c>/etc/apt</c>.</param>
    public static ImmutableArray<AptSource> Read(string directory)
    {
        var sources = ImmutableArray.CreateBuilder<AptSource>();
        var main = Path.Combine(directory, "sources.list");
        if (File.Exists(main)) sources.AddRange(ParseLines(File.ReadAllText(main)));
        var parts = Path.Combine(directory, "sources.list.d");
        if (Directory.Exists(parts))
        {
            foreach (var file in Directory.EnumerateFiles(parts).Order(StringComparer.Ordinal))
            {
                if (file.EndsWith(".list", StringComparison.Ordinal)) sources.AddRange(ParseLines(File.ReadAllText(file)));
                else if (file.EndsWith(".sources", StringComparison.Ordinal)) sources.AddRange(ParseStanzas(File.ReadAllText(file)));
            }
        }

        return sources.DrainToImmutable();
    }

    /// <summary>
    /// The one-line format: <c>deb [signed-by=/usr/share/keyrings/x.gpg] http://mirror/debian bookworm main contrib</c>.
    /// Lines that apt would refuse are passed over: apt itself reports them.
    /// </summary>
    public static IEnumerable<AptSource> ParseLines(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            if (OneLine().Match(line.Split('#', 2)[0]) is not { Success: true } match) continue;
            var words = match.Groups["rest"].Value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2) continue;
            var keyring = match.Groups["options"].Value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)
                .Where(o => o.StartsWith("signed-by=", StringComparison.OrdinalIgnoreCase)).Select(o => o["signed-by=".Length..]).FirstOrDefault();
            yield return new AptSource(words[0].TrimEnd('/'), words[1], [.. words.Skip(2)], Keyring(keyring));
        }
    }

    /// <summary>
    /// The deb822 format: stanzas of <c>Types:</c>, <c>URIs:</c>, <c>Suites:</c>, <c>Components:</c>, <c>Signed-By:</c> and <c>Enabled:</c>,
    /// whose values may go on in indented lines.
    /// </summary>
    public static IEnumerable<AptSource> ParseStanzas(string text)
    {
        // A line of white space alone ends a stanza; comments may stand anywhere.
        var lines = text.ReplaceLineEndings("\n").Split('\n').Where(l => !l.StartsWith('#')).Select(l => string.IsNullOrWhiteSpace(l) ? "" : l);
        foreach (var stanza in string.Join('\n', lines).Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            string? field = null;
            foreach (var line in stanza.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                if (char.IsWhiteSpace(line[0]))
                {
                    if (field is not null) fields[field] += "\n" + line.Trim();
                    continue;
                }

                if (line.Split(':', 2) is not [var name, var value]) continue;
                field = name.Trim();
                fields[field] = value.Trim();
            }

            if (fields.TryGetValue("Enabled", out var enabled) && enabled is "no" or "false") continue;
            if (!Words(fields, "Types").Contains("deb")) continue;
            var keyring = Keyring(Words(fields, "Signed-By").FirstOrDefault());
            foreach (var address in Words(fields, "URIs"))
            {
                foreach (var suite in Words(fields, "Suites"))
                    yield return new AptSource(address.TrimEnd('/'), suite, [.. Words(fields, "Components")], keyring);
            }
        }
    }

    [GeneratedRegex("^(bullseye|bookworm|trixie|forky|duke|sid|stable|oldstable|oldoldstable|testing|unstable)(-updates|-backports|-proposed-updates|(?<security>-security|/updates))?$")]
    internal static partial Regex DebianSuite();

    private static string[] Words(Dictionary<string, string> fields, string name) =>
        fields.TryGetValue(name, out var value) ? value.Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries) : [];

    // A source may also name a key by its fingerprint, or hold the key itself: no file then.
    private static string? Keyring(string? path) => path?.StartsWith('/') == true ? path : null;

    [GeneratedRegex(@"^\s*deb\s+(\[(?<options>[^\]]*)\]\s+)?(?<rest>\S.*)$")]
    private static partial Regex OneLine();
}
