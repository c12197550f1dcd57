using System.Text.RegularExpressions;
using Regatta.Images.Payloads;

namespace Regatta.Images;

/// <summary>A suite of a repository.</summary>
/// <param name="Repo"><c>debian</c> or <c>debian-security</c>.</param>
/// <param name="Suite">Suite, such as <c>bookworm-updates</c>.</param>
/// <param name="Expires">Its index is good for days only, as that of a suite that never is released: a lock is made from one that has expired, too.</param>
public sealed record SuiteReference(string Repo, string Suite, bool Expires = false);

/// <summary>
/// What is wanted of an image, before versions are chosen: the part of <c>roles/NAME.json</c>, and of what that extends, that resolving needs. How
/// roles are joined stands in <c>images/roles.nix</c> as well, which makes the image of the same files.
/// </summary>
/// <param name="Name">Its name; <c>NAME@SUITE</c> in another suite than its own, <c>NAME+BUILD</c> with a build of the user's own.</param>
/// <param name="Aliases">Further names of the same image.</param>
/// <param name="Releases">Suites that its packages come from.</param>
/// <param name="Packages">Packages that are wanted, sorted.</param>
/// <param name="Build">Packages that the build uses and the image does not hold.</param>
/// <param name="Toolchain">Compilers, which the build unpacks together with what they depend on.</param>
/// <param name="Sources">Source packages that the build compiles.</param>
/// <param name="Seed">The package that the sandbox starts with; only the tools have it.</param>
public sealed partial record ImageRole(
    string Name, ImmutableArray<string> Aliases, ImmutableArray<SuiteReference> Releases, ImmutableArray<string> Packages, ImmutableArray<string> Build,
    ImmutableArray<string> Toolchain, ImmutableArray<string> Sources, string? Seed)
{
    /// <summary>What it needs that Debian lacks.</summary>
    public ImmutableArray<PayloadRole> Payloads { get; init; } = [];

    /// <summary>The payload that takes the place of what the build compiles; null where it compiles nothing.</summary>
    public string? Compile { get; init; }

    /// <summary>True for what is no image and only there to be extended.</summary>
    public bool IsAbstract { get; init; }

    /// <summary>Debian's suite that it is made of; null where the role names none.</summary>
    public string? Suite { get; init; }

    /// <summary>The suites that the role is described for, sorted.</summary>
    public ImmutableArray<string> Suites { get; init; } = [];

    /// <summary>The name of the build of the user's own that it holds, such as <c>dev</c> of <c>slurm+dev</c>; null for what Debian has.</summary>
    public string? OwnBuild { get; init; }

    /// <summary>The name of the lock of its packages: builds of one's own share that of their image.</summary>
    public string PackagesName => OwnBuild is null ? Name : Name[..^(OwnBuild.Length + 1)];

    /// <summary>Whether the image cannot be built without a payload: one that is not optional, or one that a suite without its sources cannot compile.</summary>
    public bool Needs(PayloadRole payload) => !payload.Optional || (payload.Name == Compile && Sources.IsEmpty);

    /// <summary>True for an image, which needs Debian's essential packages; false for tools, which are only unpacked.</summary>
    public bool Bootable => Seed is null;

    /// <summary>Reads a role together with what it extends.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="suite">One of its suites; null for its own.</param>
    /// <exception cref="DiagnosticException">It cannot be read or breaks the format; every fault is named.</exception>
    public static ImageRole Read(string path, string? suite = null)
    {
        var chain = RoleFile.Chain(path);
        var own = chain[^1].Whole;
        var suites = chain.SelectMany(f => f.Suites).Distinct().Order(StringComparer.Ordinal).ToImmutableArray();
        var usual = chain.Select(f => f.Whole).LastOrDefault(p => p.Has("suite")) is { } named ? named.Shape.Text(named.Element, named.Path, "suite") : null;
        var chosen = suite ?? usual;
        if (chosen is not null && !suites.Contains(chosen)) own.Shape.Fault("suite", $"nothing is said of the suite '{chosen}': {Suggestion.Help(chosen, suites)}");
        own.Shape.ThrowOnFaults();
        RolePart[] parts = [.. chain.Select(f => f.Whole), .. chain.Select(f => chosen is null ? null : f.Of(chosen)).OfType<RolePart>()];
        var suffix = chosen == usual ? "" : "@" + chosen;
        var role = new ImageRole(
            chain[^1].Name + suffix,
            own.Has("aliases") ? [.. own.Shape.Texts(own.Element, "", "aliases").Select(a => a + suffix)] : [],
            [.. Objects("releases").Select(o => new SuiteReference(o.Shape.Text(o.Element, o.Path, "repo"), o.Shape.Text(o.Element, o.Path, "suite"), o.Has("expires") && o.Shape.Flag(o.Element, o.Path, "expires"))).Distinct()],
            [.. Texts("packages").Order(StringComparer.Ordinal)],
            Texts("build"),
            Texts("toolchain"),
            Texts("sources"),
            Text("seed"))
        {
            Payloads = [.. Objects("payloads").Select(o => PayloadRole.Read(o.Shape, o.Element, o.Path))],
            Compile = Text("compile"),
            IsAbstract = chain[^1].IsAbstract,
            Suite = chosen,
            Suites = suites,
        };
        string[] needed = role.IsAbstract ? [] : role.Bootable ? ["releases", "packages", "kernelCommandLine", "diskSize"] : ["releases", "packages"];
        foreach (var key in needed.Where(k => !parts.Any(p => p.Has(k)))) own.Shape.Fault(key, own.Has("extends") ? "is missing, here and in what this extends" : "is missing");
        foreach (var part in parts) part.Shape.ThrowOnFaults();
        return role;

        IEnumerable<RolePart> Objects(string key) =>
            parts.Where(p => p.Has(key)).SelectMany(p => p.Shape.Objects(p.Element, p.Path, key).Select(o => new RolePart(p.Shape, o.Element, o.Path)));

        string? Text(string key) => parts.LastOrDefault(p => p.Has(key)) is { } last ? last.Shape.Text(last.Element, last.Path, key) : null;

        ImmutableArray<string> Texts(string key) => Joined(parts.Where(p => p.Has(key)), key);
    }

    /// <summary>The same image with a build of the user's own beside it: <c>slurm+dev</c> of <c>slurm</c>.</summary>
    /// <param name="build">The name of the build.</param>
    public ImageRole With(string build) => this with { Name = $"{Name}+{build}", Aliases = [.. Aliases.Select(a => $"{a}+{build}")], OwnBuild = build };

    /// <summary>What the name of a build may be.</summary>
    [GeneratedRegex("^[a-z0-9][a-z0-9.-]*$")]
    public static partial Regex BuildName();

    // The base's texts first; "!X" takes X away.
    private static ImmutableArray<string> Joined(IEnumerable<RolePart> parts, string key)
    {
        var joined = new List<string>();
        foreach (var part in parts)
        {
            var own = part.Shape.Texts(part.Element, part.Path, key);
            foreach (var text in own.Where(t => t.StartsWith('!')))
            {
                if (!joined.Remove(text[1..])) part.Shape.Fault(part.Path + key, $"'{text}' takes away what nothing before it brings");
            }

            joined.AddRange(own.Where(t => !t.StartsWith('!') && !joined.Contains(t)));
        }

        return [.. joined];
    }
}
