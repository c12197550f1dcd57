namespace Regatta.Config;

/// <summary>A single value: null, text, bool, whole number (<see cref="long"/> or <see cref="System.Numerics.BigInteger"/>), <see cref="double"/>, bytes or a member of an enumeration.</summary>
public sealed class ScalarNode : ConfigNode
{
    private object? _value;
    private bool _reference;

    internal ScalarNode(object? value) => Value = value;

    /// <summary>The value; text with <c>${</c> in it is a reference, <c>???</c> a missing value.</summary>
    public object? Value
    {
        get => _value;
        internal set
        {
            _value = value;
            Expression = null;
            _reference = value is string text && text.Contains("${", StringComparison.Ordinal);
        }
    }

    /// <inheritdoc/>
    public override bool IsMissing => _value is "???";

    /// <inheritdoc/>
    public override bool IsNull => _value is null;

    /// <inheritdoc/>
    public override bool IsInterpolation => _reference;

    internal override string? InterpolationText => _reference ? (string)_value! : null;

    /// <summary>The parsed reference, once it was needed.</summary>
    internal TextExpression? Expression { get; set; }

    internal override ConfigNode Clone() => new ScalarNode(this);

    private ScalarNode(ScalarNode other)
    {
        _value = other._value;
        _reference = other._reference;
        Expression = other.Expression;
        Origin = other.Origin;
        Hint = other.Hint;
        Key = other.Key;
        History = other.History;
    }
}
