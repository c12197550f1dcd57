using System.Collections.Concurrent;
using System.Text;
using Regatta.Workloads;

namespace Regatta.Experiments.Replay;

/// <summary>
/// The stamps of one trial on its workers: one file each, made before the first job in a directory that is root's, which the jobs' group may append to and
/// nobody but root read. What is in another file than that is not believed.
/// </summary>
/// <param name="shell">The way to the nodes.</param>
/// <param name="path">The file on each worker.</param>
/// <param name="group">Group of the jobs.</param>
/// <param name="within">How long a worker is tried to be reached.</param>
internal sealed class StampFiles(NodeShell shell, string path, string group, TimeSpan within)
{
    private const string NotThere = "missing";

    private readonly ConcurrentDictionary<string, string> _made = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<string> _read = [];

    // Type and mode, owner, group and number: whoever replaces the file changes one of them.
    private string Identity => $"stat -c '%f %u %g %i' {path}";

    /// <summary>Makes the files.</summary>
    /// <exception cref="DiagnosticException">A worker cannot be made ready.</exception>
    public Task MakeAsync(ImmutableArray<string> workers, CancellationToken cancellation) => Task.WhenAll(workers.Select(async worker =>
    {
        var script = $"set -e; install -d -m 0755 -o \"$(id -u)\" {Path.GetDirectoryName(path)}; rm -f {path}; install -m 0620 -o \"$(id -u)\" -g {group} /dev/null {path}; {Identity}";
        var reply = await shell.ReachAsync(worker, script, within, cancellation);
        if (reply.Code != 0)
            throw new DiagnosticException(Diagnostic.Error("replay-worker-unreachable", $"cannot create the file for time stamps on {worker}") with { Detail = reply.Error.Trim() });
        _made[worker] = Encoding.UTF8.GetString(reply.Output).Trim();
    }));

    /// <summary>A worker's stamps. One that is gone, or whose file is another than was made, has none, and that is told.</summary>
    public async Task<List<JobEvent>> ReadAsync(string worker, Action<string, string> note, CancellationToken cancellation)
    {
        var reply = await shell.ReadAsync(worker, $"if [ -e {path} ]; then {Identity} && exec cat {path}; else echo {NotThere}; fi", within, cancellation);
        if (reply.Code != 0)
        {
            note("stamps-unread", $"the stamps of {worker} cannot be read: {reply.LastLine}");
            return [];
        }

        var lines = Encoding.UTF8.GetString(reply.Output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines is not [var identity, ..] || identity != _made.GetValueOrDefault(worker))
        {
            note("foreign-stamps", $"the stamps of {worker} are not believed: the file is not the one that was made for them before the first job");
            return [];
        }

        var events = new List<JobEvent>(lines.Length);
        for (var i = 1; i < lines.Length; i++)
        {
            try
            {
                events.Add(ReplayJson.ReadEvent(Encoding.UTF8.GetBytes(lines[i]), path, i));
            }
            catch (DiagnosticException exception)
            {
                note("foreign-stamps", exception.Diagnostics[0].Summary);
            }
        }

        _read.Add(worker);
        return events;
    }

    /// <summary>Removes the files that were read; others stay where they are.</summary>
    public Task RemoveAsync(CancellationToken cancellation) => Task.WhenAll(_read.Select(w => shell.RunAsync(w, $"rm -f {path}", cancellation)));
}
