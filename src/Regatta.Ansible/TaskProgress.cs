using System.Globalization;
using Regatta.Diagnostics;

namespace Regatta.Ansible;

/// <summary>
/// Makes one activity of each task, however many hosts it runs on: a person reads tasks, and which hosts are still at one.
/// Failures alone are told host by host, at once.
/// </summary>
/// <param name="stage">The stage that activities belong to.</param>
/// <param name="monitor">Who is told.</param>
internal sealed class TaskProgress(string stage, IActivityMonitor monitor)
{
    // Names are worth reading while there are few of them.
    private const int MostNames = 4;

    private readonly List<string> working = [];
    private readonly List<string> ended = [];
    private string? task;
    private bool changed;
    private bool failed;
    private TimeSpan longest;

    /// <summary>Takes what happened.</summary>
    public void See(PlaybookEvent happened)
    {
        switch (happened)
        {
            case { Event: PlaybookEventKind.Task or PlaybookEventKind.Play or PlaybookEventKind.Recap }:
                End();
                break;
            case { Event: PlaybookEventKind.Start, Host: { } host }:
                if (task != Plain(happened.Task)) End();
                task = Plain(happened.Task);
                working.Add(host);
                Tell();
                break;
            case { Event: PlaybookEventKind.Ok or PlaybookEventKind.Changed, Host: { } host }:
                changed |= happened.Event == PlaybookEventKind.Changed;
                if (happened.Seconds is { } seconds && seconds > longest.TotalSeconds) longest = TimeSpan.FromSeconds(seconds);
                ended.Add(host);
                working.Remove(host);
                if (working.Count > 0) Tell();
                break;
            case { Event: PlaybookEventKind.Skipped, Host: { } host }:
                working.Remove(host);
                break;
            case { Event: PlaybookEventKind.Failed or PlaybookEventKind.Unreachable, Ignored: false, Host: { } host }:
                working.Remove(host);
                failed = true;
                var where = happened.Event == PlaybookEventKind.Failed ? $"on {host}" : $"{host} cannot be reached";
                monitor.Report(new Activity(stage, Plain(happened.Task), where, ActivityState.Failed)
                {
                    Elapsed = happened.Seconds is { } took ? TimeSpan.FromSeconds(took) : null,
                    Detail = happened.Message,
                });
                break;
        }
    }

    /// <summary>Ends the task that is under way: there is no more to come of it.</summary>
    public void End()
    {
        // What failed was told at once; there is nothing to add when no host came through.
        if (task is { } name && (ended.Count > 0 || !failed))
        {
            monitor.Report(ended.Count == 0
                ? new Activity(stage, name, "not needed", ActivityState.Unchanged)
                : new Activity(stage, name, $"{(changed ? "changed on" : "ok on")} {Names(ended)}", changed ? ActivityState.Done : ActivityState.Unchanged) { Elapsed = longest });
        }

        (task, changed, failed, longest) = (null, false, false, TimeSpan.Zero);
        working.Clear();
        ended.Clear();
    }

    private void Tell() => monitor.Report(new Activity(stage, task!, "on " + Names(working)));

    private static string Names(List<string> hosts) =>
        hosts.Count <= MostNames
            ? string.Join(", ", hosts.Order(StringComparer.Ordinal))
            : string.Create(CultureInfo.InvariantCulture, $"{hosts.Count} nodes");

    /// <summary>The task without its role.</summary>
    private static string Plain(string? name) => name is null ? "" : name[(name.IndexOf(" : ", StringComparison.Ordinal) is var at and >= 0 ? at + 3 : 0)..];
}
