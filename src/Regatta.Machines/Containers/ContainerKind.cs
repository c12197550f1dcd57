using System.Xml.Linq;
using Regatta.Host;
using Regatta.Workloads;

namespace Regatta.Machines.Containers;

/// <summary>Containers over an unpacked image.</summary>
/// <param name="root">The unpacked image.</param>
/// <param name="beside">The unpacked image that nodes have beside it; null for none.</param>
internal sealed class ContainerKind(string root, string? beside) : INodeKind
{
    public MachineKind Machines => MachineKind.Lxc;

    public async Task<XElement> PrepareAsync(NodeBuild build, CancellationToken cancellation)
    {
        var (upper, work, merged, local) = (
            Path.Combine(build.Directory, "upper"), Path.Combine(build.Directory, "work"), Path.Combine(build.Directory, "root"), Path.Combine(build.Directory, "local"));
        foreach (var directory in new[] { upper, work, merged, local }) Directory.CreateDirectory(directory);
        // The root of the overlay takes its mode from the upper layer.
        File.SetUnixFileMode(upper, (UnixFileMode)0b111_101_101);
        new ContainerFiles(root, upper).Write(
            build.Spec.Name, build.Claim.NodeAddress(build.Index).ToString(), build.Claim.Gateway.ToString(),
            build.Hosts, build.AuthorizedKey, build.HostKey.Private, build.HostKey.Public);
        await HostTool.RunAsync("mount", ["-t", "overlay", "overlay", "-o", $"lowerdir={root},upperdir={upper},workdir={work}", merged], cancellation);
        return ContainerDomain.Describe(build.Claim, build.Spec, build.Index, merged, local, Environment.ProcessorCount, beside);
    }

    public void Started(NodeBuild build, XElement domain)
    {
        ContainerDevices.AllowNested(domain);
        // An init that fails at once takes the terminal with it before it can be opened; libvirt's log tells then.
        if (domain.Element("devices")?.Element("console")?.Attribute("tty")?.Value is not { } terminal || !File.Exists(terminal)) return;
        TerminalLog.Start(terminal, build.Console);
    }
}
