namespace Regatta.Analysis;

/// <summary>An interval of confidence.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
/// <param name="Confidence">Its confidence, such as 0.95: what it reaches, which few runs may keep below what was asked for.</param>
public readonly record struct Interval(double Low, double High, double Confidence)
{
    /// <summary>How often such an interval of so few runs held the true value in a simulation; null where it was not simulated, there are runs enough, or runs that do not differ leave it without width.</summary>
    public SimulatedCoverage? Coverage { get => Low == High ? null : field; init; }

    /// <summary>Half of its width.</summary>
    public double HalfWidth => (High - Low) / 2;

    /// <summary>Whether it holds <paramref name="value"/>.</summary>
    public bool Holds(double value) => Low <= value && value <= High;

    /// <summary>The part of it in which the true value can lie.</summary>
    /// <param name="least">The least value that there can be.</param>
    /// <param name="most">The greatest value that there can be.</param>
    public Interval Within(double least, double most) => this with { Low = Math.Clamp(Low, least, most), High = Math.Clamp(High, least, most) };
}
