using System.Collections.Concurrent;

namespace Regatta.Cli.Terminal;

/// <summary>Activities as plain lines, for logs and pipes: one when something begins, one when it ends, and one now and then while it is long under way.</summary>
/// <param name="terminal">Where lines go.</param>
/// <param name="time">Clock.</param>
/// <param name="start">The time stamp that lines count from: that of the program's start, so that steps of one command share one clock.</param>
internal sealed class LineMonitor(ITerminal terminal, TimeProvider time, long start) : IActivityMonitor
{
    // Stages of many short tasks: a line for each that ended is enough.
    private static readonly HashSet<string> Brief = ["configure", "reset", "check"];

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<(string, string), (long Since, long Told, string Text)> _running = new();

    public void Report(Activity activity)
    {
        var key = (activity.Stage, activity.Subject);
        if (activity.State == ActivityState.Running)
        {
            var now = time.GetTimestamp();
            var known = _running.TryGetValue(key, out var before);
            // Progress within one step would flood a log: a line when the words change, and for what counts only after a while.
            var quiet = (known && before.Text == activity.Text) || Brief.Contains(activity.Stage)
                || (activity.Fraction is not null && known && time.GetElapsedTime(before.Told, now) < Pause);
            _running[key] = (known ? before.Since : now, quiet && known ? before.Told : now, activity.Text);
            if (quiet) return;
        }

        var elapsed = activity.Elapsed
            ?? (activity.State != ActivityState.Running && _running.TryRemove(key, out var began) ? time.GetElapsedTime(began.Since) : null);
        var mark = activity.State == ActivityState.Failed ? "FAILED " : "";
        terminal.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"[{time.GetElapsedTime(start).TotalSeconds,7:F1}s] {activity.Stage,-9} {activity.Subject}: {mark}{activity.Text}{Took(activity, elapsed)}"));
        if (activity is { State: ActivityState.Failed, Detail: { } detail })
            terminal.WriteLine("    " + detail.TrimEnd().ReplaceLineEndings(Environment.NewLine + "    "));
    }

    internal static string Took(Activity activity, TimeSpan? elapsed) =>
        activity.State != ActivityState.Running && elapsed is { } took
            ? string.Create(CultureInfo.InvariantCulture, $" ({took.TotalSeconds:F1} s)")
            : "";
}
