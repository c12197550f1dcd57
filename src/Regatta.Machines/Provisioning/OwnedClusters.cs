using System.Collections.Concurrent;
using System.Security.Cryptography;
using Regatta.Host;

namespace Regatta.Machines.Provisioning;

/// <summary>The clusters that belong to this process: it holds their locks until they are taken down or it lets go of them, however it ends.</summary>
/// <param name="state">The state directory.</param>
/// <param name="store">Its clusters.</param>
/// <param name="time">Clock.</param>
internal sealed class OwnedClusters(StateDirectory state, ClusterStore store, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<string, FileLock> _owned = new();

    /// <summary>A claim to the cluster, with an identifier of its own.</summary>
    public ClusterClaim Claim(ClusterSpec spec, MachineDriver driver) =>
        new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4)), spec.Name, spec.RunId, state.Id, driver, time.GetUtcNow());

    /// <summary>What is left of a cluster of that name; null when there is nothing.</summary>
    /// <exception cref="DiagnosticException">It is kept for somebody.</exception>
    public ClusterClaim? Left(string name)
    {
        if (store.Find(name) is not { } before) return null;
        if (!before.Claim.Kept) return before.Claim;
        throw new DiagnosticException(Diagnostic.Error("cluster-exists", $"there is a cluster '{name}' already") with
        {
            Help = $"use it, give another name, or take it down: regatta cluster down {name}",
        });
    }

    /// <summary>A cluster that is up: it belongs to this process, or to nobody where it is to be kept.</summary>
    public void Add(ClusterSpec spec, ClusterClaim claim, FileLock held)
    {
        if (spec.Kept)
        {
            store.Write(claim with { Kept = true });
            held.Dispose();
        }
        else
        {
            _owned[spec.Name] = held;
        }
    }

    /// <summary>The lock of a cluster that is to go: this process' own, or one that nobody holds.</summary>
    /// <exception cref="DiagnosticException">Another process owns it.</exception>
    public FileLock Take(string name) => _owned.TryRemove(name, out var mine) ? mine : store.Lock(name);

    /// <summary>Lets go of all of them, without removing them: they are abandoned.</summary>
    public void Dispose()
    {
        foreach (var name in _owned.Keys.ToList())
        {
            if (_owned.TryRemove(name, out var held)) held.Dispose();
        }
    }
}
