namespace Regatta.Host.Libvirt;

/// <summary>How to reach the libvirt of this host.</summary>
/// <param name="Private">True for Regatta's own daemons, false for the system's.</param>
/// <param name="LxcUri">Connection for containers.</param>
/// <param name="QemuUri">Connection for virtual machines; networks are had through it as well.</param>
public sealed record LibvirtEndpoint(bool Private, string LxcUri, string QemuUri)
{
    /// <summary>The system's libvirt.</summary>
    public static LibvirtEndpoint System { get; } = new(false, "lxc:///system", "qemu:///system");

    /// <summary>A libvirt that listens on a socket.</summary>
    public static LibvirtEndpoint AtSocket(string socket) =>
        new(true, $"lxc+unix:///system?socket={socket}", $"qemu+unix:///system?socket={socket}");
}

/// <summary>What runs.</summary>
/// <param name="Kind"><c>private</c> or <c>system</c>.</param>
/// <param name="Running">True when it answers.</param>
/// <param name="Socket">Where.</param>
/// <param name="Libvirtd">Process id of the private libvirtd, where it runs.</param>
/// <param name="Virtlogd">Process id of the private virtlogd, where it runs.</param>
public sealed record LibvirtStatus(string Kind, bool Running, string Socket, int? Libvirtd, int? Virtlogd);
