using System.Text.RegularExpressions;

namespace Regatta.Tests.Checks;

/// <summary>What the source holds to and no analyser asks for.</summary>
public sealed partial class SourceRuleTests
{
    [Fact]
    public void Nothing_is_configured_at_an_await()
    {
        // The processes have no synchronization context (docs/decisions/150-naming.md).
        var files = new[] { "src", "tests", "benchmarks" }.SelectMany(d => Directory.EnumerateFiles(Path.Combine(Repository.Root, d), "*.cs", SearchOption.AllDirectories))
            .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(p => p is "obj" or "bin"));

        Assert.DoesNotContain(files, f => Configured().IsMatch(File.ReadAllText(f)));
    }

    [GeneratedRegex(@"\.ConfigureAwait\((?:false|true)\)")]
    private static partial Regex Configured();
}
