using System.Text.RegularExpressions;

namespace Regatta.Images.Payloads;

/// <summary>A payload as a user gives it: <c>NAME=SOURCE</c> or <c>NAME@VERSION=SOURCE</c>.</summary>
/// <param name="Name">Name of the payload.</param>
/// <param name="Version">The version, where the user says it.</param>
/// <param name="Source">Where it comes from.</param>
public sealed partial record PayloadReference(string Name, string? Version, string Source)
{
    /// <summary>What a source can be, for a person who has to give one.</summary>
    public const string Sources =
        "SOURCE is one of\n"
        + "  the directory that it was installed to, its prefix: /opt/NAME\n"
        + "  an archive of that, packed from the root: NAME.tar.xz, https://HOST/NAME.tar.gz\n"
        + "  a Debian source package, compiled here, and a directory of patches: NAME.dsc, NAME.dsc+PATCHES (Slurm)\n"
        + "  a container image of a registry: docker://HOST/REPOSITORY@sha256:DIGEST\n"
        + "  a container image on disk (docker save, OCI archive, OCI layout): NAME.tar, DIRECTORY";

    /// <summary>Reads a reference.</summary>
    /// <exception cref="DiagnosticException">It is none.</exception>
    public static PayloadReference Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var match = Form().Match(text);
        if (match.Success)
        {
            return new PayloadReference(
                match.Groups["name"].Value,
                match.Groups["version"] is { Success: true } version ? version.Value : null,
                match.Groups["source"].Value);
        }

        throw new DiagnosticException(Diagnostic.Error("payload-reference", $"'{text}' names no payload") with
        {
            Help = "--payload NAME=SOURCE, or --payload NAME@VERSION=SOURCE where the version cannot be read from it\n" + Sources,
        });
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9-]*$")]
    internal static partial Regex NamePattern();

    [GeneratedRegex(@"^[0-9A-Za-z][0-9A-Za-z.+_-]*$")]
    internal static partial Regex VersionPattern();

    [GeneratedRegex(@"^(?<name>[a-z0-9][a-z0-9-]*)(@(?<version>[0-9A-Za-z][0-9A-Za-z.+_-]*))?=(?<source>.+)$")]
    private static partial Regex Form();
}
