namespace Regatta.Config;

/// <summary>An entry of the final defaults list: what is merged, where to, and who asked for it.</summary>
/// <param name="Config">Path of the configuration.</param>
/// <param name="Package">The dotted path that its content goes to; empty for the root.</param>
/// <param name="IsSelf">Whether it is the <c>_self_</c> of a configuration with a defaults list.</param>
/// <param name="Parent">The configuration whose defaults list names it; null at the very top.</param>
public sealed record DefaultEntry(string Config, string Package, bool IsSelf, string? Parent)
{
    internal bool Primary { get; init; }

    internal string? OverrideKey { get; init; }

    internal Origin Origin { get; init; }

    internal Origin? ChosenAt { get; init; }
}

/// <summary>A node of the tree of defaults.</summary>
internal sealed class DefaultsNode(DefaultItem item, DefaultsNode? parent)
{
    public DefaultItem Item { get; } = item;

    public DefaultsNode? Parent { get; } = parent;

    public List<DefaultsNode>? Children { get; set; }

    public int Depth { get; } = parent is null ? 0 : parent.Depth + 1;
}

/// <summary>What the overrides and the defaults lists chose, and what composition found out.</summary>
internal sealed class Choices
{
    public Dictionary<string, Choice> Overrides { get; } = new(StringComparer.Ordinal);

    public List<DefaultItem> Appended { get; } = [];

    public List<Override> Values { get; } = [];

    /// <summary>Group keys in the order in which they were met, with the option chosen.</summary>
    public List<KeyValuePair<string, string?>> InOrder { get; } = [];

    public Dictionary<string, Known> KnownNames { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, SortedSet<string>> KnownByGroup { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, Deletion> Deletions { get; } = new(StringComparer.Ordinal);

    /// <summary>The option of a group and where it was chosen.</summary>
    internal sealed record Known(string? Name, Origin Origin);

    internal sealed class Choice(object? value, bool external, Origin origin)
    {
        public object? Value { get; } = value;

        public bool External { get; } = external;

        public Origin Origin { get; } = origin;

        public string? Container { get; init; }

        public string? RelativeKey { get; init; }

        public bool Used { get; set; }
    }

    internal sealed class Deletion(string? name, Origin origin)
    {
        public string? Name { get; } = name;

        public Origin Origin { get; } = origin;

        public bool Used { get; set; }
    }
}
