using System.Runtime.InteropServices;
using Regatta.Agent.Clients;
using Regatta.Agent.Drivers;
using Regatta.Agent.Platform;
using Regatta.Agent.Replaying;
using Regatta.Workloads;

namespace Regatta.Agent.Commands;

/// <summary><c>worker --directory DIR</c>: the part of a replay that outlives the connection; started by <c>replay</c>.</summary>
internal static class WorkerCommand
{
    // Sending on time matters more than what else the head does; the agent itself needs little.
    private const int Niceness = -10;

    /// <summary>Runs the command.</summary>
    /// <param name="arguments">Its options.</param>
    /// <param name="create">Makes the driver that a header names.</param>
    public static int Run(string[] arguments, Func<ReplayHeader, TimeProvider, ISchedulerDriver> create)
    {
        var directory = new ReplayDirectory(new Arguments("worker", arguments, "--directory").Required("--directory"));
        using var owner = directory.TryLock();
        if (owner is null || directory.Over) throw new DiagnosticException(Diagnostic.Error("replay-worker", $"the replay in {directory.Path} has a worker or has ended"));
        Posix.Detach(directory.Log);
        if (!Posix.RaisePriority(Niceness)) Console.Error.WriteLine("the priority of the worker could not be raised");
        try
        {
            RunAsync(directory, create).GetAwaiter().GetResult();
            return 0;
        }
        catch (Exception exception)
        {
            var told = exception is IOException full ? directory.Full(full) : exception;
            directory.Fail(told is DiagnosticException ? told.Message : $"error[replay-failed]: the replay failed\n  {told.ToString().ReplaceLineEndings("\n  ")}");
            return 1;
        }
    }

    private static async Task RunAsync(ReplayDirectory directory, Func<ReplayHeader, TimeProvider, ISchedulerDriver> create)
    {
        using var cancel = new CancellationTokenSource();
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            cancel.Cancel();
        });
        var (header, jobs) = directory.ReadSchedule();
        var clock = header.Clock is { } named ? new VirtualClock(named) : null;
        using var time = new PreciseTime(clock);
        // Stamps of the driver are those of the clock, too; in real time it needs no thread for its pauses.
        await using var driver = create(header, clock is null ? TimeProvider.System : time);
        await using var events = new EventLog(directory.Events);
        using var watch = new DirectoryWatch(directory.Path, writes: false);
        var asking = Task.Factory.StartNew(() => AwaitMark(directory, watch, cancel), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:O} replays {jobs.Count} jobs of {header.Trial} through {header.Scheduler}"));
        ReplaySummary summary;
        // A process of its own: what it starts costs this one, which sends jobs on time, nothing.
        using var clients = header.Clients is null ? null : ClientProcess.Start(directory);
        try
        {
            clock?.Begin();
            // What is cancelled is waited for in real time.
            await using var slow = cancel.Token.Register(() => clock?.Slow());
            summary = await new ReplayRun(header, jobs, driver, events.Add, events.Writing, time) { Samples = directory.Samples, Begins = clock is null ? null : clock.Next }.RunAsync(cancel.Token);
        }
        finally
        {
            clock?.Slow();
            watch.Stop();
            await asking;
        }

        if (clock?.Report() is { } report) summary = summary with { Clock = report, Faults = [.. summary.Faults, .. clock.Faults(report)] };
        await events.CompleteAsync();
        if (clients is not null && await clients.EndAsync() is { } fault) summary = summary with { Faults = summary.Faults.Add(new ReplayFault(Micros.Now(TimeProvider.System), null, fault)) };
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:O} {summary.Outcome}, {summary.Unfinished.Length} jobs unfinished, {summary.Faults.Length} faults"));
        directory.Write(summary);
        directory.Release();
    }

    private static void AwaitMark(ReplayDirectory directory, DirectoryWatch watch, CancellationTokenSource cancel)
    {
        while (!File.Exists(directory.CancelMark))
        {
            if (!watch.Wait(null)) return;
        }

        cancel.Cancel();
    }
}
