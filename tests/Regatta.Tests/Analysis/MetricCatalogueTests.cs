using Regatta.Analysis;

namespace Regatta.Tests.Analysis;

public sealed class MetricCatalogueTests
{
    [Fact]
    public void The_documentation_holds_the_catalogue()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "measurement.md"));
        const string Begin = "holds it to that) -->\n";
        var from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;

        Assert.Equal(MetricCatalogue.Markdown(), page[from..page.IndexOf("<!-- metrics: end -->", StringComparison.Ordinal)]);
    }

    [Fact]
    public void Names_are_unique_and_found()
    {
        Assert.Equal(MetricCatalogue.All.Length, MetricCatalogue.All.Select(m => m.Name).Distinct().Count());
        Assert.All(MetricCatalogue.All, m => Assert.Same(m, MetricCatalogue.Find(m.Name)));
        Assert.Null(MetricCatalogue.Find("nothing"));
    }

    [Fact]
    public void Maxima_and_metrics_without_direction_judge_nothing() =>
        Assert.All(MetricCatalogue.All, m => Assert.Equal(m.Direction != Direction.Neither && !m.Name.EndsWith("-max", StringComparison.Ordinal), m.Judgeable));

    [Fact]
    public void Everything_judged_by_default_may_be() =>
        Assert.All(ComparisonSettings.Default.Judged, name => Assert.True(MetricCatalogue.Find(name)!.Judgeable));
}
