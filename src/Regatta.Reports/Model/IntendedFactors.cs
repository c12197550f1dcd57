using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Reports.Model;

/// <summary>What the points of a run are meant to differ in.</summary>
public static class IntendedFactors
{
    private static readonly ImmutableDictionary<string, string[]> FactorsOf = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["scheduler"] = ["scheduler", "profile"],
        ["cluster"] = ["workers", "processors"],
        ["cluster.emulated"] = [Trait.Emulation.Name(), Trait.EmulationLeavesOut.Name(), Trait.CgroupEnforcement.Name()],
        ["cluster.gpus"] = [Trait.Gpus.Name()],
        ["cluster.time"] = [Trait.VirtualTime.Name()],
        ["scheduler.version"] = ["scheduler-version", "image"],
        ["scheduler.image"] = ["scheduler-version", "image"],
        ["scheduler.slurm.accounting"] = [Trait.Accounting.Name(), "slurm.AccountingStorageType", "slurm.AccountingStorageEnforce", "slurm.AccountingStorageTRES"],
        ["scheduler.slurm.partitions"] = [Trait.Partitions.Name()],
        ["scheduler.slurm.upgrade"] = ["slurm.upgrade"],
        ["scheduler.flux.multi_user"] = [Trait.TaskLaunch.Name(), Trait.Admission.Name()],
        // As runs of earlier programs call it.
        ["scheduler.multi_user"] = [Trait.TaskLaunch.Name(), Trait.Admission.Name()],
        ["faults"] = ["faults"],
        ["machines"] = ["machines"],
        ["workload"] = ["workload"],
        ["image"] = ["image"],
        ["clients"] = [.. Enum.GetValues<ClientKind>().Select(k => $"clients.{k.Name()}")],
    }.ToImmutableDictionary(StringComparer.Ordinal);

    /// <summary>What the points of a run differ in by intention, read off their overrides.</summary>
    public static ImmutableArray<string> Of(IEnumerable<PlanPoint> points)
    {
        var factors = new List<string> { "scheduler", "profile" };
        foreach (var text in points.SelectMany(p => p.Overrides))
        {
            var key = text.TrimStart('+', '~').Split('=', 2)[0];
            factors.AddRange(FactorsOf.GetValueOrDefault(key.Split('.', '@', '/')[0], []));
            factors.AddRange(FactorsOf.GetValueOrDefault(key, []));
            // A setting that is varied on its own is a factor under its own name, such as slurm.SchedulerParameters.
            if (key.Split(".settings.", 2) is [_, var setting]) factors.Add(setting);
        }

        return [.. factors.Distinct(StringComparer.Ordinal)];
    }
}
