using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Regatta.Diagnostics;
using Regatta.Images.Payloads;

namespace Regatta.Images;

/// <summary>A suite of a repository.</summary>
/// <param name="Repo"><c>debian</c> or <c>debian-security</c>.</param>
/// <param name="Suite">Suite, such as <c>bookworm-updates</c>.</param>
public sealed record SuiteReference(string Repo, string Suite);

/// <summary>What is wanted of an image, before versions are chosen: the part of <c>roles/NAME.json</c> that resolving needs.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Aliases">Further names of the same image.</param>
/// <param name="Releases">Suites that its packages come from.</param>
/// <param name="Packages">Packages that are wanted.</param>
/// <param name="Build">Packages that the build uses and the image does not hold.</param>
/// <param name="Seed">The package that the sandbox starts with; only the tools have it.</param>
public sealed partial record ImageRole(
    string Name, ImmutableArray<string> Aliases, ImmutableArray<SuiteReference> Releases, ImmutableArray<string> Packages, ImmutableArray<string> Build, string? Seed)
{
    /// <summary>What it needs that Debian lacks.</summary>
    public ImmutableArray<PayloadRole> Payloads { get; init; } = [];

    /// <summary>True for an image, which needs Debian's essential packages; false for tools, which are only unpacked.</summary>
    public bool Bootable => Seed is null;

    /// <summary>Reads a role.</summary>
    /// <exception cref="DiagnosticException">It cannot be read or breaks the format; every fault is named.</exception>
    public static ImageRole Read(string path)
    {
        var shape = new JsonShape(path, "role-malformed", "compare it with images/roles/slurm.json");
        var parsed = shape.Parse(File.ReadAllText(path));
        shape.ThrowOnFaults();
        var root = parsed!.Value;
        if (shape.Integer(root, "", "version") != 1) shape.Fault("version", "this program reads version 1");
        var role = new ImageRole(
            shape.Text(root, "", "name"),
            root.TryGetProperty("aliases", out _) ? shape.Texts(root, "", "aliases") : [],
            [.. shape.Objects(root, "", "releases").Select(o => new SuiteReference(shape.Text(o.Element, o.Path, "repo"), shape.Text(o.Element, o.Path, "suite")))],
            shape.Texts(root, "", "packages"),
            root.TryGetProperty("build", out _) ? shape.Texts(root, "", "build") : [],
            root.TryGetProperty("seed", out _) ? shape.Text(root, "", "seed") : null)
        {
            Payloads = root.TryGetProperty("payloads", out _) ? [.. shape.Objects(root, "", "payloads").Select(o => Payload(shape, o.Element, o.Path))] : [],
        };
        if (role.Name.Length > 0 && role.Name != Path.GetFileNameWithoutExtension(path)) shape.Fault("name", $"'{role.Name}' is not the name of the file");
        shape.ThrowOnFaults();
        return role;
    }

    private static PayloadRole Payload(JsonShape shape, JsonElement item, string path)
    {
        var payload = new PayloadRole(
            shape.Text(item, path, "name", PayloadReference.NamePattern(), "a name of small letters, digits and hyphens"),
            shape.Text(item, path, "summary"),
            shape.Texts(item, path, "requires"),
            shape.Texts(item, path, "files"))
        {
            Relocate = item.TryGetProperty("relocate", out _) ? shape.Text(item, path, "relocate", AbsolutePath(), "an absolute path") : null,
            Version = item.TryGetProperty("version", out _) && shape.Object(item, path, "version") is { } version
                ? new PayloadVersionPlace(shape.Text(version, path + "version.", "file"), shape.Text(version, path + "version.", "pattern"))
                : null,
        };
        if (payload.Requires.IsEmpty) shape.Fault(path + "requires", "there are none");
        return payload;
    }

    [GeneratedRegex("^(/[A-Za-z0-9._+-]+)+$")]
    private static partial Regex AbsolutePath();
}
