using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Regatta.Agent.Payloads;
using Regatta.Agent.Platform;
using Regatta.Workloads;

namespace Regatta.Agent.Commands;

/// <summary>
/// <c>payload --job N --stamps FILE [--first VARIABLE] [--rendezvous HOST:PORT --members N] KIND …</c>: what every job runs. Meets the other members of its job
/// where they start one by one, stamps the start, does the work, stamps the finish. Written for a start of few milliseconds: no serializer, no task, no console.
/// </summary>
internal static class PayloadCommand
{
    private const int Terminated = 128 + Posix.SigTerm;

    public static int Run(string[] arguments)
    {
        // Of the tasks that a scheduler starts together, the first does the work.
        if (arguments is ["--job", _, "--stamps", _, "--first", var rank, ..])
        {
            if (Environment.GetEnvironmentVariable(rank) is { Length: > 0 } own && own != "0") return 0;
            arguments = [.. arguments[..4], .. arguments[6..]];
        }

        if (arguments is not ["--job", var number, "--stamps", var stamps, .. var rest]
            || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var job)
            || !TakeRendezvous(ref rest, out var rendezvous)
            || rest is not [var kind, .. var work])
        {
            return Fail(PayloadExit.Usage, "regatta-agent payload --job N --stamps FILE [--first VARIABLE] [--rendezvous HOST:PORT --members N] sleep SECONDS | cpu SECONDS | exec COMMAND [ARGUMENT…]");
        }

        var seconds = TimeSpan.Zero;
        switch (kind)
        {
            case "sleep" or "cpu" when work is [var text] && Seconds(text) is { } duration:
                seconds = duration;
                break;
            case "exec" when work.Length > 0:
                break;
            default:
                return Fail(PayloadExit.Usage, $"regatta-agent payload: '{string.Join(' ', rest)}' is none of sleep SECONDS, cpu SECONDS, exec COMMAND [ARGUMENT…]");
        }

        try
        {
            // A job of no length is over before a signal could come; the handler would cost it a thread.
            if (kind != "exec" && seconds == TimeSpan.Zero && rendezvous is null)
            {
                Stamp(stamps, job, "Started", null);
                Stamp(stamps, job, "Finished", 0);
                return 0;
            }

            // It does not spin: how long to, the runtime would measure by a clock that may stand.
            using var end = new ManualResetEventSlim(false, 0);
            var child = 0;
            using var handler = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
            {
                context.Cancel = true;
                end.Set();
                if (Volatile.Read(ref child) is > 0 and var running) Posix.Signal(running, Posix.SigTerm);
            });
            // What waits for the others holds its processors, and has not started.
            using var meeting = rendezvous is null ? null : PayloadRendezvous.Meet(rendezvous, job, end);
            if (end.IsSet) return Terminated;
            Stamp(stamps, job, "Started", null);
            if (kind == "exec") return Execute(stamps, job, work, ref child);
            if (kind == "sleep") Sleep(seconds, end);
            else Spin(seconds, end);
            var code = end.IsSet ? Terminated : 0;
            Stamp(stamps, job, "Finished", code);
            return code;
        }
        catch (SocketException exception)
        {
            return Fail(PayloadExit.Rendezvous, $"regatta-agent payload: the other members cannot be met at {rendezvous!.Host}:{rendezvous.Port}: {exception.Message}");
        }
        catch (IOException exception)
        {
            return Fail(PayloadExit.Stamps, $"regatta-agent payload: {exception.Message}");
        }
    }

    private static bool TakeRendezvous(ref string[] arguments, out PayloadRendezvous? rendezvous)
    {
        rendezvous = null;
        if (arguments is not ["--rendezvous", var place, "--members", var members, .. var rest]) return true;
        arguments = rest;
        return (rendezvous = PayloadRendezvous.Parse(place, members)) is not null;
    }

    private static TimeSpan? Seconds(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= 1e8 ? TimeSpan.FromSeconds(seconds) : null;

    private static void Sleep(TimeSpan duration, ManualResetEventSlim end)
    {
        var start = Stopwatch.GetTimestamp();
        while (duration - Stopwatch.GetElapsedTime(start) is var left && left > TimeSpan.Zero && !end.IsSet)
        {
            if (left < TimeSpan.FromMilliseconds(2)) Posix.SleepBriefly(left);
            else end.Wait((int)Math.Min(left.TotalMilliseconds - 1, int.MaxValue));
        }
    }

    private static void Spin(TimeSpan duration, ManualResetEventSlim end)
    {
        while (Posix.ThreadCpuTime() < duration && !end.IsSet) Thread.SpinWait(20_000);
    }

    private static int Execute(string stamps, long job, string[] command, ref int child)
    {
        var process = Posix.Spawn(command, out var error);
        if (error != 0)
        {
            var missing = error == 2 ? 127 : 126;
            Stamp(stamps, job, "Finished", missing);
            return Fail(missing, $"regatta-agent payload: cannot run {command[0]}: {Marshal.GetPInvokeErrorMessage(error)}");
        }

        Volatile.Write(ref child, process);
        var status = Posix.Wait(process);
        Volatile.Write(ref child, 0);
        var signal = status & 0x7f;
        var code = signal == 0 ? (status >> 8) & 0xff : 128 + signal;
        Stamp(stamps, job, "Finished", code);
        // The scheduler is to see what the command did: a signal stays a signal.
        if (signal is not 0 and not Posix.SigTerm) Posix.DieBy(signal);
        return code;
    }

    private static void Stamp(string file, long job, string kind, int? exitCode)
    {
        // Where the payload runs in a pod, its host's name is the pod's, and one job has several.
        var node = Environment.GetEnvironmentVariable("REGATTA_NODE") ?? Environment.MachineName;
        var member = Environment.GetEnvironmentVariable("REGATTA_MEMBER");
        var line = StampLine.Of(job, kind, Micros.From(DateTime.UtcNow), node, member, exitCode);
        Posix.AppendAtOnce(file, Encoding.UTF8.GetBytes(line));
    }

    private static int Fail(int code, string text)
    {
        Console.Error.WriteLine(text);
        return code;
    }
}
