namespace Regatta.Images.Packages;

/// <summary>What became of one package between two locks.</summary>
/// <param name="Name">Debian package name.</param>
/// <param name="Before">Version before; null when it is new.</param>
/// <param name="After">Version now; null when it is gone.</param>
public sealed record LockChange(string Name, string? Before, string? After)
{
    /// <summary>The changes between two locks, by name; none when there is no lock before.</summary>
    public static IReadOnlyList<LockChange> Between(PackageLock? before, PackageLock after)
    {
        ArgumentNullException.ThrowIfNull(after);
        if (before is null) return [];
        var (old, now) = (Versions(before), Versions(after));
        return
        [
            .. old.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
                .Select(n => new LockChange(n, old.GetValueOrDefault(n), now.GetValueOrDefault(n)))
                .Where(c => c.Before != c.After),
        ];
    }

    /// <summary>The change in one line.</summary>
    public override string ToString() => (Before, After) switch
    {
        (null, _) => $"+ {Name} {After}",
        (_, null) => $"- {Name} {Before}",
        _ => $"{Name} {Before} -> {After}",
    };

    private static Dictionary<string, string> Versions(PackageLock value) =>
        value.Files.DistinctBy(p => p.Name).ToDictionary(p => p.Name, p => p.Version, StringComparer.Ordinal);
}
