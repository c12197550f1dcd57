using System.Xml.Linq;
using Regatta.Images;

namespace Regatta.Machines.VirtualMachines;

/// <summary>A virtual machine as libvirt wants it described.</summary>
internal static class VirtualMachineDomain
{
    private static readonly XNamespace Qemu = "http://libvirt.org/schemas/domain/qemu/1.0";

    /// <summary>Describes a virtual machine.</summary>
    /// <param name="build">The node.</param>
    /// <param name="image">The image.</param>
    /// <param name="kvm">With KVM, else emulated.</param>
    /// <param name="ownDaemon">On Regatta's own libvirt.</param>
    /// <param name="disk">Its disk.</param>
    /// <param name="credentials">Files with one firmware string each.</param>
    public static XElement Describe(NodeBuild build, Image image, bool kvm, bool ownDaemon, string disk, IReadOnlyList<string> credentials)
    {
        var (claim, node) = (build.Claim, build.Spec);
        return new XElement("domain",
            new XAttribute("type", kvm ? "kvm" : "qemu"),
            new XAttribute(XNamespace.Xmlns + "qemu", Qemu.NamespaceName),
            new XElement("name", claim.Domain(node.Name)),
            claim.Ownership.ToMetadata(),
            new XElement("memory", new XAttribute("unit", "b"), node.Memory.ToString(CultureInfo.InvariantCulture)),
            new XElement("vcpu", node.Processors.ToString(CultureInfo.InvariantCulture)),
            new XElement("os",
                new XElement("type", new XAttribute("arch", "x86_64"), new XAttribute("machine", "q35"), "hvm"),
                new XElement("kernel", image.Kernel),
                new XElement("initrd", image.Initrd),
                new XElement("cmdline", CommandLine(build, image.Manifest.KernelCommandLine))),
            new XElement("features", new XElement("acpi")),
            // Emulating a plain processor keeps the guest from loading what a feature-rich one makes it load.
            kvm ? new XElement("cpu", new XAttribute("mode", "host-passthrough"))
                : new XElement("cpu", new XAttribute("mode", "custom"), new XAttribute("match", "exact"), new XElement("model", new XAttribute("fallback", "forbid"), "qemu64")),
            new XElement("clock", new XAttribute("offset", "utc")),
            new XElement("on_reboot", "restart"),
            new XElement("on_crash", "destroy"),
            new XElement("devices",
                new XElement("disk", new XAttribute("type", "file"), new XAttribute("device", "disk"),
                    // What a node writes is thrown away with it: nothing needs to reach the platters.
                    new XElement("driver", new XAttribute("name", "qemu"), new XAttribute("type", "qcow2"), new XAttribute("cache", "unsafe")),
                    new XElement("source", new XAttribute("file", disk)),
                    new XElement("target", new XAttribute("dev", "vda"), new XAttribute("bus", "virtio"))),
                new XElement("interface", new XAttribute("type", "network"),
                    new XElement("mac", new XAttribute("address", claim.NodeMac(build.Index))),
                    new XElement("source", new XAttribute("network", claim.Bridge)),
                    new XElement("model", new XAttribute("type", "virtio"))),
                new XElement("serial", new XAttribute("type", "file"),
                    new XElement("source", new XAttribute("path", build.Console)),
                    new XElement("target", new XAttribute("port", "0"))),
                new XElement("rng", new XAttribute("model", "virtio"), new XElement("backend", new XAttribute("model", "random"), "/dev/urandom")),
                new XElement("controller", new XAttribute("type", "usb"), new XAttribute("model", "none")),
                new XElement("memballoon", new XAttribute("model", "none"))),
            // The system's libvirt runs QEMU as a user who may not read the credentials.
            ownDaemon ? null : new XElement("seclabel", new XAttribute("type", "static"), new XAttribute("model", "dac"), new XAttribute("relabel", "no"), new XElement("label", "+0:+0")),
            new XElement(Qemu + "commandline", credentials.SelectMany(path => new[]
            {
                new XElement(Qemu + "arg", new XAttribute("value", "-smbios")),
                new XElement(Qemu + "arg", new XAttribute("value", $"type=11,path={path}")),
            })));
    }

    /// <summary>The image's kernel command line, with the node's name and address.</summary>
    public static string CommandLine(NodeBuild build, string image) => string.Create(CultureInfo.InvariantCulture,
        $"{image} systemd.hostname={build.Spec.Name} ip={build.Claim.NodeAddress(build.Index)}::{build.Claim.Gateway}:255.255.255.0:{build.Spec.Name}:eth0:off");
}
