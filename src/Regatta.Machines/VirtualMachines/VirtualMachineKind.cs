using System.Text;
using System.Xml.Linq;
using Regatta.Host;
using Regatta.Images;
using Regatta.Workloads;

namespace Regatta.Machines.VirtualMachines;

/// <summary>Virtual machines of QEMU that boot an image's kernel over an overlay on its disk.</summary>
/// <param name="image">The image.</param>
/// <param name="kvm">With KVM, else emulated.</param>
/// <param name="ownDaemon">True on Regatta's own libvirt, which runs QEMU as root.</param>
internal sealed class VirtualMachineKind(Image image, bool kvm, bool ownDaemon) : INodeKind
{
    public MachineKind Machines => kvm ? MachineKind.QemuKvm : MachineKind.QemuTcg;

    public async Task<XElement> PrepareAsync(NodeBuild build, CancellationToken cancellation)
    {
        var disk = Path.Combine(build.Directory, "root.qcow2");
        await HostTool.RunAsync("qemu-img", ["create", "-q", "-f", "qcow2", "-b", image.RootDisk, "-F", "qcow2", disk], cancellation);
        var credentials = CredentialFiles(build).ToList();
        foreach (var (path, text) in credentials) DurableFile.Write(path, text, DurableFile.Private);
        return VirtualMachineDomain.Describe(build, image, kvm, ownDaemon, disk, [.. credentials.Select(c => c.Path)]);
    }

    /// <summary>QEMU has read the credentials: the host key need not lie on the disk a second time.</summary>
    public void Started(NodeBuild build, XElement domain)
    {
        foreach (var (path, _) in CredentialFiles(build)) File.Delete(path);
    }

    /// <summary>
    /// What systemd in the machine is told by the firmware's tables. In files: what stands on QEMU's command line, everybody on the
    /// host can read.
    /// </summary>
    private static IEnumerable<(string Path, string Text)> CredentialFiles(NodeBuild build)
    {
        var files = new StringBuilder();
        files.Append(CultureInfo.InvariantCulture, $"f+~ /etc/ssh/ssh_host_ed25519_key 0600 root root - {Base64(build.HostKey.Private)}\n");
        files.Append(CultureInfo.InvariantCulture, $"f+~ /etc/ssh/ssh_host_ed25519_key.pub 0644 root root - {Base64(build.HostKey.Public)}\n");
        files.Append(CultureInfo.InvariantCulture, $"f+~ /etc/hosts 0644 root root - {Base64(build.Hosts)}\n");
        files.Append(CultureInfo.InvariantCulture, $"f+~ /etc/hostname 0644 root root - {Base64(build.Spec.Name + "\n")}\n");
        yield return (Path.Combine(build.Directory, "files.credential"), Credential("tmpfiles.extra", files.ToString()));
        yield return (Path.Combine(build.Directory, "keys.credential"), Credential("ssh.authorized_keys.root", build.AuthorizedKey));
    }

    private static string Credential(string name, string value) => $"io.systemd.credential.binary:{name}={Base64(value)}";

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
