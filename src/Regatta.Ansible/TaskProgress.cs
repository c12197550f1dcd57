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

    private readonly List<string> _working = [];
    private readonly List<string> _ended = [];
    private string? _task;
    private bool _changed;
    private bool _failed;
    private TimeSpan _longest;

    /// <summary>Takes what happened.</summary>
    public void See(PlaybookEvent happened)
    {
        switch (happened)
        {
            case { Event: PlaybookEventKind.Task or PlaybookEventKind.Play or PlaybookEventKind.Recap }:
                End();
                break;
            case { Event: PlaybookEventKind.Start, Host: { } host }:
                if (_task != Plain(happened.Task)) End();
                _task = Plain(happened.Task);
                _working.Add(host);
                Tell();
                break;
            case { Event: PlaybookEventKind.Ok or PlaybookEventKind.Changed, Host: { } host }:
                _changed |= happened.Event == PlaybookEventKind.Changed;
                if (happened.Seconds is { } seconds && seconds > _longest.TotalSeconds) _longest = TimeSpan.FromSeconds(seconds);
                _ended.Add(host);
                _working.Remove(host);
                if (_working.Count > 0) Tell();
                break;
            case { Event: PlaybookEventKind.Skipped, Host: { } host }:
                _working.Remove(host);
                break;
            case { Event: PlaybookEventKind.Failed or PlaybookEventKind.Unreachable, Ignored: false, Host: { } host }:
                _working.Remove(host);
                _failed = true;
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
        if (_task is { } name && (_ended.Count > 0 || !_failed))
        {
            monitor.Report(_ended.Count == 0
                ? new Activity(stage, name, "not needed", ActivityState.Unchanged)
                : new Activity(stage, name, $"{(_changed ? "changed on" : "ok on")} {Names(_ended)}", _changed ? ActivityState.Done : ActivityState.Unchanged) { Elapsed = _longest });
        }

        (_task, _changed, _failed, _longest) = (null, false, false, TimeSpan.Zero);
        _working.Clear();
        _ended.Clear();
    }

    private void Tell() => monitor.Report(new Activity(stage, _task!, "on " + Names(_working)));

    private static string Names(List<string> hosts) =>
        hosts.Count <= MostNames
            ? string.Join(", ", hosts.Order(StringComparer.Ordinal))
            : string.Create(CultureInfo.InvariantCulture, $"{hosts.Count} nodes");

    /// <summary>The task without its role.</summary>
    private static string Plain(string? name) => name is null ? "" : name[(name.IndexOf(" : ", StringComparison.Ordinal) is var at and >= 0 ? at + 3 : 0)..];
}
