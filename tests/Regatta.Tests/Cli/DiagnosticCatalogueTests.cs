using System.Text.RegularExpressions;
using Regatta.Cli;
using Regatta.Cli.Catalogue;

namespace Regatta.Tests.Cli;

/// <summary>Every code of the source stands in the catalogue and on the page, with the exit code that it ends a command with.</summary>
public sealed partial class DiagnosticCatalogueTests
{
    // Made from a name at run time: the two records of a trial, and the lines of a trace that were repaired.
    private static readonly string[] Made = ["trial-broken", "trial-version", "audit-broken", "audit-version"];

    [Fact]
    public void The_page_is_what_the_command_writes() =>
        Assert.Equal(DiagnosticCatalogue.Page(), File.ReadAllText(Path.Combine(Repository.Root, "docs", "diagnostics.md")));

    [Fact]
    public void Every_code_of_the_source_is_in_the_catalogue()
    {
        var used = Sources().SelectMany(s => Codes(s.File, s.Text)).ToList();

        Assert.True(used.Count > 300, "the codes are no longer found in the source");
        Assert.DoesNotContain(used.Select(u => u.Code).Distinct(), code => DiagnosticCatalogue.Find(code) is null);
    }

    [Fact]
    public void Every_code_of_the_catalogue_is_in_the_source()
    {
        var text = string.Concat(Sources().Where(s => !s.File.Contains("/Catalogue/", StringComparison.Ordinal)).Select(s => s.Text));
        var stale = DiagnosticCatalogue.Areas.SelectMany(a => a.Entries).Select(e => e.Code).Where(code => code != DiagnosticCatalogue.HostCheck && !Made.Contains(code)
            && !new[] { code, Without(code, "config-"), Without(code, "swf-") }.Any(name => text.Contains($"\"{name}\"", StringComparison.Ordinal)));

        Assert.Empty(stale);
    }

    [Fact]
    public void Every_error_of_the_source_ends_a_command()
    {
        var errors = Sources().SelectMany(s => Error().Matches(s.Text)).Select(m => m.Groups["code"].Value).ToList();

        Assert.True(errors.Count > 200, "the errors are no longer found in the source");
        Assert.DoesNotContain(errors, code => DiagnosticCatalogue.ExitCodeOf(code) is null);
    }

    [Theory]
    [InlineData("run-in-use", ExitCode.Failed)]
    [InlineData("ansible-task-failed", ExitCode.Failed)]
    [InlineData("libvirt-connect", ExitCode.Host)]
    [InlineData("program-fault", ExitCode.Failed)]
    [InlineData("swf-gzip", ExitCode.Usage)]
    [InlineData("host-kvm", ExitCode.Host)]
    [InlineData("run-interrupted", ExitCode.Interrupted)]
    public void The_category_of_the_first_error_decides_the_exit_code(string code, ExitCode exit) =>
        Assert.Equal(exit, DiagnosticCatalogue.ExitCodeOf([Diagnostic.Warning("workload-epoch", "w"), Diagnostic.Error(code, "e"), Diagnostic.Error("not-root", "later")]));

    [Fact]
    public async Task A_code_is_explained()
    {
        Assert.Contains("swf-gzip: Compressed data are damaged or cut off. Fetch the file again.", (await ProgramRun.Of("config", "codes", "swf-gzip")).Human, StringComparison.Ordinal);
        var unknown = await ProgramRun.Of("config", "codes", "swf-gzp");
        Assert.Equal(2, unknown.Code);
        Assert.Contains("did you mean 'swf-gzip'?", unknown.Human, StringComparison.Ordinal);
    }

    private static IEnumerable<(string File, string Text)> Sources() =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal)).Select(f => (f, File.ReadAllText(f)));

    private static IEnumerable<(string Code, string File)> Codes(string file, string text)
    {
        foreach (var code in Named().Matches(text).Concat(Chosen().Matches(text)).Concat(text.Contains("Diagnostic.Error(code", StringComparison.Ordinal) ? Arm().Matches(text) : []).SelectMany(m => m.Groups["code"].Captures)) yield return (code.Value, file);
        if (!file.Contains("/Regatta.Config/", StringComparison.Ordinal)) yield break;
        foreach (Match match in OfConfig().Matches(text)) yield return ("config-" + match.Groups["code"].Value, file);
    }

    private static string Without(string code, string prefix) => code.StartsWith(prefix, StringComparison.Ordinal) ? code[prefix.Length..] : code;

    // The helpers that take a code first are named here; those that are private to a class take it from Diagnostic or these.
    [GeneratedRegex("""Diagnostic\.(Error|Warning|Hint)\(\s*"(?<code>[a-z0-9-]+)",""")]
    private static partial Regex Named();

    [GeneratedRegex("""Diagnostic\.(Error|Warning|Hint)\(\s*[^",;]+\?\s*"(?<code>[a-z0-9-]+)"\s*:\s*"(?<code>[a-z0-9-]+)",""")]
    private static partial Regex Chosen();

    [GeneratedRegex("""=> \("(?<code>[a-z0-9]+(-[a-z0-9]+)+)", [$"]""")]
    private static partial Regex Arm();

    [GeneratedRegex("""(ConfigFault\.Error|NodeException|Fault)\(\s*"(?<code>[a-z0-9-]+)",""")]
    private static partial Regex OfConfig();

    [GeneratedRegex("""Diagnostic\.Error\(\s*"(?<code>[a-z0-9-]+)",""")]
    private static partial Regex Error();
}
