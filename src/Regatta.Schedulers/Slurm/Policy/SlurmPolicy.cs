using Regatta.Schedulers.Slurm.Sites;
using Regatta.Workloads;

namespace Regatta.Schedulers.Slurm.Policy;

/// <summary>A partition.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Nodes">Its nodes; null when what was said of them cannot be read.</param>
/// <param name="Settings">Its settings, by the names of slurm.conf.</param>
public sealed record SlurmPartition(string Name, NodeNumbers? Nodes, ImmutableSortedDictionary<string, string> Settings)
{
    private static readonly ImmutableArray<string> Unlimited = ["UNLIMITED", "INFINITE", "NONE", "-1"];

    /// <summary>Whether its settings make it the default.</summary>
    public bool IsDefault => Is("Default");

    /// <summary>Whether a setting says yes.</summary>
    public bool Is(string key) => Setting(key) is { } text && SlurmSettings.Truth(text) == "Yes";

    /// <summary>A setting, however its name is spelt; null where it is not set.</summary>
    public string? Setting(string key) => Settings.FirstOrDefault(s => s.Key.Equals(key, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>A setting that is a time; null where it is not set, or without a limit.</summary>
    /// <exception cref="DiagnosticException">It is no time.</exception>
    public TimeSpan? Time(string key)
    {
        if (Setting(key) is not { } text || Unlimited.Contains(text, StringComparer.OrdinalIgnoreCase)) return null;
        if (SlurmTime.Of(text) is { } time) return time;
        throw Value(key, text, "a time is minutes, hours:minutes:seconds, or days-hours, such as 7-0");
    }

    /// <summary>A setting that is a number, at least 0; null where it is not set, or without a limit.</summary>
    /// <exception cref="DiagnosticException">It is no number.</exception>
    public int? Number(string key) =>
        Setting(key) is not { } text || Unlimited.Contains(text, StringComparer.OrdinalIgnoreCase) ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Value(key, text, "a number, or UNLIMITED");

    private DiagnosticException Value(string key, string text, string help) =>
        new(Diagnostic.Error("slurm-setting-value", $"{key} of the partition '{Name}' cannot be '{text}'") with { Help = help });
}

/// <summary>A reservation.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Start">When it begins, from the start of the trial on.</param>
/// <param name="Duration">How long it lasts.</param>
/// <param name="Nodes">Its nodes; null when what was said of them cannot be read.</param>
/// <param name="Users">Users who may use it.</param>
/// <param name="Accounts">Accounts that may use it.</param>
/// <param name="Flags">Its flags.</param>
public sealed record SlurmReservation(string Name, TimeSpan Start, TimeSpan Duration, NodeNumbers? Nodes, ImmutableArray<string> Users, ImmutableArray<string> Accounts, ImmutableArray<string> Flags)
{
    /// <summary>How long Slurm makes it: whole minutes, at least one.</summary>
    public long Minutes => Math.Max(1, (long)Math.Ceiling(Duration.TotalMinutes));
}

/// <summary>What Slurm decides by beside slurm.conf's settings: accounts, qualities of service, partitions and reservations.</summary>
public sealed record SlurmPolicy
{
    /// <summary>The account above all.</summary>
    public const string Root = "root";

    /// <summary>The quality of service that is always there.</summary>
    public const string Normal = "normal";

    /// <summary>Number of the first user; the others follow in the order of their names.</summary>
    public const int FirstUserId = 20000;

    /// <summary>The most users: those behind would have numbers that systemd gives out.</summary>
    public const int MostUsers = 40000;

    /// <summary>One partition over all nodes, and no database.</summary>
    public static SlurmPolicy None { get; } = new();

    /// <summary>Whether there is an accounting database.</summary>
    public bool Accounting { get; init; }

    /// <summary>Accounts and users; empty where all jobs are those of one user.</summary>
    public ImmutableArray<SiteAssociation> Associations { get; init; } = [];

    /// <summary>Qualities of service.</summary>
    public ImmutableArray<SiteQos> Qos { get; init; } = [];

    /// <summary>Partitions; empty for one that has all nodes.</summary>
    public ImmutableArray<SlurmPartition> Partitions { get; init; } = [];

    /// <summary>Whether the partitions are those of a site: what the cluster cannot carry of them is then left out, and told.</summary>
    public bool OfSite { get; init; }

    /// <summary>Reservations.</summary>
    public ImmutableArray<SlurmReservation> Reservations { get; init; } = [];

    /// <summary>Settings of the site that need a database, by the names of slurm.conf; the user's own come after them.</summary>
    public ImmutableSortedDictionary<string, string> Settings { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The users, each once, in the order of their names; root is none of them.</summary>
    public ImmutableArray<string> Users => [.. Associations.Select(a => a.User).OfType<string>().Where(u => u != Root).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Whether there are users of its own.</summary>
    public bool HasUsers => Accounting && !Users.IsEmpty;

    /// <summary>The names of the qualities of service.</summary>
    public ImmutableArray<string> QosNames => [.. Qos.Select(q => q.Name).Append(Normal).Distinct(StringComparer.Ordinal)];
}
