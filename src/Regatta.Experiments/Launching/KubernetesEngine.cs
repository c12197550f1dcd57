using Regatta.Experiments.Configuration;
using Regatta.Host;
using Regatta.Runs;
using static Regatta.Experiments.Launching.ShellWord;

namespace Regatta.Experiments.Launching;

/// <summary>
/// Runs trials as Jobs of Kubernetes, each pod with an index that is its task. A pod that looks at the shared volume goes before all others: where it does not see the run directory, or cannot run the
/// program, nothing else is submitted. Clusters before 1.22 have no indices; there the pods of a Job share its list of tasks.
/// </summary>
internal sealed class KubernetesEngine(LaunchDirectory launch, Plan plan, LauncherSection launcher, ProgramArchive archive, IActivityMonitor monitor, TimeProvider time, KubectlRunner? ask = null)
    : QueueEngine(launch, monitor, time)
{
    /// <summary>Tasks of a Job at most: its pods stay in the cluster until the Job is taken away.</summary>
    internal const int LargestJob = 10_000;

    private readonly KubernetesQueue _queue = new(launcher.Kubernetes, ask);
    private readonly TimeProvider _time = time;

    /// <inheritdoc/>
    public override LauncherName Launcher => LauncherName.Kubernetes;

    private KubernetesLauncherSection Settings => launcher.Kubernetes;

    /// <inheritdoc/>
    protected override async Task BeginAsync(IReadOnlyList<PlannedTrial> trials, CancellationToken cancellation)
    {
        if (!(Launch.Path + "/").StartsWith(Settings.Volume.Path!.TrimEnd('/') + "/", StringComparison.Ordinal))
        {
            throw new DiagnosticException(Diagnostic.Error("launch-not-shared", $"'{Launch.Path}' does not lie in the volume '{Settings.Volume.Path}'") with
            {
                Help = $"make the run there: --runs {Settings.Volume.Path}/runs; nothing was begun",
            });
        }

        var indexed = await _queue.IsIndexedAsync(cancellation);
        await _queue.CheckClaimAsync(cancellation);
        var there = Active(await _queue.LookAsync(Launch.Name, cancellation));
        await SubmitAsync(Missing(trials, there), indexed, cancellation);
    }

    /// <inheritdoc/>
    protected override async Task<QueueAnswer?> AskAsync(int left, CancellationToken cancellation)
    {
        if (await LookAsync(cancellation) is not { } look) return null;
        var words = await WordsAsync(look, left, cancellation);
        return new QueueAnswer(Active(look), words, trial => Why(trial, look));
    }

    /// <inheritdoc/>
    protected override Task EndAsync(CancellationToken cancellation) => _queue.DeleteAsync(Launch.Name, null, cancellation);

    /// <summary>What the cluster has of the run; null when it does not answer just now, or refuses: what runs goes on.</summary>
    private async Task<KubernetesLook?> LookAsync(CancellationToken cancellation)
    {
        try
        {
            return await _queue.LookAsync(Launch.Name, cancellation);
        }
        catch (DiagnosticException exception)
        {
            Tell($"{exception.Diagnostics[0].Summary}; what runs goes on, and it is asked again");
            return null;
        }
    }

    /// <summary>The trials whose tasks may still run: those of Jobs that have not ended, but for indices that are through.</summary>
    private HashSet<string> Active(KubernetesLook look)
    {
        var active = new HashSet<string>(StringComparer.Ordinal);
        foreach (var job in look.Jobs.Where(j => !j.Ended)) active.UnionWith(Submissions.Tasks(job.Name).Where((_, index) => !job.Completed.Contains(index)).SelectMany(ids => ids));
        return active;
    }

    private Diagnostic Why(PlannedTrial trial, KubernetesLook look)
    {
        var log = Launch.LastLines(trial);
        var names = Submissions.Names.Where(name => Submissions.Tasks(name).Any(ids => ids.Contains(trial.Id, StringComparer.Ordinal))).ToList();
        if (names.Count > 0 && look.Jobs.All(j => !names.Contains(j.Name, StringComparer.Ordinal))) return TaskFaults.Lost(TaskLoss.Cancelled, null, Launcher, log);
        // Pods that share a list say by what they began which trials were theirs.
        var begun = Begun(trial);
        var pod = look.Pods.LastOrDefault(p => p.Phase is "Failed" or "Unknown" && (p.Index is { } index ? Submissions.Of(p.Job, index).Contains(trial.Id, StringComparer.Ordinal) : begun.Contains($"{p.Job}/{p.Name}")));
        if (pod is null) return TaskFaults.Lost(TaskLoss.Unknown, null, Launcher, log);
        var said = pod.Message.Length > 0 ? pod.Message : pod.Reason;
        return TaskFaults.Lost(pod.Loss, said.Length > 0 ? said : pod.Phase, Launcher, log);
    }

    private HashSet<string> Begun(PlannedTrial trial)
    {
        var file = Path.Combine(Launch.Folder(trial), "begun");
        return File.Exists(file) ? [.. File.ReadLines(file).Select(l => l.Split(' ')).Where(f => f.Length > 2).Select(f => f[2])] : [];
    }

    private async Task<string> WordsAsync(KubernetesLook look, int left, CancellationToken cancellation)
    {
        var running = look.Pods.Count(p => p.Phase == "Running");
        var waiting = look.Pods.Where(p => p.Phase == "Pending").ToList();
        var why = waiting.GroupBy(p => p.Reason).OrderByDescending(g => g.Count()).FirstOrDefault() is { Key.Length: > 0 } most ? $"{most.Key}{(most.First().Message is { Length: > 0 } said ? ": " + said : "")}" : "";
        if (look.Jobs.Any(j => j is { Ended: false, Suspended: true })) why = "a Job is suspended, and nobody has let it in";
        // Pods that cannot be made are told of by the Job's events alone.
        else if (running + waiting.Count == 0 && look.Jobs.FirstOrDefault(j => !j.Ended) is { } job) why = await _queue.WarningAsync(job.Name, cancellation);
        return string.Create(CultureInfo.InvariantCulture, $"{running} pods run, {waiting.Count} wait{(why.Length == 0 ? "" : $" ({why})")}; {left} trials are not back");
    }

    private async Task SubmitAsync(List<PlannedTrial> trials, bool indexed, CancellationToken cancellation)
    {
        if (trials.Count == 0) return;
        var program = await archive.InstallAsync(Programs, cancellation);
        foreach (var trial in trials) Launch.Prepare(plan, trial);
        DurableFile.Write(PodScript, LaunchDirectory.Script("pod.sh"));
        var (user, group) = await FileOwner.CurrentAsync(cancellation);
        var jobs = new KubernetesJob(Settings, Launch.Name, user, group);
        await ProbeAsync(jobs, program, indexed, cancellation);
        var tasks = TaskPlan.Tasks(trials, launcher);
        foreach (var part in tasks.Chunk(LargestJob))
        {
            // The list is on the disk before the Job is there: what the cluster has can always be told.
            var (name, _) = Submissions.Write(part);
            var index = indexed ? " \"$JOB_COMPLETION_INDEX\"" : "";
            var script = string.Create(CultureInfo.InvariantCulture, $"exec sh {Quoted(PodScript)} {Quoted(Launch.Path)} {Quoted(program)} {Quoted(Launch.RunId)} {name} {Settings.Retries} \"$NODE\" \"$POD\"{index}");
            await _queue.CreateAsync(jobs.Manifest(name, script, part.Length, indexed), cancellation);
        }

        var made = TaskPlan.Submissions(tasks.Count, LargestJob);
        Tell(string.Create(CultureInfo.InvariantCulture, $"{trials.Count} trials in {tasks.Count} tasks and {made} {(made == 1 ? "Job" : "Jobs")}"), ActivityState.Done);
    }

    private string PodScript => Path.Combine(Launch.Path, "pod.sh");

    /// <summary>Waits for a pod that looks whether others can run trials.</summary>
    private async Task ProbeAsync(KubernetesJob jobs, string program, bool indexed, CancellationToken cancellation)
    {
        var token = Guid.NewGuid().ToString("N");
        DurableFile.Write(Probe, token);
        File.Delete(Answer);
        var name = $"{Launch.Name}-probe-{token[..8]}";
        var script = string.Join('\n', ProbeLines(token, program, locks: !indexed));
        await _queue.CreateAsync(jobs.Manifest(name, script, tasks: null, indexed: false), cancellation);
        try
        {
            Tell("a pod looks at the volume first");
            using var timer = new PeriodicTimer(Look, _time);
            var began = _time.GetTimestamp();
            for (var asked = 0; !File.Exists(Answer); await timer.WaitForNextTickAsync(cancellation))
            {
                // What is wrong mostly shows at once: after an eighth, a quarter, a half of the pause, then as all other questions.
                if (_time.GetElapsedTime(began) < (asked < 3 ? Pause / (8 >> asked) : Pause * (asked - 2))) continue;
                asked++;
                if (await LookAsync(cancellation) is { } look && await ProbeFaultAsync(name, look, program, cancellation) is { } fault && !File.Exists(Answer)) throw new DiagnosticException(fault);
            }
        }
        finally
        {
            await _queue.DeleteAsync(Launch.Name, name, CancellationToken.None);
        }
    }

    /// <summary>What keeps the probe from its answer for good; null while there may be one.</summary>
    private async Task<Diagnostic?> ProbeFaultAsync(string name, KubernetesLook look, string program, CancellationToken cancellation)
    {
        if (look.Pods.LastOrDefault(p => p.Job == name) is not { } pod)
        {
            if (look.Jobs.FirstOrDefault(j => j.Name == name) is null) return Diagnostic.Error("task-cancelled", "the Job that looks at the volume was taken away") with { Help = "regatta resume RUN" };
            var warning = await _queue.WarningAsync(name, cancellation);
            if (warning.StartsWith("FailedCreate", StringComparison.Ordinal)) return _queue.Refusal(warning);
            return null;
        }

        switch (pod)
        {
            case { Reason: "ErrImagePull" or "ImagePullBackOff" or "ErrImageNeverPull" or "InvalidImageName" or "ImageInspectError" }:
                return Diagnostic.Error("kubernetes-image", $"{pod.Node} cannot get the image '{Settings.Image}'") with { Detail = pod.Message, Help = "launcher.kubernetes.image names one that the nodes can pull or have; launcher.kubernetes.pull_secret where the registry asks who pulls" };
            case { Phase: "Failed", ExitCode: 41 or 42 or 43 }:
                return ProbeFault(pod.ExitCode.Value, program, "launcher.kubernetes.image names an image that has them");
            case { Phase: "Failed", ExitCode: 44 }:
                return Diagnostic.Error("kubernetes-locks", "the pods cannot lock a file of the volume") with
                {
                    Detail = $"by locks the pods of a cluster before 1.{KubernetesQueue.FirstIndexed} keep off each other's trials",
                    Help = "the image needs 'flock' (util-linux), and the volume a file system with locks; or take a newer cluster",
                };
            case { Phase: "Failed" }:
                var words = $"{pod.Reason} {pod.Message}".Trim();
                var said = pod.ExitCode is { } code ? string.Create(CultureInfo.InvariantCulture, $"{words} (exit code {code})").TrimStart() : words;
                return TaskFaults.Lost(pod.Loss, said.Length > 0 ? said : null, Launcher, "") with { Summary = "the pod that looks at the volume failed: " + said };
            case { Reason: "CreateContainerConfigError" or "CreateContainerError" or "RunContainerError" }:
                return _queue.Refusal($"{pod.Reason}: {pod.Message}");
            case { Reason: "Unschedulable" } when pod.Message.Contains("persistentvolumeclaim", StringComparison.OrdinalIgnoreCase):
                return _queue.Refusal(pod.Message);
            case { Reason: "ContainerCreating" }:
                var warning = await _queue.WarningAsync(pod.Name, cancellation);
                if (warning.Contains("hostPath type check failed", StringComparison.Ordinal)) return ProbeFault(41, program, "");
                if (warning.Length > 0) Tell("a pod looks at the volume first: " + warning);
                return null;
            default:
                if (pod.Reason.Length > 0) Tell($"a pod looks at the volume first: {pod.Reason} {pod.Message}".TrimEnd());
                return null;
        }
    }
}
