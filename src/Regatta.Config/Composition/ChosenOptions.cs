namespace Regatta.Config;

/// <summary>
/// What the command line, or a point, chose of groups. Where a section has kinds, the chosen option says which it is: a file that is merged later, as an experiment or a site,
/// may set its keys, and not make another kind of it.
/// </summary>
/// <param name="Groups">The groups of which an option was chosen.</param>
/// <param name="Files">The options, by their paths, such as <c>site/twin</c>.</param>
internal sealed record ChosenOptions(IReadOnlySet<string> Groups, IReadOnlySet<string> Files)
{
    /// <summary>What overrides chose.</summary>
    public static ChosenOptions Of(IEnumerable<Override> overrides, ConfigRepository repository, IReadOnlyList<DefaultEntry> entries)
    {
        var groups = overrides.Where(o => o.Kind == OverrideKind.Change && o.PlainValue is not PlainMap && repository.HasGroup(o.Key)).Select(o => o.Key).ToHashSet(StringComparer.Ordinal);
        return new ChosenOptions(groups, entries.Where(e => e.OverrideKey is { } key && groups.Contains(key)).Select(e => e.Config).ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>Gives sections that a later file made another kind of the kind of the option that was chosen; what that file set in them goes.</summary>
    /// <param name="root">The tree of all entries.</param>
    /// <param name="entries">The entries, as they were merged.</param>
    /// <param name="contentOf">What stands in an entry's file.</param>
    /// <param name="merge">Merges an entry into the tree once more.</param>
    public void Keep(MappingNode root, IReadOnlyList<DefaultEntry> entries, Func<DefaultEntry, ContainerNode> contentOf, Action<DefaultEntry> merge)
    {
        foreach (var entry in entries.Where(e => e.OverrideKey is { } key && Groups.Contains(key) && key == e.Package))
        {
            if (root[entry.Package] is not MappingNode { Schema.Kinds.Count: > 0 } section || KindIn(contentOf(entry)) is not { } wanted) continue;
            if (section[KindSchema.Key] is not { Origin.Source: { Kind: OriginKind.File } file } kind || file.ConfigPath == entry.Config || KindOf(kind) == wanted) continue;
            merge(entry);
            foreach (var item in section.Items.Where(i => i.Origin.Source == file).ToList()) section.Remove(item.Key!);
        }
    }

    private static string? KindIn(ContainerNode content) => content is MappingNode mapping && mapping[KindSchema.Key] is { } kind ? KindOf(kind) : null;

    private static string? KindOf(ConfigNode node) => node is ScalarNode scalar ? (scalar.Value as EnumMember)?.Name ?? scalar.Value as string : null;
}
