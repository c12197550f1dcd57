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

    /// <summary>The same for scripts of this host: a function of sh that takes the number of libvirt's process.</summary>
    public static string Function { get; } = $$"""
        allow_nested() {
            h=$(awk '$4 == "/" && $5 ~ /\/devices$/ && / - cgroup / { print $5; exit }' /proc/self/mountinfo); g=$(sed -n 's/^[0-9]*:devices://p' "/proc/$1/cgroup")
            [ -n "$h" ] && [ -n "$g" ] || return 0
            for r in {{string.Join(' ', Allowed.Select(r => $"'{r}'"))}}; do echo "$r" > "$h$g/devices.allow" || return 1; done
        }

        """;

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
