namespace Regatta.Config;

/// <summary>What values a node may hold. <see cref="Any"/> is the hint of everything that has no schema.</summary>
public abstract record TypeHint
{
    /// <summary>Whether null is allowed.</summary>
    public bool Optional { get; init; }

    /// <summary>Anything.</summary>
    public static TypeHint Any { get; } = new AnyHint { Optional = true };

    /// <summary>The name as it is shown in messages and documents.</summary>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public sealed override string ToString() => Optional && this is not AnyHint ? $"{Name} or null" : Name;
}

/// <summary>Any value.</summary>
public sealed record AnyHint : TypeHint
{
    /// <inheritdoc/>
    public override string Name => "any";
}

/// <summary>A whole number; text that reads as one is converted.</summary>
public sealed record IntHint : TypeHint
{
    /// <inheritdoc/>
    public override string Name => "int";
}

/// <summary>A floating-point number; whole numbers and text that reads as a number are converted.</summary>
public sealed record FloatHint : TypeHint
{
    /// <inheritdoc/>
    public override string Name => "float";
}

/// <summary>A truth value; <c>yes/no/on/off</c> text and whole numbers are converted.</summary>
public sealed record BoolHint : TypeHint
{
    /// <inheritdoc/>
    public override string Name => "bool";
}

/// <summary>Text; every scalar is converted.</summary>
public sealed record StringHint : TypeHint
{
    /// <inheritdoc/>
    public override string Name => "string";
}

/// <summary>One of some names.</summary>
/// <param name="TypeName">The name of the enumeration.</param>
/// <param name="Members">The names, in order; the number of a member is its place, from 1.</param>
public sealed record EnumHint(string TypeName, IReadOnlyList<string> Members) : TypeHint
{
    /// <inheritdoc/>
    public override string Name => string.Join(" | ", Members);

    /// <summary>Whether letter case and hyphens are ignored, as enumerations declared in C# allow.</summary>
    public bool IgnoreCase { get; init; }

    /// <summary>Names that members had before and that are still taken, each with the member's name now.</summary>
    public IReadOnlyDictionary<string, string> Former { get; init; } = ImmutableDictionary<string, string>.Empty;
}

/// <summary>A list whose items have one type.</summary>
/// <param name="Item">The type of the items.</param>
public sealed record ListHint(TypeHint Item) : TypeHint
{
    /// <inheritdoc/>
    public override string Name => Item is AnyHint ? "list" : $"list of {Item.Name}";
}

/// <summary>A mapping whose values have one type.</summary>
/// <param name="Key">The type of the keys.</param>
/// <param name="Value">The type of the values.</param>
public sealed record DictHint(TypeHint Key, TypeHint Value) : TypeHint
{
    /// <inheritdoc/>
    public override string Name => Value is AnyHint ? "mapping" : $"mapping of {Value.Name}";
}

/// <summary>A mapping with declared keys.</summary>
/// <param name="Schema">The declaration.</param>
public sealed record StructHint(StructSchema Schema) : TypeHint
{
    /// <inheritdoc/>
    public override string Name => Schema.Name;
}

/// <summary>One of several scalar types; the first that takes the value as it is wins.</summary>
/// <param name="Alternatives">The types, in order.</param>
public sealed record UnionHint(IReadOnlyList<TypeHint> Alternatives) : TypeHint
{
    /// <inheritdoc/>
    public override string Name => string.Join(" | ", Alternatives.Select(a => a.Name));
}

/// <summary>A scalar that is checked as written and kept so: a size such as <c>2GiB</c>, a duration such as <c>90s</c>, a number within a range.</summary>
/// <param name="Quantity">What it measures.</param>
public sealed record QuantityHint(Quantity Quantity) : TypeHint
{
    /// <inheritdoc/>
    public override string Name => Quantity.Name;
}

/// <summary>A value of an enumeration.</summary>
/// <param name="Type">The enumeration.</param>
/// <param name="Name">The member.</param>
public sealed record EnumMember(EnumHint Type, string Name)
{
    /// <summary>Its number, from 1.</summary>
    public int Number => Type.Members.ToList().IndexOf(Name) + 1;

    /// <inheritdoc/>
    public bool Equals(EnumMember? other) => other is not null && Name == other.Name && Type.TypeName == other.Type.TypeName;

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
