using Regatta.Host;
using Regatta.Host.Libvirt;
using Regatta.Images;

namespace Regatta.Machines.Provisioning;

/// <summary>Brings a cluster up by the driver that it asks for, and down by the one it was brought up with.</summary>
public sealed class MachineProviders : IMachineProvider, IDisposable
{
    private readonly LibvirtProvider _libvirt;
    private readonly ExistingMachines _existing;
    private readonly ClusterStore _store;

    /// <summary>Providers whose clusters are kept in a state directory.</summary>
    public MachineProviders(StateDirectory state, TimeProvider time)
    {
        _libvirt = new LibvirtProvider(state, new LocalLibvirt(state, time), time);
        _existing = new ExistingMachines(state, time);
        _store = new ClusterStore(state);
    }

    /// <inheritdoc/>
    public Task<Cluster> UpAsync(ClusterSpec spec, Image? image, IActivityMonitor monitor, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.Driver == MachineDriver.Ssh ? _existing.UpAsync(spec, image, monitor, cancellation) : _libvirt.UpAsync(spec, image, monitor, cancellation);
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
        _store.Find(name)?.Claim.Driver == MachineDriver.Ssh ? _existing.DownAsync(name, monitor) : _libvirt.DownAsync(name, monitor);

    /// <summary>Lets go of the clusters that this process owns, without removing them.</summary>
    public void Dispose()
    {
        _libvirt.Dispose();
        _existing.Dispose();
    }
}
