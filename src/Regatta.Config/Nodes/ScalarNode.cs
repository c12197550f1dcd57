namespace Regatta.Config;

/// <summary>A single value: null, text, bool, whole number (<see cref="long"/> or <see cref="System.Numerics.BigInteger"/>), <see cref="double"/>, bytes or a member of an enumeration.</summary>
public sealed class ScalarNode : ConfigNode
{
    private object? value;
    private bool reference;

    internal ScalarNode(object? value) => Value = value;

    /// <summary>The value; text with <c>${</c> in it is a reference, <c>???</c> a missing value.</summary>
    public object? Value
    {
        get => value;
        internal set
        {
            this.value = value;
            Expression = null;
            reference = value is string text && text.Contains("${", StringComparison.Ordinal);
        }
    }

    /// <inheritdoc/>
    public override bool IsMissing => value is "???";

    /// <inheritdoc/>
    public override bool IsNull => value is null;

    /// <inheritdoc/>
    public override bool IsInterpolation => reference;

    internal override string? InterpolationText => reference ? (string)value! : null;

    /// <summary>The parsed reference, once it was needed.</summary>
    internal TextExpression? Expression { get; set; }

    internal override ConfigNode Clone() => new ScalarNode(this);

    private ScalarNode(ScalarNode other)
    {
        value = other.value;
        reference = other.reference;
        Expression = other.Expression;
        Origin = other.Origin;
        Hint = other.Hint;
        Key = other.Key;
        History = other.History;
    }
}
