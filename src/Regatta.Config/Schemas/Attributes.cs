namespace Regatta.Config;

/// <summary>
/// Documents a property of a record that a configuration is bound to. The key is the property's name in lower case with
/// underscores; its type, default and optionality are those of the property; a <c>required</c> property must be given.
/// </summary>
/// <param name="description">What it means: one or two sentences that end with a full stop.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ConfigKeyAttribute(string description) : Attribute
{
    /// <summary>What it means.</summary>
    public string Description { get; } = description;

    /// <summary>The key, where it is not the property's name.</summary>
    public string? Name { get; set; }

    /// <summary>The least value: of a number as it is, of a size in bytes, of a duration in seconds. NaN for none.</summary>
    public double Minimum { get; set; } = double.NaN;

    /// <summary>The greatest value. NaN for none.</summary>
    public double Maximum { get; set; } = double.NaN;

    /// <summary>Whether the minimum itself is not allowed.</summary>
    public bool Above { get; set; }

    /// <summary>A value as a user would write it.</summary>
    public string? Example { get; set; }
}

/// <summary>Documents a record or enumeration that a configuration is bound to, and names the group of configurations that have its form.</summary>
/// <param name="description">What it is: one or two sentences that end with a full stop.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum)]
public sealed class ConfigSchemaAttribute(string description) : Attribute
{
    /// <summary>What it is.</summary>
    public string Description { get; } = description;
}

/// <summary>Leaves a property of a record out of its configuration.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NotConfiguredAttribute : Attribute;

/// <summary>A number of bytes, written as <c>2GiB</c>, <c>500MB</c> or <c>1024</c>.</summary>
/// <param name="Bytes">The number.</param>
public readonly record struct ByteSize(long Bytes)
{
    private static readonly Quantity Size = new(QuantityKind.Size);

    /// <summary>In binary megabytes, rounded up.</summary>
    public long MiB => (Bytes + 1048575) / 1048576;

    /// <summary>A number of binary gigabytes.</summary>
    public static ByteSize FromGiB(double number) => new((long)(number * 1073741824));

    /// <summary>Reads a size.</summary>
    /// <exception cref="FormatException">The text is no size.</exception>
    public static ByteSize Parse(string text) =>
        Size.Read(text) is { } bytes ? new ByteSize((long)bytes) : throw new FormatException($"'{text}' is no size such as 2GiB");

    /// <inheritdoc/>
    public override string ToString()
    {
        foreach (var (unit, factor) in new[] { ("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10) })
        {
            if (Bytes != 0 && Bytes % factor == 0) return (Bytes / factor).ToString(System.Globalization.CultureInfo.InvariantCulture) + unit;
        }

        return Bytes.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
