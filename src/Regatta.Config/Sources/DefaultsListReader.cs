namespace Regatta.Config;

/// <summary>Reads the items of a defaults list.</summary>
internal static class DefaultsListReader
{
    public static IReadOnlyList<DefaultItem> Read(string configPath, SequenceNode? list)
    {
        if (list is null) return [];
        var items = new List<DefaultItem>(list.Count);
        foreach (var node in list.Items) items.Add(Item(configPath, node));
        return items;
    }

    private static DefaultItem Item(string configPath, ConfigNode node)
    {
        switch (node)
        {
            case MappingNode { State: ContainerState.Value } mapping:
                return GroupItem(configPath, mapping);
            case ScalarNode { Value: string text }:
                var (path, package) = Split(text);
                if (path == "_self_" && package is not null)
                    throw Fault("self-with-package", configPath, $"'{text}': _self_ cannot have a package", node, "give the configuration a '# @package' header instead");
                return new DefaultItem { Path = path, Package = package == "_here_" ? "" : package, Origin = node.Origin };
            default:
                throw Fault("defaults-item-type", configPath, $"{Conversion.Describe(node is ScalarNode scalar ? scalar.Value : node)} cannot be an item of the defaults list", node, "write '- group: option' or '- name'");
        }
    }

    private static DefaultItem GroupItem(string configPath, MappingNode mapping)
    {
        if (mapping.Count > 1)
            throw Fault("defaults-item-too-many-keys", configPath, $"the item {mapping.Summary()} of the defaults list has {mapping.Count} keys", mapping, "write one '- group: option' an item");
        if (mapping.Count == 0) throw Fault("defaults-item-empty", configPath, "an item of the defaults list names no group", mapping, "write '- group: option'");
        var value = mapping.Items[0];
        if (value.Key is not string key)
            throw Fault("defaults-item-type", configPath, $"the group {Conversion.Describe(value.Key)} must be text", mapping, "quote it");
        var (name, package) = Split(key);
        var words = name.Split(' ');
        var optional = false;
        var overrides = false;
        foreach (var word in words[..^1])
        {
            if (word == "optional") optional = true;
            else if (word == "override") overrides = true;
            else break;
        }

        if (words[^1].Length == 0) throw Fault("defaults-item-empty", configPath, $"the item '{key}' of the defaults list names no group", mapping, "write '- group: option'");
        return new DefaultItem
        {
            Group = words[^1],
            Value = Option(configPath, value),
            Package = package == "_here_" ? "" : package,
            Optional = optional,
            Override = overrides,
            Origin = mapping.Items[0].Origin,
        };
    }

    private static object? Option(string configPath, ConfigNode value)
    {
        switch (value)
        {
            case ScalarNode { Value: null }: return null;
            case ScalarNode { Value: string text }: return text;
            case SequenceNode { State: ContainerState.Value } list:
                var options = new List<string>();
                foreach (var item in list.Items)
                {
                    options.Add(item is ScalarNode { Value: string option } ? option
                        : throw Fault("defaults-item-type", configPath, $"{Conversion.Describe(item is ScalarNode other ? other.Value : item)} cannot name an option", item, "options are text; quote it"));
                }

                return options;
            default:
                throw Fault("defaults-item-type", configPath, $"'{value.Key}': {Conversion.Describe(value is ScalarNode scalar ? scalar.Value : value)} cannot name an option", value,
                    value is ScalarNode ? "options are text; quote it" : "write '- group: option'");
        }
    }

    private static (string Name, string? Package) Split(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (at < 0) return (text, null);
        var package = text[(at + 1)..];
        var colon = package.IndexOf(':', StringComparison.Ordinal);
        return (text[..at], colon < 0 ? package : package[..colon]);
    }

    private static NodeException Fault(string code, string configPath, string message, ConfigNode node, string help) =>
        new(code, $"'{configPath}': {message}") { Where = node.Origin, Help = help };
}
