using Regatta.Analysis;
using Regatta.Runs;

namespace Regatta.Reports.Model;

/// <summary>What a trial's place in the report is.</summary>
public enum TrialStanding
{
    /// <summary>It is compared.</summary>
    Valid,

    /// <summary>It is compared and marked: something went wrong on the way.</summary>
    Marked,

    /// <summary>It is not compared.</summary>
    Invalid,
}

/// <summary>One trial.</summary>
/// <param name="Run">Name of its run directory.</param>
/// <param name="Record">What is recorded.</param>
/// <param name="Metrics">What was measured.</param>
/// <param name="Standing">Whether it is compared.</param>
/// <param name="Remarks">Why not, or what went wrong.</param>
public sealed record TrialRow(string Run, TrialRecord Record, TrialMetrics Metrics, TrialStanding Standing, ImmutableArray<TrialRemark> Remarks)
{
    /// <summary>What its logs say around its faults, where it is invalid.</summary>
    public ImmutableArray<LogExcerpt> Excerpts { get; init; } = [];

    /// <summary>Where its logs are, seen from the run's directory; null for none.</summary>
    public string? Logs { get; init; }
}

/// <summary>Why a trial is not compared, or what went wrong in it.</summary>
/// <param name="Code">Kind: the code of a finding of the audit, or <c>fault</c>.</param>
/// <param name="Text">A sentence with its numbers.</param>
public sealed record TrialRemark(string Code, string Text);
