using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using Regatta.Workloads;

namespace Regatta.Agent.Clients;

/// <summary>Runs clients at their rates, whatever became of those before (an open loop), until it is stopped.</summary>
/// <param name="storm">Which clients.</param>
/// <param name="jobs">The scheduler's name of a job that is there, at random; null while there is none.</param>
/// <param name="record">Takes every call when it has ended, from any thread.</param>
/// <param name="time">The clock.</param>
internal sealed class ClientRun(ClientStorm storm, Func<Random, string?> jobs, Action<ClientCall> record, TimeProvider time)
{
    // As a shell says it.
    private const int CannotStart = 126;

    private readonly ConcurrentDictionary<Task, byte> _underWay = [];
    private int _count;

    /// <summary>Runs until it is cancelled; what is under way then is ended.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await Task.WhenAll(storm.Streams.Select((stream, i) => StreamAsync(stream, new Random(unchecked((int)(storm.Seed * 31) + i)), stop)));
        await Task.WhenAll(_underWay.Keys);
    }

    /// <summary>Takes back what the clients left.</summary>
    public async Task UndoAsync()
    {
        if (storm.Undo.IsDefaultOrEmpty) return;
        using var limit = new CancellationTokenSource(Durations.ForTimer(storm.Timeout), time);
        using var process = Start(storm.Undo);
        await process.WaitForExitAsync(limit.Token);
    }

    private async Task StreamAsync(ClientStream stream, Random random, CancellationToken stop)
    {
        var (origin, utc) = (time.GetTimestamp(), Micros.Now(time));
        var next = TimeSpan.Zero;
        // One clock for what was planned and what was done.
        long Now() => utc + Micros.From(time.GetElapsedTime(origin));
        try
        {
            while (true)
            {
                next += TimeSpan.FromSeconds(-Math.Log(1 - random.NextDouble()) / stream.Rate);
                // Timers may be a millisecond early.
                while (next - time.GetElapsedTime(origin) is var wait && wait > TimeSpan.Zero) await Task.Delay(Durations.ForTimer(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds))), time, stop);
                stop.ThrowIfCancellationRequested();
                var planned = utc + Micros.From(next);
                if (Command(stream, random) is not { } command) continue;
                if (Interlocked.Increment(ref _count) > storm.Most)
                {
                    Interlocked.Decrement(ref _count);
                    record(new ClientCall(stream.Kind, planned, planned, 0, ClientOutcome.LeftOut));
                    continue;
                }

                var call = CallAsync(stream.Kind, command, planned, Now, stop);
                _underWay[call] = 0;
                _ = call.ContinueWith(ended => _underWay.TryRemove(ended, out _), TaskScheduler.Default);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The trial has ended.
        }
    }

    // A client that looks at a job comes when there is one.
    private ImmutableArray<string>? Command(ClientStream stream, Random random)
    {
        if (!stream.Command.Any(w => w.Contains(ClientStream.JobWord, StringComparison.Ordinal))) return stream.Command;
        return jobs(random) is { } job ? [.. stream.Command.Select(w => w.Replace(ClientStream.JobWord, job, StringComparison.Ordinal))] : null;
    }

    private async Task CallAsync(ClientKind kind, ImmutableArray<string> command, long planned, Func<long> now, CancellationToken stop)
    {
        // Processes are made on other threads than the one that keeps the times.
        await Task.Yield();
        var (tick, began) = (time.GetTimestamp(), now());
        try
        {
            using var process = Start(command);
            using var limit = new CancellationTokenSource(Durations.ForTimer(storm.Timeout), time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
            ClientOutcome outcome;
            int? code = null;
            try
            {
                await process.WaitForExitAsync(either.Token);
                (outcome, code) = process.ExitCode == 0 ? (ClientOutcome.Done, (int?)null) : (ClientOutcome.Failed, process.ExitCode);
            }
            catch (OperationCanceledException)
            {
                outcome = limit.IsCancellationRequested ? ClientOutcome.TimedOut : ClientOutcome.Cut;
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
            }

            record(new ClientCall(kind, planned, began, Micros.From(time.GetElapsedTime(tick)), outcome) { ExitCode = code });
        }
        catch (Win32Exception fault)
        {
            Console.Error.WriteLine($"{command[0]}: {fault.Message}");
            record(new ClientCall(kind, planned, began, 0, ClientOutcome.Failed) { ExitCode = CannotStart });
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    }

    private Process Start(ImmutableArray<string> command)
    {
        var start = new ProcessStartInfo(ClientCheck.Find(command[0]) ?? command[0], command.Skip(1)) { UseShellExecute = false, WorkingDirectory = "/" };
        if (storm.User is { } user) start.UserName = user;
        return Process.Start(start)!;
    }
}
