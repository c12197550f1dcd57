namespace Regatta.Schedulers.Slurm;

/// <summary>
/// Changes of a comma list of slurm.conf, such as SchedulerParameters: <c>bf_interval=5</c> sets one option and leaves the profile's others,
/// <c>-bf_window</c> takes one of the profile's out, <c>-*</c> takes all of them out.
/// </summary>
internal static class SlurmList
{
    private const string All = "-*";

    /// <summary>What is wrong with changes of a list.</summary>
    /// <param name="setting">The list.</param>
    /// <param name="profile">What the profile sets it to; null when it does not.</param>
    /// <param name="changes">The changes, divided by commas.</param>
    /// <param name="version">Slurm's version; null where only the nodes know.</param>
    public static IEnumerable<Diagnostic> Check(SlurmSetting setting, string? profile, string changes, string? version)
    {
        var set = profile is null ? [] : Names(profile);
        foreach (var change in changes.Split(',', StringSplitOptions.TrimEntries))
        {
            if (change == All) continue;
            var name = Name(change.TrimStart('-'));
            var known = setting.Options.FirstOrDefault(o => string.Equals(o.Name, name, StringComparison.OrdinalIgnoreCase));
            if (name.Length == 0)
            {
                yield return Diagnostic.Error("slurm-option-empty", $"{setting.Name} has an empty option in '{changes}'") with { Help = "write options divided by commas, such as bf_interval=5,bf_continue" };
            }
            else if (known is null && !setting.Options.IsEmpty)
            {
                yield return Diagnostic.Error("slurm-option-unknown", $"slurm.conf's {setting.Name} has no option '{name}', and Slurm would ignore it") with
                {
                    Help = Suggestion.Nearest(name, setting.Options.Select(o => o.Name)) is { } near ? $"did you mean '{near}'?" : "man slurm.conf lists the options",
                };
            }
            else if (change.StartsWith('-'))
            {
                // Points of other profiles may have it.
                if (!set.Contains(name, StringComparer.OrdinalIgnoreCase))
                    yield return Diagnostic.Warning("slurm-option-absent", $"the profile's {setting.Name} has no option '{name}' to take out");
            }
            else if (known is not null && (change.EndsWith('=') || (known.TakesValue && name == change)))
            {
                yield return Diagnostic.Error("slurm-option-value", $"{setting.Name}'s option '{known.Name}' has no value") with
                {
                    Help = (known.TakesValue ? $"write {known.Name}=VALUE" : $"write {known.Name} alone") + (set.Contains(known.Name, StringComparer.OrdinalIgnoreCase) ? $", or -{known.Name} to take the profile's out" : ""),
                };
            }
            else if (known is not null && known.Versions != setting.Versions && SlurmVersions.Lacks(version, known.Versions))
            {
                yield return SlurmVersions.Fault($"{setting.Name}'s option '{known.Name}'", known.Versions, version);
            }
        }
    }

    /// <summary>The list with the changes made: an option keeps its place, new ones come last.</summary>
    /// <returns>The options, divided by commas; empty when none is left.</returns>
    public static string Merge(string? profile, string changes)
    {
        var options = profile is null or "" ? [] : profile.Split(',').ToList();
        foreach (var change in changes.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (change == All)
            {
                options.Clear();
                continue;
            }

            var at = options.FindIndex(o => string.Equals(Name(o), Name(change.TrimStart('-')), StringComparison.OrdinalIgnoreCase));
            if (at < 0 && !change.StartsWith('-')) options.Add(change);
            else if (at >= 0 && change.StartsWith('-')) options.RemoveAt(at);
            else if (at >= 0) options[at] = change;
        }

        return string.Join(',', options);
    }

    private static ImmutableArray<string> Names(string list) => [.. list.Split(',').Select(Name)];

    private static string Name(string option) => option.Split('=')[0];
}
