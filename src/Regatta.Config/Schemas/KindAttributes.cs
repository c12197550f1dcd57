namespace Regatta.Config;

/// <summary>
/// Makes an abstract record a section of several kinds: the value of its key <c>kind</c> decides which record it is bound to, and so which keys it has. The kinds are
/// named by <see cref="ConfigKindAttribute"/>; their records derive from this one, whose keys all of them share.
/// </summary>
/// <param name="description">What the kinds decide: one or two sentences that end with a full stop.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ConfigKindsAttribute(string description) : Attribute
{
    /// <summary>What the kinds decide.</summary>
    public string Description { get; } = description;

    /// <summary>A kind as a user would write it.</summary>
    public string? Example { get; set; }
}

/// <summary>Names a kind of a section that has <see cref="ConfigKindsAttribute"/>.</summary>
/// <param name="name">The value of <c>kind</c>.</param>
/// <param name="type">The record of this kind, which has a constructor without parameters.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class ConfigKindAttribute(string name, Type type) : Attribute
{
    /// <summary>The value of <c>kind</c>.</summary>
    public string Name { get; } = name;

    /// <summary>The record of this kind.</summary>
    public Type Type { get; } = type;

    /// <summary>A name that the kind had before, which is still taken; null for none.</summary>
    public string? Former { get; set; }
}

/// <summary>A record with rules that hold between several of its keys.</summary>
public interface ICheckedSection
{
    /// <summary>What breaks the rules, each with the property that the fault is shown at; empty when all is well.</summary>
    IEnumerable<(string Property, Diagnostic Fault)> Faults();
}
