using Regatta.Diagnostics;
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
    private readonly StateDirectory state;
    private readonly LocalLibvirt libvirt;
    private readonly TimeProvider time;
    private readonly ClusterStore store;
    private readonly ClusterRemoval removal;
    private readonly OwnedClusters owned;

    /// <summary>A provider whose clusters are kept in a state directory.</summary>
    public LibvirtProvider(StateDirectory state, TimeProvider time)
        : this(state, new LocalLibvirt(state, time), time)
    {
    }

    /// <summary>A provider on a given libvirt.</summary>
    public LibvirtProvider(StateDirectory state, LocalLibvirt libvirt, TimeProvider time)
    {
        this.state = state;
        this.libvirt = libvirt;
        this.time = time;
        store = new ClusterStore(state);
        owned = new OwnedClusters(state, store, time);
        removal = new ClusterRemoval(state, store, libvirt, time);
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

        state.Create();
        var held = store.Lock(spec.Name);
        ClusterClaim? claim = null;
        try
        {
            if (owned.Left(spec.Name) is { } left) await removal.RemoveAsync(left, monitor).ConfigureAwait(false);
            claim = owned.Claim(spec, spec.Driver);
            store.Write(claim);
            var cluster = await new ClusterBuild(state, store, libvirt, time, monitor).MakeAsync(spec, claim, image, made => claim = made, cancellation).ConfigureAwait(false);
            owned.Add(spec, claim, held);
            return cluster;
        }
        catch
        {
            if (claim is not null) await removal.RemoveAsync(claim, monitor).ConfigureAwait(false);
            held.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task DownAsync(Cluster cluster, IActivityMonitor monitor, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        await DownAsync(cluster.Name, monitor).ConfigureAwait(false);
    }

    /// <summary>Removes a cluster by name, in whatever state it is; no error when there is none.</summary>
    /// <exception cref="DiagnosticException">Another process owns it.</exception>
    public async Task DownAsync(string name, IActivityMonitor monitor)
    {
        using var held = owned.Take(name);
        if (store.Find(name) is { } found) await removal.RemoveAsync(found.Claim, monitor).ConfigureAwait(false);
    }

    /// <summary>Lets go of the clusters that this process owns, without removing them: they are abandoned.</summary>
    public void Dispose() => owned.Dispose();
}
