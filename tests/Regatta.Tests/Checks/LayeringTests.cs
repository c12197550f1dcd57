using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Regatta.Tests.Checks;

/// <summary>The parts of the program know of each other what the table in CONTRIBUTING.md says, and nothing else.</summary>
public sealed partial class LayeringTests
{
    private static readonly IReadOnlyList<Part> Table = ReadTable();

    [Fact]
    public void The_table_has_every_project_of_the_source()
    {
        var projects = Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(d => Path.GetFileName(d)).Where(n => File.Exists(ProjectFile(n)));

        Assert.Equal(projects.Order(StringComparer.Ordinal), Table.Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void References_run_downwards_in_the_table()
    {
        var places = Table.Select((part, place) => (part.Name, place)).ToDictionary(p => p.Name, p => p.place, StringComparer.Ordinal);
        var upwards = Table.SelectMany(part => part.References.Where(r => places[r] <= places[part.Name]).Select(r => $"{part.Name} -> {r}"));

        Assert.True(!upwards.Any(), string.Join('\n', upwards));
    }

    [Fact]
    public void Projects_reference_what_the_table_says()
    {
        var differences = Table.Select(part => (part.Name, Table: Said(part.References), Project: Said(References(part.Name)))).Where(d => d.Table != d.Project)
            .Select(d => $"{d.Name}: CONTRIBUTING.md says '{d.Table}', the project '{d.Project}'");

        Assert.True(!differences.Any(), string.Join('\n', differences));
    }

    [Fact]
    public void No_project_references_what_it_does_not_use()
    {
        var unused = Table.SelectMany(part => References(part.Name).Except(UsedBy(part.Name), StringComparer.Ordinal).Select(r => $"{part.Name} -> {r}"));

        Assert.True(!unused.Any(), string.Join('\n', unused));
    }

    [Fact]
    public void What_stands_behind_a_reference_is_out_of_reach()
    {
        const string Setting = "DisableTransitiveProjectReferences";
        var common = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants(Setting).Select(e => e.Value);
        var own = Table.Where(part => XDocument.Load(ProjectFile(part.Name)).Descendants(Setting).Any()).Select(part => part.Name);

        Assert.Equal(["true"], common);
        Assert.Empty(own);
    }

    private static string Said(IEnumerable<string> names) => string.Join(", ", names.Select(n => n["Regatta.".Length..]).Order(StringComparer.Ordinal));

    private static string ProjectFile(string name) => Path.Combine(Repository.Root, "src", name, name + ".csproj");

    private static IEnumerable<string> References(string name) =>
        XDocument.Load(ProjectFile(name)).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value));

    /// <summary>
    /// What the compiler found used, as it stands in the program; and what source names, since constants leave no trace there. A directive that nothing
    /// needs does not pass the build.
    /// </summary>
    private static IEnumerable<string> UsedBy(string name)
    {
        var assembly = XDocument.Load(ProjectFile(name)).Descendants("AssemblyName").SingleOrDefault()?.Value ?? name;
        using var file = new PEReader(File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly + ".dll")));
        var reader = file.GetMetadataReader();
        string[] compiled = [.. reader.AssemblyReferences.Select(r => reader.GetString(reader.GetAssemblyReference(r).Name))];
        var named = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", name), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal)).SelectMany(File.ReadLines).Select(line => Using().Match(line)).Where(m => m.Success).Select(m => m.Groups[1].Value);
        return compiled.Concat(named);
    }

    /// <summary>Rows such as <c>| `src/Regatta.Runs` | the run directory | `Analysis`, `Diagnostics` |</c>, in their order.</summary>
    private static List<Part> ReadTable() =>
        [.. File.ReadLines(Path.Combine(Repository.Root, "CONTRIBUTING.md")).Select(line => Row().Match(line)).Where(m => m.Success)
            .Select(m => new Part(m.Groups["name"].Value, [.. Word().Matches(m.Groups["references"].Value).Select(r => "Regatta." + r.Groups[1].Value)]))];

    [GeneratedRegex(@"^\| `src/(?<name>Regatta\.\w+)` \|.*\|(?<references>[^|]*)\|\s*$")]
    private static partial Regex Row();

    [GeneratedRegex(@"^using (?:static )?(Regatta\.\w+)")]
    private static partial Regex Using();

    [GeneratedRegex("`(\\w+)`")]
    private static partial Regex Word();

    private sealed record Part(string Name, IReadOnlyList<string> References);
}
