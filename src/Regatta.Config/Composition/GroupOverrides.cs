namespace Regatta.Config;

/// <summary>Sorts overrides: those that choose, add or delete an option of a group, and those that set values.</summary>
internal sealed class GroupOverrides
{
    private readonly ConfigRepository _repository;
    private readonly Choices _choices;

    private GroupOverrides(ConfigRepository repository, Choices choices)
    {
        _repository = repository;
        _choices = choices;
    }

    /// <summary>Puts each override where it belongs in <paramref name="choices"/>; sweeps are left out.</summary>
    public static void Sort(IReadOnlyList<Override> overrides, ConfigRepository repository, Choices choices) =>
        new GroupOverrides(repository, choices).Sort(overrides);

    private void Sort(IReadOnlyList<Override> overrides)
    {
        foreach (var entry in overrides)
        {
            if (entry.Sweep is not null) continue;
            var isGroup = _repository.HasGroup(entry.Key);
            var value = entry.PlainValue;
            if (entry.Kind == OverrideKind.Delete && (isGroup || _repository.HasConfig(entry.Key)))
            {
                if (isGroup && value is not (null or string))
                    throw Fault("group-value-type", $"override '{entry.Text}': the option to delete from '{entry.Key}' must be text, not {Conversion.Describe(value)}", entry, $"write ~{entry.GroupKey}");
                if (!isGroup && value is not null)
                    throw Fault("group-value-type", $"override '{entry.Text}': '{entry.Key}' is a configuration, not a group; it is deleted without a value", entry, $"write ~{entry.GroupKey}");
                _choices.Deletions[entry.GroupKey] = new Choices.Deletion(isGroup ? (string?)value : null, entry.KeyOrigin);
            }
            else if (value is PlainMap || !isGroup)
            {
                _choices.Values.Add(entry);
            }
            else
            {
                SortGroup(entry, value);
            }
        }
    }

    private void SortGroup(Override entry, object? value)
    {
        if (entry.Kind == OverrideKind.ForceAdd)
        {
            throw Fault("force-add-group", $"override '{entry.Text}': ++ is for values; '{entry.Key}' is a group", entry,
                $"write {entry.GroupKey}=... to choose an option, or +{entry.GroupKey}=... to add the group");
        }

        var option = value switch
        {
            string text => (object)text,
            IReadOnlyList<object?> items => items.Select(i => i as string ?? throw ValueType(entry, i)).ToList(),
            _ => throw ValueType(entry, value),
        };
        if (entry.Kind == OverrideKind.Add)
        {
            _choices.Appended.Add(new DefaultItem
            {
                Group = entry.Key,
                Package = entry.Package == "_here_" ? "" : entry.Package,
                Value = option,
                External = true,
                Origin = entry.KeyOrigin,
            });
        }
        else
        {
            _choices.Overrides[entry.GroupKey] = new Choices.Choice(option, external: true, entry.Origin);
        }
    }

    private DiagnosticException ValueType(Override entry, object? value)
    {
        var given = value is null ? "null" : Conversion.Describe(value);
        var help = value is null ? $"to leave the group out, write ~{entry.GroupKey}"
            : _repository.Options(entry.Key).Contains(PythonText.Str(value)) ? $"quote the name: {entry.GroupKey}=\"'{PythonText.Str(value)}'\""
            : Suggestion.Help(PythonText.Str(value), _repository.Options(entry.Key).ToList());
        return Fault("group-value-type", $"override '{entry.Text}': an option of '{entry.Key}' is chosen by its name, which is text, not {given}", entry, help);
    }

    private static DiagnosticException Fault(string code, string summary, Override entry, string? help) =>
        ConfigFault.Error(code, summary, entry.Kind == OverrideKind.Delete && !entry.HasValue ? entry.KeyOrigin : entry.Origin, help);
}
