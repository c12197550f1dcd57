namespace Regatta.Config;

/// <summary>
/// Builds the final defaults list. The children of every list are visited from last to first, so that an override in a later
/// sibling reaches an earlier one; then the tree is read from first to last.
/// </summary>
internal sealed class DefaultsListBuilder
{
    private const int DepthLimit = 100;
    private const int NodeLimit = 50_000;
    private readonly ConfigRepository _repository;
    private readonly Evaluation _evaluation;
    private readonly bool _skipMissing;
    private readonly Choices _choices = new();
    private readonly DefaultsFaults _faults;
    private int _visited;

    private DefaultsListBuilder(ConfigRepository repository, Evaluation evaluation, bool skipMissing)
    {
        _repository = repository;
        _evaluation = evaluation;
        _skipMissing = skipMissing;
        _faults = new DefaultsFaults(repository, _choices);
    }

    public static (IReadOnlyList<DefaultEntry> Entries, DefaultsNode Tree, Choices Choices) Build(
        ConfigRepository repository, string? primary, IReadOnlyList<Override> overrides, Evaluation evaluation, bool withHydra, bool skipMissing)
    {
        var builder = new DefaultsListBuilder(repository, evaluation, skipMissing);
        GroupOverrides.Sort(overrides, repository, builder._choices);
        var root = new DefaultsNode(new DefaultItem { IsRoot = true }, null) { Children = [] };
        builder.AddTop(root, new DefaultItem { Path = primary ?? ConfigRepository.NoPrimary, Primary = true });
        if (withHydra) builder.AddTop(root, new DefaultItem { Path = "hydra/config" });
        root.Children!.Reverse();
        var entries = DefaultsEntries.Of(root);
        builder._faults.CheckUsed();
        return (entries, root, builder._choices);
    }

    private void AddTop(DefaultsNode root, DefaultItem item)
    {
        var node = new DefaultsNode(item, root);
        item.SetParent("", "");
        Visit(node, interpolated: false);
        root.Children!.Add(node);
    }

    private void Visit(DefaultsNode node, bool interpolated)
    {
        var item = node.Item;
        if (node.Depth > DepthLimit) throw DefaultsFaults.Cycle(node);
        if (++_visited > NodeLimit) throw ConfigFault.Error("cycle", $"the defaults lists name more than {NodeLimit} configurations", item.Origin, "a configuration may include itself by a detour");
        if (item.Primary && !_repository.HasConfig(item.ConfigPath)) throw _faults.NotFound(node);
        if (!item.IsMissing && item.Name is not null && _repository.Load(item.ConfigPath) is { } withHeader) item.SetHeader(withHeader.Package);
        if (IsDeleted(item)) return;
        SetKnown(item);
        if (item.Name is null) return;
        if (IsOpenChoice(item)) return;
        var loaded = _repository.Load(item.ConfigPath);
        if (loaded is null)
        {
            if (!item.Optional) throw _faults.NotFound(node);
            item.Deleted = true;
            return;
        }

        var list = Prepare(loaded, item);
        if (list.Count == 0) return;
        UpdateOverrides(list, item, interpolated);
        node.Children = [];
        foreach (var child in Enumerable.Reverse(list)) AddChild(node, child, interpolated);
        ResolveDeferred(node, list);
        node.Children.Reverse();
        if (node.Children.Count == 0) node.Children = null;
    }

    private List<DefaultItem> Prepare(LoadedConfig loaded, DefaultItem item)
    {
        var list = new List<DefaultItem>(loaded.Defaults.Count + 2);
        foreach (var entry in loaded.Defaults) list.Add(entry.Copy());
        if (list.Count > 0 || (item.Primary && _choices.Appended.Count > 0))
        {
            var self = list.FindAll(i => i.IsSelf);
            if (self.Count > 1)
            {
                throw ConfigFault.Error("duplicate-self", $"'{item.ConfigPath}' has _self_ twice in its defaults list", self[1].Origin,
                    $"leave one of them: the first stands at {self[0].Origin}");
            }

            if (list.Count == 0 || (self.Count == 0 && list.Exists(i => !i.Override))) list.Add(new DefaultItem { Path = "_self_", Origin = new Origin(loaded.Source) });
        }

        if (item.Primary) list.AddRange(_choices.Appended.Select(a => a.Copy()));
        return list;
    }

    private void AddChild(DefaultsNode node, DefaultItem child, bool interpolated)
    {
        var parent = node.Item;
        if (child.IsSelf)
        {
            child.SetParent(parent.ParentBase ?? "", parent.PackageOrHeader ?? "");
            node.Children!.Add(new DefaultsNode(child, node));
            return;
        }

        if (child.Override) return;
        child.SetParent(parent.GroupPath, parent.FinalPackage());
        if (child.IsGroup && _choices.Overrides.TryGetValue(child.OverrideKey, out var choice))
        {
            child.Value = choice.Value;
            child.ChosenAt = choice.Origin;
            choice.Used = true;
        }

        if (child.IsOptions)
        {
            foreach (var option in child.Options.Reverse())
            {
                if (option.Contains("${", StringComparison.Ordinal))
                {
                    throw ConfigFault.Error("defaults-interpolation-in-list", $"'{parent.ConfigPath}': the option '{option}' of '{child.Group}' is a reference, which a list of options cannot hold", child.ChosenAt ?? child.Origin,
                        "choose a single option by reference, or name the options");
                }

                var single = new DefaultItem { Path = $"{child.Group}/{option}", Package = child.Package, Optional = child.Optional, Origin = child.Origin, ChosenAt = child.ChosenAt };
                single.SetParent(parent.GroupPath, parent.FinalPackage());
                AddVisited(node, single, interpolated);
            }
        }
        else if (child.IsInterpolation)
        {
            node.Children!.Add(new DefaultsNode(child, node));
        }
        else
        {
            AddVisited(node, child, interpolated);
        }
    }

    private void AddVisited(DefaultsNode parent, DefaultItem item, bool interpolated)
    {
        var node = new DefaultsNode(item, parent);
        Visit(node, interpolated);
        parent.Children!.Add(node);
    }

    private void ResolveDeferred(DefaultsNode node, List<DefaultItem> list)
    {
        for (var i = 0; i < node.Children!.Count; i++)
        {
            var child = node.Children[i];
            var item = child.Item;
            if (item.IsSelf || !item.IsInterpolation) continue;
            var text = item.IsGroup ? (string)item.Value! : item.ConfigPath;
            if (text.StartsWith("${defaults.", StringComparison.Ordinal) && text.Length > 12 && char.IsAsciiDigit(text[11]) && text[12] == '.')
            {
                throw ConfigFault.Error("defaults-interpolation-legacy", $"'{item.OverrideKey}={text}' refers to an item of the list by its number", item.Origin,
                    "refer to the choice by its group: ${group}");
            }

            var resolved = Resolve(text, item);
            if (item.IsGroup) item.Value = resolved;
            else item.Path = resolved;
            item.SetParent(node.Item.GroupPath, node.Item.FinalPackage());
            Visit(child, interpolated: true);
        }
    }

    private string Resolve(string text, DefaultItem item)
    {
        var known = new MappingNode();
        foreach (var (key, value) in _choices.InOrder) known.Set(key, new ScalarNode(value));
        var node = new ScalarNode(text) { Origin = item.Origin, Parent = known };
        try
        {
            var value = _evaluation.For(known).Dereference(node);
            if (value is ScalarNode scalar) value = scalar.Value;
            return value as string ?? throw new NodeException("", $"it gives {Conversion.Describe(value)}, not the name of an option");
        }
        catch (NodeException e)
        {
            throw ConfigFault.Error("defaults-interpolation", $"'{text}' in the defaults list cannot be resolved: {e.Message}", item.ChosenAt ?? item.Origin,
                _choices.InOrder.Count == 0 ? "no group was chosen before it" : $"the choices known here are {string.Join(", ", _choices.InOrder.Select(k => k.Key).Where(k => !k.StartsWith("hydra/", StringComparison.Ordinal)))}", cause: e);
        }
    }

    private void UpdateOverrides(List<DefaultItem> list, DefaultItem parent, bool interpolated)
    {
        DefaultItem? last = null;
        foreach (var item in list)
        {
            if (item.IsSelf) continue;
            item.SetParent(parent.GroupPath, parent.FinalPackage());
            if (last is not null && !item.Override && !item.External)
            {
                throw ConfigFault.Error("override-not-last", $"'{parent.ConfigPath}': 'override {last.Group}' stands before '{(item.IsGroup ? item.OverrideKey : item.Path)}' in the defaults list", last.Origin,
                    "move the overrides to the end of the list");
            }

            if (!item.Override) continue;
            last = item;
            if (interpolated)
            {
                throw ConfigFault.Error("override-in-interpolated-subtree", $"'{parent.ConfigPath}' was chosen by a reference and cannot override '{item.OverrideKey}'", item.Origin,
                    "references are resolved after all overrides; name the option instead of referring to it");
            }

            _choices.Overrides.TryAdd(item.OverrideKey, new Choices.Choice(item.Value, external: false, item.Origin) { Container = parent.ConfigPath, RelativeKey = item.RelativeKey });
        }
    }

    private bool IsDeleted(DefaultItem item)
    {
        var key = item.IsGroup ? item.OverrideKey : item.ConfigPath;
        if (!_choices.Deletions.TryGetValue(key, out var deletion)) return false;
        if (deletion.Name is not null && (!item.IsGroup || deletion.Name != item.Name)) return false;
        item.Deleted = true;
        deletion.Used = true;
        return true;
    }

    private void SetKnown(DefaultItem item)
    {
        if (!item.IsGroup) return;
        var key = item.OverrideKey;
        if (!_choices.KnownNames.TryGetValue(key, out var earlier))
        {
            _choices.KnownNames[key] = new Choices.Known(item.Name, item.Origin);
            _choices.InOrder.Add(new(key, item.Name));
        }
        else if (earlier.Name != item.Name)
        {
            throw ConfigFault.Error("group-selected-twice", $"'{key}' is chosen twice: '{item.Name ?? "null"}' at {item.Origin} and '{earlier.Name ?? "null"}' at {earlier.Origin}", earlier.Origin,
                $"leave one of them out, or write 'override {key}: {earlier.Name}' to replace the first choice");
        }

        if (!_choices.KnownByGroup.TryGetValue(item.GroupPath, out var keys)) _choices.KnownByGroup[item.GroupPath] = keys = new SortedSet<string>(StringComparer.Ordinal);
        keys.Add(key);
    }

    private bool IsOpenChoice(DefaultItem item)
    {
        if (!item.ConfigPath.EndsWith("???", StringComparison.Ordinal)) return false;
        if (_skipMissing) return true;
        if (!item.IsGroup)
            throw ConfigFault.Error("config-path-missing-marker", $"'{item.ConfigPath}' in a defaults list: only the option of a group can be ???", item.Origin, "write '- group: ???'");
        var options = _repository.Options(item.GroupPath);
        throw ConfigFault.Error("group-option-required", $"an option of '{item.OverrideKey}' must be chosen", item.Origin,
            $"write {item.OverrideKey}=OPTION, with one of: {string.Join(", ", options)}");
    }
}
