using Regatta.Archives.Writing;
using Regatta.Experiments.Composing;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Cli.Commands;

/// <summary>Copies of runs under pseudonyms, for as long as they are archived.</summary>
internal sealed class PseudonymousCopies : IDisposable
{
    private readonly string _scratch = Directory.CreateTempSubdirectory("regatta-pseudonyms-").FullName;
    private readonly Dictionary<string, (string Original, PseudonymousRun Copy)> _copies = new(StringComparer.Ordinal);

    private PseudonymousCopies()
    {
    }

    /// <summary>The directories of the copies.</summary>
    public List<string> Runs => [.. _copies.Keys];

    /// <summary>Makes the copies.</summary>
    public static async Task<PseudonymousCopies> OfAsync(IReadOnlyList<string> runs, Pseudonyms names, CancellationToken cancellation)
    {
        var copies = new PseudonymousCopies();
        try
        {
            foreach (var run in runs)
            {
                var to = Path.Combine(copies._scratch, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(run))));
                copies._copies[to] = (run, await PseudonymousRun.CopyAsync(run, to, names, Hosts(run), cancellation));
            }

            return copies;
        }
        catch
        {
            copies.Dispose();
            throw;
        }
    }

    /// <summary>The jobs of a trial of a copy.</summary>
    public IReadOnlyList<Job>? Jobs(string run, PlannedTrial trial, Func<string, PlannedTrial, IReadOnlyList<Job>?> original)
    {
        var (path, copy) = _copies[run];
        return original(path, trial) is { } jobs ? copy.Apply(jobs) : null;
    }

    public void Dispose() => Directory.Delete(_scratch, recursive: true);

    // Machines that exist have names, addresses and users of their site.
    private static IEnumerable<string> Hosts(string run) => RunDirectory.ReadPlan(run).Points
        .SelectMany(p => ExperimentComposer.Read(p.Experiment, $"plan.json: point {p.Name}").Machines.Hosts).SelectMany(h => new[] { h.Name, h.Address, h.User }).Distinct(StringComparer.Ordinal);
}
