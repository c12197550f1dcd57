namespace Regatta.Analysis;

/// <summary>The test for runs that are paired by block.</summary>
public enum PairedTest
{
    /// <summary>Wilcoxon signed-rank.</summary>
    Wilcoxon,

    /// <summary>Exchange of the labels within each block.</summary>
    Permutation,
}

/// <summary>How trials are compared; recorded with every comparison.</summary>
public sealed record ComparisonSettings
{
    /// <summary>The usual settings.</summary>
    public static ComparisonSettings Default { get; } = new();

    /// <summary>The metrics that are tested; all tests together are one family of Holm's correction.</summary>
    public ImmutableArray<string> Judged { get; init; } = ["wait-mean", "bounded-slowdown-mean", "utilisation", "makespan"];

    /// <summary>The point that the others are compared with; null compares every pair.</summary>
    public string? Baseline { get; init; }

    /// <summary>Confidence of intervals; the tests' level is one less it.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>Resamples of the bootstrap.</summary>
    public int Resamples { get; init; } = 10_000;

    /// <summary>Seed of the bootstrap and of drawn permutations.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The test for runs that are paired by block.</summary>
    public PairedTest Paired { get; init; } = PairedTest.Wilcoxon;

    /// <summary>What differs between the points by intention: fields of the trial (<c>scheduler</c>, <c>profile</c>, <c>workload</c>, …) or names of settings.</summary>
    public ImmutableArray<string> Factors { get; init; } = ["scheduler", "profile"];

    /// <summary>What is wrong with <see cref="Judged"/>: no metric at all, one that the catalogue does not have, or one that nothing can be judged on.</summary>
    public IEnumerable<Diagnostic> JudgedFaults()
    {
        if (Judged.IsEmpty)
        {
            yield return Diagnostic.Error("metric-none", "no metric is named that a verdict could be about") with
            {
                Help = $"name at least one, such as {Default.Judged[0]}",
            };
        }

        foreach (var name in Judged)
        {
            var metric = MetricCatalogue.Find(name);
            if (metric is null)
            {
                yield return Diagnostic.Error("metric-unknown", $"there is no metric '{name}'") with
                {
                    Help = Suggestion.Help(name, [.. MetricCatalogue.All.Select(m => m.Name)]),
                };
            }
            else if (metric.Name.EndsWith("-max", StringComparison.Ordinal))
            {
                yield return Diagnostic.Error("metric-maximum", $"nothing is judged on a maximum, and '{name}' is one") with { Help = $"judge on '{metric.Family}-p99'" };
            }
        }
    }
}
