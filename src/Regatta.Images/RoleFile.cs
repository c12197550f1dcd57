using System.Text.Json;
using System.Text.RegularExpressions;
using Regatta.Images.Payloads;

namespace Regatta.Images;

/// <summary>What a role file says for one place: for the image as a whole, or for one suite.</summary>
/// <param name="Shape">Collects the faults of the file.</param>
/// <param name="Element">The object.</param>
/// <param name="Path">Its path in the file; empty, or with a dot at the end.</param>
internal sealed record RolePart(JsonShape Shape, JsonElement Element, string Path)
{
    public bool Has(string key) => Element.TryGetProperty(key, out _);
}

/// <summary>One file of <c>images/roles</c>, checked by itself: every key is known and has a value of its type, and what it names is there.</summary>
internal sealed partial class RoleFile
{
    private static readonly string[] TextLists = ["packages", "build", "toolchain", "sources", "modules", "overlays", "placeholders"];
    private static readonly string[] Texts = ["compile", "kernelCommandLine", "diskSize", "seed"];
    private static readonly string[] Units = ["enable", "disable", "mask"];
    private static readonly string[] PartKeys = [.. TextLists, .. Texts, "payloads", "releases", "units", "users"];
    private static readonly string[] Keys = ["version", "name", "abstract", "extends", "aliases", "suite", "suites", .. PartKeys];

    private readonly string _path;
    private readonly JsonShape _shape;
    private readonly JsonElement _root;

    private RoleFile(string path, JsonShape shape, JsonElement root)
    {
        _path = path;
        _shape = shape;
        _root = root;
    }

    /// <summary>The role's name, which is the file's.</summary>
    public string Name { get; private set; } = "";

    /// <summary>True for what is only there to be extended.</summary>
    public bool IsAbstract { get; private set; }

    /// <summary>Its own part.</summary>
    public RolePart Whole => new(_shape, _root, "");

    /// <summary>What it says of a suite; null when it says nothing.</summary>
    public RolePart? Of(string suite) =>
        _root.TryGetProperty("suites", out var suites) && suites.TryGetProperty(suite, out var part) ? new RolePart(_shape, part, $"suites.{suite}.") : null;

    /// <summary>The suites that it says something of.</summary>
    public IEnumerable<string> Suites => _root.TryGetProperty("suites", out var suites) ? suites.EnumerateObject().Select(s => s.Name) : [];

    /// <summary>A role and what it extends: the outermost base first, the role last.</summary>
    /// <exception cref="Regatta.Diagnostics.DiagnosticException">A file is malformed, a base is not there, or files extend one another.</exception>
    public static IReadOnlyList<RoleFile> Chain(string path)
    {
        var chain = new List<RoleFile> { Read(path) };
        while (chain[0]._root.TryGetProperty("extends", out _))
        {
            var (first, name) = (chain[0], chain[0]._shape.Text(chain[0]._root, "", "extends"));
            var known = Directory.EnumerateFiles(Path.GetDirectoryName(path)!, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal).ToList();
            if (!known.Contains(name))
                first._shape.Fault("extends", $"there is no role '{name}': {Diagnostics.Suggestion.Help(name, known.Where(k => k != first.Name).ToList())}");
            else if (chain.Exists(f => f.Name == name))
                first._shape.Fault("extends", $"roles extend one another in a circle: {string.Join(" → ", chain.Select(f => f.Name).Reverse().Append(name))}");
            first._shape.ThrowOnFaults();
            chain.Insert(0, Read(Path.Combine(Path.GetDirectoryName(path)!, name + ".json")));
        }

        return chain;
    }

    private static RoleFile Read(string path)
    {
        var shape = new JsonShape(path, "role-malformed", "docs/images.md says what a role holds; compare it with images/roles/slurm.json");
        var parsed = shape.Parse(File.ReadAllText(path));
        shape.ThrowOnFaults();
        var file = new RoleFile(path, shape, parsed!.Value);
        file.Check();
        shape.ThrowOnFaults();
        return file;
    }

    private void Check()
    {
        _shape.Keys(_root, "", Keys);
        if (_shape.Integer(_root, "", "version") != 1) _shape.Fault("version", "this program reads version 1");
        Name = _shape.Text(_root, "", "name", RoleName(), "a name of small letters, digits and hyphens");
        if (Name.Length > 0 && Name != Path.GetFileNameWithoutExtension(_path)) _shape.Fault("name", $"'{Name}' is not the name of the file");
        IsAbstract = Has("abstract") && _shape.Flag(_root, "", "abstract");
        if (Has("aliases")) _shape.Texts(_root, "", "aliases");
        if (Has("extends")) _shape.Text(_root, "", "extends");
        if (Has("suite")) _shape.Text(_root, "", "suite");
        CheckPart(Whole);
        if (!Has("suites") || _shape.Object(_root, "", "suites") is not { } suites) return;
        foreach (var suite in suites.EnumerateObject())
        {
            if (_shape.Object(suites, "suites.", suite.Name) is not { } part) continue;
            _shape.Keys(part, $"suites.{suite.Name}.", PartKeys);
            CheckPart(new RolePart(_shape, part, $"suites.{suite.Name}."));
        }
    }

    private void CheckPart(RolePart part)
    {
        var (element, at) = (part.Element, part.Path);
        foreach (var name in TextLists.Where(part.Has)) _shape.Texts(element, at, name);
        foreach (var name in Texts.Where(part.Has)) _shape.Text(element, at, name);
        foreach (var (release, below) in part.Has("releases") ? _shape.Objects(element, at, "releases") : [])
        {
            _shape.Keys(release, below, ["repo", "suite", "expires"]);
            _shape.Text(release, below, "repo");
            _shape.Text(release, below, "suite");
            if (release.TryGetProperty("expires", out _)) _shape.Flag(release, below, "expires");
        }

        foreach (var (payload, below) in part.Has("payloads") ? _shape.Objects(element, at, "payloads") : []) PayloadRole.Read(_shape, payload, below);
        if (part.Has("users") && _shape.Object(element, at, "users") is { } users)
        {
            foreach (var user in users.EnumerateObject()) _shape.Integer(users, at + "users.", user.Name, minimum: 1);
        }

        if (part.Has("units") && _shape.Object(element, at, "units") is { } units)
        {
            _shape.Keys(units, at + "units.", Units);
            foreach (var list in Units.Where(u => units.TryGetProperty(u, out _))) _shape.Texts(units, at + "units.", list);
        }

        foreach (var name in part.Has("overlays") ? _shape.Texts(element, at, "overlays") : []) CheckDirectory(at + "overlays", name.TrimStart('!'));
        if (part.Has("compile")) CheckDirectory(at + "compile", _shape.Text(element, at, "compile"));
    }

    private void CheckDirectory(string at, string name)
    {
        var images = Path.GetDirectoryName(Path.GetDirectoryName(_path)!)!;
        if (!Directory.Exists(Path.Combine(images, name))) _shape.Fault(at, $"there is no directory '{name}' beside 'roles'");
    }

    private bool Has(string key) => _root.TryGetProperty(key, out _);

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]*$")]
    private static partial Regex RoleName();
}
