namespace Regatta.Schedulers.Slurm.Sites;

/// <summary>The files that describe a site.</summary>
/// <param name="SlurmConf">slurm.conf; what it includes is read as well.</param>
/// <param name="GresConf">gres.conf, for types and numbers of devices that slurm.conf does not say; null for none.</param>
/// <param name="Topology">topology.conf; null for none.</param>
/// <param name="Associations">What <c>sacctmgr dump</c> wrote, or <c>sacctmgr -P show assoc</c>; null for none.</param>
/// <param name="Qos">What <c>sacctmgr -P show qos</c> printed; null where the dump has them, or nobody does.</param>
public sealed record SlurmSiteFiles(string SlurmConf, string? GresConf = null, string? Topology = null, string? Associations = null, string? Qos = null);

/// <summary>Nodes that are alike: of one shape, with the same features and devices, in the same partitions.</summary>
/// <param name="Name">A short name, unique in the site: <c>a</c>, <c>b</c>, …</param>
/// <param name="Count">How many there are at the site, at least 1.</param>
/// <param name="Processors">Processors of each.</param>
/// <param name="Memory">Memory of each in bytes; null when slurm.conf does not say.</param>
/// <param name="Features">Its features.</param>
/// <param name="Gres">Its devices, such as <c>gpu:a100:4</c>; null for none.</param>
/// <param name="Weight">Its weight; nodes of lower weight are taken first.</param>
public sealed record SiteNodeKind(string Name, int Count, int Processors, long? Memory, ImmutableArray<string> Features, string? Gres, int Weight);

/// <summary>A partition.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Nodes">The kinds of nodes in it.</param>
/// <param name="Settings">Its other settings, by Slurm's names.</param>
public sealed record SitePartition(string Name, ImmutableArray<string> Nodes, ImmutableSortedDictionary<string, string> Settings);

/// <summary>A quality of service.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Settings">Its settings, as <c>sacctmgr dump</c> names them.</param>
public sealed record SiteQos(string Name, ImmutableSortedDictionary<string, string> Settings);

/// <summary>An account, or a user's place in one.</summary>
/// <param name="Account">The account.</param>
/// <param name="Parent">The account above it; null for <c>root</c>, and for users.</param>
/// <param name="User">The user; null for the account itself.</param>
/// <param name="Settings">Share, limits and qualities of service, as <c>sacctmgr dump</c> names them.</param>
public sealed record SiteAssociation(string Account, string? Parent, string? User, ImmutableSortedDictionary<string, string> Settings)
{
    /// <summary>Where it stands; null when it was made here.</summary>
    public SourceRange? Where { get; init; }
}

/// <summary>What becomes of a setting.</summary>
public enum KeyFate
{
    /// <summary>It is a setting of the cluster that is to be made.</summary>
    Used,

    /// <summary>It describes nodes or partitions, which the site's section holds.</summary>
    Described,

    /// <summary>The cluster that is to be made decides it.</summary>
    Made,

    /// <summary>The site's section keeps it; the clusters lack what it needs.</summary>
    Kept,

    /// <summary>It is left out.</summary>
    LeftOut,
}

/// <summary>A setting of slurm.conf, and what becomes of it.</summary>
/// <param name="Name">The setting, as the manual spells it where it knows it.</param>
/// <param name="Value">Its value.</param>
/// <param name="Fate">What becomes of it.</param>
/// <param name="Reason">Why.</param>
/// <param name="Where">Where it stands.</param>
public sealed record SiteKey(string Name, string Value, KeyFate Fate, string Reason, SourceRange Where);

/// <summary>A site as its files describe it.</summary>
public sealed record SlurmSite
{
    /// <summary>Name of the cluster; null when slurm.conf does not say.</summary>
    public string? Cluster { get; init; }

    /// <summary>The kinds of nodes.</summary>
    public required ImmutableArray<SiteNodeKind> Nodes { get; init; }

    /// <summary>The partitions.</summary>
    public required ImmutableArray<SitePartition> Partitions { get; init; }

    /// <summary>Every setting of slurm.conf with what becomes of it, in order.</summary>
    public required ImmutableArray<SiteKey> Keys { get; init; }

    /// <summary>Settings for the cluster that is to be made (<c>scheduler.settings</c>).</summary>
    public required ImmutableSortedDictionary<string, string> Settings { get; init; }

    /// <summary>Settings that are kept with the site.</summary>
    public required ImmutableSortedDictionary<string, string> Kept { get; init; }

    /// <summary>Qualities of service; empty where no file has them.</summary>
    public ImmutableArray<SiteQos> Qos { get; init; } = [];

    /// <summary>Accounts and users; empty where no file has them.</summary>
    public ImmutableArray<SiteAssociation> Associations { get; init; } = [];

    /// <summary>Switches of topology.conf that have nodes; 0 without such a file.</summary>
    public int LeafSwitches { get; init; }

    /// <summary>What cannot be carried over, and what is odd.</summary>
    public ImmutableArray<Diagnostic> Diagnostics { get; init; } = [];

    /// <summary>Processors of the whole site.</summary>
    public int Processors => Nodes.Sum(kind => kind.Count * kind.Processors);

    /// <summary>Reads the files of a site.</summary>
    /// <param name="files">Their paths.</param>
    /// <param name="open">Opens one of them.</param>
    /// <exception cref="DiagnosticException">One cannot be read.</exception>
    public static SlurmSite Read(SlurmSiteFiles files, Func<string, TextReader> open)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(open);
        var lines = SlurmConf.Read(files.SlurmConf, open);
        var cluster = lines.Select(line => line["ClusterName"]).FirstOrDefault(name => name is not null);
        var faults = new List<Diagnostic>();
        var machine = SlurmMachine.Of(lines, files.GresConf is { } gres ? SlurmConf.Read(gres, open, cluster) : [], files.SlurmConf, faults);
        var keys = SiteKeys.All(lines);
        faults.AddRange(SiteKeys.Warnings(keys, files.SlurmConf));
        var (associations, listed) = files.Associations is { } dump ? SacctmgrFiles.Associations(dump, open) : ([], []);
        ImmutableArray<SiteQos> qos = files.Qos is { } table ? SacctmgrFiles.Qos(table, open) : listed;
        var leaves = 0;
        if (files.Topology is { } topology)
        {
            leaves = SlurmConf.Read(topology, open, cluster).Count(line => line.First.Equals("SwitchName", StringComparison.OrdinalIgnoreCase) && line["Nodes"] is not null);
            faults.Add(Diagnostic.Warning("site-topology", $"{topology}: {leaves} switches with nodes are left out: the cluster that is made has one network"));
        }

        return new SlurmSite
        {
            Cluster = cluster, Nodes = machine.Kinds, Partitions = machine.Partitions, Keys = keys, Associations = associations, Qos = qos, LeafSwitches = leaves, Diagnostics = [.. faults],
            Settings = SiteKeys.Settings(keys, KeyFate.Used), Kept = SiteKeys.Settings(keys, KeyFate.Kept),
        };
    }
}
