using Regatta.Config;
using Regatta.Machines;

namespace Regatta.Experiments.Configuration;

/// <summary>A machine that exists.</summary>
[ConfigSchema("A machine that exists.")]
public sealed record HostSection
{
    /// <summary>Host name in the cluster.</summary>
    [ConfigKey("Host name in the cluster.")]
    public required string Name { get; init; }

    /// <summary>Head or worker.</summary>
    [ConfigKey("Head or worker.")]
    public required NodeRole Role { get; init; }

    /// <summary>Address or name to connect to.</summary>
    [ConfigKey("Address or name to connect to.")]
    public required string Address { get; init; }

    /// <summary>SSH port.</summary>
    [ConfigKey("SSH port.", Minimum = 1, Maximum = 65535)]
    public int Port { get; init; } = 22;

    /// <summary>SSH user.</summary>
    [ConfigKey("SSH user.")]
    public string User { get; init; } = "root";

    /// <summary>Public host key; the user's known_hosts is asked where it is null.</summary>
    [ConfigKey("Public host key; the user's known_hosts is asked where it is null.")]
    public string? HostKey { get; init; }
}

/// <summary>Machine driver: auto, lxc, qemu, qemu-tcg or ssh.</summary>
[ConfigSchema("Machine driver: auto, lxc, qemu, qemu-tcg or ssh.")]
public sealed record MachinesSection
{
    /// <summary>The driver.</summary>
    [ConfigKey("The driver.")]
    public MachineDriver Driver { get; init; }

    /// <summary>libvirt connection of QEMU machines.</summary>
    [ConfigKey("libvirt connection of QEMU machines.")]
    public string? LibvirtUri { get; init; }

    /// <summary>How long a node may take until it answers.</summary>
    [ConfigKey("How long a node may take until it answers.", Minimum = 1)]
    public TimeSpan BootTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Machines that exist.</summary>
    [ConfigKey("Machines that exist.")]
    public IReadOnlyList<HostSection> Hosts { get; init; } = [];

    /// <summary>Private key that existing machines accept.</summary>
    [ConfigKey("Private key that existing machines accept.")]
    public string? Identity { get; init; }
}
