using System.Text;
using Regatta.Agent.Platform;
using Regatta.Agent.Sampling;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>
/// Kubernetes: creates a Job for each job, watches Jobs, pods and nodes, and reads the API server's audit log where there is one. Which kind of
/// Jobs, and who places their pods, is the <see cref="JobKind"/>'s.
/// </summary>
internal sealed class KubernetesDriver : TrackingDriver<KubernetesTracker>, IJobSights, IWatchTrouble
{
    private static readonly TimeSpan AuditPoll = TimeSpan.FromMilliseconds(10), SilenceEvery = TimeSpan.FromSeconds(5);
    private static readonly byte[] DeleteWithPods = """{"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background"}"""u8.ToArray();

    private readonly ReplayHeader _header;
    private readonly KubernetesOptions _options;
    private readonly JobKind _kind;
    private readonly TimeProvider _time;
    private readonly Kubeconfig _config;
    private readonly KubernetesApi _api;
    private readonly JobManifest _manifest;
    private readonly GangRendezvous _rendezvous;
    private readonly SemaphoreSlim _slots;
    private readonly AuditLog? _audit;
    private readonly LogTail? _stamps;
    private IReadOnlyList<IKubernetesWatch> _watches = [];
    private int _nodeProcessors = 1, _processors;

    public KubernetesDriver(ReplayHeader header, KubernetesOptions options, JobKind kind, TimeProvider time)
        : base(new KubernetesTracker(new Dictionary<long, Job>(), false, _ => { }), "the API server serves everything again")
    {
        (_header, _options, _kind, _time) = (header, options, kind, time);
        _config = Kubeconfig.Read(options.Kubeconfig);
        _api = new KubernetesApi(_config, options.Connections, header.Connections + 8);
        _rendezvous = new GangRendezvous(_config.Server.Host);
        _manifest = new JobManifest(options, header.Trial, _rendezvous.Address);
        _slots = new SemaphoreSlim(header.Connections);
        _audit = AuditLog.Of(options.Audit);
        _stamps = options.Emulated ? new LogTail(options.Payload.Stamps) : null;
    }

    public override IReadOnlyList<(string Process, bool Client)> Daemons => _kind.Daemons;

    public override bool KeepsDependencies => false;

    public override async Task OpenAsync(IReadOnlyList<Job> jobs, CancellationToken cancellation)
    {
        Tracker = new KubernetesTracker(jobs.ToDictionary(j => j.Id), _audit is not null, Report);
        var nodes = await _api.GetAsync("/api/v1/nodes", KubernetesJson.Default.ApiListApiNode, cancellation);
        if (nodes.Value is null)
            throw Fault("replay-apiserver", $"the API server at {_config.Server} does not answer as it should", nodes.Words, "look at: kubectl --kubeconfig " + _options.Kubeconfig + " get nodes");
        var workers = (nodes.Value.Items ?? []).Where(n => n is { Ready: true, Schedulable: true, Processors: > 0 } && n.Metadata.Labels?.ContainsKey(JobManifest.EmulatedLabel) == true == _options.Emulated).ToList();
        if (workers.Count == 0) throw Fault("replay-nodes", "the cluster has no node that takes jobs", null, "look at: kubectl get nodes");
        (_nodeProcessors, _processors) = (workers.Min(n => n.Processors), workers.Sum(n => n.Processors));
        if (await _kind.CheckAsync(_api, _options, cancellation) is { } wrong) throw new DiagnosticException(wrong);
        _audit?.SkipToEnd();
        // The file is this trial's own; the emulator appends to it.
        if (_options.Emulated)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_options.Payload.Stamps)!);
            File.WriteAllBytes(_options.Payload.Stamps, []);
        }

        var make = new WatchMaker(_api, _options.Namespace, _manifest.Trial, this, _time);
        _watches =
        [
            .. _kind.Watches(make, this),
            make.Of("pods", $"/api/v1/namespaces/{_options.Namespace}/pods", KubernetesJson.Default.ApiListPod, KubernetesJson.Default.WatchLinePod, Pod),
            make.All("nodes", "/api/v1/nodes", KubernetesJson.Default.ApiListApiNode, KubernetesJson.Default.WatchLineApiNode, Node),
        ];
        var left = 0;
        foreach (var watch in _watches)
        {
            var (result, count, words) = await watch.ListAsync(cancellation);
            if (result != ApiResult.Done) throw Fault("replay-apiserver", "the API server does not list what is to be watched", words, null);
            if (watch == _watches[0]) left = count;
        }

        if (left > 0) throw Fault("replay-left-over", $"{left} jobs of the trial {_header.Trial} are there already", null, $"kubectl --namespace {_options.Namespace} delete jobs -l {JobManifest.TrialLabel}={_manifest.Trial}");
        // All connections are made now, so that the first jobs find them.
        await Task.WhenAll(Enumerable.Range(0, _api.Connections).Select(_ => _api.GetAsync("/version", KubernetesJson.Default.AnyObject, cancellation)));
        var ranked = jobs.Count(j => j.Priority != 0);
        if (ranked > 0) Report(new ReplayFault(Micros.Now(_time), null, $"the priorities of {ranked} jobs are left out: Kubernetes has them only as classes that an operator makes"));
    }

    public override async Task<Answer> SubmitAsync(Submission submission, Action<long> sent, CancellationToken cancellation)
    {
        var job = submission.Job;
        var shape = PodShape.Of(job, _nodeProcessors);
        var (gang, body) = (_kind.Gang(_manifest, job, shape), _kind.Manifest(_manifest, job, shape));
        var name = _manifest.NameOf(job.Id);
        await _slots.WaitAsync(cancellation);
        try
        {
            sent(Micros.Now(_time));
            // Kubernetes would let it wait for ever.
            if (job.Processors > _processors)
                return new Answer(Micros.Now(_time), null, string.Create(CultureInfo.InvariantCulture, $"never sent: it asks for {job.Processors} processors at once, and all nodes together have {_processors}"));
            var pauses = Backoff.ForSchedulers(_time);
            string? trouble = null;
            for (var tries = 1; ; tries++)
            {
                var answer = await CreateAsync(gang, body, cancellation);
                var now = Micros.Now(_time);
                switch (answer.Result)
                {
                    case ApiResult.Done:
                        Answering("submissions");
                        return Taken(job.Id, shape, name, now, trouble is null ? null : $"taken at try {tries}; first: {trouble}");
                    // Names are the trial's own: one that is there after a try without an answer is that try's.
                    case ApiResult.Exists when trouble is not null:
                        Answering("submissions");
                        return Taken(job.Id, shape, name, now, $"found by its name at try {tries}; first: {trouble}");
                    case not (ApiResult.Trouble or ApiResult.NoSuchKind):
                        Answering("submissions");
                        return new Answer(now, null, answer.Words);
                }

                trouble ??= answer.Words;
                Failing("submissions", answer.Words!);
                await pauses.WaitAsync(cancellation);
            }
        }
        finally
        {
            _slots.Release();
        }
    }

    public override async Task CancelAsync(IReadOnlyCollection<long> jobs, CancellationToken cancellation)
    {
        await Parallel.ForEachAsync(jobs, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellation }, async (job, token) =>
        {
            lock (Gate) Tracker.Cancelling(job);
            var answer = await DeleteAsync(_kind.Collection(_options.Namespace), job, token);
            // What is no gang has none, and one whose pods are still there goes with the last of them.
            if (answer.Result is ApiResult.Done or ApiResult.Missing && _kind.GangCollection(_options.Namespace) is { } gangs) answer = await DeleteAsync(gangs, job, token);
            if (answer.Result is not (ApiResult.Done or ApiResult.Missing)) Report(new ReplayFault(Micros.Now(_time), null, $"job {job} could not be cancelled: {answer.Words}"));
        });
    }

    public override IReadOnlyList<ISampleSource> Sources() => KubernetesMetrics.Sources(_config, _kind.Scheduler);

    public override async ValueTask DisposeAsync()
    {
        await _rendezvous.DisposeAsync();
        _api.Dispose();
        _config.Dispose();
        _audit?.Dispose();
        _stamps?.Dispose();
        _slots.Dispose();
    }

    void IJobSights.Job(ObjectMeta metadata, JobSight sight, bool gone, long now)
    {
        if (JobOf(metadata) is not { } job) return;
        lock (Gate) Tracker.SeeJob(job, sight, gone, now);
    }

    void IJobSights.Gang(ObjectMeta metadata, long now)
    {
        if (JobOf(metadata) is not { } job) return;
        lock (Gate) Tracker.SeeGang(job, now);
    }

    public void Failing(string who, string words) => Trouble.Begin(who, Micros.Now(_time), $"the API server does not serve {who}: {words}");

    public void Answering(string who) => Trouble.End(who, Micros.Now(_time));

    public void Relisted(string who) =>
        Report(new ReplayFault(Micros.Now(_time), null, $"the API server had forgotten where the watch of {who} stood: they were listed anew, and what had changed was seen late"));

    protected override Task WatchAsync(CancellationToken cancellation) => Task.WhenAll([.. _watches.Select(w => w.RunAsync(cancellation)), TickAsync(cancellation)]);

    protected override void Finish()
    {
        ReadAudit();
        ReadStamps();
        Tracker.Conclude(Micros.Now(_time));
    }

    private void Pod(Pod pod, bool gone, long now)
    {
        if (JobOf(pod.Metadata) is not { } job) return;
        lock (Gate) Tracker.SeePod(job, pod, gone, now);
    }

    private void Node(ApiNode node, bool gone, long now)
    {
        lock (Gate) Tracker.SeeNode(node.Metadata.Name, node.Ready, node.Pressure, gone, now);
    }

    /// <summary>Creates a job, and its gang before it.</summary>
    private async Task<ApiAnswer<AnyObject>> CreateAsync(byte[]? gang, byte[] body, CancellationToken cancellation)
    {
        if (gang is not null && await _api.CreateAsync(_kind.GangCollection(_options.Namespace)!, gang, cancellation) is { Result: not (ApiResult.Done or ApiResult.Exists) } fault) return fault;
        return await _api.CreateAsync(_kind.Collection(_options.Namespace), body, cancellation);
    }

    private async Task<ApiAnswer<AnyObject>> DeleteAsync(string collection, long job, CancellationToken cancellation)
    {
        var pauses = Backoff.ForSchedulers(_time);
        while (true)
        {
            var answer = await _api.DeleteAsync($"{collection}/{_manifest.NameOf(job)}", DeleteWithPods, cancellation);
            if (answer.Result != ApiResult.Trouble) return answer;
            await pauses.WaitAsync(cancellation);
        }
    }

    private static long? JobOf(ObjectMeta metadata) =>
        metadata.Labels?.GetValueOrDefault(JobManifest.JobLabel) is { } label && long.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out var job) ? job : null;

    private Answer Taken(long job, PodShape shape, string name, long now, string? detail)
    {
        lock (Gate) Tracker.Accepted(job, shape.Pods, now);
        return new Answer(now, name, detail);
    }

    private async Task TickAsync(CancellationToken cancellation)
    {
        using var tick = new PeriodicTimer(AuditPoll, _time);
        var looked = _time.GetTimestamp();
        while (await tick.WaitForNextTickAsync(cancellation))
        {
            var now = Micros.Now(_time);
            lock (Gate)
            {
                ReadAudit();
                ReadStamps();
                Tracker.Pass(now);
                if (_time.GetElapsedTime(looked) < SilenceEvery) continue;
                looked = _time.GetTimestamp();
                Tracker.LookForSilence(now);
            }
        }
    }

    private void ReadAudit() => _audit?.Read(
        line => Tracker.Read(line, _manifest.JobOf),
        words => Report(new ReplayFault(Micros.Now(_time), null, $"a line of the audit log is not JSON: {words}")));

    /// <summary>What payloads on emulated nodes stamped: on real ones it is collected when all is over.</summary>
    private void ReadStamps()
    {
        foreach (var line in _stamps?.Read() ?? []) Report(ReplayJson.ReadEvent(Encoding.UTF8.GetBytes(line), _options.Payload.Stamps, 1));
    }

    private static DiagnosticException Fault(string code, string text, string? detail, string? help) =>
        new(Diagnostic.Error(code, text) with { Detail = detail, Help = help });
}
