namespace Regatta.Runs;

/// <summary>What is asked of a run directory without claiming it.</summary>
public sealed partial class RunDirectory
{
    /// <summary>The plan of a run.</summary>
    /// <exception cref="DiagnosticException">There is none, or it cannot be read.</exception>
    public static Plan ReadPlan(string path)
    {
        RequireRun(path);
        var file = System.IO.Path.Combine(path, PlanFile);
        var plan = RunFile.ReadJson(file, RunJson.Default.Plan, Plan.CurrentVersion)!;
        return PlanCheck.Fault(plan) is { } fault ? throw RunFile.Unreadable(file, fault, null, null) : plan;
    }

    /// <summary>Writes the plan, or a part of it, into a directory that trials are run by.</summary>
    public static void WritePlan(string directory, Plan plan) => RunFile.WriteJson(System.IO.Path.Combine(directory, PlanFile), plan, RunJson.Default.Plan);

    /// <summary>Where the files of a trial are while it runs; nothing is there before and after.</summary>
    /// <param name="path">The run directory.</param>
    /// <param name="trial">The trial.</param>
    public static string DraftOf(string path, PlannedTrial trial) => System.IO.Path.Combine(path, "trials", trial.Point, string.Create(CultureInfo.InvariantCulture, $".{trial.Repetition}.draft"));

    /// <summary>True while a process works in a run directory.</summary>
    public static bool IsInUse(string path)
    {
        var file = System.IO.Path.Combine(path, LockFile);
        try
        {
            if (File.Exists(file)) new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read).Dispose();
            return false;
        }
        catch (IOException) when (File.Exists(file))
        {
            return true;
        }
    }
}
