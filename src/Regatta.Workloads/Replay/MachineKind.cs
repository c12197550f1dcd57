namespace Regatta.Workloads;

/// <summary>What a trial's machines really were, as plans and records name it (<c>machines</c>).</summary>
public static class MachineKind
{
    /// <summary>None: the reference scheduler simulates them.</summary>
    public const string Simulation = "simulation";

    /// <summary>libvirt LXC containers.</summary>
    public const string Lxc = "lxc";

    /// <summary>QEMU on KVM.</summary>
    public const string QemuKvm = "qemu-kvm";

    /// <summary>QEMU, emulated.</summary>
    public const string QemuTcg = "qemu-tcg";

    /// <summary>Machines that exist, over SSH.</summary>
    public const string Ssh = "ssh";
}
