using Regatta.Workloads;

namespace Regatta.Schedulers.Slurm;

/// <summary>The settings of slurm.conf under a profile, with what the user changes in them.</summary>
internal static class SlurmSettings
{
    private const string DebugFlags = "DebugFlags";

    /// <summary>What is wrong with the user's changes.</summary>
    /// <param name="options">The options; their profile is there.</param>
    /// <param name="profile">The settings of the profile, common ones included.</param>
    public static IEnumerable<Diagnostic> Check(SchedulerOptions options, IReadOnlyDictionary<string, string> profile)
    {
        foreach (var key in options.Without.Where(k => !profile.ContainsKey(k)))
        {
            // Points of other profiles may have it.
            yield return SlurmManual.Settings.TryGetValue(key, out var setting)
                ? Diagnostic.Warning("slurm-setting-absent", $"the profile {options.Profile} does not set slurm.conf's {setting.Name}, so null changes nothing")
                : Unknown(key);
        }

        foreach (var (key, value) in options.Settings)
        {
            if (!SlurmManual.Settings.TryGetValue(key, out var setting))
                yield return Unknown(key);
            else if (!SlurmKeys.Free.Contains(key))
                yield return Diagnostic.Error("slurm-setting-refused", $"slurm.conf's {setting.Name} {SlurmKeys.Refusal(key)}") with { Help = "docs/profiles.md says which settings can be set" };
            else if (value.Length == 0)
                yield return Value(setting, value, "write null instead of a value to leave it to Slurm's own default");
            else if (value.Any(char.IsControl) || value.Contains('#', StringComparison.Ordinal))
                yield return Value(setting, value, "a value is one line without '#'");
            else
                foreach (var fault in Check(setting, profile.GetValueOrDefault(key), value, options.Version)) yield return fault;
        }

        var merged = Merged(options, profile);
        foreach (var fault in SlurmTres.Check(options, merged)) yield return fault;
        var multifactor = options.Settings.Keys.Where(SlurmKeys.Multifactor.Contains).ToList();
        if (multifactor.Count > 0 && merged.GetValueOrDefault("PriorityType", "priority/basic") == "priority/basic")
        {
            yield return Diagnostic.Error("slurm-priority-basic", $"PriorityType=priority/basic ignores {string.Join(", ", multifactor)}") with
            {
                Help = "set PriorityType to priority/multifactor as well",
            };
        }
        else if (!options.Policy.Accounting && multifactor.Where(SlurmKeys.Accounted.Contains).ToList() is { Count: > 0 } accounted)
        {
            yield return Diagnostic.Warning("slurm-priority-unaccounted", $"without an accounting database, every job's factor is 0 for {string.Join(", ", accounted)}") with
            {
                Help = "scheduler.slurm.accounting=true makes a database, and scheduler.slurm.accounts the accounts and users",
            };
        }
    }

    /// <summary>The profile's settings with the user's changes, each as Slurm spells and prints it.</summary>
    public static ImmutableSortedDictionary<string, string> Merged(SchedulerOptions options, IReadOnlyDictionary<string, string> profile)
    {
        var settings = profile.ToImmutableSortedDictionary(StringComparer.Ordinal).ToBuilder();
        foreach (var key in options.Without) settings.Remove(SlurmManual.Settings.GetValueOrDefault(key)?.Name ?? key);
        foreach (var (key, value) in options.Settings)
        {
            if (!SlurmManual.Settings.TryGetValue(key, out var setting)) continue;
            var merged = setting.Kind switch
            {
                SlurmValue.List => SlurmList.Merge(settings.GetValueOrDefault(setting.Name), value),
                SlurmValue.Boolean => Truth(value),
                SlurmValue.Time => SlurmTime.Printed(value),
                _ => value,
            };
            if (merged is null or "") settings.Remove(setting.Name);
            else settings[setting.Name] = merged;
        }

        // Whatever flags the user wants, the log must tell of every start; of those after an upgrade as well, and in older versions the flag does no harm.
        if (SlurmDialect.Of(options.Upgrade ?? options.Version).StartsFlag is { } flag)
        {
            var flags = settings.GetValueOrDefault(DebugFlags, "").Split(',', StringSplitOptions.RemoveEmptyEntries);
            if (!flags.Contains(flag, StringComparer.OrdinalIgnoreCase)) settings[DebugFlags] = string.Join(',', flags.Prepend(flag));
        }

        return settings.ToImmutable();
    }

    /// <summary>What is wrong with a value of a setting, whatever the release and the profile.</summary>
    public static IEnumerable<Diagnostic> Faults(SlurmSetting setting, string value) => value.Length == 0 ? [Value(setting, value, "it is empty")] : Check(setting, null, value, null);

    /// <summary>What slurm.conf reads as yes or no, as Slurm prints it; null for what is neither.</summary>
    public static string? Truth(string value) => value.ToUpperInvariant() switch
    {
        "YES" or "TRUE" or "UP" or "1" => "Yes",
        "NO" or "FALSE" or "DOWN" or "0" => "No",
        _ => null,
    };

    private static IEnumerable<Diagnostic> Check(SlurmSetting setting, string? profile, string value, string? version)
    {
        if (SlurmVersions.Lacks(version, setting.Versions)) yield return SlurmVersions.Fault($"slurm.conf's {setting.Name}", setting.Versions, version);
        if (setting.Kind == SlurmValue.Boolean && Truth(value) is null)
            yield return Value(setting, value, "it is yes or no");
        if (setting.Kind == SlurmValue.Time && SlurmTime.Printed(value) is null)
            yield return Value(setting, value, "a time is minutes, hours:minutes:seconds, or days-hours, such as 7-0");
        if (setting.Kind == SlurmValue.Number && SlurmKeys.Multifactor.Contains(setting.Name) && !uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            yield return Value(setting, value, "it is a whole number, not negative");
        if (setting.Kind != SlurmValue.List) yield break;
        foreach (var fault in SlurmList.Check(setting, profile, value, version)) yield return fault;
    }

    private static Diagnostic Value(SlurmSetting setting, string value, string help) =>
        Diagnostic.Error("slurm-setting-value", $"slurm.conf's {setting.Name} cannot be '{value.ReplaceLineEndings("\\n")}'") with { Help = help };

    private static Diagnostic Unknown(string key) => Diagnostic.Error("slurm-setting-unknown", $"slurm.conf has no setting '{key}'") with
    {
        Help = Suggestion.Nearest(key, SlurmManual.Settings.Keys.Order(StringComparer.Ordinal)) is { } nearest
            ? $"did you mean '{nearest}'?"
            : "docs/profiles.md says what can be set; man slurm.conf says what each setting means",
    };
}
