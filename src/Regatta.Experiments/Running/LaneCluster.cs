using Regatta.Images;
using Regatta.Machines;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Experiments.Running;

/// <summary>
/// The one cluster that a lane has at a time. One that cannot be removed costs no trial: it is left, the next one has another name, and it is tried again
/// when the run ends.
/// </summary>
/// <param name="plan">What is wanted.</param>
/// <param name="services">What the lanes of the run share.</param>
internal sealed class LaneCluster(ClusterPlan plan, LaneServices services)
{
    private readonly List<Cluster> _left = [];

    /// <summary>The cluster; null while there is none.</summary>
    public Cluster? Current { get; private set; }

    /// <summary>The cluster, which is made first where there is none.</summary>
    /// <exception cref="DiagnosticException">It cannot be made.</exception>
    public async Task<Cluster> EnsureAsync(IActivityMonitor monitor, CancellationToken cancellation)
    {
        if (Current is { } there) return there;
        Image? image = null;
        if (plan.Image is { } wanted)
        {
            image = await services.Images.EnsureAsync(wanted, monitor, cancellation);
            services.Journal.Write(JournalKind.Image, image.Name, image.Directory);
            if (plan.Beside is { } other)
            {
                image = image with { Beside = await services.Images.EnsureAsync(other, monitor, cancellation) };
                services.Journal.Write(JournalKind.Image, image.Beside.Name, image.Beside.Directory);
            }
        }

        var spec = _left.Count == 0 ? plan.Spec : plan.Spec with { Name = string.Create(CultureInfo.InvariantCulture, $"{plan.Spec.Name}-{_left.Count + 1}") };
        Current = await services.Machines.UpAsync(spec, image, monitor, cancellation);
        services.Up.TryAdd(Current.Name, 0);
        services.Journal.Write(JournalKind.ClusterUp, Current.Name, Current.Machines.Name());
        services.Provenance.Add(Current, plan.Scheduler.Name, image);
        return Current;
    }

    /// <summary>Removes the cluster where there is one.</summary>
    public async Task DownAsync(IActivityMonitor monitor)
    {
        if (Current is not { } gone) return;
        Current = null;
        if (!await TryDownAsync(gone, monitor, "it is tried again when the run ends, and the next trial gets another one")) _left.Add(gone);
    }

    /// <summary>Tries again to remove what could not be removed before.</summary>
    public async Task RemoveLeftAsync(IActivityMonitor monitor)
    {
        foreach (var left in _left.ToList())
        {
            if (await TryDownAsync(left, monitor, "'regatta reap' removes what is left of it")) _left.Remove(left);
        }
    }

    private async Task<bool> TryDownAsync(Cluster gone, IActivityMonitor monitor, string next)
    {
        try
        {
            // An interruption must not interrupt the clearing up.
            await services.Machines.DownAsync(gone, monitor, CancellationToken.None);
        }
        catch (DiagnosticException exception)
        {
            monitor.Report(new Activity("cluster", gone.Name, $"cannot be removed: {next}", ActivityState.Failed) { Detail = exception.Message });
            return false;
        }

        services.Up.TryRemove(gone.Name, out _);
        services.Journal.Write(JournalKind.ClusterDown, gone.Name);
        return true;
    }
}
