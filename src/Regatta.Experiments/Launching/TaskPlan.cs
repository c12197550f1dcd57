using Regatta.Experiments.Configuration;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Experiments.Launching;

/// <summary>Divides trials into the tasks of an engine, and tasks into submissions.</summary>
public static class TaskPlan
{
    /// <summary>The trials of each task: so many after each other, or a block.</summary>
    /// <param name="trials">The trials.</param>
    /// <param name="launcher">How they are divided.</param>
    /// <param name="machines">Points that take machines; none unless told. Simulated trials are not put into a task with those unless a block is kept whole.</param>
    public static IReadOnlyList<IReadOnlyList<PlannedTrial>> Tasks(IReadOnlyList<PlannedTrial> trials, LauncherSection launcher, IReadOnlySet<string>? machines = null)
    {
        ArgumentNullException.ThrowIfNull(launcher);
        return launcher.Keep switch
        {
            LauncherKeep.Block => [.. trials.GroupBy(t => t.Block).OrderBy(b => b.Key).Select(b => b.ToList())],
            LauncherKeep.Point => [.. trials.GroupBy(t => t.Point, StringComparer.Ordinal).Select(p => p.ToList())],
            _ => [.. trials.GroupBy(t => machines?.Contains(t.Point)).SelectMany(kind => kind.Chunk(launcher.Trials))],
        };
    }

    /// <summary>The points whose repetitions all lie in one task, in which there is no other point: nothing tells what they do from what the task's node does.</summary>
    public static IReadOnlyList<string> Confounded(IReadOnlyList<IReadOnlyList<PlannedTrial>> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        if (tasks.Count < 2) return [];
        var spread = tasks.SelectMany(task => task.Select(t => t.Point).Distinct(StringComparer.Ordinal)).GroupBy(p => p, StringComparer.Ordinal).Where(p => p.Count() > 1).Select(p => p.Key).ToHashSet(StringComparer.Ordinal);
        return [.. tasks.Where(task => task.Count > 1 && task.All(t => t.Point == task[0].Point)).Select(task => task[0].Point).Where(p => !spread.Contains(p))];
    }

    /// <summary>The points of a plan whose trials take machines.</summary>
    internal static IReadOnlySet<string> OnMachines(IEnumerable<PlanPoint> points) => points.Where(p => p.Machines != MachineKind.Simulation).Select(p => p.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>How many submissions so many tasks take, where an array holds at most so many; the probe is one more.</summary>
    public static int Submissions(int tasks, int largestArray) => (tasks + largestArray - 1) / largestArray;
}
