using System.Text.RegularExpressions;

namespace Regatta.Tests.Documentation;

/// <summary>Pages lead where they say.</summary>
public sealed partial class LinkTests
{
    private static readonly string[] Places = ["", "docs", Path.Combine("docs", "decisions"), "samples"];

    [Fact]
    public void Every_link_to_a_file_leads_to_one()
    {
        var broken = new List<string>();
        foreach (var page in Places.SelectMany(p => Directory.EnumerateFiles(Path.Combine(Repository.Root, p), "*.md")))
        {
            foreach (var target in Link().Matches(File.ReadAllText(page)).Select(m => m.Groups["to"].Value).Where(t => !t.Contains("://", StringComparison.Ordinal)))
            {
                var file = target.Split('#')[0];
                if (file.Length > 0 && !Path.Exists(Path.Combine(Path.GetDirectoryName(page)!, file))) broken.Add($"{Path.GetRelativePath(Repository.Root, page)}: {target}");
            }
        }

        Assert.Empty(broken);
    }

    [Theory]
    [InlineData("docs", "docs/README.md")]
    [InlineData("docs/decisions", "docs/decisions/README.md")]
    public void The_index_names_every_page(string folder, string index)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, index));
        Assert.All(
            Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.md").Select(f => Path.GetFileName(f)!).Where(f => f != "README.md"),
            page => Assert.Contains($"({page})", text, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"!?\[[^\]]*\]\((?<to>[^)\s]+)\)")]
    private static partial Regex Link();
}
