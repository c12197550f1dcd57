namespace Regatta.Config;

/// <summary>What is wrong with a defaults list: configurations that do not exist, circles, choices that reach nothing.</summary>
internal sealed class DefaultsFaults(ConfigRepository repository, Choices choices)
{
    public void CheckUsed()
    {
        foreach (var (key, choice) in choices.Overrides)
        {
            if (choice.Used) continue;
            throw Unused(key, choice);
        }

        foreach (var (key, deletion) in choices.Deletions)
        {
            if (deletion.Used) continue;
            var known = choices.KnownNames.TryGetValue(key, out var name);
            var wanted = deletion.Name is null ? key : $"{key}={deletion.Name}";
            throw ConfigFault.Error("delete-group-not-in-defaults", $"'{wanted}' cannot be deleted: {(known ? $"the option of '{key}' is '{name!.Name}'" : "it is not in the defaults list")}", deletion.Origin,
                known ? $"write ~{key}" : SimilarKeys(key));
        }
    }

    private DiagnosticException Unused(string key, Choices.Choice choice)
    {
        var group = key.Split('@')[0];
        var option = choice.Value is IReadOnlyList<string> several ? $"[{string.Join(',', several)}]" : choice.Value?.ToString() ?? "null";
        var candidates = choices.KnownByGroup.GetValueOrDefault(group);
        if (choice.External)
        {
            var help = candidates is null ? $"to add it, write +{key}={option}" : $"did you mean {string.Join(" or ", candidates.Select(c => $"{c}={option}"))}?";
            var detail = candidates?.Where(c => choices.KnownNames.ContainsKey(c)).Select(c => $"'{c}' is chosen at {choices.KnownNames[c].Origin}").ToList();
            return ConfigFault.Error("override-group-not-in-defaults", $"'{key}' is not in the defaults list and cannot be changed", choice.Origin, help, detail is null ? null : string.Join('\n', detail));
        }

        var cure = candidates is null ? $"nothing before it chooses '{group}': add it to a defaults list, or leave out 'override'"
            : candidates.Contains(key) ? $"'{choice.Container}' comes too early: move it behind what chooses '{key}' ({choices.KnownNames[key].Origin})"
            : $"did you mean {string.Join(" or ", candidates)}? A configuration that is not at the root adds its own package: give '{choice.Container}' a '# @package _global_' header, or write the package after @";
        return ConfigFault.Error("override-group-not-in-defaults", $"'{choice.Container}': 'override {choice.RelativeKey}: {option}' finds no '{key}' to override", choice.Origin, cure);
    }

    private string? SimilarKeys(string key)
    {
        var group = key.Split('@')[0];
        if (choices.KnownByGroup.TryGetValue(group, out var same)) return $"did you mean {string.Join(" or ", same.Select(k => "~" + k))}?";
        return Suggestion.Nearest(key, choices.InOrder.Select(k => k.Key)) is { } near ? $"did you mean ~{near}?" : null;
    }

    public DiagnosticException NotFound(DefaultsNode node)
    {
        var item = node.Item;
        var parent = node.Parent?.Item;
        var where = item.ChosenAt ?? item.Origin;
        if (item.Primary)
        {
            var available = repository.Options("");
            var summary = $"the primary configuration '{item.ConfigPath}' does not exist";
            var help = item.ConfigPath.EndsWith(".yml", StringComparison.Ordinal) ? "configurations end in .yaml" : Suggestion.Help(item.ConfigPath, available.ToList());
            return ConfigFault.Error("primary-config-not-found", summary, null, help, repository.Describe());
        }

        var container = parent is { IsRoot: false } ? $"'{parent.ConfigPath}': " : "";
        if (!item.IsGroup)
        {
            var slash = item.ConfigPath.LastIndexOf('/');
            var siblings = repository.Options(slash < 0 ? "" : item.ConfigPath[..slash]).ToList();
            return ConfigFault.Error("config-not-found", $"{container}the configuration '{item.ConfigPath}' does not exist", where,
                siblings.Count == 0 ? null : Suggestion.Help(item.ConfigPath[(slash + 1)..], siblings), repository.Describe());
        }

        var group = item.GroupPath;
        var options = repository.Options(group);
        if (!repository.HasGroup(group))
        {
            var nearest = repository.NearestGroup(group);
            return ConfigFault.Error("group-option-not-found", $"{container}'{item.ConfigPath}' does not exist: there is no group '{group}'", where,
                nearest is null ? "create the directory, or correct the name of the group" : $"did you mean the group '{nearest}'?", repository.Describe());
        }

        var near = item.Name is { Length: > 0 } name ? Suggestion.Nearest(name, options) : null;
        var others = $"the options of '{group}' are: {string.Join(", ", options)}";
        if (group.StartsWith("hydra/", StringComparison.Ordinal)) others += "; other launchers and sweepers of Hydra are plugins that do not exist here";
        return ConfigFault.Error("group-option-not-found", $"{container}'{item.ConfigPath}' does not exist", where,
            near is null ? others : $"did you mean '{near}'? {others}", item.ChosenAt is null || group.StartsWith("hydra/", StringComparison.Ordinal) ? repository.Describe() : $"'{group}' stands in the defaults list at {item.Origin}\n{repository.Describe()}");
    }

    public static DiagnosticException Cycle(DefaultsNode node)
    {
        var chain = new List<string>();
        for (DefaultsNode? up = node; up is not null && chain.Count < 6; up = up.Parent) chain.Add(up.Item.ConfigPath);
        chain.Reverse();
        return ConfigFault.Error("cycle", $"the defaults lists lead round in a circle: ... {string.Join(" -> ", chain)} ...", node.Item.Origin, "leave one of them out of the defaults list");
    }
}
