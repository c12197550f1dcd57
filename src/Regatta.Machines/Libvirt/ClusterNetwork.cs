using System.Xml.Linq;

namespace Regatta.Machines.Libvirt;

/// <summary>
/// A cluster's network: a bridge with an address for the host. No address is handed out and no name served, because every node
/// knows its own; nothing leads out of it.
/// </summary>
internal static class ClusterNetwork
{
    public static XElement Describe(ClusterClaim claim) =>
        new("network",
            new XElement("name", claim.Bridge),
            claim.Ownership.ToMetadata(),
            new XElement("bridge", new XAttribute("name", claim.Bridge), new XAttribute("stp", "off"), new XAttribute("delay", "0")),
            new XElement("dns", new XAttribute("enable", "no")),
            new XElement("ip", new XAttribute("address", claim.Gateway), new XAttribute("netmask", "255.255.255.0")));
}
