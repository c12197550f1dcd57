using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>
/// Makes events of jobs out of what the API server tells of Jobs, PodGroups, pods and nodes, and out of its audit log. Pure: it neither reads
/// streams nor clocks. All stamps of API objects are whole seconds of various clocks, so none of them is used.
/// </summary>
/// <param name="jobs">The jobs.</param>
/// <param name="audited">There is an audit log: stamps of creation and binding come from it.</param>
/// <param name="report">Takes what happened.</param>
internal sealed class KubernetesTracker(IReadOnlyDictionary<long, Job> jobs, bool audited, Action<Observation> report) : IJobTracker
{
    /// <summary>Stamped on the head when the watch told of it.</summary>
    public const string Observed = "observed";

    /// <summary>Stamped by the API server, in microseconds.</summary>
    public const string Audit = "audit.log";

    /// <summary>The end of a job that stands for its release.</summary>
    public const string EndSource = "observed/end";

    // The audit log is written before the answer is given; a line that has not come by then will not come.
    private const long AuditPatience = 2_000_000;

    // A job may be seen to have failed before its pods are.
    private const long PodPatience = 3_000_000;

    private const long SilencePatience = 60_000_000;

    private readonly Dictionary<long, KubernetesRun> _runs = [];
    private readonly HashSet<KubernetesRun> _waiting = [];
    private readonly Dictionary<string, long> _bindings = new(StringComparer.Ordinal);
    private readonly KubernetesNodes _nodes = new(report);
    private int _releasedByEnd, _releasedByNode;

    /// <summary>Where releases came from so far: <c>epilog</c> (each node's own), <c>end</c>, <c>mixed</c> or <c>none</c>.</summary>
    public string ReleaseSource => (_releasedByNode, _releasedByEnd) switch
    {
        (0, 0) => "none",
        (_, 0) => "epilog",
        (0, _) => "end",
        _ => "mixed",
    };

    /// <summary>No job that ended holds a node still.</summary>
    public bool Settled => _runs.Values.All(r => !r.Ended || r.Released || r.DecidedAt is null);

    /// <summary>The API server has taken a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="pods">Pods that it asks for.</param>
    /// <param name="now">When its answer came, UTC microseconds.</param>
    public void Accepted(long job, int pods, long now)
    {
        var run = Run(job);
        (run.AcceptedAt, run.Expected) = (now, pods);
        Decide(run, now);
    }

    /// <summary>The driver is about to delete a job.</summary>
    public void Cancelling(long job) => Run(job).Cancelling = true;

    /// <summary>A line of the audit log: a job was created, or a pod was bound to a node.</summary>
    /// <param name="line">The line.</param>
    /// <param name="jobOf">The job of the name of a Job; null when it is none of this replay.</param>
    public void Read(AuditLine line, Func<string, long?> jobOf)
    {
        if (line is not { Stage: "ResponseComplete", Verb: "create", ObjectRef: { Name: { Length: > 0 } name } about, ResponseStatus.Code: 201 }) return;
        if (about is { Resource: "jobs", Subresource: null } && jobOf(name) is { } job)
        {
            // Once it is stored, it can be scheduled.
            Eligible(Run(job), Micros.From(line.StageTimestamp), Audit);
        }
        else if (about is { Resource: "pods", Subresource: "binding" })
        {
            // The scheduler had decided when its request came.
            _bindings.TryAdd(name, Micros.From(line.RequestReceivedTimestamp));
        }
    }

    /// <summary>A Job is there, or gone.</summary>
    public void SeeJob(long job, JobSight sight, bool gone, long now)
    {
        if (!jobs.ContainsKey(job)) return;
        var run = Run(job);
        run.AddedAt ??= Math.Min(now, run.AcceptedAt ?? now);
        if (!audited) Eligible(run, run.AddedAt.Value, Observed);
        else if (!run.EligibleSaid) _waiting.Add(run);
        run.Answered |= sight.Answered;
        if (gone && !run.Ended && run.Verdict is null)
        {
            End(run, JobState.Cancelled, now, null, run.Cancelling ? null : "its Job was deleted by someone else");
            return;
        }

        if (sight.Ended is not { } state || run.Verdict is not null || run.Ended) return;
        run.Verdict = (state, now, sight.Detail);
        Conclude(run, now, patient: true);
    }

    /// <summary>Volcano has placed the gang of a job. Only the first time counts: the condition is stamped anew at every session.</summary>
    public void SeeGang(long job, long now)
    {
        if (jobs.ContainsKey(job)) Run(job).GangAt ??= now;
    }

    /// <summary>A pod is there, or gone.</summary>
    public void SeePod(long job, Pod pod, bool gone, long now)
    {
        if (!jobs.ContainsKey(job)) return;
        var run = Run(job);
        var name = pod.Metadata.Name;
        if (!run.Pods.TryGetValue(name, out var member) || (member.Lost && pod.Metadata.Uid is { } id && member.Uid is { } known && id != known))
        {
            if (gone || run.Replaced.Contains(pod.Metadata.Uid ?? name)) return;
            // The controller of jobs makes another pod as soon as one is to go, as at an eviction.
            if (run is { Ended: false, Verdict: null, DecidedAt: not null } && run.Pods.Count > 0 && run.Pods.Values.All(p => p.Lost || p.Leaving)) Requeue(run, now);
            run.Pods[name] = member = new PodRun(name) { Uid = pod.Metadata.Uid };
        }

        if (pod.Spec?.NodeName is { Length: > 0 } node && member.Node is null)
        {
            (member.Node, member.SeenBoundAt) = (node, now);
            Decide(run, now);
        }

        member.Leaving |= pod.Metadata.DeletionTimestamp is not null;
        var phase = pod.Status?.Phase;
        if (member.EndedAt is null)
        {
            var terminal = phase is "Succeeded" or "Failed";
            // Nobody on a lost node will say that the pod has ended.
            var abandoned = pod.Metadata.DeletionTimestamp is not null && _nodes.IsLost(member.Node);
            if (terminal || gone || abandoned)
            {
                member.EndedAt = now;
                member.Lost = !terminal;
                member.Failed = phase == "Failed" ? PodFailure.Of(pod) : null;
                if (run.Verdict is not null) Conclude(run, now, patient: true);
                Release(run);
            }
        }
    }

    /// <summary>A node is there, or gone.</summary>
    public void SeeNode(string node, bool ready, string? pressure, bool gone, long now) => _nodes.See(node, ready, pressure, gone, now);

    /// <summary>Time has passed: what was waited for long enough is decided without.</summary>
    public void Pass(long now)
    {
        foreach (var run in _waiting.ToList())
        {
            if (!run.EligibleSaid && run.AddedAt is { } added && now - added > AuditPatience) Eligible(run, added, Observed);
            Decide(run, now);
            if (run.Verdict is not null) Conclude(run, now, patient: true);
            if (run.EligibleSaid && run.Pods.Values.All(p => p.Node is null || p.BoundAt is not null) && (run.Verdict is null || run.Ended)) _waiting.Remove(run);
        }
    }

    /// <summary>
    /// Looks for jobs that no controller ever takes up, such as one of a queue that there is not: later ones were taken up, or all others, and long ago. They
    /// end as lost.
    /// </summary>
    public void LookForSilence(long now)
    {
        var silent = _runs.Values.Where(r => r is { Ended: false, Answered: false, AcceptedAt: { } at } && now - at > SilencePatience).ToList();
        if (silent.Count == 0) return;
        var latest = _runs.Values.Where(r => r.Answered && r.AcceptedAt is not null).Max(r => r.AcceptedAt) ?? 0;
        foreach (var run in silent)
        {
            var alone = silent.Count == 1 && now - run.AcceptedAt > 2 * SilencePatience && _runs.Values.All(r => r == run || r.Answered || r.Ended);
            if (run.AcceptedAt < latest || alone) End(run, JobState.Lost, now, null, "no controller took it up while others were: it has no status");
        }
    }

    /// <summary>What can be said when nothing more is waited for.</summary>
    public void Conclude(long now)
    {
        foreach (var run in _runs.Values)
        {
            if (!run.EligibleSaid && run.AddedAt is { } added) Eligible(run, added, Observed);
            Decide(run, now, patient: false);
            if (run.Verdict is not null) Conclude(run, now, patient: false);
            if (run is not { Ended: true, DecidedAt: not null, Released: false }) continue;
            _releasedByEnd++;
            run.Released = true;
            report(new JobEvent(run.Job, JobEventKind.Released, run.EndedAt, EndSource));
        }
    }

    private KubernetesRun Run(long job)
    {
        if (!_runs.TryGetValue(job, out var run)) _runs[job] = run = new KubernetesRun(job);
        return run;
    }

    private void Eligible(KubernetesRun run, long at, string source)
    {
        if (run.EligibleSaid) return;
        run.EligibleAt = Math.Min(at, run.DecidedAt ?? at);
        report(new JobEvent(run.Job, JobEventKind.Eligible, run.EligibleAt.Value, source));
    }

    /// <summary>
    /// Says that nodes were given to a job: once when its first pod has one, and with the same stamp again when all have. Where there is an audit log, its
    /// stamp is waited for a little.
    /// </summary>
    private void Decide(KubernetesRun run, long now, bool patient = true)
    {
        foreach (var pod in run.Pods.Values.Where(p => p.Node is not null && p.BoundAt is null))
        {
            if (audited && _bindings.Remove(pod.Name, out var bound)) (pod.BoundAt, pod.Source) = (bound, Audit);
            else if (!audited || !patient || now - pod.SeenBoundAt > AuditPatience) (pod.BoundAt, pod.Source) = (Math.Min(pod.SeenBoundAt, run.GangAt ?? long.MaxValue), Observed);
            else _waiting.Add(run);
        }

        var placed = run.Pods.Values.Where(p => p.BoundAt is not null).ToList();
        if (placed.Count == 0 || placed.Count == run.Told) return;
        if (run.DecidedAt is null)
        {
            var first = placed.MinBy(p => p.BoundAt)!;
            (run.DecidedAt, run.Source) = (Math.Max(first.BoundAt!.Value, run.EligibleAt ?? 0), first.Source);
            // Both watches are read at once: what was placed had been created before.
            if (run.Source == Observed) Eligible(run, Math.Min(run.AddedAt ?? run.AcceptedAt ?? first.BoundAt!.Value, first.BoundAt!.Value), Observed);
        }
        else if (placed.Count < run.Expected)
        {
            return;
        }

        run.Told = placed.Count;
        report(new JobEvent(run.Job, JobEventKind.Decided, run.DecidedAt!.Value, run.Source!)
        {
            Nodes = string.Join(',', placed.Select(p => p.Node).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)),
        });
        Release(run);
    }

    private void Requeue(KubernetesRun run, long now)
    {
        var from = run.Pods.Values.Select(p => p.Node).FirstOrDefault(n => n is not null);
        run.Replaced.UnionWith(run.Pods.Values.Select(p => p.Uid ?? p.Name));
        run.Pods.Clear();
        (run.DecidedAt, run.Source, run.Told, run.GangAt) = (null, null, 0, null);
        report(new JobEvent(run.Job, JobEventKind.Requeued, now, Observed) { Node = from, Detail = "its pods were lost, and made anew" });
    }

    private void Conclude(KubernetesRun run, long now, bool patient)
    {
        if (run.Ended || run.Verdict is not { } verdict) return;
        var failed = run.Pods.Values.Where(p => p.Failed is not null).MinBy(p => p.EndedAt)?.Failed;
        var lost = run.Pods.Values.FirstOrDefault(p => p.Lost && _nodes.IsLost(p.Node));
        if (verdict.State == JobState.Completed)
        {
            End(run, JobState.Completed, verdict.Time, 0, null);
        }
        else if (run.Cancelling)
        {
            End(run, JobState.Cancelled, verdict.Time, failed?.ExitCode, null);
        }
        else if (verdict.State != JobState.TimedOut && failed is not null && lost is null)
        {
            End(run, failed.State, verdict.Time, failed.ExitCode, failed.Detail ?? verdict.Detail);
        }
        else if (verdict.State != JobState.TimedOut && lost is not null)
        {
            End(run, JobState.NodeFailed, verdict.Time, null, $"the node {lost.Node} was lost");
        }
        else if (verdict.State is not JobState.Failed || !patient || now - verdict.Time > PodPatience)
        {
            End(run, verdict.State, verdict.Time, null, verdict.Detail);
        }
        else
        {
            _waiting.Add(run);
        }
    }

    private void End(KubernetesRun run, JobState state, long time, int? code, string? detail)
    {
        (run.Ended, run.EndedAt) = (true, time);
        // What has no node by now gets none.
        run.Expected = 0;
        report(new JobEvent(run.Job, JobEventKind.Ended, time, Observed) { State = state, ExitCode = code, Detail = detail });
        Decide(run, time);
        Release(run);
    }

    /// <summary>Says that a job's nodes are free again, once each of its pods that had one has ended.</summary>
    private void Release(KubernetesRun run)
    {
        if (run is not { Ended: true, Released: false, DecidedAt: not null }) return;
        var held = run.Pods.Values.Where(p => p.Node is not null).ToList();
        if (held.Any(p => p.EndedAt is null)) return;
        run.Released = true;
        _releasedByNode++;
        report(new JobEvent(run.Job, JobEventKind.Released, held.Max(p => p.EndedAt!.Value), Observed));
    }
}
