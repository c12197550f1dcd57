namespace Regatta.Config;

/// <summary>Sections of several kinds, once everything is merged: which kind each is, and so which keys it has.</summary>
internal static class SectionKinds
{
    /// <summary>
    /// Gives every such section of a tree the form of its kind: the keys of other kinds go, and what is not given becomes the kind's default. A section whose kind is not
    /// known yet stays as it is.
    /// </summary>
    /// <param name="tree">The tree.</param>
    /// <param name="resolve">Follows a reference; throws <see cref="NodeException"/> where it leads nowhere.</param>
    /// <param name="lenient">Whether values of keys that only other kinds have go too, instead of being faults.</param>
    /// <param name="groups">Groups of which an option was chosen in place of that of the files: what another file set for the kind of its own option goes.</param>
    /// <param name="files">The options that were chosen, by their paths: what another file set for another kind than theirs goes.</param>
    /// <returns>The values of keys that the kinds do not have.</returns>
    public static IReadOnlyList<Diagnostic> Settle(MappingNode tree, Func<ConfigNode, ConfigNode> resolve, bool lenient, IReadOnlySet<string> groups, IReadOnlySet<string> files)
    {
        var faults = new List<Diagnostic>();
        Settle(tree, (resolve, lenient, groups, files), faults);
        return faults;
    }

    /// <summary>The values under keys that a kind does not have. Null is no value: it gives nothing.</summary>
    public static IEnumerable<Diagnostic> Unknown(MappingNode section, StructSchema schema, string kind)
    {
        var own = schema.Kinds.First(k => k.Name == kind).Schema.Fields;
        foreach (var (item, others) in Foreign(section, schema, own))
        {
            var fault = Diagnostic.Error("config-key-not-in-kind", $"'{section.PathOf(item.Key)}' is no key of kind {kind}") with
            {
                Help = others.Count > 0 ? $"{(others.Count == 1 ? "kind" : "kinds")} {string.Join(", ", others)} {(others.Count == 1 ? "has" : "have")} it"
                    : Suggestion.Nearest(ConfigNode.KeyText(item.Key!), own.Select(f => f.Name)) is { } near ? $"did you mean '{section.PathOf(near)}'?"
                    : $"its keys are {string.Join(", ", own.Select(f => f.Name))}",
            };
            yield return item.Origin.Source.Kind == OriginKind.Engine ? fault : ConfigFault.At(fault, item.Origin.Source.Kind == OriginKind.Override ? new Origin(item.Origin.Source, 1, 1) : item.Origin);
        }
    }

    // The values under keys that are not among these, each with the kinds that have its key.
    private static IEnumerable<(ConfigNode Item, IReadOnlyList<string> Others)> Foreign(MappingNode section, StructSchema schema, IReadOnlyList<FieldSchema> own)
    {
        foreach (var item in section.Items)
        {
            var key = ConfigNode.KeyText(item.Key!);
            if (own.Any(f => f.Name == key)) continue;
            var others = schema.Kinds.Where(k => k.Schema.Fields.Any(f => f.Name == key)).Select(k => k.Name).ToList();
            if (!item.IsNull || others.Count == 0) yield return (item, others);
        }
    }

    private static void Settle(MappingNode mapping, (Func<ConfigNode, ConfigNode> Resolve, bool Lenient, IReadOnlySet<string> Groups, IReadOnlySet<string> Files) how, List<Diagnostic> faults)
    {
        if (mapping.Schema is not { } schema || mapping.State != ContainerState.Value) return;
        if (schema.Kinds.Count > 0 && KindOf(mapping, schema, how.Resolve) is { } kind)
        {
            var (own, other) = (mapping[KindSchema.Key]!.Origin.Source, how.Groups.Contains(mapping.Path));
            other |= own.ConfigPath is { } path && how.Files.Contains(path);
            var theirs = Foreign(mapping, schema, kind.Schema.Fields).Where(f => f.Others.Count > 0 && (how.Lenient || (other && f.Item.Origin.Source is { Kind: OriginKind.File } file && file != own))).Select(f => f.Item.Key!).ToList();
            theirs.ForEach(key => mapping.Remove(key));
            faults.AddRange(Unknown(mapping, schema, kind.Name));
            Become(mapping, kind.Schema);
        }

        foreach (var item in mapping.Items.OfType<MappingNode>()) Settle(item, how, faults);
    }

    private static KindSchema? KindOf(MappingNode mapping, StructSchema schema, Func<ConfigNode, ConfigNode> resolve)
    {
        if (mapping[KindSchema.Key] is not { IsMissing: false, IsNull: false } given) return null;
        try
        {
            return resolve(given) is ScalarNode { Value: EnumMember member } ? schema.Kinds.FirstOrDefault(k => k.Name == member.Name) : null;
        }
        catch (NodeException)
        {
            // Where the reference leads is asked again, and told, when the whole tree is resolved.
            return null;
        }
    }

    private static void Become(MappingNode mapping, StructSchema schema)
    {
        var given = mapping.Items.ToDictionary(i => ConfigNode.KeyText(i.Key!), StringComparer.Ordinal);
        var defaults = new Origin(new OriginSource(OriginKind.Schema, schema.Name));
        mapping.SetItems();
        foreach (var field in schema.Fields)
        {
            var item = given.GetValueOrDefault(field.Name);
            var keep = item is not null && (!item.IsNull || (field.Hint.Optional && item.Origin.Source.Kind != OriginKind.Schema));
            // What must be given is asked for where the kind is chosen.
            var origin = field.Default is FieldSchema.Mandatory ? given[KindSchema.Key].Origin : defaults;
            var value = SchemaNodes.Wrap(field.Hint, field.Default, origin, field.Name);
            if (keep) item!.History = item.History?.Beginning(value);
            mapping.Set(field.Name, keep ? item! : value);
        }

        mapping.Schema = schema;
    }
}
