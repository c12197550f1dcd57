namespace Regatta.Config;

/// <summary>A mapping with declared keys: what a record or a structured configuration is to the engine.</summary>
/// <param name="Name">Its name, as shown in messages.</param>
public sealed record StructSchema(string Name)
{
    /// <summary>Its fields, in order.</summary>
    public IReadOnlyList<FieldSchema> Fields { get; init; } = [];

    /// <summary>What it is for.</summary>
    public string? Description { get; init; }

    /// <summary>The C# record that it was read from, if it was.</summary>
    public Type? ClrType { get; init; }

    /// <summary>Where the value of the key <c>kind</c> decides which other keys there are: what each kind declares, in order. <see cref="Fields"/> then are those of all kinds, none of which must be given. Empty for an ordinary mapping.</summary>
    public IReadOnlyList<KindSchema> Kinds { get; init; } = [];

    /// <summary>The declaration that this one extends; values of this one fit where that one is asked for.</summary>
    public StructSchema? Base { get; init; }

    internal bool Extends(StructSchema other)
    {
        for (StructSchema? schema = this; schema is not null; schema = schema.Base)
        {
            if (ReferenceEquals(schema, other) || (schema.Name == other.Name && schema.ClrType == other.ClrType)) return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public bool Equals(StructSchema? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>One kind of a <see cref="StructSchema"/> that has several.</summary>
/// <param name="Name">The value of <see cref="Key"/>.</param>
/// <param name="Schema">What this kind declares, <see cref="Key"/> first.</param>
public sealed record KindSchema(string Name, StructSchema Schema)
{
    /// <summary>The key that says which kind a mapping is.</summary>
    public const string Key = "kind";
}

/// <summary>A key of a <see cref="StructSchema"/>.</summary>
/// <param name="Name">The key.</param>
/// <param name="Hint">Its type.</param>
public sealed record FieldSchema(string Name, TypeHint Hint)
{
    /// <summary>The default that must be given: no default.</summary>
    public const string Mandatory = "???";

    /// <summary>A default that is a new instance of the field's own declaration.</summary>
    public static object NewInstance { get; } = new NewInstanceMarker();

    /// <summary>The default: null, a scalar, a list, a <see cref="PlainMap"/>, <see cref="Mandatory"/> or <see cref="NewInstance"/>.</summary>
    public object? Default { get; init; } = Mandatory;

    /// <summary>What it means, with units and range.</summary>
    public string? Description { get; init; }

    /// <summary>An example, for the documentation.</summary>
    public string? Example { get; init; }

    private sealed class NewInstanceMarker
    {
        public override string ToString() => "$new";
    }
}
