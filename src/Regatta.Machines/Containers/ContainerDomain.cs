using System.Xml.Linq;
using Regatta.Images;

namespace Regatta.Machines.Containers;

/// <summary>A container as libvirt wants it described.</summary>
internal static class ContainerDomain
{
    private const string Local = "/local";

    /// <summary>Describes a container.</summary>
    /// <param name="claim">Its cluster.</param>
    /// <param name="node">The node.</param>
    /// <param name="index">The node's place in the cluster.</param>
    /// <param name="root">Its root file system: the mounted overlay.</param>
    /// <param name="local">A directory of the host's disk that it has as <c>/local</c>: for what cannot lie on an overlay, such as another overlay.</param>
    /// <param name="hostProcessors">Processors of the host; a node that has fewer gets their time, spread over all of them.</param>
    /// <param name="beside">The root file system of another image, which it has read-only; null for none.</param>
    public static XElement Describe(ClusterClaim claim, NodeSpec node, int index, string root, string local, int hostProcessors, string? beside = null) =>
        new("domain",
            new XAttribute("type", "lxc"),
            new XElement("name", claim.Domain(node.Name)),
            claim.Ownership.ToMetadata(),
            new XElement("memory", new XAttribute("unit", "b"), node.Memory.ToString(CultureInfo.InvariantCulture)),
            new XElement("vcpu", node.Processors.ToString(CultureInfo.InvariantCulture)),
            // A share of the time, not a set of processors: the scheduler binds jobs to processors by their numbers.
            node.Processors < hostProcessors
                ? new XElement("cputune",
                    new XElement("period", "100000"),
                    new XElement("quota", (node.Processors * 100_000L).ToString(CultureInfo.InvariantCulture)))
                : null,
            new XElement("os",
                new XElement("type", new XAttribute("arch", "x86_64"), "exe"),
                new XElement("init", ContainerInit.Path),
                new XElement("initarg", claim.Cgroup(node.Name))),
            // A container runtime inside hands this right on to its containers.
            new XElement("features", new XElement("capabilities", new XAttribute("policy", "default"), new XElement("mknod", new XAttribute("state", "on")))),
            new XElement("on_reboot", "restart"),
            new XElement("on_crash", "destroy"),
            new XElement("devices",
                new XElement("filesystem",
                    new XAttribute("type", "mount"),
                    new XElement("source", new XAttribute("dir", root)),
                    new XElement("target", new XAttribute("dir", "/"))),
                new XElement("filesystem",
                    new XAttribute("type", "mount"),
                    new XElement("source", new XAttribute("dir", local)),
                    new XElement("target", new XAttribute("dir", Local))),
                beside is null ? null : new XElement("filesystem",
                    new XAttribute("type", "mount"),
                    new XElement("source", new XAttribute("dir", beside)),
                    new XElement("target", new XAttribute("dir", Image.BesideRoot)),
                    new XElement("readonly")),
                new XElement("interface",
                    new XAttribute("type", "network"),
                    new XElement("mac", new XAttribute("address", claim.NodeMac(index))),
                    new XElement("source", new XAttribute("network", claim.Bridge)),
                    new XElement("ip",
                        new XAttribute("family", "ipv4"),
                        new XAttribute("address", claim.NodeAddress(index)),
                        new XAttribute("prefix", "24")),
                    new XElement("guest", new XAttribute("dev", "eth0"))),
                new XElement("console", new XAttribute("type", "pty"))));
}
