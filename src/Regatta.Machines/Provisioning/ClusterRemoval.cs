using Regatta.Host;
using Regatta.Host.Libvirt;
using Regatta.Machines.Libvirt;

namespace Regatta.Machines.Provisioning;

/// <summary>Removes all that belongs to a cluster, however little or much of it there is. The caller holds the cluster's lock.</summary>
/// <param name="state">The state directory.</param>
/// <param name="store">The clusters.</param>
/// <param name="libvirt">libvirt.</param>
/// <param name="time">Clock for retries.</param>
internal sealed class ClusterRemoval(StateDirectory state, ClusterStore store, LocalLibvirt libvirt, TimeProvider time)
{
    /// <summary>Removes a cluster: first what runs, then what is mounted, its files last, so that an interrupted removal can be done again.</summary>
    public async Task RemoveAsync(ClusterClaim claim, IActivityMonitor monitor)
    {
        monitor.Report(new Activity("cluster", claim.Name, "removing"));
        // A program that was killed may have left some.
        await NodeProcesses.EndAsync(nodes => nodes == Path.Combine(store.Directory(claim.Name), "ssh_config"), time);
        if (claim.LibvirtUri is { } uri && await ReachableAsync(claim, monitor))
        {
            using var connection = LibvirtConnection.Open(uri);
            await RemoveObjectsAsync(connection, o => o.State == state.Id && o.Cluster == claim.Id);
        }

        await BridgeGuard.OpenAsync(claim.Bridge);
        await CloseConnectionsAsync(store.ControlDirectory(claim));
        await RemoveNodesAsync(store.NodeDirectory(claim.Name));
        await Cgroups.RemoveAsync(name => name.StartsWith(claim.Cgroup(""), StringComparison.Ordinal), time);
        await RemoveDirectoryAsync(store.Directory(claim.Name));
        monitor.Report(new Activity("cluster", claim.Name, "removed", ActivityState.Done));
    }

    /// <summary>Ends domains and networks that a condition picks by their owner.</summary>
    /// <returns>What was ended.</returns>
    public static async Task<IReadOnlyList<string>> RemoveObjectsAsync(LibvirtConnection connection, Func<Ownership, bool> pick)
    {
        var domains = connection.Domains().Where(d => Ownership.Of(d.Xml) is { } owner && pick(owner)).ToList();
        // Each takes libvirt some time, and they are independent of each other.
        await Task.WhenAll(domains.Select(d => Task.Run(() => connection.DestroyDomain(d.Name))));
        var networks = connection.Networks().Where(n => Ownership.Of(n.Xml) is { } owner && pick(owner)).ToList();
        foreach (var network in networks) connection.DestroyNetwork(network.Name);
        return [.. domains.Select(d => $"domain {d.Name}"), .. networks.Select(n => $"network {n.Name}")];
    }

    /// <summary>Unmounts and removes what the nodes of a cluster wrote.</summary>
    public static async Task RemoveNodesAsync(string directory)
    {
        foreach (var mount in MountTable.Read().Where(m => m.Target.StartsWith(directory + "/", StringComparison.Ordinal)).Reverse())
        {
            // A container that is just ending may still hold it.
            var plain = await HostTool.TryAsync("umount", [mount.Target], CancellationToken.None);
            if (plain.ExitCode != 0) await HostTool.RunAsync("umount", ["--lazy", mount.Target], CancellationToken.None);
        }

        await HostTool.RunAsync("rm", ["-rf", "--one-file-system", directory], CancellationToken.None);
    }

    /// <summary>Ends the shared SSH connections whose sockets lie in a directory, and removes it.</summary>
    public static async Task CloseConnectionsAsync(string directory)
    {
        if (!Directory.Exists(directory)) return;
        await Task.WhenAll(Directory.EnumerateFiles(directory).Select(socket =>
            HostTool.TryAsync("ssh", ["-F", "/dev/null", "-o", $"ControlPath={socket}", "-O", "exit", "node"], CancellationToken.None)));
        Directory.Delete(directory, recursive: true);
    }

    /// <summary>Removes a cluster's directory: away from its name first, so that it is there whole or not at all.</summary>
    public static async Task RemoveDirectoryAsync(string directory)
    {
        if (!Directory.Exists(directory)) return;
        var away = Path.Combine(Path.GetDirectoryName(directory)!, $".removed-{Guid.NewGuid():N}");
        Directory.Move(directory, away);
        await HostTool.RunAsync("rm", ["-rf", "--one-file-system", away], CancellationToken.None);
    }

    // Daemons that were ended leave containers and the bridge behind; only libvirt takes those away properly.
    private async Task<bool> ReachableAsync(ClusterClaim claim, IActivityMonitor monitor)
    {
        if (await libvirt.FindAsync(CancellationToken.None) is not null) return true;
        if (!Directory.Exists(Path.Combine("/sys/class/net", claim.Bridge))) return false;
        await libvirt.EnsureAsync(monitor, CancellationToken.None);
        return true;
    }
}
