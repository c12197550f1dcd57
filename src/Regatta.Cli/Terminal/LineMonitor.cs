using System.Collections.Concurrent;
using System.Globalization;
using Regatta.Diagnostics;

namespace Regatta.Cli.Terminal;

/// <summary>Activities as plain lines, for logs and pipes: one when something begins, one when it ends.</summary>
internal sealed class LineMonitor(ITerminal terminal, TimeProvider time) : IActivityMonitor
{
    // Stages of many short tasks: a line for each that ended is enough.
    private static readonly HashSet<string> Brief = ["configure", "reset", "check"];

    private readonly long start = time.GetTimestamp();
    private readonly ConcurrentDictionary<(string, string), (long Since, string Text)> running = new();

    public void Report(Activity activity)
    {
        var key = (activity.Stage, activity.Subject);
        if (activity.State == ActivityState.Running)
        {
            // Progress within one step would flood a log: a line only when the words change.
            if (running.TryGetValue(key, out var before) && before.Text == activity.Text) return;
            running[key] = (before.Since == 0 ? time.GetTimestamp() : before.Since, activity.Text);
            if (activity.Fraction is not null || Brief.Contains(activity.Stage)) return;
        }

        var elapsed = activity.Elapsed
            ?? (activity.State != ActivityState.Running && running.TryRemove(key, out var began) ? time.GetElapsedTime(began.Since) : null);
        var mark = activity.State switch { ActivityState.Failed => "FAILED ", ActivityState.Unchanged => "unchanged ", _ => "" };
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
