using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Regatta.Experiments.Configuration;
using Regatta.Runs;

namespace Regatta.Experiments.Launching;

/// <summary>
/// Runs trials on hosts over SSH. Each host takes so many tasks of simulated trials at once as it is said to, or one on machines and nothing beside it. One that does not answer any more is left
/// out, and its trials go to the others. A trial goes on when the connection is cut, and the host is asked for it again.
/// </summary>
internal sealed class SshEngine(LaunchDirectory launch, Plan plan, LauncherSection launcher, ProgramArchive archive, Journal journal, IActivityMonitor monitor, string ssh = "ssh") : ITaskEngine
{
    /// <summary>After so many connections in a row that failed a host is left out.</summary>
    private const int MostFailures = 3;

    private readonly ConcurrentQueue<Diagnostic> _lost = new();
    private readonly ConcurrentQueue<SshHost> _left = new();
    private int _open;
    private int _takers;

    /// <inheritdoc/>
    public LauncherName Launcher => LauncherName.Ssh;

    private bool Done => Volatile.Read(ref _open) == 0;

    /// <inheritdoc/>
    public async IAsyncEnumerable<TaskEnd> RunAsync(IReadOnlyList<PlannedTrial> trials, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var machines = TaskPlan.OnMachines(plan.Points);
        var dealer = new TaskDealer(TaskPlan.Tasks(trials, launcher, machines), machines);
        var hosts = await ReadyAsync(dealer, cancellation);
        foreach (var trial in trials) launch.Prepare(plan, trial);
        _open = trials.Count;
        var ends = Channel.CreateUnbounded<TaskEnd>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var closing = CloseAsync(Task.WhenAll(hosts.Select(host => ServeAsync(host, dealer, ends.Writer, stop.Token))), ends.Writer);
        try
        {
            await foreach (var end in ends.Reader.ReadAllAsync(cancellation))
            {
                Interlocked.Decrement(ref _open);
                yield return end;
            }

            await closing;
        }
        finally
        {
            await stop.CancelAsync();
            await ((Task)closing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(_left.Where(h => h.TakesMachines).Select(host => SettleAsync(host, cancellation)));
        if (!Done) throw NoHost(_takers == 0 && dealer.Has(alone: true) ? "no host is left to run trials on machines" : "no host is left to run trials on");
    }

    private static async Task CloseAsync(Task hosts, ChannelWriter<TaskEnd> ends)
    {
        try
        {
            await hosts;
            ends.Complete();
        }
        catch (Exception exception)
        {
            ends.Complete(exception);
            throw;
        }
    }

    /// <summary>Brings the program to all hosts and asks each what it has, before anything begins.</summary>
    /// <returns>Those that can run some of the trials.</returns>
    /// <exception cref="DiagnosticException">None can, or none of those that take machines.</exception>
    private async Task<IReadOnlyList<SshHost>> ReadyAsync(TaskDealer dealer, CancellationToken cancellation)
    {
        var hosts = launcher.Ssh.Hosts.Select(host => new SshHost(host, launcher.Ssh, launch, archive, ssh)).ToList();
        var reasons = await Task.WhenAll(hosts.Select(host => ReadyAsync(host, dealer, cancellation)));
        var usable = hosts.Where((_, i) => reasons[i] is null).ToList();
        if (usable.Count == 0) throw NoHost("no host can run the trials");
        _takers = usable.Count(h => h.TakesMachines);
        if (dealer.Has(alone: true) && _takers == 0) throw NoHost("no host can run trials on machines");
        foreach (var (host, why) in hosts.Zip(reasons).Where(h => h.Second is not null)) journal.Write(JournalKind.HostLeftOut, host.Name, why!.Summary);
        return usable;
    }

    /// <returns>Why the host is left out; null where it is not.</returns>
    private async Task<Diagnostic?> ReadyAsync(SshHost host, TaskDealer dealer, CancellationToken cancellation)
    {
        try
        {
            var begun = await host.PrepareAsync(cancellation);
            if (dealer.Has(alone: true))
            {
                if (await host.Readiness.EnsureAsync(launcher.Ssh.Fix, words => Tell(host, words), cancellation) is { } lacks)
                {
                    if (!dealer.Has(alone: false)) return Leave(host, lacks);
                    _lost.Enqueue(lacks);
                    TellWhy(host, "takes simulated trials only: ", lacks);
                    return null;
                }

                await ReapAsync(host, cancellation);
                host.TakesMachines = true;
            }

            dealer.Claim(host.Name, begun);
            return null;
        }
        catch (DiagnosticException exception)
        {
            return Leave(host, exception.Diagnostics[0]);
        }
    }

    private async Task ServeAsync(SshHost host, TaskDealer dealer, ChannelWriter<TaskEnd> ends, CancellationToken cancellation)
    {
        var failures = 0;
        Diagnostic? last = null;
        while (Going())
        {
            if (host.TakesMachines && dealer.Take(host.Name, alone: true) is { } task) await RunAsync(task, alone: true);
            else if (dealer.Waits(host.Name, alone: false)) await Task.WhenAll(Enumerable.Range(0, host.Parallel).Select(_ => LaneAsync()));
            else if (!host.TakesMachines && dealer.Has(alone: true) && Volatile.Read(ref _takers) == 0) break;
            // Another host may be lost, and its tasks come back.
            else await Task.Delay(TimeSpan.FromMilliseconds(200), cancellation);
        }

        if (last is null || failures < MostFailures)
        {
            await host.RemoveAsync(cancellation);
            return;
        }

        journal.Write(JournalKind.HostLeftOut, host.Name, Leave(host, last).Summary);
        _left.Enqueue(host);
        dealer.GiveUp(host.Name);
        if (host.TakesMachines) Interlocked.Decrement(ref _takers);
        return;

        bool Going() => Volatile.Read(ref failures) < MostFailures && !Done;

        async Task LaneAsync()
        {
            // What waits for machines comes first, and runs alone.
            while (Going() && !(host.TakesMachines && dealer.Waits(host.Name, alone: true)) && dealer.Take(host.Name, alone: false) is { } simulated) await RunAsync(simulated, alone: false);
        }

        async Task RunAsync(IReadOnlyList<PlannedTrial> task, bool alone)
        {
            var told = false;
            try
            {
                await host.RunAsync(task, alone, cancellation);
                Volatile.Write(ref failures, 0);
                var exits = task.Select(trial => (Trial: trial, Exit: ExitFile.Read(launch.Folder(trial)))).ToList();
                foreach (var (trial, exit) in exits)
                    await ends.WriteAsync(new TaskEnd(trial, exit, exit is null ? TaskFaults.Lost(TaskLoss.Unknown, null, LauncherName.Ssh, launch.LastLines(trial)) : null), cancellation);
                told = true;
                // A program that was killed leaves its nodes, which would run beside the next trial.
                if (alone && exits.Exists(e => e.Exit is not { Code: 0 })) await ReapAsync(host, cancellation);
            }
            catch (DiagnosticException exception)
            {
                last = exception.Diagnostics[0];
                // Where nodes of a trial are left, nothing is measured any more.
                Interlocked.Add(ref failures, told ? MostFailures : 1);
                if (!told) dealer.GiveBack(host.Name, task);
            }
        }
    }

    private async Task ReapAsync(SshHost host, CancellationToken cancellation)
    {
        if (await host.Readiness.ReapAsync(cancellation) is { Count: > 0 } removed) Tell(host, "what programs that are gone had left was removed: " + string.Join(", ", removed), ActivityState.Done);
    }

    /// <summary>At the end: what a host that went away keeps of trials is removed where it answers again, and told where it does not.</summary>
    private async Task SettleAsync(SshHost host, CancellationToken cancellation)
    {
        try
        {
            await ReapAsync(host, cancellation);
        }
        catch (DiagnosticException exception)
        {
            var left = $"may still hold nodes of a trial; when it answers again, run there: {host.Program} reap";
            journal.Write(JournalKind.HostLeftOut, host.Name, left);
            monitor.Report(new Activity("launch", host.Name, left, ActivityState.Failed) { Detail = exception.Diagnostics[0].Detail });
        }
    }

    private Diagnostic Leave(SshHost host, Diagnostic why)
    {
        _lost.Enqueue(why);
        TellWhy(host, "is left out, and its trials go to the others: ", why);
        return why;
    }

    private void Tell(SshHost host, string words, ActivityState state = ActivityState.Running) => monitor.Report(new Activity("launch", host.Name, words, state));

    private void TellWhy(SshHost host, string words, Diagnostic why) =>
        monitor.Report(new Activity("launch", host.Name, words + why.Summary, ActivityState.Failed) { Detail = string.Join('\n', new[] { why.Detail, why.Help }.Where(l => !string.IsNullOrEmpty(l))) });

    private DiagnosticException NoHost(string summary) => new([.. _lost, Diagnostic.Error("ssh-no-host", summary) with { Help = "what ended is kept; go on when a host answers again: regatta resume RUN" }]);
}
