namespace Regatta.Host.Checks;

/// <summary>What a check found.</summary>
public enum HostCheckState
{
    /// <summary>It is as it must be.</summary>
    Good,

    /// <summary>It works without, but slower or with less.</summary>
    Lacking,

    /// <summary>Something that Regatta does cannot be done.</summary>
    Missing,
}

/// <summary>One thing about the host.</summary>
/// <param name="Name">Its name, a stable word: <c>nix</c>, <c>inotify</c>, <c>kvm</c>.</param>
/// <param name="Purpose">What it is for.</param>
/// <param name="State">What was found.</param>
/// <param name="Found">What was found, in words.</param>
public sealed record HostCheck(string Name, string Purpose, HostCheckState State, string Found)
{
    /// <summary>The command that mends it; null when it is good, or when no command can.</summary>
    public string? Mend { get; init; }

    /// <summary>True when <c>--fix</c> runs that command.</summary>
    public bool Fixable { get; init; }

    /// <summary>Debian packages that mend it.</summary>
    public ImmutableArray<string> Packages { get; init; } = [];

    /// <summary>Kernel setting that mends it, <c>name=value</c>.</summary>
    public string? Setting { get; init; }
}
