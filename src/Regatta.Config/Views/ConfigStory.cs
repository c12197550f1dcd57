namespace Regatta.Config;

/// <summary>One place that set a value.</summary>
/// <param name="Origin">Where it is written.</param>
/// <param name="Value">What it set, in short.</param>
/// <param name="Reason">Why it came at this point of the composition.</param>
public sealed record StoryStep(Origin Origin, string Value, string Reason);

/// <summary>The whole story of one value: every place that set it, in order; the last one won.</summary>
/// <param name="Path">The value's path.</param>
/// <param name="Steps">The places, first to last.</param>
/// <param name="Resolved">The value with references followed; null when it is a plain value or cannot be resolved.</param>
public sealed record ConfigStory(string Path, IReadOnlyList<StoryStep> Steps, string? Resolved)
{
    /// <summary>Tells the story of a value.</summary>
    /// <param name="composition">The composition.</param>
    /// <param name="path">The value's path.</param>
    /// <exception cref="DiagnosticException">There is no such value; code <c>config-no-such-key</c>.</exception>
    public static ConfigStory Of(Composition composition, string path)
    {
        var node = composition.Find(path) ?? throw NotFound(composition.Root, path);
        var steps = new List<StoryStep> { new(node.Origin, node.Summary(), Reason(composition, node.Origin)) };
        for (var past = node.History; past is not null; past = past.Earlier)
        {
            // A mapping that was built up by several files is one value; only what replaced it counts.
            if (past.Origin != steps[^1].Origin) steps.Add(new StoryStep(past.Origin, past.Value, Reason(composition, past.Origin)));
        }

        steps.Reverse();
        return new ConfigStory(node.Path, steps, Resolve(composition, node, path));
    }

    private static string? Resolve(Composition composition, ConfigNode node, string path)
    {
        if (!node.IsInterpolation) return null;
        try
        {
            return composition.Resolve(path)?.Summary();
        }
        catch (DiagnosticException e)
        {
            return e.Diagnostics[0].Summary;
        }
    }

    /// <summary>Why a place comes when it comes.</summary>
    private static string Reason(Composition composition, Origin origin)
    {
        switch (origin.Source.Kind)
        {
            case OriginKind.Schema: return "the schema's defaults come first";
            case OriginKind.Engine: return "computed";
            case OriginKind.Override:
                var order = composition.Overrides.Select(o => o.Source).ToList().IndexOf(origin.Source);
                return order < 0 ? "an override" : $"override {Ordinal(order + 1)} of {composition.Overrides.Count}; overrides come after all files";
        }

        var entries = composition.Defaults;
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            if (entry.Config != origin.Source.ConfigPath) continue;
            var chosen = entry.ChosenAt is { } by ? $", chosen by {by}" : entry.Parent is null or "<root>" ? "" : $", named by {entry.Parent}";
            return $"merged {Ordinal(i + 1)} of {entries.Count}{(entry.Package.Length == 0 ? "" : $" into '{entry.Package}'")}{chosen}";
        }

        return "a file";
    }

    internal static string Ordinal(int number) => number.ToString(CultureInfo.InvariantCulture) + (number % 100 is >= 11 and <= 13 ? "th" : (number % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" });

    internal static DiagnosticException NotFound(MappingNode root, string path)
    {
        ContainerNode? node = root;
        var segments = KeyPath.Split(path);
        string? help = null;
        for (var i = 0; i < segments.Count && node is not null; i++)
        {
            if (node.Child(segments[i]) is { } child)
            {
                node = child as ContainerNode;
                continue;
            }

            if (node is MappingNode mapping)
            {
                var prefix = string.Join('.', segments.Take(i));
                help = Suggestion.Nearest(segments[i], mapping.Keys) is { } near
                    ? $"did you mean '{(prefix.Length == 0 ? near : $"{prefix}.{near}")}'?"
                    : $"the keys {(prefix.Length == 0 ? "at the top" : $"of '{prefix}'")} are {string.Join(", ", mapping.Keys)}";
            }

            break;
        }

        return ConfigFault.Error("no-such-key", $"there is no key '{path}'", help: help);
    }
}
