using Regatta.Host;
using Regatta.Host.Libvirt;
using Regatta.Images;

namespace Regatta.Machines.Provisioning;

/// <summary>
/// Nodes through the libvirt of this host: containers or virtual machines. A cluster belongs to this process until it is taken down,
/// the provider is disposed of, or the process ends; a kept one belongs to nobody.
/// </summary>
public sealed class LibvirtProvider : IMachineProvider, IDisposable
{
    private readonly StateDirectory _state;
    private readonly LocalLibvirt _libvirt;
    private readonly TimeProvider _time;
    private readonly ClusterStore _store;
    private readonly ClusterRemoval _removal;
    private readonly OwnedClusters _owned;

    /// <summary>A provider whose clusters are kept in a state directory.</summary>
    public LibvirtProvider(StateDirectory state, TimeProvider time)
        : this(state, new LocalLibvirt(state, time), time)
    {
    }

    /// <summary>A provider on a given libvirt.</summary>
    public LibvirtProvider(StateDirectory state, LocalLibvirt libvirt, TimeProvider time)
    {
        _state = state;
        _libvirt = libvirt;
        _time = time;
        _store = new ClusterStore(state);
        _owned = new OwnedClusters(state, _store, time);
        _removal = new ClusterRemoval(state, _store, libvirt, time);
    }

    /// <inheritdoc/>
    public async Task<Cluster> UpAsync(ClusterSpec spec, Image? image, IActivityMonitor monitor, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(monitor);
        ClusterSpecCheck.Require(spec);
        if (image is null)
        {
            throw new DiagnosticException(Diagnostic.Error("image-missing", $"the cluster '{spec.Name}' needs an image to boot") with { Help = "regatta image build" });
        }

        _state.Create();
        var held = _store.Lock(spec.Name);
        ClusterClaim? claim = null;
        try
        {
            if (_owned.Left(spec.Name) is { } left) await _removal.RemoveAsync(left, monitor);
            claim = _owned.Claim(spec, spec.Driver);
            _store.Write(claim);
            var cluster = await new ClusterBuild(_state, _store, _libvirt, _time, monitor).MakeAsync(spec, claim, image, made => claim = made, cancellation);
            _owned.Add(spec, claim, held);
            return cluster;
        }
        catch
        {
            if (claim is not null) await _removal.RemoveAsync(claim, monitor);
            held.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task DownAsync(Cluster cluster, IActivityMonitor monitor, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        await DownAsync(cluster.Name, monitor);
    }

    /// <summary>Removes a cluster by name, in whatever state it is; no error when there is none.</summary>
    /// <exception cref="DiagnosticException">Another process owns it.</exception>
    public async Task DownAsync(string name, IActivityMonitor monitor)
    {
        using var held = _owned.Take(name);
        if (_store.Find(name) is { } found) await _removal.RemoveAsync(found.Claim, monitor);
    }

    /// <summary>Lets go of the clusters that this process owns, without removing them: they are abandoned.</summary>
    public void Dispose() => _owned.Dispose();
}
