using System.Collections.Immutable;

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
}
