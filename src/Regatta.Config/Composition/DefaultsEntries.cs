namespace Regatta.Config;

/// <summary>Reads the final defaults list off the tree that was built, from first to last.</summary>
internal static class DefaultsEntries
{
    /// <summary>The entries below <paramref name="root"/>, in the order in which they are merged.</summary>
    /// <exception cref="Diagnostics.DiagnosticException">A group stands in the list twice.</exception>
    public static List<DefaultEntry> Of(DefaultsNode root)
    {
        var entries = new List<DefaultEntry>();
        Collect(root, entries);
        CheckDuplicates(entries);
        return entries;
    }

    private static void Collect(DefaultsNode node, List<DefaultEntry> entries)
    {
        if (node.Children is { Count: > 0 })
        {
            foreach (var child in node.Children) Collect(child, entries);
            return;
        }

        var item = node.Item;
        if (item.IsRoot || item.Deleted || item.IsMissing || item.Name is null || item.Path == ConfigRepository.NoPrimary) return;
        if (item.IsSelf)
        {
            var owner = node.Parent!;
            if (owner.Item.Path == ConfigRepository.NoPrimary) return;
            entries.Add(new DefaultEntry(owner.Item.ConfigPath, owner.Item.FinalPackage(), true, owner.Parent?.Item.ConfigPath)
            {
                Primary = owner.Item.Primary,
                Origin = owner.Item.Origin,
                ChosenAt = owner.Item.ChosenAt,
            });
            return;
        }

        entries.Add(new DefaultEntry(item.ConfigPath, item.FinalPackage(), false, node.Parent?.Item.ConfigPath)
        {
            Primary = item.Primary,
            OverrideKey = item.IsGroup ? item.OverrideKey : null,
            Origin = item.Origin,
            ChosenAt = item.ChosenAt,
        });
    }

    private static void CheckDuplicates(List<DefaultEntry> entries)
    {
        var seen = new Dictionary<string, DefaultEntry>(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (entry.OverrideKey is null || entry.IsSelf) continue;
            if (seen.TryGetValue(entry.OverrideKey, out var earlier))
            {
                throw ConfigFault.Error("group-selected-twice", $"'{entry.OverrideKey}' stands more than once in the final defaults list: at {earlier.Origin} and at {entry.Origin}", entry.Origin,
                    "leave one of them out, or give one another package with @");
            }

            seen.Add(entry.OverrideKey, entry);
        }
    }
}
