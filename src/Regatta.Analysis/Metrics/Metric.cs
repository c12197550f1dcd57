namespace Regatta.Analysis;

/// <summary>Which way a metric is better.</summary>
public enum Direction
{
    /// <summary>Neither: it describes, it does not judge.</summary>
    Neither,

    /// <summary>Lower is better.</summary>
    Lower,

    /// <summary>Higher is better.</summary>
    Higher,
}

/// <summary>Units of metrics.</summary>
public enum Unit
{
    /// <summary>Seconds.</summary>
    Seconds,

    /// <summary>A number without a unit; 1 is a natural mark.</summary>
    Ratio,

    /// <summary>A share from 0 to 1, shown as per cent.</summary>
    Share,

    /// <summary>Jobs.</summary>
    Jobs,

    /// <summary>Jobs per second.</summary>
    JobsPerSecond,

    /// <summary>CPU seconds.</summary>
    CpuSeconds,

    /// <summary>Bytes.</summary>
    Bytes,
}

/// <summary>One number that is computed for a trial: its name, what it means and how it is judged.</summary>
public sealed record Metric
{
    /// <summary>Stable name in kebab case, such as <c>bounded-slowdown-p90</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What tables call it, such as <c>Bounded slowdown, 90th percentile</c>.</summary>
    public required string Title { get; init; }

    /// <summary>What it is a statistic of, such as <c>bounded-slowdown</c>; the name itself when there is only one.</summary>
    public required string Family { get; init; }

    /// <summary>Its unit.</summary>
    public required Unit Unit { get; init; }

    /// <summary>The formula, in the symbols of <c>docs/measurement.md</c>.</summary>
    public required string Definition { get; init; }

    /// <summary>Where the definition comes from; empty when it is plain.</summary>
    public string Source { get; init; } = "";

    /// <summary>Which jobs, by state and stamps, it covers.</summary>
    public required string Covers { get; init; }

    /// <summary>Which way it is better.</summary>
    public required Direction Direction { get; init; }

    /// <summary>Whether a comparison may be judged on it; never true of a maximum.</summary>
    public bool Judgeable { get; init; } = true;

    /// <summary>Whether it stands in short tables.</summary>
    public bool Headline { get; init; }

    /// <summary>The unit as a suffix of numbers: <c>s</c>, <c>jobs/s</c>, … ; empty for ratios and shares.</summary>
    public string UnitSymbol => Unit switch
    {
        Unit.Seconds => "s",
        Unit.Jobs => "jobs",
        Unit.JobsPerSecond => "jobs/s",
        Unit.CpuSeconds => "CPU s",
        Unit.Bytes => "B",
        _ => "",
    };
}
