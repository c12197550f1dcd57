using Regatta.Experiments.Configuration;
using Regatta.Experiments.Launching;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Experiments.Planning;

/// <summary>What the simulated trials of a run will take, about: measured on one core of a server of 2020, and generous.</summary>
/// <param name="Trials">How many they are.</param>
/// <param name="Processor">Processor time, the starts of the programs included.</param>
/// <param name="Bytes">What they leave on the disk.</param>
/// <param name="Tasks">Tasks of another machine; 0 for this one.</param>
/// <param name="Submissions">Job arrays, where <c>MaxArraySize</c> is Slurm's own default, Jobs of Kubernetes, or clients of Flux; 0 where there are none.</param>
/// <param name="OnMachines">Trials on machines that go to hosts, which are not among the others.</param>
/// <param name="Alone">Tasks that they make, of which a host runs one at a time.</param>
public sealed record LaunchEstimate(int Trials, TimeSpan Processor, long Bytes, int Tasks, int Submissions, int OnMachines = 0, int Alone = 0)
{
    private const int DefaultArray = 1001;
    private static readonly TimeSpan PerTrial = TimeSpan.FromMilliseconds(6);
    private static readonly TimeSpan PerJob = TimeSpan.FromMicroseconds(15);
    private static readonly TimeSpan PerStart = TimeSpan.FromMilliseconds(600);

    /// <summary>The estimate for a plan.</summary>
    public static LaunchEstimate Of(Plan plan, LauncherSection launcher)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(launcher);
        var simulated = plan.Points.Where(p => p.Machines == MachineKind.Simulation).ToDictionary(p => p.Name, p => (long)p.Jobs, StringComparer.Ordinal);
        var trials = plan.Trials.Where(t => simulated.ContainsKey(t.Point)).ToList();
        var jobs = trials.Sum(t => simulated[t.Point]);
        var machines = TaskPlan.OnMachines(plan.Points);
        var all = launcher.Name == LauncherName.Local ? [] : TaskPlan.Tasks(plan.Trials, launcher, machines);
        // A block that is kept whole waits for its trials on machines.
        var alone = all.Count(task => task.Any(t => machines.Contains(t.Point)));
        var tasks = all.Count - alone;
        return new LaunchEstimate(
            trials.Count, (trials.Count * (all.Count == 0 ? PerTrial : PerTrial + PerStart)) + (jobs * PerJob), (trials.Count * 12_000L) + (jobs * 720), tasks, launcher.Name switch
            {
                LauncherName.Slurm => TaskPlan.Submissions(tasks, DefaultArray),
                LauncherName.Flux => TaskPlan.Submissions(tasks, FluxEngine.LargestSubmission),
                LauncherName.Kubernetes => TaskPlan.Submissions(tasks, KubernetesEngine.LargestJob),
                _ => 0,
            },
            launcher.Name == LauncherName.Local ? 0 : plan.Trials.Length - trials.Count, alone);
    }
}
