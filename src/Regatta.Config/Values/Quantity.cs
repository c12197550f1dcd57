using System.Numerics;

namespace Regatta.Config;

/// <summary>What a quantity measures.</summary>
public enum QuantityKind
{
    /// <summary>A plain number.</summary>
    Number,

    /// <summary>A whole number.</summary>
    Count,

    /// <summary>A number of bytes, as <see cref="Sizes"/> reads it.</summary>
    Size,

    /// <summary>A span of time in seconds, as <see cref="Durations"/> reads it.</summary>
    Duration,
}

/// <summary>A number with a unit and a range.</summary>
/// <param name="Kind">What it measures.</param>
public sealed record Quantity(QuantityKind Kind)
{
    /// <summary>The least value allowed, in bytes, seconds or as it is.</summary>
    public double? Minimum { get; init; }

    /// <summary>The greatest value allowed.</summary>
    public double? Maximum { get; init; }

    /// <summary>Whether the minimum itself is excluded.</summary>
    public bool Above { get; init; }

    /// <summary>The name of the type as documents show it.</summary>
    public string Name => (Kind switch
    {
        QuantityKind.Size => "size",
        QuantityKind.Duration => "duration",
        QuantityKind.Count => "int",
        _ => "float",
    }) + Range;

    /// <summary>The range in words, with a blank before it; empty when there is none.</summary>
    public string Range => (Minimum, Maximum) switch
    {
        (null, null) => "",
        ({ } low, null) => Above ? $" above {Show(low)}" : $" from {Show(low)}",
        (null, { } high) => $" up to {Show(high)}",
        ({ } low, { } high) => $" {(Above ? "above" : "from")} {Show(low)} to {Show(high)}",
    };

    /// <summary>The number that a scalar means: bytes, seconds, or the number itself; null when it means none.</summary>
    public double? Read(object? value) => value switch
    {
        long number => number,
        BigInteger number => (double)number,
        double number => number,
        string text => Read(text),
        _ => null,
    };

    internal object Check(object value)
    {
        var number = Read(value);
        if (number is not { } finite || !double.IsFinite(finite) || (Kind == QuantityKind.Count && number != Math.Floor(number.Value)))
        {
            var examples = Kind switch
            {
                QuantityKind.Size => $"write {Sizes.Examples}",
                QuantityKind.Duration => $"write {Durations.Examples}",
                QuantityKind.Count => "write a whole number",
                _ => "write a number",
            };
            throw new ConversionException($"{Conversion.Describe(value)} is no {Name}") { Help = examples };
        }

        if (number < Minimum || number > Maximum || (Above && number <= Minimum))
            throw new ConversionException($"{Conversion.Describe(value)} is outside of the range:{Range}") { Help = $"choose a value{Range}" };
        return Kind is QuantityKind.Count && value is string ? (object)(long)number.Value : Kind is QuantityKind.Number && value is string ? number.Value : value;
    }

    private double? Read(string text) => Kind switch
    {
        QuantityKind.Duration => Durations.TrySeconds(text, out var seconds) ? seconds : null,
        QuantityKind.Size => Sizes.TryBytes(text, out var bytes) ? bytes : null,
        _ => PythonText.TryFloat(text.Trim(), out var plain) ? plain : null,
    };

    private string Show(double number) => Kind switch
    {
        QuantityKind.Duration => Durations.Format(number),
        QuantityKind.Size => Sizes.Format(number),
        _ => number.ToString("R", CultureInfo.InvariantCulture),
    };
}
