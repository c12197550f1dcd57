using Regatta.Experiments.Configuration;
using Regatta.Workloads;

namespace Regatta.Experiments.Planning;

/// <summary>
/// Workloads, made once for all points and trials that replay the same jobs. Those that were made first are let go when too many jobs are held, and made again when they are asked for.
/// </summary>
/// <param name="load">Makes the workload of a point with a seed.</param>
internal sealed class SharedWorkloads(Func<ComposedPoint, long, Workload> load)
{
    // About 1 GB.
    private const long MostJobs = 4_000_000;

    private readonly Dictionary<Key, Lazy<SharedWorkload>> _held = [];
    private readonly Queue<(Key Key, int Jobs)> _made = new();
    private readonly Lock _gate = new();
    private long _jobs;

    /// <summary>The workload of a point with a seed.</summary>
    /// <exception cref="DiagnosticException">It cannot be made.</exception>
    public SharedWorkload Of(ComposedPoint point, long seed)
    {
        var key = Key.Of(point, seed);
        Lazy<SharedWorkload>? entry;
        lock (_gate)
        {
            if (!_held.TryGetValue(key, out entry)) _held[key] = entry = new Lazy<SharedWorkload>(() => Make(key, point, seed));
        }

        return entry.Value;
    }

    /// <summary>Lets all of them go, and returns how many jobs they were; who asks for one has it made again.</summary>
    public long LetGo()
    {
        lock (_gate)
        {
            var jobs = _jobs;
            _held.Clear();
            _made.Clear();
            _jobs = 0;
            return jobs;
        }
    }

    private SharedWorkload Make(Key key, ComposedPoint point, long seed)
    {
        var made = load(point, seed);
        lock (_gate)
        {
            _made.Enqueue((key, made.Jobs.Length));
            _jobs += made.Jobs.Length;
            while (_jobs > MostJobs && _made.Count > 1)
            {
                var (oldest, jobs) = _made.Dequeue();
                _held.Remove(oldest);
                _jobs -= jobs;
            }
        }

        return new SharedWorkload(made, made.Jobs);
    }

    // All that a workload is made of: its settings and the machine that it must fit, the seed, and what the measurement does to it.
    private readonly record struct Key(string Settings, MachineSize Machine, long Seed, long OwnSeed, bool Vary, TimeSpan Shake)
    {
        public static Key Of(ComposedPoint point, long seed)
        {
            var measure = point.Experiment.Measure;
            // A trial's seed makes no other jobs where neither of these asks for it.
            var counts = measure.Vary || measure.Shake > TimeSpan.Zero;
            return new Key(point.WorkloadYaml ?? "of " + point.Name, point.Experiment.Machine(), counts ? seed : point.Experiment.Seed, point.Experiment.Seed, measure.Vary, measure.Shake);
        }
    }
}

/// <summary>A workload with its jobs as one list, by which what is made of them is known.</summary>
/// <param name="Workload">The workload.</param>
/// <param name="Jobs">Its jobs.</param>
internal sealed record SharedWorkload(Workload Workload, IReadOnlyList<Job> Jobs);
