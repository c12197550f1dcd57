using Regatta.Agent.Platform;
using Regatta.Agent.Replaying;
using Regatta.Workloads;

namespace Regatta.Agent.Commands;

/// <summary>
/// <c>follow --directory DIR [--from OFFSET] [--what events|samples]</c>: gives out the events of a replay, or what is sampled beside it, from a byte of its file on, until it has ended.
/// Ends with a <see cref="ReplayExit"/>.
/// </summary>
internal static class FollowCommand
{
    // A worker that was killed writes nothing more: whether it lives is asked for now and then.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    // Events of a burst are passed on together, so that following costs the head little while it is measured.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(25);

    public static int Run(string[] arguments)
    {
        var given = new Arguments("follow", arguments, "--directory", "--from", "--what");
        var directory = new ReplayDirectory(given.Required("--directory"));
        if (!directory.Exists) return Missing(directory);
        return given.Choice("--what", "events", "samples") == "events"
            ? Follow(directory, given.Number("--from", 0), Console.OpenStandardOutput(), () => !directory.IsAlive())
            : FollowSamples(directory, given.Number("--from", 0), Console.OpenStandardOutput(), () => !directory.IsAlive());
    }

    /// <summary>Says that there is no replay.</summary>
    public static int Missing(ReplayDirectory directory)
    {
        Console.Error.WriteLine(Diagnostic.Error("replay-missing", $"there is no replay in {directory.Path}") with { Help = "start one: regatta-agent replay --directory DIR < schedule.jsonl" });
        return ReplayExit.Missing;
    }

    /// <summary>Copies events until the replay is over.</summary>
    /// <param name="directory">The replay.</param>
    /// <param name="offset">First byte to give out.</param>
    /// <param name="output">Where to.</param>
    /// <param name="gone">The worker lives no more; asked only while neither summary nor failure is there.</param>
    public static int Follow(ReplayDirectory directory, long offset, Stream output, Func<bool> gone)
    {
        var buffer = new byte[64 * 1024];
        using var watch = new DirectoryWatch(directory.Path, writes: true);
        while (true)
        {
            // What ended before the last copy has all its events in that copy.
            var last = directory.Over || gone();
            offset = Copy(directory.Events, offset, output, buffer);
            if (!last)
            {
                watch.Wait(Patience);
                Posix.SleepBriefly(Gathering);
                continue;
            }

            if (File.Exists(directory.Summary)) return ReplayExit.Done;
            Console.Error.WriteLine(File.Exists(directory.Failure) ? File.ReadAllText(directory.Failure).TrimEnd() : Vanished(directory).ToString());
            return ReplayExit.Failed;
        }
    }

    /// <summary>Copies samples until the replay is over. They come once a second, and are for who looks on: they are looked for as often, which costs less than a watch that events wake.</summary>
    private static int FollowSamples(ReplayDirectory directory, long offset, Stream output, Func<bool> gone)
    {
        while (true)
        {
            var last = directory.Over || gone();
            offset = Copy(directory.Samples, offset, output, new byte[64 * 1024]);
            // Nobody waits for this end before the directory goes.
            if (last || !directory.Exists) return ReplayExit.Done;
            Posix.SleepBriefly(Patience);
        }
    }

    private static long Copy(string events, long offset, Stream output, byte[] buffer)
    {
        if (!File.Exists(events)) return offset;
        using var file = new FileStream(events, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        if (file.Length <= offset) return offset;
        file.Position = offset;
        int count;
        while ((count = file.Read(buffer)) > 0)
        {
            output.Write(buffer, 0, count);
            offset += count;
        }

        output.Flush();
        return offset;
    }

    private static Diagnostic Vanished(ReplayDirectory directory) => Diagnostic.Error("replay-worker-gone", "the replay process exited unexpectedly without an error message") with
    {
        Detail = File.Exists(directory.Log) ? string.Join('\n', File.ReadLines(directory.Log).TakeLast(20)) : null,
        Help = "what was recorded is kept; run the trial again",
    };
}
