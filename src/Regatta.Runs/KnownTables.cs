using System.Collections.Concurrent;
using Regatta.Analysis;

namespace Regatta.Runs;

/// <summary>
/// Tables of jobs that this program wrote itself, by the hash of their file. Who reads the run next holds the files to their hashes as ever, and need not decode what is at hand. Not all are kept:
/// of very many jobs the first ones.
/// </summary>
public sealed class KnownTables
{
    // About 2 GB.
    private const long MostJobs = 20_000_000;

    private readonly ConcurrentDictionary<string, JobTable> _tables = new(StringComparer.Ordinal);
    private long _jobs;

    /// <summary>Keeps a table.</summary>
    /// <param name="sha256">Hash of its file, hexadecimal.</param>
    /// <param name="table">The table.</param>
    public void Add(string sha256, JobTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (Interlocked.Add(ref _jobs, table.Count) <= MostJobs) _tables[sha256] = table;
    }

    /// <summary>The table of a trial; null when it is not at hand.</summary>
    internal JobTable? Of(TrialHead head) => head.Record.Files.TryGetValue(TrialFiles.Jobs, out var hash) ? _tables.GetValueOrDefault(hash) : null;
}
