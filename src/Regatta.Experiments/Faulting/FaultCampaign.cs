using System.Collections.Concurrent;
using Regatta.Analysis;
using Regatta.Machines.Faults;
using Regatta.Workloads;

namespace Regatta.Experiments.Faulting;

/// <summary>Brings the planned faults of a trial about while its jobs are replayed, and undoes all of them before its end, whatever happens.</summary>
/// <param name="faults">The faults.</param>
/// <param name="actor">Does and undoes them.</param>
/// <param name="clock">Tells when.</param>
/// <param name="trial">The trial, for what is told of it.</param>
/// <param name="time">The clock.</param>
/// <param name="monitor">Who is told.</param>
internal sealed class FaultCampaign(ImmutableArray<ScheduledFault> faults, FaultActor actor, FaultClock clock, string trial, TimeProvider time, IActivityMonitor monitor) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, InjectedFault> _done = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Diagnostic> _unhealed = new();
    private readonly CancellationTokenSource _over = new();
    private Task _running = Task.CompletedTask;

    /// <summary>What was done, with when it was over.</summary>
    public ImmutableArray<InjectedFault> Done => [.. _done.Values.OrderBy(f => f.Began)];

    /// <summary>Names of those whose time has not come.</summary>
    public ImmutableArray<string> Missed => [.. faults.Select(f => f.Act.Name).Where(n => !_done.ContainsKey(n))];

    /// <summary>What could not be undone; empty when all was.</summary>
    public ImmutableArray<Diagnostic> Unhealed => [.. _unhealed];

    /// <summary>Begins to wait for what the faults wait for.</summary>
    public void Begin() => _running = Task.WhenAll(faults.Select(f => Task.Run(() => RunAsync(f))));

    /// <summary>Takes an event of the replay.</summary>
    public void See(JobEvent happened) => clock.See(happened);

    /// <summary>Ends it: what has not come is missed, and what is not undone is undone now.</summary>
    public async Task EndAsync()
    {
        if (_over.IsCancellationRequested) return;
        await _over.CancelAsync();
        await _running;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _over.Dispose();
    }

    private async Task RunAsync(ScheduledFault fault)
    {
        try
        {
            var due = await clock.WaitAsync(fault.Trigger, _over.Token);
            await ActAsync(fault, due);
            if (fault.Lasts is { } lasts) await Task.Delay(Durations.ForTimer(lasts), time, _over.Token);
            else await Task.Delay(Timeout.InfiniteTimeSpan, time, _over.Token);
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            // The replay has ended.
        }
        finally
        {
            if (_done.ContainsKey(fault.Act.Name)) await HealAsync(fault);
        }
    }

    private async Task ActAsync(ScheduledFault fault, long? due)
    {
        var act = fault.Act;
        // Written down first: what was done in part is to be undone as well.
        _done[act.Name] = new InjectedFault(act.Name, fault.Text, act.Node, Micros.Now(time), Micros.Now(time)) { Due = due, Off = !fault.Spares };
        try
        {
            var (began, acted) = await actor.ActAsync(act, CancellationToken.None);
            _done[act.Name] = _done[act.Name] with { Began = began, Acted = acted };
            monitor.Report(new Activity("fault", trial, $"{act.Name}: {fault.Text}"));
        }
        catch (DiagnosticException exception)
        {
            Failed(act.Name, exception.Diagnostics[0]);
        }
    }

    private async Task HealAsync(ScheduledFault fault)
    {
        var act = fault.Act;
        try
        {
            var healed = await actor.UndoAsync(act.Name);
            _done[act.Name] = _done[act.Name] with { Healed = healed is { } at && at >= _done[act.Name].Began ? at : Micros.Now(time) };
            monitor.Report(new Activity("fault", trial, $"{act.Name}: healed", ActivityState.Done));
        }
        catch (DiagnosticException exception)
        {
            foreach (var diagnostic in exception.Diagnostics) _unhealed.Enqueue(diagnostic);
            Failed(act.Name, exception.Diagnostics[0]);
        }
    }

    private void Failed(string name, Diagnostic fault)
    {
        _done[name] = _done[name] with { Failure = fault.Detail is { } detail ? $"{fault.Summary}: {detail}" : fault.Summary };
        monitor.Report(new Activity("fault", trial, $"{name}: {fault.Summary}", ActivityState.Failed) { Detail = fault.Detail });
    }
}
