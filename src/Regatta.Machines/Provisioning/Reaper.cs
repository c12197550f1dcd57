using Regatta.Host;
using Regatta.Host.Libvirt;
using Regatta.Machines.Containers;
using Regatta.Machines.Faults;
using Regatta.Machines.Libvirt;

namespace Regatta.Machines.Provisioning;

/// <summary>What a reaping did.</summary>
/// <param name="Removed">What was removed: clusters, and parts of which no cluster knows.</param>
/// <param name="Left">Clusters that were left: those that a process owns, and kept ones.</param>
public sealed record ReapReport(ImmutableArray<string> Removed, ImmutableArray<string> Left);

/// <summary>
/// Removes what no live process owns: clusters whose program ended without taking them down, and domains, networks, mounts, cgroups,
/// connections and directories that belong to no cluster of the state directory. Clusters of other state directories are not touched.
/// </summary>
public sealed class Reaper
{
    private readonly StateDirectory _state;
    private readonly LocalLibvirt _libvirt;
    private readonly TimeProvider _time;
    private readonly ClusterStore _store;
    private readonly ClusterRemoval _removal;

    /// <summary>A reaper for a state directory.</summary>
    public Reaper(StateDirectory state, LocalLibvirt libvirt, TimeProvider time)
    {
        _state = state;
        _libvirt = libvirt;
        _time = time;
        _store = new ClusterStore(state);
        _removal = new ClusterRemoval(state, _store, libvirt, time);
    }

    /// <summary>Removes what nobody owns.</summary>
    /// <param name="kept">Removes kept clusters as well.</param>
    /// <param name="monitor">Told what happens.</param>
    /// <param name="cancellation">Stops between two removals.</param>
    public async Task<ReapReport> RunAsync(bool kept, IActivityMonitor monitor, CancellationToken cancellation)
    {
        _state.Create();
        var removed = ImmutableArray.CreateBuilder<string>();
        var left = ImmutableArray.CreateBuilder<string>();
        foreach (var found in _store.List())
        {
            cancellation.ThrowIfCancellationRequested();
            using var held = _store.TryLock(found.Claim.Name);
            if (held is null)
            {
                left.Add($"cluster {found.Claim.Name}: process {found.Owner} owns it");
            }
            else if (await UnhealedAsync(found, removed) is { } unhealed && (found.Claim.Driver == MachineDriver.Ssh || (found.Claim.Kept && !kept)))
            {
                left.Add($"cluster {found.Claim.Name}: {unhealed}; 'regatta cluster down {found.Claim.Name}' gives it up");
            }
            else if (found.Claim.Kept && !kept)
            {
                left.Add($"cluster {found.Claim.Name}: kept; 'regatta cluster down {found.Claim.Name}' removes it");
            }
            else
            {
                await _removal.RemoveAsync(found.Claim, monitor);
                removed.Add($"cluster {found.Claim.Name}");
            }
        }

        foreach (var process in await NodeProcesses.EndAsync(nodes => nodes.StartsWith(_state.Clusters + "/", StringComparison.Ordinal) && !File.Exists(nodes), _time))
            removed.Add($"process {process}");
        removed.AddRange(await RemoveObjectsAsync(cancellation));
        removed.AddRange(await RemoveDirectoriesAsync(cancellation));
        foreach (var bridge in await BridgeGuard.RemoveStaleAsync()) removed.Add($"firewall rule of {bridge}");
        var claims = Claims();
        foreach (var name in await Cgroups.RemoveAsync(n => n.Split('-') is ["regatta", var owner, var id, ..] && owner == _state.Id && !claims.Contains(id), _time))
            removed.Add($"cgroup {name}");
        return new ReapReport(removed.ToImmutable(), left.ToImmutable());
    }

    /// <summary>Heals the faults that a program which was killed left on nodes: those of a kept cluster, and of machines that exist. What goes with its node is not looked at.</summary>
    /// <returns>What could not be healed, in words; null when nothing is left.</returns>
    private async Task<string?> UnhealedAsync(StoredCluster found, ImmutableArray<string>.Builder healed)
    {
        if (found.Cluster is not { } cluster || (!found.Claim.Kept && found.Claim.Driver != MachineDriver.Ssh)) return null;
        var (done, left) = await new FaultActor(cluster, _time).HealAsync();
        healed.AddRange(done.Select(name => $"fault {name} of cluster {cluster.Name}"));
        return left.IsEmpty ? null : left[0].Summary;
    }

    // Objects first, claims after: a claim is written before the first object of its cluster is made.
    private async Task<IReadOnlyList<string>> RemoveObjectsAsync(CancellationToken cancellation)
    {
        if (await _libvirt.FindAsync(cancellation) is not { } endpoint) return [];
        var removed = new List<string>();
        foreach (var uri in new[] { endpoint.LxcUri, endpoint.QemuUri })
        {
            cancellation.ThrowIfCancellationRequested();
            using var connection = await Task.Run(() => LibvirtConnection.Open(uri), cancellation);
            var found = connection.Domains().Concat(connection.Networks()).Select(o => Ownership.Of(o.Xml)).OfType<Ownership>()
                .Where(o => o.State == _state.Id).Select(o => o.Cluster).ToHashSet(StringComparer.Ordinal);
            found.ExceptWith(Claims());
            if (found.Count > 0)
                removed.AddRange(await ClusterRemoval.RemoveObjectsAsync(connection, o => o.State == _state.Id && found.Contains(o.Cluster)));
        }

        return removed;
    }

    private async Task<IReadOnlyList<string>> RemoveDirectoriesAsync(CancellationToken cancellation)
    {
        var removed = new List<string>();
        foreach (var directory in Directory.EnumerateDirectories(_state.Nodes))
        {
            cancellation.ThrowIfCancellationRequested();
            var name = Path.GetFileName(directory);
            using var held = _store.TryLock(name);
            if (held is null || _store.Find(name) is not null) continue;
            await ClusterRemoval.RemoveNodesAsync(directory);
            removed.Add($"directory {directory}");
        }

        foreach (var directory in Directory.EnumerateDirectories(_state.Clusters))
        {
            var name = Path.GetFileName(directory);
            // A cluster's lock is taken before its directory is made.
            using var held = name.StartsWith('.') ? null : _store.TryLock(name);
            if (held is null && !name.StartsWith('.')) continue;
            if (File.Exists(Path.Combine(directory, "claim.json")) && !name.StartsWith('.')) continue;
            await HostTool.RunAsync("rm", ["-rf", "--one-file-system", directory], CancellationToken.None);
            removed.Add($"directory {directory}");
        }

        var connections = Path.Combine(_state.Runtime, "ssh");
        var claims = Claims();
        foreach (var directory in Directory.Exists(connections) ? Directory.GetDirectories(connections) : [])
        {
            if (claims.Contains(Path.GetFileName(directory))) continue;
            await ClusterRemoval.CloseConnectionsAsync(directory);
            removed.Add($"connections {directory}");
        }

        foreach (var root in await new RootStore(_state).RemoveStaleAsync()) removed.Add($"directory {root}");
        return removed;
    }

    private HashSet<string> Claims() => _store.List().Select(c => c.Claim.Id).ToHashSet(StringComparer.Ordinal);
}
