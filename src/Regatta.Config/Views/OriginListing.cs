namespace Regatta.Config;

/// <summary>Prints a configuration as YAML with, behind each value, where it was written.</summary>
public static class OriginListing
{
    /// <summary>Lines of YAML and the origin of the value on each; null for a line that only opens a mapping or a list.</summary>
    public static IReadOnlyList<(string Line, string? Origin)> Lines(ConfigNode node)
    {
        var lines = new List<(string, string?)>();
        Add(node, 0, "", lines);
        return lines;
    }

    private static void Add(ConfigNode node, int indent, string lead, List<(string, string?)> lines)
    {
        switch (node)
        {
            case MappingNode { State: ContainerState.Value, Count: > 0 } mapping:
                foreach (var item in mapping.Items)
                {
                    Entry(item, indent, $"{lead}{YamlDumper.DumpScalar(item.Key)}:", indent + 2, lines);
                    lead = new string(' ', lead.Length);
                }

                break;
            case SequenceNode { State: ContainerState.Value, Count: > 0 } list:
                foreach (var item in list.Items)
                {
                    if (item is ContainerNode { State: ContainerState.Value, Count: > 0 }) Add(item, indent, lead + "- ", lines);
                    else Entry(item, indent, lead + "-", indent, lines);
                    lead = new string(' ', lead.Length);
                }

                break;
            default:
                lines.Add((new string(' ', indent) + lead + Text(node), node.Origin.ToString()));
                break;
        }
    }

    private static void Entry(ConfigNode item, int indent, string head, int below, List<(string, string?)> lines)
    {
        if (item is ContainerNode { State: ContainerState.Value, Count: > 0 } container)
        {
            lines.Add((new string(' ', indent) + head, null));
            Add(item, container is SequenceNode ? below - 2 + HeadIndent(head) : below + HeadIndent(head), "", lines);
            return;
        }

        lines.Add(($"{new string(' ', indent)}{head} {Text(item)}", item.Origin.ToString()));
    }

    private static int HeadIndent(string head)
    {
        var count = 0;
        while (count < head.Length && head[count] is ' ' or '-') count++;
        return count;
    }

    private static string Text(ConfigNode node) => node switch
    {
        MappingNode { State: ContainerState.Value } => "{}",
        SequenceNode { State: ContainerState.Value } => "[]",
        ScalarNode scalar => YamlDumper.DumpScalar(scalar.Value).ReplaceLineEndings(" "),
        _ => node.Summary(),
    };
}
