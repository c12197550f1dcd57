using System.Security.Cryptography;
using System.Text;
using Regatta.Host;
using Regatta.Runs;

namespace Regatta.Experiments.Launching;

/// <summary><c>launch/</c> of a run: a folder for each trial that runs elsewhere, and what was submitted. What is in it is the truth; a queue is only asked whether a task is still its own.</summary>
public sealed class LaunchDirectory
{
    private const string Exit = ExitFile.Name;
    private readonly string _ended;

    /// <summary>The directory of a run; nothing is made.</summary>
    /// <param name="run">The run directory.</param>
    public LaunchDirectory(string run)
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetFullPath(run), "launch");
        _ended = System.IO.Path.Combine(Path, "ended");
        RunId = System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(run)));
        // Fits the name of a job, and tells runs apart.
        Name = "regatta-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(RunId)))[..10];
    }

    /// <summary>Absolute path.</summary>
    public string Path { get; }

    /// <summary>Id of the run.</summary>
    public string RunId { get; }

    /// <summary>What jobs of the run are called by.</summary>
    public string Name { get; }

    /// <summary>The script that runs trials.</summary>
    public string TaskScript => System.IO.Path.Combine(Path, "task.sh");

    /// <summary>True when trials of the run were given away.</summary>
    public bool Exists => Directory.Exists(Path);

    /// <summary>The folder of a trial.</summary>
    public string Folder(PlannedTrial trial) => System.IO.Path.Combine(Path, "tasks", trial.Point, trial.Repetition.ToString(CultureInfo.InvariantCulture));

    /// <summary>The folder that a trial's files are in once it has ended.</summary>
    public string Trial(PlannedTrial trial) => System.IO.Path.Combine(Folder(trial), "trial");

    /// <summary>Makes the directory and its script.</summary>
    public void Create()
    {
        Directory.CreateDirectory(_ended);
        DurableFile.Write(TaskScript, Script("task.sh"));
    }

    /// <summary>Says that trials of the run are given away by this version of the program, and by no other.</summary>
    /// <param name="version">The version; null where it is not known.</param>
    /// <exception cref="DiagnosticException">Another version gave some away: points would be measured by two programs.</exception>
    public void Claim(string? version)
    {
        var file = System.IO.Path.Combine(Path, "version");
        var before = File.Exists(file) ? File.ReadAllText(file).Trim() : null;
        if (before == version || version is null) return;
        if (before is not null)
        {
            throw new DiagnosticException(Diagnostic.Error("launch-version", $"trials of the run were given away by regatta {before}, and this is {version}") with
            {
                Detail = "points that two versions run cannot be compared; nothing was begun, and what runs goes on",
                Help = $"go on with regatta {before}; or begin a new run with this one: regatta rerun",
                Where = new SourceRange(Path),
            });
        }

        Directory.CreateDirectory(Path);
        DurableFile.Write(file, version + "\n");
    }

    /// <summary>Sets aside what a trial left that the run does not take in: it is run again.</summary>
    internal void SetAside(PlannedTrial trial)
    {
        var folder = Folder(trial);
        if (Directory.Exists(Trial(trial))) Directory.Move(Trial(trial), System.IO.Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"refused-{Directory.GetDirectories(folder, "refused-*").Length + 1}")));
        KeepExit(folder);
        File.Delete(Mark(trial));
    }

    /// <summary>Makes the folder of a trial, with the part of the plan that it is run by. How an attempt before ended is kept under another name.</summary>
    public void Prepare(Plan plan, PlannedTrial trial)
    {
        var folder = Directory.CreateDirectory(Folder(trial)).FullName;
        KeepExit(folder);
        File.Delete(Mark(trial));
        if (!RunDirectory.IsRun(folder)) RunDirectory.WritePlan(folder, plan with { Points = [plan.Point(trial.Point)], Trials = [trial] });
    }

    /// <summary>Ids of the trials that say that they have ended, as <c>POINT/REPETITION</c>: one look at one directory, whatever their number.</summary>
    public HashSet<string> Ended() =>
        Directory.Exists(_ended) ? [.. Directory.EnumerateFiles(_ended).Select(f => System.IO.Path.GetFileName(f).Replace(':', '/'))] : [];

    /// <summary>The last lines of a trial's log; empty when there is none.</summary>
    public string LastLines(PlannedTrial trial, int most = 12)
    {
        var log = System.IO.Path.Combine(Folder(trial), "log");
        return File.Exists(log) ? string.Join('\n', File.ReadLines(log).TakeLast(most)) : "";
    }

    /// <summary>Forgets a trial that the run has taken in.</summary>
    internal void Forget(PlannedTrial trial)
    {
        File.Delete(Mark(trial));
        Directory.Delete(Folder(trial), recursive: true);
    }

    internal static string Script(string name)
    {
        using var stream = typeof(LaunchDirectory).Assembly.GetManifestResourceStream("Regatta.Experiments.Launching." + name)
            ?? throw new InvalidOperationException($"the program lacks its part '{name}'");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static void KeepExit(string folder)
    {
        var exit = System.IO.Path.Combine(folder, Exit);
        if (File.Exists(exit)) File.Move(exit, System.IO.Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"exit-{Directory.GetFiles(folder, "exit-*.json").Length + 1}.json")));
    }

    private string Mark(PlannedTrial trial) => System.IO.Path.Combine(_ended, trial.Id.Replace('/', ':'));
}
