using System.Runtime.InteropServices;
using System.Threading.Channels;
using Regatta.Agent.Clients;
using Regatta.Agent.Platform;
using Regatta.Agent.Replaying;
using Regatta.Workloads;

namespace Regatta.Agent.Commands;

/// <summary><c>clients --directory DIR</c>: the clients that call beside a replay, until SIGTERM; started by <c>worker</c>.</summary>
internal static class ClientsCommand
{
    public static int Run(string[] arguments)
    {
        var directory = new ReplayDirectory(new Arguments("clients", arguments, "--directory").Required("--directory"));
        if (!directory.Exists) return FollowCommand.Missing(directory);
        // What clients print goes nowhere, as into a terminal that nobody looks at.
        Posix.Detach(directory.ClientLog);
        // Users have the priority of users, and not the worker's that started this.
        _ = Posix.RaisePriority(0);
        RunAsync(directory).GetAwaiter().GetResult();
        return 0;
    }

    private static async Task RunAsync(ReplayDirectory directory)
    {
        using var stop = new CancellationTokenSource();
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });
        var (header, _) = directory.ReadSchedule();
        if (header.Clients is not { } storm) return;
        var calls = Channel.CreateUnbounded<ClientCall>();
        using var known = new KnownJobs(directory.Events);
        var run = new ClientRun(storm, known.Any, call => calls.Writer.TryWrite(call), TimeProvider.System);
        var writing = WriteAsync(directory.Clients, calls.Reader);
        try
        {
            await run.RunAsync(stop.Token);
        }
        finally
        {
            calls.Writer.Complete();
            await writing;
        }

        await run.UndoAsync();
    }

    private static async Task WriteAsync(string path, ChannelReader<ClientCall> calls)
    {
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1 << 16);
        while (await calls.WaitToReadAsync())
        {
            while (calls.TryRead(out var call))
            {
                file.Write(ReplayJson.Line(call));
                file.WriteByte((byte)'\n');
            }

            await file.FlushAsync();
        }
    }
}
