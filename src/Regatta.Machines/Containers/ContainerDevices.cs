using System.Xml.Linq;
using Regatta.Host;

namespace Regatta.Machines.Containers;

/// <summary>
/// The device files that a container may have. libvirt allows a few; a container runtime inside gives each of its containers the right to make any
/// device file, which the kernel refuses to who has it not itself.
/// </summary>
internal static class ContainerDevices
{
    // What OCI runtimes allow: making device files (not opening them), the console of the container, and TUN devices.
    private static readonly string[] Allowed = ["c *:* m", "b *:* m", "c 5:1 rwm", "c 10:200 rwm"];

    /// <summary>Allows a running container what container runtimes inside it need; nothing where the host has no v1 hierarchy of devices.</summary>
    public static void AllowNested(XElement domain)
    {
        if (domain.Attribute("id")?.Value is not { } process || CgroupOf(process) is not { } cgroup) return;
        foreach (var rule in Allowed) File.WriteAllText(Path.Combine(cgroup, "devices.allow"), rule);
    }

    private static string? CgroupOf(string process)
    {
        var file = $"/proc/{process}/cgroup";
        if (!File.Exists(file)) return null;
        // 5:devices:/machine/lxc-31287-regatta-lab-head.libvirt-lxc
        var line = File.ReadAllLines(file).Select(l => l.Split(':', 3)).FirstOrDefault(l => l is [_, "devices", _]);
        var hierarchy = MountTable.Read().FirstOrDefault(m => m is { Type: "cgroup", Root: "/" } && Path.GetFileName(m.Target) == "devices");
        return line is null || hierarchy is null ? null : hierarchy.Target + line[2];
    }
}
