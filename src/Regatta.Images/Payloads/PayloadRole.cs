using System.IO.Enumeration;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Regatta.Images.Payloads;

/// <summary>Where a payload's version stands.</summary>
/// <param name="File">Pattern of the file, below the prefix; the first in ordinal order is read.</param>
/// <param name="Pattern">Regular expression, matched line by line; its first group is the version.</param>
public sealed record PayloadVersionPlace(string File, string Pattern);

/// <summary>
/// A payload that an image wants: programs that Debian lacks, as a tree under a prefix. The part of <c>roles/NAME.json</c> that packing needs; modes,
/// links and libraries in the image are the flake's.
/// </summary>
/// <param name="Name">Its name, such as <c>flux</c>.</param>
/// <param name="Summary">What it is, in a few words, for a person who has to find it.</param>
/// <param name="Requires">Files below the prefix by which it is recognised; each must be there.</param>
/// <param name="Files">
/// Which files are taken, by patterns in which <c>*</c> matches everything: below the prefix, or from the root when they begin with <c>/</c>; those
/// that begin with <c>!</c> take files away again.
/// </param>
public sealed partial record PayloadRole(string Name, string Summary, ImmutableArray<string> Requires, ImmutableArray<string> Files)
{
    private static readonly string[] Keys = ["name", "summary", "requires", "files", "optional", "version", "relocate", "modes", "links", "libraries", "source"];

    /// <summary>The image can be built without it.</summary>
    public bool Optional { get; init; }

    /// <summary>The prefix in the image for files that run from anywhere; null for those that run only where they were built for.</summary>
    public string? Relocate { get; init; }

    /// <summary>Where the version stands; null when the user has to say it.</summary>
    public PayloadVersionPlace? Version { get; init; }

    /// <summary>How it is compiled out of a Debian source package; null where it comes compiled only.</summary>
    public SourceBuild? Source { get; init; }

    /// <summary>The patterns that begin at the root.</summary>
    public IEnumerable<string> FromRoot => Files.Where(f => f.StartsWith('/'));

    /// <summary>Reads a payload of a role; what is wrong goes to <paramref name="shape"/>.</summary>
    internal static PayloadRole Read(JsonShape shape, JsonElement item, string path)
    {
        shape.Keys(item, path, Keys);
        var payload = new PayloadRole(
            shape.Text(item, path, "name", PayloadReference.NamePattern(), "a name of small letters, digits and hyphens"),
            shape.Text(item, path, "summary"),
            shape.Texts(item, path, "requires"),
            shape.Texts(item, path, "files"))
        {
            Optional = item.TryGetProperty("optional", out _) && shape.Flag(item, path, "optional"),
            Relocate = item.TryGetProperty("relocate", out _) ? shape.Text(item, path, "relocate", AbsolutePath(), "an absolute path") : null,
            Version = item.TryGetProperty("version", out _) && shape.Object(item, path, "version") is { } version
                ? new PayloadVersionPlace(shape.Text(version, path + "version.", "file"), shape.Text(version, path + "version.", "pattern"))
                : null,
            Source = SourceBuild.Read(shape, item, path),
        };
        if (payload.Requires.IsEmpty) shape.Fault(path + "requires", "there are none");
        return payload;
    }

    /// <summary>True when a file is taken.</summary>
    /// <param name="below">Its path below the prefix; null when it does not lie there.</param>
    /// <param name="path">Its absolute path.</param>
    public bool Takes(string? below, string path)
    {
        // What Python compiled depends on when it did; the image compiles anew.
        if (path.Contains("/__pycache__/", StringComparison.Ordinal)) return false;
        var taken = false;
        foreach (var pattern in Files)
        {
            var (without, text) = pattern.StartsWith('!') ? (true, pattern[1..]) : (false, pattern);
            var subject = text.StartsWith('/') ? path : below;
            if (subject is not null && taken == without && FileSystemName.MatchesSimpleExpression(text, subject, ignoreCase: false)) taken = !without;
        }

        return taken;
    }

    [GeneratedRegex("^(/[A-Za-z0-9._+-]+)+$")]
    private static partial Regex AbsolutePath();
}
