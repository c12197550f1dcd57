namespace Regatta.Config;

/// <summary>One value that two configurations have not in common.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Left">The value on the left; null when there is none.</param>
/// <param name="Right">The value on the right; null when there is none.</param>
public sealed record ConfigDifference(string Path, string? Left, string? Right);

/// <summary>Compares two configurations value by value.</summary>
public static class ConfigDiff
{
    /// <summary>The values that differ, in the order of the left configuration, then those that only the right one has.</summary>
    public static IReadOnlyList<ConfigDifference> Compare(ConfigNode left, ConfigNode right)
    {
        var first = new List<KeyValuePair<string, string>>();
        var second = new List<KeyValuePair<string, string>>();
        Flatten(left, "", first);
        Flatten(right, "", second);
        var other = second.ToDictionary(s => s.Key, s => s.Value, StringComparer.Ordinal);
        var seen = first.Select(f => f.Key).ToHashSet(StringComparer.Ordinal);
        var differences = new List<ConfigDifference>();
        foreach (var (path, value) in first)
        {
            var theirs = other.GetValueOrDefault(path);
            if (theirs != value) differences.Add(new ConfigDifference(path, value, theirs));
        }

        differences.AddRange(second.Where(s => !seen.Contains(s.Key)).Select(s => new ConfigDifference(s.Key, null, s.Value)));
        return differences;
    }

    /// <summary>Reads a configuration that was written before, such as <c>experiment.yaml</c> of a run.</summary>
    /// <param name="text">The YAML text.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <exception cref="Regatta.Diagnostics.DiagnosticException">It cannot be read.</exception>
    public static ConfigNode Read(string text, string name) => LoadedConfig.Whole(text, name);

    private static void Flatten(ConfigNode node, string path, List<KeyValuePair<string, string>> values)
    {
        switch (node)
        {
            case MappingNode { State: ContainerState.Value, Count: > 0 } mapping:
                foreach (var item in mapping.Items) Flatten(item, path.Length == 0 ? ConfigNode.KeyText(item.Key!) : $"{path}.{ConfigNode.KeyText(item.Key!)}", values);
                break;
            case SequenceNode { State: ContainerState.Value, Count: > 0 } list:
                for (var i = 0; i < list.Count; i++) Flatten(list.Items[i], $"{path}[{i}]", values);
                break;
            default:
                values.Add(new(path, node is ScalarNode scalar ? YamlDumper.DumpScalar(scalar.Value) : node.Summary()));
                break;
        }
    }
}
