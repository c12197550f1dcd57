using Regatta.Experiments.Configuration;
using Regatta.Runs;

namespace Regatta.Experiments.Launching;

/// <summary>Divides trials into the tasks of an engine, and tasks into submissions.</summary>
public static class TaskPlan
{
    /// <summary>The trials of each task: so many after each other, or a block.</summary>
    public static IReadOnlyList<IReadOnlyList<PlannedTrial>> Tasks(IReadOnlyList<PlannedTrial> trials, LauncherSection launcher)
    {
        ArgumentNullException.ThrowIfNull(launcher);
        return launcher.Keep == LauncherKeep.Block
            ? [.. trials.GroupBy(t => t.Block).OrderBy(b => b.Key).Select(b => b.ToList())]
            : [.. trials.Chunk(launcher.Trials)];
    }

    /// <summary>How many submissions so many tasks take, where an array holds at most so many; the probe is one more.</summary>
    public static int Submissions(int tasks, int largestArray) => (tasks + largestArray - 1) / largestArray;
}
