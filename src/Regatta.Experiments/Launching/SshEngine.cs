using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Regatta.Experiments.Configuration;
using Regatta.Runs;

namespace Regatta.Experiments.Launching;

/// <summary>
/// Runs trials on hosts over SSH. Each host takes so many tasks at once as it is said to; one that does not answer any more is left out, and its trials go to the others. A trial goes on when the
/// connection is cut, and whoever asks for it again waits for the one that runs.
/// </summary>
internal sealed class SshEngine(LaunchDirectory launch, Plan plan, LauncherSection launcher, ProgramArchive archive, IActivityMonitor monitor) : ITaskEngine
{
    /// <summary>After so many connections in a row that failed a host is left out.</summary>
    private const int MostFailures = 3;

    /// <inheritdoc/>
    public LauncherName Launcher => LauncherName.Ssh;

    /// <inheritdoc/>
    public async IAsyncEnumerable<TaskEnd> RunAsync(IReadOnlyList<PlannedTrial> trials, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var trial in trials) launch.Prepare(plan, trial);
        var queue = new ConcurrentQueue<IReadOnlyList<PlannedTrial>>(TaskPlan.Tasks(trials, launcher));
        var ends = Channel.CreateUnbounded<TaskEnd>();
        var lost = new ConcurrentQueue<Diagnostic>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var open = trials.Count;
        var hosts = Task.WhenAll(launcher.Ssh.Hosts.Select(host => ServeAsync(new SshHost(host, launcher.Ssh, launch), queue, ends.Writer, lost, () => Volatile.Read(ref open) == 0, stop.Token)));
        var closing = CloseAsync(hosts, ends.Writer);
        try
        {
            await foreach (var end in ends.Reader.ReadAllAsync(cancellation))
            {
                Interlocked.Decrement(ref open);
                yield return end;
            }

            await closing;
        }
        finally
        {
            await stop.CancelAsync();
            await ((Task)closing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (open > 0) throw new DiagnosticException([.. lost, Diagnostic.Error("ssh-no-host", "no host is left to run trials on") with { Help = "what ended is kept; go on when a host answers again: regatta resume RUN" }]);
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

    private async Task ServeAsync(
        SshHost host, ConcurrentQueue<IReadOnlyList<PlannedTrial>> queue, ChannelWriter<TaskEnd> ends, ConcurrentQueue<Diagnostic> lost, Func<bool> done, CancellationToken cancellation)
    {
        try
        {
            await host.PrepareAsync(archive, cancellation);
        }
        catch (DiagnosticException exception)
        {
            Leave(host, exception.Diagnostics[0], lost);
            return;
        }

        var failures = 0;
        Diagnostic? last = null;
        await Task.WhenAll(Enumerable.Range(0, host.Parallel).Select(_ => LaneAsync()));
        if (last is not null && failures >= MostFailures) Leave(host, last, lost);
        else await host.RemoveAsync(cancellation);
        return;

        async Task LaneAsync()
        {
            while (Volatile.Read(ref failures) < MostFailures && !done())
            {
                if (!queue.TryDequeue(out var task))
                {
                    // Another host may be lost, and its tasks come back.
                    await Task.Delay(TimeSpan.FromMilliseconds(200), cancellation);
                    continue;
                }

                try
                {
                    await host.RunAsync(task, archive, cancellation);
                    Volatile.Write(ref failures, 0);
                    foreach (var trial in task)
                    {
                        var exit = ExitFile.Read(launch.Folder(trial));
                        await ends.WriteAsync(new TaskEnd(trial, exit, exit is null ? TaskFaults.Lost(TaskLoss.Unknown, null, LauncherName.Ssh, launch.LastLines(trial)) : null), cancellation);
                    }
                }
                catch (DiagnosticException exception)
                {
                    last = exception.Diagnostics[0];
                    Interlocked.Increment(ref failures);
                    queue.Enqueue(task);
                }
            }
        }
    }

    private void Leave(SshHost host, Diagnostic why, ConcurrentQueue<Diagnostic> lost)
    {
        lost.Enqueue(why);
        monitor.Report(new Activity("launch", host.Name, $"is left out, and its trials go to the others: {why.Summary}", ActivityState.Failed) { Detail = why.Detail });
    }
}
