using Regatta.Workloads;

namespace Regatta.Schedulers.Slurm;

/// <summary>Replacing Slurm's daemons by those of another version while jobs run: what Slurm allows of it.</summary>
internal static class SlurmUpgrade
{
    /// <summary>What is wrong with the upgrade that the options want; its versions are told by locks.</summary>
    public static IEnumerable<Diagnostic> Check(SchedulerOptions options)
    {
        if (SlurmDialect.Untested(options.Upgrade) is { } untested) yield return untested;
        if (options.Version is not { } from || options.Upgrade is not { } to) yield break;
        if (from == to)
        {
            yield return Diagnostic.Error("slurm-upgrade-step", $"Slurm {from} cannot be upgraded to itself") with { Help = "name a newer version, or leave scheduler.slurm.upgrade out" };
            yield break;
        }

        if (SlurmDialect.Way(from, to) is not { } way)
        {
            yield return Diagnostic.Error("slurm-upgrade-step", $"Slurm {from} cannot go back to {to}") with
            {
                Detail = "an older slurmctld does not read the state of a newer one",
                Help = "name a newer version",
            };
        }
        else if (way.Length > 1)
        {
            var release = SlurmDialect.Of(to);
            yield return Diagnostic.Error("slurm-upgrade-step", $"Slurm {from} cannot be upgraded to {to} in one step") with
            {
                Detail = $"{release.Release} reads the state and speaks with the daemons of {release.Reads} releases before it ({string.Join(", ", SlurmDialect.All.TakeWhile(d => d != release).TakeLast(release.Reads).Select(d => d.Release))}); of older ones every job would be lost",
                Help = $"in {way.Length} steps it is allowed: {SlurmDialect.ReleaseOf(from)} to {string.Join(" to ", way)}; each step is an experiment with an image of that version",
            };
        }
    }
}
