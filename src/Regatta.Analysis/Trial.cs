namespace Regatta.Analysis;

/// <summary>One trial as it is analysed: what it was, and what became of its jobs.</summary>
/// <param name="Record">What <c>trial.json</c> holds.</param>
/// <param name="Jobs">What <c>jobs.parquet</c> holds.</param>
public sealed record Trial(TrialRecord Record, JobTable Jobs);
