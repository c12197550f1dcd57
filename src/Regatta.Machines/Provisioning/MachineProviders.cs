using Regatta.Diagnostics;
using Regatta.Host;
using Regatta.Host.Libvirt;
using Regatta.Images;

namespace Regatta.Machines.Provisioning;

/// <summary>Brings a cluster up by the driver that it asks for, and down by the one it was brought up with.</summary>
public sealed class MachineProviders : IMachineProvider, IDisposable
{
    private readonly LibvirtProvider libvirt;
    private readonly ExistingMachines existing;
    private readonly ClusterStore store;

    /// <summary>Providers whose clusters are kept in a state directory.</summary>
    public MachineProviders(StateDirectory state, TimeProvider time)
    {
        libvirt = new LibvirtProvider(state, new LocalLibvirt(state, time), time);
        existing = new ExistingMachines(state, time);
        store = new ClusterStore(state);
    }

    /// <inheritdoc/>
    public Task<Cluster> UpAsync(ClusterSpec spec, Image? image, IActivityMonitor monitor, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.Driver == MachineDriver.Ssh ? existing.UpAsync(spec, image, monitor, cancellation) : libvirt.UpAsync(spec, image, monitor, cancellation);
    }

    /// <inheritdoc/>
    public Task DownAsync(Cluster cluster, IActivityMonitor monitor, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return DownAsync(cluster.Name, monitor);
    }

    /// <summary>Removes a cluster by name; no error when there is none.</summary>
    /// <exception cref="DiagnosticException">Another process owns it.</exception>
    public Task DownAsync(string name, IActivityMonitor monitor) =>
        store.Find(name)?.Claim.Driver == MachineDriver.Ssh ? existing.DownAsync(name, monitor) : libvirt.DownAsync(name, monitor);

    /// <summary>Lets go of the clusters that this process owns, without removing them.</summary>
    public void Dispose()
    {
        libvirt.Dispose();
        existing.Dispose();
    }
}
