using System.Text.RegularExpressions;
using Regatta.Host;

namespace Regatta.Machines;

/// <summary>What a cluster must hold.</summary>
public static partial class ClusterSpecCheck
{
    /// <summary>Most nodes of one cluster: what its network has addresses for.</summary>
    public const int MostNodes = 240;

    /// <summary>Least memory of a node, in bytes: below it, the image's init does not come up.</summary>
    public const long LeastMemory = 128L << 20;

    /// <summary>Everything that is wrong with a cluster that is wanted.</summary>
    public static IReadOnlyList<Diagnostic> Check(ClusterSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var found = new List<Diagnostic>();
        if (!Label().IsMatch(spec.Name))
            found.Add(Diagnostic.Error("cluster-name", $"'{spec.Name}' cannot name a cluster") with { Help = "use at most 24 letters, digits and hyphens, lower case, beginning with a letter" });
        var heads = spec.Nodes.Count(n => n.Role == NodeRole.Head);
        if (heads != 1) found.Add(Diagnostic.Error("cluster-head", $"a cluster has one head, this one has {heads}") with { Help = "give exactly one node the role head" });
        if (spec.Nodes.All(n => n.Role != NodeRole.Worker))
            found.Add(Diagnostic.Error("cluster-workers", "a cluster without workers can run no job") with { Help = "ask for at least one worker: cluster.workers=1" });
        if (spec.Nodes.Length > MostNodes)
            found.Add(Diagnostic.Error("cluster-size", $"{spec.Nodes.Length} nodes are more than the {MostNodes} that a cluster's network has addresses for") with { Help = "ask for fewer workers" });
        foreach (var twice in spec.Nodes.GroupBy(n => n.Name).Where(g => g.Count() > 1))
            found.Add(Diagnostic.Error("node-twice", $"{twice.Count()} nodes are named '{twice.Key}'") with { Help = "give every node a name of its own" });
        if (spec.LibvirtUri is { } libvirt && !IsLocal(libvirt))
        {
            found.Add(Diagnostic.Error("libvirt-uri", $"'{libvirt}' is not a libvirt of this host") with
            {
                Help = "the image and the nodes' disks are files of this host: give an address such as qemu:///system; machines elsewhere are had by machines=ssh",
            });
        }

        foreach (var node in spec.Nodes)
        {
            if (!Label().IsMatch(node.Name))
                found.Add(Diagnostic.Error("node-name", $"'{node.Name}' cannot name a node") with { Help = "use at most 24 letters, digits and hyphens, lower case, beginning with a letter" });
            if (node.Processors < 1)
                found.Add(Diagnostic.Error("node-processors", $"node '{node.Name}' has {node.Processors} processors") with { Help = "a node has at least 1 processor" });
            if (spec.Driver != MachineDriver.Ssh && node.Memory < LeastMemory)
                found.Add(Diagnostic.Error("node-memory", $"node '{node.Name}' has {node.Memory} bytes of memory") with { Help = $"a node has at least {LeastMemory >> 20} MiB" });
            if (spec.Driver == MachineDriver.Ssh && string.IsNullOrEmpty(node.Host))
                found.Add(Diagnostic.Error("node-host", $"node '{node.Name}' has no host to connect to") with { Help = "give the address or host name of the machine" });
            else if (spec.Driver == MachineDriver.Ssh)
                found.AddRange(SshAddress.Faults($"node '{node.Name}'", node.Host!, node.User));
        }

        return found;
    }

    /// <summary>Refuses a cluster that cannot be.</summary>
    /// <exception cref="DiagnosticException">With everything that is wrong.</exception>
    public static void Require(ClusterSpec spec)
    {
        if (Check(spec) is { Count: > 0 } found) throw new DiagnosticException(found);
    }

    private static bool IsLocal(string uri) => Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && parsed is { Host.Length: 0, Scheme: "qemu" or "qemu+unix" };

    // The control socket, the domain's name and the cgroup's name are made from it.
    [GeneratedRegex(@"\A[a-z]([a-z0-9-]{0,22}[a-z0-9])?\z")]
    private static partial Regex Label();
}
