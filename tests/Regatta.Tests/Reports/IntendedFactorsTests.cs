using Regatta.Reports.Model;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Tests.Reports;

/// <summary>What points are meant to differ in, by what they override.</summary>
public sealed class IntendedFactorsTests
{
    [Theory]
    [InlineData("scheduler.slurm.accounting=true", "scheduler", "profile", "accounting", "slurm.AccountingStorageType", "slurm.AccountingStorageEnforce", "slurm.AccountingStorageTRES")]
    [InlineData("scheduler.version=24.11", "scheduler", "profile", "scheduler-version", "image")]
    [InlineData("scheduler.image=slurm@sid", "scheduler", "profile", "scheduler-version", "image")]
    [InlineData("scheduler=flux", "scheduler", "profile")]
    [InlineData("cluster.workers=4", "scheduler", "profile", "workers", "processors")]
    [InlineData("+scheduler.settings.MinJobAge=5", "scheduler", "profile", "MinJobAge")]
    public void An_override_names_its_factors(string text, params string[] factors)
    {
        var point = new PlanPoint
        {
            Name = "one", Overrides = [text], Experiment = "", Scheduler = "slurm", Profile = "fifo", Machines = MachineKind.Lxc, Processors = 1, Workers = 1, Workload = "fan", Jobs = 1,
            LastSubmission = TimeSpan.Zero, Expected = TimeSpan.Zero,
        };

        Assert.Equal(factors, IntendedFactors.Of([point]));
    }
}
