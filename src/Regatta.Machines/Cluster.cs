using System.Net;
using Regatta.Images;
using Regatta.Workloads;

namespace Regatta.Machines;

/// <summary>What a node is for.</summary>
public enum NodeRole
{
    /// <summary>Runs the scheduler's controller and the replay; runs no jobs.</summary>
    Head,

    /// <summary>Runs jobs.</summary>
    Worker,
}

/// <summary>Machine driver.</summary>
public enum MachineDriver
{
    /// <summary>QEMU with KVM where a guest really boots on it, else containers.</summary>
    Auto,

    /// <summary>QEMU, with KVM where a guest really boots on it, else emulated.</summary>
    Qemu,

    /// <summary>QEMU, always emulated.</summary>
    QemuTcg,

    /// <summary>libvirt LXC containers.</summary>
    Lxc,

    /// <summary>Machines that exist, over SSH.</summary>
    Ssh,
}

/// <summary>One node that is wanted.</summary>
/// <param name="Name">Host name: a DNS label.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Processors">Virtual processors, at least 1.</param>
/// <param name="Memory">Memory in bytes.</param>
public sealed record NodeSpec(string Name, NodeRole Role, int Processors, long Memory)
{
    /// <summary>Address or host name of an existing machine (driver <c>ssh</c>).</summary>
    public string? Host { get; init; }

    /// <summary>SSH port of an existing machine.</summary>
    public int Port { get; init; } = 22;

    /// <summary>User to log in as on an existing machine; must be root or able to become root without a password.</summary>
    public string User { get; init; } = "root";

    /// <summary>The machine's public host key (<c>ssh-ed25519 AAAA…</c>), which an existing machine must be known by.</summary>
    public string? HostKey { get; init; }
}

/// <summary>A cluster that is wanted.</summary>
/// <param name="Name">Name, a DNS label, unique on the host while the cluster lives.</param>
/// <param name="RunId">Id of the run that owns it; goes into the metadata of every libvirt object.</param>
/// <param name="Driver">How its machines are had.</param>
/// <param name="Nodes">Its nodes; exactly one head and at least one worker.</param>
public sealed record ClusterSpec(string Name, string RunId, MachineDriver Driver, ImmutableArray<NodeSpec> Nodes)
{
    /// <summary>libvirt connection of a QEMU cluster; null for the local one.</summary>
    public string? LibvirtUri { get; init; }

    /// <summary>Private key that existing machines (driver <c>ssh</c>) accept; null for the user's own keys and agent.</summary>
    public string? IdentityFile { get; init; }

    /// <summary>True when it is to outlive this process, until it is taken down; else it is abandoned when this process ends.</summary>
    public bool Kept { get; init; }

    /// <summary>How long one node may take until it answers SSH.</summary>
    public TimeSpan BootTimeout { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>A node that runs.</summary>
/// <param name="Name">Host name.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Address">Its address on the cluster's network.</param>
/// <param name="Port">SSH port.</param>
/// <param name="User">SSH user.</param>
/// <param name="HostKey">Its public host key, known before the first connection.</param>
/// <param name="Processors">Virtual processors.</param>
/// <param name="Memory">Memory in bytes.</param>
public sealed record Node(string Name, NodeRole Role, IPAddress Address, int Port, string User, string HostKey, int Processors, long Memory);

/// <summary>A cluster that runs; kept as <c>cluster.json</c> in its directory.</summary>
public sealed record Cluster
{
    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Id of the run that owns it.</summary>
    public required string RunId { get; init; }

    /// <summary>What it really runs on: <c>qemu-kvm</c>, <c>qemu-tcg</c>, <c>lxc</c> or <c>ssh</c>.</summary>
    public required MachineKind Machines { get; init; }

    /// <summary>Directory with <c>cluster.json</c>, <c>id_ed25519</c>, <c>known_hosts</c>, <c>ssh_config</c> and console logs; mode 0700.</summary>
    public required string Directory { get; init; }

    /// <summary>sha256 of the image's manifest; null for existing machines.</summary>
    public string? ImageHash { get; init; }

    /// <summary>The nodes, the head first.</summary>
    public required ImmutableArray<Node> Nodes { get; init; }

    /// <summary>The head.</summary>
    public Node Head => Nodes.First(n => n.Role == NodeRole.Head);

    /// <summary>The workers.</summary>
    public IEnumerable<Node> Workers => Nodes.Where(n => n.Role == NodeRole.Worker);

    /// <summary>OpenSSH configuration that knows every node by name: <c>ssh -F THIS node</c>.</summary>
    public string SshConfig => Path.Combine(Directory, "ssh_config");
}

/// <summary>Brings machines up and down.</summary>
public interface IMachineProvider
{
    /// <summary>Creates the cluster; returns when every node answers SSH. On failure or cancellation nothing of it is left.</summary>
    /// <exception cref="DiagnosticException">A node did not come up (with its console log), or the host lacks something.</exception>
    Task<Cluster> UpAsync(ClusterSpec spec, Image? image, IActivityMonitor monitor, CancellationToken cancellation);

    /// <summary>Removes the cluster and all that belongs to it; no error when parts are gone already.</summary>
    Task DownAsync(Cluster cluster, IActivityMonitor monitor, CancellationToken cancellation);
}
