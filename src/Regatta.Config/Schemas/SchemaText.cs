using System.Text;

namespace Regatta.Config;

/// <summary>Writes declarations as a page for users.</summary>
public static class SchemaText
{
    /// <summary>A page with a table of keys for each section, in Markdown.</summary>
    /// <param name="root">The whole configuration.</param>
    /// <param name="optionsOf">The options of a group; empty when there is no such group.</param>
    public static string Markdown(StructSchema root, Func<string, IReadOnlyList<string>> optionsOf)
    {
        var page = new StringBuilder();
        page.Append("# Configuration\n\n");
        page.Append("This page is written by `regatta config docs` from the schemas that check every configuration.\n\n");
        page.Append("A key is given in a file under `conf/`, or on the command line as `key=value`, such as `cluster.workers=8`.\n");
        page.Append("Sizes are written as `2GiB`, `500MB` or a number of bytes; durations as `90s`, `1.5h`, `1h30m`, `250ms`, `36:00:00`, `1-12:00:00` or a number of seconds.\n");
        if (root.Description is not null) page.Append('\n').Append(root.Description).Append('\n');
        Section(page, "", root, optionsOf, 2, []);
        return page.ToString();
    }

    /// <summary>A field's default as a user would write it; null when it must be given or is a whole section.</summary>
    public static string? Default(FieldSchema field) => field.Default switch
    {
        null => "null",
        FieldSchema.Mandatory => null,
        string text => text.Length == 0 ? "''" : text,
        PlainMap { Items.Count: 0 } => "{}",
        IReadOnlyList<object?> { Count: 0 } => "[]",
        _ when field.Hint is StructHint || ReferenceEquals(field.Default, FieldSchema.NewInstance) => null,
        EnumMember member => member.Name,
        bool flag => flag ? "true" : "false",
        _ => OverrideText.Of(Shown(field.Default)),
    };

    private static object? Shown(object? value) => value switch
    {
        EnumMember member => member.Name,
        IReadOnlyList<object?> items => items.Select(Shown).ToList(),
        _ => value,
    };

    private static void Section(StringBuilder page, string path, StructSchema schema, Func<string, IReadOnlyList<string>> optionsOf, int level, HashSet<StructSchema> above)
    {
        if (!above.Add(schema)) return;
        if (path.Length > 0)
        {
            page.Append('\n').Append('#', Math.Min(level, 4)).Append(" `").Append(path).Append("`\n");
            if (schema.Description is not null) page.Append('\n').Append(schema.Description).Append('\n');
            var options = optionsOf(path.Replace('.', '/'));
            if (options.Count > 0)
                page.Append("\nOptions, chosen by `").Append(path.Replace('.', '/')).Append("=...`: ").Append(string.Join(", ", options.Select(o => $"`{o}`"))).Append(".\n");
        }

        if (schema.Kinds.Count == 0)
        {
            Table(page, path, schema.Fields);
        }
        else
        {
            var shared = schema.Kinds[0].Schema.Fields.Where(f => schema.Kinds.All(k => k.Schema.Fields.Any(other => other.Name == f.Name))).ToList();
            Table(page, path, shared);
            foreach (var kind in schema.Kinds)
            {
                page.Append('\n').Append('#', Math.Min(level + 1, 5)).Append(" `").Append(path).Append("` of kind `").Append(kind.Name).Append("`\n");
                if (kind.Schema.Description is not null) page.Append('\n').Append(kind.Schema.Description).Append('\n');
                var own = kind.Schema.Fields.Where(f => !shared.Exists(s => s.Name == f.Name)).ToList();
                if (own.Count > 0) Table(page, path, own);
            }
        }

        foreach (var field in schema.Fields)
        {
            var key = path.Length == 0 ? field.Name : $"{path}.{field.Name}";
            switch (field.Hint)
            {
                case StructHint type: Section(page, key, type.Schema, optionsOf, level + (path.Length == 0 ? 0 : 1), above); break;
                case ListHint { Item: StructHint item }: Section(page, key + "[]", item.Schema, optionsOf, level + 1, above); break;
                case DictHint { Value: StructHint item }: Section(page, key + ".NAME", item.Schema, optionsOf, level + 1, above); break;
            }
        }

        above.Remove(schema);
    }

    private static void Table(StringBuilder page, string path, IReadOnlyList<FieldSchema> fields)
    {
        page.Append("\n| Key | Type | Default | Meaning |\n|---|---|---|---|\n");
        foreach (var field in fields)
        {
            var key = path.Length == 0 ? field.Name : $"{path}.{field.Name}";
            var value = field.Hint is StructHint ? "" : Default(field) is { } text ? $"`{Cell(text)}`" : "must be given";
            var example = field.Example is null ? "" : $" Example: `{Cell(field.Example)}`.";
            var type = field.Hint is StructHint ? "section" : field.Hint is AnyHint ? "any" : field.Hint.ToString()!;
            page.Append("| `").Append(Cell(key)).Append("` | ").Append(Cell(type)).Append(" | ").Append(value).Append(" | ").Append(Cell(field.Description ?? "")).Append(Cell(example)).Append(" |\n");
        }
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
