namespace Regatta.Runs;

/// <summary>The directory that holds the runs: finds a run by its path, its id, or the beginning of its id.</summary>
/// <param name="Directory">The directory, such as <c>runs</c>.</param>
public sealed record RunCollection(string Directory)
{
    /// <summary>All runs, the newest last (ids begin with the time).</summary>
    public IReadOnlyList<string> All => System.IO.Directory.Exists(Directory)
        ? [.. System.IO.Directory.EnumerateDirectories(Directory)
            .Where(d => !Path.GetFileName(d).StartsWith('.') && RunDirectory.IsRun(d))
            .OrderBy(d => Path.GetFileName(d), StringComparer.Ordinal)]
        : [];

    /// <summary>The run that <paramref name="name"/> means: a path, an id, the beginning of one id, or <c>latest</c>.</summary>
    /// <exception cref="DiagnosticException">There is none, or several begin so.</exception>
    public string Find(string name)
    {
        if (name == "latest")
        {
            return All.Count > 0 ? All[^1] : throw new DiagnosticException(Diagnostic.Error("no-run", $"there is no run in '{Directory}'") with
            {
                Help = "make one: regatta run quickstart --yes\nor name the directory that holds them: --runs DIRECTORY",
            });
        }

        if (System.IO.Directory.Exists(name)) return name;
        var ids = All.Select(d => Path.GetFileName(d)).ToList();
        var found = ids.Where(i => i == name).ToList();
        if (found.Count == 0) found = [.. ids.Where(i => i.StartsWith(name, StringComparison.Ordinal))];
        if (found.Count == 1) return Path.Combine(Directory, found[0]);
        throw new DiagnosticException(found.Count > 1
            ? Diagnostic.Error("run-ambiguous", $"'{name}' is the beginning of {found.Count} runs") with { Detail = string.Join('\n', found), Help = "write more of the id" }
            : Diagnostic.Error("run-unknown", $"there is no run '{name}'") with { Help = ids.Count == 0 ? $"'{Directory}' holds no run; name its directory, or where runs are with --runs DIRECTORY" : Suggestion.Help(name, [.. ids.TakeLast(8).Reverse()]) });
    }
}
