namespace Regatta.Archives.Verification;

/// <summary>What became of a check.</summary>
public enum VerificationResult
{
    /// <summary>It holds.</summary>
    Passed,

    /// <summary>It does not.</summary>
    Failed,

    /// <summary>It could not be checked.</summary>
    NotChecked,
}

/// <summary>A value that is not what it should be.</summary>
/// <param name="Name">Which, such as <c>comparison[wait-mean, backfill].low</c>.</param>
/// <param name="Recorded">What is recorded; null when nothing is.</param>
/// <param name="Recomputed">What it should be; null when there should be nothing.</param>
public sealed record NumberDifference(string Name, string? Recorded, string? Recomputed);

/// <summary>One check.</summary>
/// <param name="Subject">The archive, the run, or the run with <c>POINT/REPETITION</c>.</param>
/// <param name="Check">What was checked: <c>bytes</c>, <c>files</c>, <c>jobs</c>, <c>audit</c>, <c>report</c>, <c>page</c>, <c>signature</c>, …</param>
/// <param name="Result">What became of it.</param>
/// <param name="Text">In a sentence.</param>
public sealed record VerificationItem(string Subject, string Check, VerificationResult Result, string Text)
{
    /// <summary>The values that differ.</summary>
    public ImmutableArray<NumberDifference> Differences { get; init; } = [];
}

/// <summary>What a verification found.</summary>
/// <param name="Name">What was verified: the file, or the run.</param>
/// <param name="Sha256">sha256 of the file, hexadecimal; null for a run directory.</param>
/// <param name="Items">The checks.</param>
public sealed record VerificationOutcome(string Name, string? Sha256, ImmutableArray<VerificationItem> Items)
{
    /// <summary>Whether anything is not what it should be.</summary>
    public bool Fails => Items.Any(i => i.Result == VerificationResult.Failed);
}
