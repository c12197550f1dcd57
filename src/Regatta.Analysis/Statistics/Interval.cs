namespace Regatta.Analysis;

/// <summary>An interval of confidence.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
/// <param name="Confidence">Its confidence, such as 0.95: what it reaches, which few runs may keep below what was asked for.</param>
public readonly record struct Interval(double Low, double High, double Confidence)
{
    /// <summary>Half of its width.</summary>
    public double HalfWidth => (High - Low) / 2;

    /// <summary>Whether it holds <paramref name="value"/>.</summary>
    public bool Holds(double value) => Low <= value && value <= High;
}
