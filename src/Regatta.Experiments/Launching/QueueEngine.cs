using System.Runtime.CompilerServices;
using Regatta.Experiments.Configuration;
using Regatta.Runs;
using static Regatta.Experiments.Launching.ShellWord;

namespace Regatta.Experiments.Launching;

/// <summary>What a queue has of a run.</summary>
/// <param name="Active">Trials, as <c>POINT/REPETITION</c>, whose tasks may still run.</param>
/// <param name="Words">How it stands, for who waits.</param>
/// <param name="Why">Why a trial whose task is over left no exit file.</param>
internal sealed record QueueAnswer(HashSet<string> Active, string Words, Func<PlannedTrial, Diagnostic> Why);

/// <summary>
/// Runs trials by a cluster's queue. Whether a trial has ended is read from the disk; the queue is asked for all tasks at once, and seldom, and only whether they are still its own.
/// </summary>
internal abstract class QueueEngine(LaunchDirectory launch, IActivityMonitor monitor, TimeProvider time) : ITaskEngine
{
    /// <summary>Least time between two questions to the queue.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public abstract LauncherName Launcher { get; }

    /// <summary>Time between two looks at the disk: a second.</summary>
    protected TimeSpan Look => Pause / 30;

    /// <summary>The launch directory.</summary>
    protected LaunchDirectory Launch => launch;

    /// <summary>What was submitted.</summary>
    protected Submissions Submissions { get; } = new(launch);

    /// <inheritdoc/>
    public async IAsyncEnumerable<TaskEnd> RunAsync(IReadOnlyList<PlannedTrial> trials, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var known = trials.ToDictionary(t => t.Id, StringComparer.Ordinal);
        await BeginAsync(trials, cancellation);
        var asked = time.GetTimestamp();
        var missed = new HashSet<string>(StringComparer.Ordinal);
        using var timer = new PeriodicTimer(Look, time);
        while (known.Count > 0)
        {
            foreach (var end in launch.Ended().Where(known.ContainsKey).Select(id => known[id]).ToList())
            {
                if (ExitFile.Read(launch.Folder(end)) is not { } exit) continue;
                known.Remove(end.Id);
                yield return new TaskEnd(end, exit);
            }

            if (known.Count > 0 && time.GetElapsedTime(asked) >= Pause)
            {
                asked = time.GetTimestamp();
                if (await AskAsync(known.Count, cancellation) is { } answer)
                {
                    Tell(answer.Words);
                    foreach (var trial in Lost(answer, known, missed))
                    {
                        known.Remove(trial.Id);
                        // A mark may be lost where the exit file is not.
                        yield return ExitFile.Read(launch.Folder(trial)) is { } exit ? new TaskEnd(trial, exit) : new TaskEnd(trial, null, answer.Why(trial));
                    }
                }
            }

            if (known.Count > 0) await timer.WaitForNextTickAsync(cancellation);
        }

        await EndAsync(cancellation);
    }

    /// <summary>Asks the queue what it has of the run, and submits what it does not have.</summary>
    /// <exception cref="DiagnosticException">The queue refuses, or its nodes cannot run trials.</exception>
    protected abstract Task BeginAsync(IReadOnlyList<PlannedTrial> trials, CancellationToken cancellation);

    /// <summary>What the queue has now, so many trials being out; null when it does not answer just now.</summary>
    /// <exception cref="DiagnosticException">Waiting is of no use.</exception>
    protected abstract Task<QueueAnswer?> AskAsync(int left, CancellationToken cancellation);

    /// <summary>The trials that are to be submitted: the queue does not have them, and they have not ended well while it was asked.</summary>
    protected List<PlannedTrial> Missing(IReadOnlyList<PlannedTrial> trials, HashSet<string> there) => [.. trials.Where(t => !there.Contains(t.Id) && ExitFile.Read(launch.Folder(t)) is not { Code: 0 })];

    /// <summary>Takes away what the queue keeps of tasks that are over.</summary>
    protected virtual Task EndAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Tells who waits.</summary>
    protected void Tell(string words, ActivityState state = ActivityState.Running) => monitor.Report(new Activity("launch", launch.Name, words, state));

    /// <summary>What is wrong when the probe ended with a code that its script gives (41, 42, 43).</summary>
    protected Diagnostic ProbeFault(int code, string program, string loads) => code switch
    {
        41 => Diagnostic.Error("launch-not-shared", $"the nodes of the cluster do not see '{launch.Path}'") with { Help = "make the run where they do, such as --runs /scratch/$USER/runs; nothing was begun" },
        42 => Diagnostic.Error("launch-program", "the program does not run on the nodes of the cluster") with { Detail = $"'{program} --version' says why there", Help = $"{ProgramArchive.Needs}; {loads}" },
        _ => Diagnostic.Error("launch-not-written", $"the nodes of the cluster cannot write to '{launch.Path}'") with { Help = "look at quota, space and permissions there; nothing was begun" },
    };

    /// <summary>Lines of shell that look from a node whether a directory is shared, runs programs and can be written.</summary>
    /// <param name="token">What the probe's file holds and its answer is to hold.</param>
    /// <param name="program">The program.</param>
    /// <param name="locks">Whether files must be lockable, by which pods that share a list keep off each other's trials; 44 where they are not.</param>
    protected IEnumerable<string> ProbeLines(string token, string program, bool locks = false) =>
    [
        $"[ \"$(cat {Quoted(Probe)} 2>/dev/null)\" = {token} ] || exit 41",
        .. ProgramArchive.Check(Quoted(program)).Select(line => line + " || exit 42"),
        .. locks ? [$"(: >>{Quoted(Probe + ".lock")}) || exit 43", $"(flock -n 9) 9>{Quoted(Probe + ".lock")} || exit 44"] : Array.Empty<string>(),
        $"echo {token} >{Quoted(Answer)} || exit 43",
    ];

    /// <summary>The file that a probe looks for.</summary>
    protected string Probe => Path.Combine(launch.Path, "probe");

    /// <summary>The file that a probe writes.</summary>
    protected string Answer => Path.Combine(launch.Path, "probe.answer");

    /// <summary>Where the program is laid out: beside the runs.</summary>
    protected string Programs => Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(launch.Path))!, ".programs");

    /// <summary>Trials whose tasks are over without an exit file: seen so twice, since a file may come late over the network.</summary>
    private static List<PlannedTrial> Lost(QueueAnswer answer, Dictionary<string, PlannedTrial> known, HashSet<string> missed)
    {
        var lost = new List<PlannedTrial>();
        foreach (var trial in known.Values)
        {
            if (answer.Active.Contains(trial.Id)) missed.Remove(trial.Id);
            else if (!missed.Add(trial.Id)) lost.Add(trial);
        }

        return lost;
    }
}
