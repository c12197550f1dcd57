namespace Regatta.Tests.Diagnostics;

public sealed class DiagnosticTests
{
    [Fact]
    public void Shows_what_where_and_what_to_do()
    {
        var diagnostic = Diagnostic.Error("override-key", "unknown key 'sed'") with
        {
            Where = new SourceRange("command line", 1, 5, 3),
            Excerpt = "run sed=2",
            Help = "did you mean 'seed'?",
        };

        Assert.Equal(
            "error[override-key]: unknown key 'sed'\n  at command line:1:5\n    run sed=2\n        ^^^\n  help: did you mean 'seed'?",
            diagnostic.ToString());
    }

    [Theory]
    [InlineData("slrum", "slurm")]
    [InlineData("SLURM", "slurm")]
    [InlineData("flx", "flux")]
    [InlineData("kubernetes", null)]
    public void Suggests_the_nearest_name(string typed, string? meant) =>
        Assert.Equal(meant, Suggestion.Nearest(typed, ["slurm", "flux", "reference"]));
}
