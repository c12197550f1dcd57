using Regatta.Machines;
using Regatta.Schedulers;

namespace Regatta.Experiments.Replay;

/// <summary>Keeps what scheduler and nodes wrote during a trial with it, whatever became of it: the next trial's clean slate and the end of the cluster take it away.</summary>
/// <param name="shell">The way to the nodes.</param>
/// <param name="cluster">The cluster.</param>
/// <param name="scheduler">Its scheduler.</param>
/// <param name="directory">The trial's <c>logs/</c>.</param>
/// <param name="time">Clock of the limit.</param>
internal sealed class TrialLogs(NodeShell shell, Cluster cluster, IScheduler scheduler, string directory, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Saves the logs of the scheduler, the journal of the time since then, and the console of every node.</summary>
    public async Task SaveAsync(DateTimeOffset since)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        var logs = new NodeLogs(shell, directory);
        var journal = string.Create(CultureInfo.InvariantCulture, $"journalctl --no-pager --quiet --output=short-iso-precise --since=@{since.ToUnixTimeSeconds()} | tail -c {NodeLogs.Most}");
        await Task.WhenAll(cluster.Nodes.Select(async node =>
        {
            foreach (var log in scheduler.Logs(node.Role)) await logs.SaveAsync(node.Name, Path.GetFileName(log), log, limit.Token);
            await logs.SaveOutputAsync(node.Name, "journal.log", journal, limit.Token);
            logs.SaveLocal(node.Name, "console.log", Path.Combine(cluster.Directory, node.Name + ".console.log"));
        }));
    }
}
