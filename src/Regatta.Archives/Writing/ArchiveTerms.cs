using System.Text.RegularExpressions;

namespace Regatta.Archives.Writing;

/// <summary>What an archive says of its use and its author; both only if they are given.</summary>
/// <param name="License">Identifier of a licence of the SPDX list, such as <c>CC-BY-4.0</c>; null for none.</param>
/// <param name="Author">Name of a person; null for none.</param>
/// <param name="Orcid">Their ORCID, as a URL; null for none.</param>
public sealed partial record ArchiveTerms(string? License, string? Author, string? Orcid)
{
    /// <summary>What stands in the place of a licence that was not given.</summary>
    public const string NoLicense = "No licence was given: ask the author before using more of this archive than is needed to check it.";

    internal string? LicenseId => License is null ? null : $"https://spdx.org/licenses/{License}";

    internal string? AuthorId => Orcid ?? (Author is null ? null : "#author");

    /// <summary>Reads what was typed.</summary>
    /// <param name="license">Such as <c>CC-BY-4.0</c>.</param>
    /// <param name="author">Such as <c>Ada Lovelace</c>, or with an ORCID: <c>Ada Lovelace https://orcid.org/0000-0002-1825-0097</c>.</param>
    /// <exception cref="DiagnosticException">One of them cannot be what it should be.</exception>
    public static ArchiveTerms Parse(string? license, string? author)
    {
        if (license is not null && !Spdx().IsMatch(license)) throw Fault($"'{license}' is no identifier of a licence", "write one of the SPDX list, such as --license CC-BY-4.0");
        if (author is null) return new ArchiveTerms(license, null, null);
        var parts = author.Split("https://orcid.org/", 2);
        if (parts[0].Trim().Length == 0) throw Fault($"'{author}' names no author", "write --author 'Ada Lovelace', with an ORCID behind the name if there is one: 'Ada Lovelace https://orcid.org/0000-0002-1825-0097'");
        if (parts.Length == 2 && !OrcidNumber().IsMatch(parts[1])) throw Fault($"'{parts[1]}' is no ORCID", "it is four groups of four digits: https://orcid.org/0000-0002-1825-0097");
        return new ArchiveTerms(license, parts[0].Trim(), parts.Length == 2 ? "https://orcid.org/" + parts[1] : null);
    }

    private static DiagnosticException Fault(string summary, string help) => new(Diagnostic.Error("archive-terms", summary) with { Where = new SourceRange("command line"), Help = help });

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9.+-]{0,99}\z")]
    private static partial Regex Spdx();

    [GeneratedRegex(@"\A[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X]\z")]
    private static partial Regex OrcidNumber();
}
