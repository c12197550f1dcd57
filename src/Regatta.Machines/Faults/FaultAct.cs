namespace Regatta.Machines.Faults;

/// <summary>Something that is done to a node and undone again, both by a script of sh.</summary>
/// <param name="Name">Its name: small letters, digits and hyphens, unique on the cluster at a time.</param>
/// <param name="Node">The node that it is done to, and that the scripts run on.</param>
/// <param name="Do">Does it, and prints two stamps on its last line: just before and just after, UTC microseconds.</param>
/// <param name="Undo">Undoes it, however far it came and however often it is run; prints on its last line when it was over, UTC microseconds, or nothing.</param>
public sealed record FaultAct(string Name, string Node, string Do, string Undo)
{
    /// <summary>A function of the scripts: the time in UTC microseconds.</summary>
    internal const string Now = "now() { date +%s%6N; }\n";

    /// <summary>
    /// The scripts run on this host instead, and find there <c>node</c>, <c>domain</c> and <c>uri</c> (libvirt's), <c>bridge</c> (of the cluster's network), <c>config</c>
    /// (OpenSSH's), <c>place</c> (a directory for notes) and <c>probe</c>.
    /// </summary>
    public bool OnHost { get; init; }

    /// <summary>Run on the node before the scripts of a fault on the host; the one word that it prints is their <c>probe</c>. Null for none.</summary>
    public string? Probe { get; init; }
}

/// <summary>When something was done.</summary>
/// <param name="Began">Just before, UTC microseconds on the node's clock.</param>
/// <param name="Acted">Just after.</param>
public sealed record ActedFault(long Began, long Acted);

/// <summary>What is still to be undone on a cluster: written before it is done, and removed when it is undone.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Node">The node that it was done to.</param>
/// <param name="Undo">Undoes it.</param>
public sealed record PendingFault(string Name, string Node, string Undo)
{
    /// <summary>The script runs on this host.</summary>
    public bool OnHost { get; init; }
}
