using Regatta.Analysis;
using Regatta.Config;

namespace Regatta.Experiments.Configuration;

/// <summary>What is measured.</summary>
[ConfigSchema("What is measured and how often.")]
public sealed record MeasureSection
{
    /// <summary>Repetitions of each point.</summary>
    [ConfigKey("Repetitions of each point; the most of them where precision or budget end them earlier.", Minimum = 1, Maximum = 10000)]
    public int Repetitions { get; init; } = 5;

    /// <summary>Precision that ends the repetitions.</summary>
    [ConfigKey("Ends the repetitions as soon as half of the interval's width is at most this share of the mean of precision_metric at every point; null runs them all.", Minimum = 0, Above = true, Example = "0.05")]
    public double? Precision { get; init; }

    /// <summary>The metric whose interval counts.</summary>
    [ConfigKey("The metric whose interval precision is about, such as makespan.", Example = "makespan")]
    public string PrecisionMetric { get; init; } = "wait-mean";

    /// <summary>Fewest repetitions.</summary>
    [ConfigKey("Fewest valid repetitions of each point before precision may end them: intervals of few runs are narrow by luck.", Minimum = 3, Maximum = 10000)]
    public int Fewest { get; init; } = 5;

    /// <summary>Time that ends the repetitions.</summary>
    [ConfigKey("Begins no further block of trials when all of them together have taken this long; null sets no limit.", Minimum = 0, Above = true, Example = "2h")]
    public TimeSpan? Budget { get; init; }

    /// <summary>The metrics that the verdict is about, names of the catalogue; all tests together are one family of Holm's correction.</summary>
    [ConfigKey("The metrics that the verdict is about. Each further one makes the correction for several tests stricter, so that more repetitions are needed.", Example = "wait-mean")]
    public IReadOnlyList<string> Judge { get; init; } = ComparisonSettings.Default.Judged;

    /// <summary>Order of trials.</summary>
    [ConfigKey("Order of trials.")]
    public TrialOrder Order { get; init; }

    /// <summary>Gives each block a workload seed of its own, so that repetitions differ in their jobs (generated workloads only).</summary>
    [ConfigKey("Gives each block a workload seed of its own, so that repetitions differ in their jobs (generated workloads only).")]
    public bool Vary { get; init; }

    /// <summary>Input shaking.</summary>
    [ConfigKey("Shakes the submit times of each block anew by up to this much either way, so that an effect which hangs on the exact times does not persist (Tsafrir, Ouaknine, Feitelson 2007).", Minimum = 0, Example = "1s")]
    public TimeSpan Shake { get; init; }

    /// <summary>Jobs submitted before this, from the start, are left out of the metrics.</summary>
    [ConfigKey("Jobs submitted before this, from the start, are left out of the metrics.", Minimum = 0)]
    public TimeSpan Warmup { get; init; }

    /// <summary>Jobs submitted in the last part of this length are left out of the metrics.</summary>
    [ConfigKey("Jobs submitted in the last part of this length are left out of the metrics.", Minimum = 0)]
    public TimeSpan Cooldown { get; init; }

    /// <summary>Threshold of the bounded slowdown.</summary>
    [ConfigKey("Threshold of the bounded slowdown.", Minimum = 0, Above = true)]
    public TimeSpan Tau { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bound on the lateness' 99th percentile, beyond which the client was the limit.</summary>
    [ConfigKey("Bound on the lateness' 99th percentile, beyond which the client was the limit.", Minimum = 0, Above = true)]
    public TimeSpan Lateness { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The period of what the scheduler does by itself.</summary>
    [ConfigKey("Begins each replay half such a period and half a second after a whole number of them since the scheduler's start, so that what it does each second, each 30 s or each minute comes at the same moments of every replay; 0s begins at once. In virtual time it is always a minute.", Minimum = 0, Example = "1m")]
    public TimeSpan Beat { get; init; }

    /// <summary>How often the scheduler is sampled.</summary>
    [ConfigKey("How often the scheduler and its processes on the head are sampled while a trial runs; null for never.", Minimum = 0.1)]
    public TimeSpan? Sample { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long jobs may take to end after the last submission plus the expected makespan.</summary>
    [ConfigKey("How long jobs may take to end after the last submission plus the expected makespan.", Minimum = 0)]
    public TimeSpan Drain { get; init; } = TimeSpan.FromMinutes(10);
}
