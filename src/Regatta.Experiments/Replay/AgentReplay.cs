using CliWrap;
using Regatta.Analysis;
using Regatta.Machines;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Experiments.Replay;

/// <summary>What is to be replayed, and where.</summary>
/// <param name="Header">The header; its number of jobs and its option <c>stamps</c> are filled in.</param>
/// <param name="Jobs">The jobs.</param>
/// <param name="Head">Name of the head.</param>
/// <param name="Workers">Names of the workers.</param>
/// <param name="Directory">Local directory that <c>events.jsonl</c> is written to; it exists.</param>
public sealed record ReplayRequest(ReplayHeader Header, IReadOnlyList<Job> Jobs, string Head, ImmutableArray<string> Workers, string Directory);

/// <summary>What a replay gave.</summary>
/// <param name="Summary">What the agent says of it.</param>
/// <param name="Jobs">One row for each job.</param>
/// <param name="Faults">What went wrong on the way, in the order of time: on the cluster, and while stamps were collected.</param>
/// <param name="Mended">What went wrong and lost nothing: connections that were cut and made again.</param>
/// <param name="Harness">What the agent and what it submits through used on the head.</param>
/// <param name="ControlPlane">What the scheduler's daemons used on the head.</param>
/// <param name="Pressure">How much work waited for processors of the nodes meanwhile.</param>
public sealed record ReplayResult(
    ReplaySummary Summary,
    ImmutableArray<JobRecord> Jobs,
    ImmutableArray<TrialFault> Faults,
    ImmutableArray<TrialFault> Mended,
    HarnessCost Harness,
    ImmutableArray<ProcessCost> ControlPlane,
    ImmutableArray<NodePressure> Pressure)
{
    /// <summary>Every event, the stamps of the payloads included, in the order in which they arrived.</summary>
    public IReadOnlyList<JobEvent> Events { get; init; } = [];

    /// <summary>The clients that called beside the jobs, by kind.</summary>
    public ImmutableArray<ClientLatency> Clients { get; init; } = [];
}

/// <summary>
/// Replays a workload through the agent on the head. The replay itself lives on the head: a connection that is cut is made again and goes
/// on at the byte where it was cut, so that no event is lost or seen twice.
/// </summary>
public sealed class AgentReplay
{
    private readonly NodeShell _shell;
    private readonly TimeProvider _time;
    private readonly List<TrialFault> _faults = [], _mended = [];

    /// <summary>Replays on machines.</summary>
    /// <param name="shell">Makes the command that runs a script on a node.</param>
    /// <param name="time">Time of limits, of the pauses between two tries to connect, and of the faults that are recorded.</param>
    public AgentReplay(Func<string, string, Command> shell, TimeProvider time)
        : this(new NodeShell(shell, time), time)
    {
    }

    /// <summary>Replays on a cluster.</summary>
    public AgentReplay(Cluster cluster, TimeProvider time)
        : this(NodeShell.Of(cluster, time), time)
    {
    }

    /// <summary>Replays over a way to the nodes that others go as well.</summary>
    internal AgentReplay(NodeShell shell, TimeProvider time) => (_shell, _time) = (shell, time);

    /// <summary>The agent on every node.</summary>
    public string Agent { get; init; } = NodeLayout.Agent;

    /// <summary>Directory on the head that replays are kept below.</summary>
    public string Replays { get; init; } = NodeLayout.Replays;

    /// <summary>Directory on the workers that payloads stamp into.</summary>
    public string Stamps { get; init; } = NodeLayout.Stamps;

    /// <summary>Group of the jobs on the workers: it alone may append to the stamps.</summary>
    public string JobGroup { get; init; } = NodeLayout.JobUser;

    /// <summary>How long a head may not be reached before the trial is given up.</summary>
    public TimeSpan LostAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a node is tried to be reached for what is to be read from it or made on it.</summary>
    public TimeSpan ReadWithin { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long beyond its own time to drain a replay may be silent before it is cancelled: what the agent itself allows for cancelling and for nodes to be free again, and more.</summary>
    public TimeSpan Margin { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Called when the replay on the head has ended, before stamps are collected: what makes nodes unreachable is undone then.</summary>
    public Func<Task> Settle { get; init; } = () => Task.CompletedTask;

    /// <summary>The clocks of nodes against the head's; those that do not answer are left out.</summary>
    public async Task<ImmutableArray<ClockOffset>> MeasureClocksAsync(string head, ImmutableArray<string> workers, CancellationToken cancellation) => await ClockMeasurement.MeasureAsync(
        node => _shell.Command(node, $"exec {Agent} clock"), head, await _shell.AnsweringAsync(workers, ReadWithin, cancellation), ReadWithin, _time, cancellation);

    /// <summary>Replays to the end. <paramref name="happened"/> sees every event as it arrives.</summary>
    /// <exception cref="DiagnosticException">The replay cannot be started, failed, did not end in time, or its head was lost.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the jobs on the cluster were cancelled too.</exception>
    public async Task<ReplayResult> RunAsync(ReplayRequest request, Action<JobEvent> happened, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(happened);
        _faults.Clear();
        _mended.Clear();
        var stamps = new StampFiles(_shell, StampsOf(request), JobGroup, ReadWithin);
        await PrepareAsync(request, stamps, cancellation);
        string[] nodes = [.. request.Workers.Prepend(request.Head).Distinct(StringComparer.Ordinal)];
        var before = await PressureReading.TakeAsync(_shell, nodes, cancellation);
        ImmutableDictionary<string, PressureReading> after;
        var events = new List<JobEvent>();
        var path = Path.Combine(request.Directory, "events.jsonl");
        ReplaySummary summary;
        await using (var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read))
        {
            await using var arriving = request.Header.SampleEvery is null ? null
                : new ArrivingSamples(_shell, request.Head, $"exec {Agent} follow --directory {DirectoryOf(request)} --what samples", Path.Combine(request.Directory, TrialUnderWay.SamplesName), _time);
            try
            {
                await FollowAsync(request, file, path, events, happened, cancellation);
                await Settle();
                after = await PressureReading.TakeAsync(_shell, nodes, cancellation);
                summary = await SummaryAsync(request, cancellation);
            }
            finally
            {
                await SaveLogAsync(request);
            }

            if (summary.Sampling is not null && await new NodeSamples(_shell, ReadWithin).TakeAsync(request.Head, DirectoryOf(request), request.Directory, cancellation) is { } unread) Mend(request.Head, "samples-unread", unread);
            foreach (var collected in await Task.WhenAll(request.Workers.Select(w => CollectAsync(w, request, stamps, cancellation))))
            {
                foreach (var stamp in collected)
                {
                    await ReplayConnection.WriteLineAsync(file, ReplayJson.Line(stamp), cancellation);
                    events.Add(stamp);
                    happened(stamp);
                }
            }

            file.Flush(flushToDisk: true);
        }

        if (StampCheck.Contradiction(events) is { } contradiction) Note("contradicting-stamps", null, contradiction);
        await stamps.RemoveAsync(cancellation);
        var clients = request.Header.Clients is { } storm ? await new ClientCalls(_shell, ReadWithin).TakeAsync(storm, request.Head, DirectoryOf(request), request.Directory, cancellation) : [];
        await _shell.RunAsync(request.Head, $"rm -rf {DirectoryOf(request)}", cancellation);
        var client = summary.Daemons.Where(d => d.Client).ToList();
        return new ReplayResult(
            summary,
            [.. JobRecords.From(request.Jobs, events)],
            [.. summary.Faults.Select(f => new TrialFault(f.Time, f.Node, f.Text)).Concat(Noted(_faults)).OrderBy(f => f.Time)],
            [.. Noted(_mended)],
            new HarnessCost(summary.CpuSeconds + client.Sum(d => d.CpuSeconds), summary.PeakRss),
            [.. summary.Daemons.Where(d => !d.Client).Select(d => new ProcessCost(request.Head, d.Process, d.CpuSeconds, d.PeakRss))],
            PressureReading.Between(before, after))
        {
            Events = events,
            Clients = clients,
        };
    }

    private async Task PrepareAsync(ReplayRequest request, StampFiles stamps, CancellationToken cancellation)
    {
        await stamps.MakeAsync(request.Workers, cancellation);
        var made = await _shell.ReachAsync(request.Head, $"install -d -m 0755 {Replays} && rm -rf {DirectoryOf(request)}", ReadWithin, cancellation);
        if (made.Code != 0)
            throw new DiagnosticException(Diagnostic.Error("replay-head-unreachable", $"cannot create the directory of the replay on {request.Head}") with { Detail = made.Error.Trim() });
    }

    /// <summary>Starts the replay and takes its events to the last, for as long as the replay may take and no longer.</summary>
    private async Task FollowAsync(ReplayRequest request, FileStream file, string path, List<JobEvent> events, Action<JobEvent> happened, CancellationToken cancellation)
    {
        // The agent gives up a time to drain after the last submission or answer, and both are events.
        var silence = request.Header.DrainTimeout + Margin;
        var last = request.Jobs.Count == 0 ? TimeSpan.Zero : request.Jobs.Max(j => j.Submit);
        var schedule = _time.GetTimestamp();
        using var overdue = new CancellationTokenSource(Durations.ForTimer(request.Header.StartDelay + last + silence), _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, overdue.Token);
        try
        {
            var connection = new ReplayConnection(request.Head, script => _shell.Command(request.Head, script), Agent, DirectoryOf(request), LostAfter, words => Mend(request.Head, "connection-mended", $"the connection was cut and made again: {words}"), _time);
            await using var lines = connection.LinesAsync(Complete(request), request.Jobs, either.Token).GetAsyncEnumerator(either.Token);
            while (await NextAsync(lines, file, either))
            {
                var line = lines.Current;
                if (_time.GetElapsedTime(schedule) > request.Header.StartDelay + last) overdue.CancelAfter(Durations.ForTimer(silence));
                await ReplayConnection.WriteLineAsync(file, line, cancellation);
                var parsed = ReplayJson.ReadEvent(line, path, events.Count + 1);
                events.Add(parsed);
                happened(parsed);
            }
        }
        catch (OperationCanceledException)
        {
            await CancelAsync(request);
            if (cancellation.IsCancellationRequested) throw;
            throw new DiagnosticException(Diagnostic.Error("replay-overdue", string.Create(CultureInfo.InvariantCulture, $"the replay on {request.Head} did not end, and nothing was heard of it for {silence.TotalSeconds:0} s")) with
            {
                Detail = $"{events.Count} events of {request.Jobs.Count} jobs had arrived; it was asked to cancel its jobs and given up", Help = "its last words are in the trial's logs",
            });
        }
    }

    /// <summary>The next line. Whoever follows the trial reads the file: what has come is in it before more is waited for.</summary>
    private static async Task<bool> NextAsync(IAsyncEnumerator<byte[]> lines, FileStream file, CancellationTokenSource stop)
    {
        var next = lines.MoveNextAsync();
        if (next.IsCompleted) return await next;
        var waiting = next.AsTask();
        try
        {
            await file.FlushAsync(CancellationToken.None);
        }
        catch
        {
            // Lines that are waited for cannot be let go.
            await stop.CancelAsync();
            await ((Task)waiting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        return await waiting;
    }

    private async Task<ReplaySummary> SummaryAsync(ReplayRequest request, CancellationToken cancellation)
    {
        var path = $"{DirectoryOf(request)}/summary.json";
        var reply = await _shell.ReadAsync(request.Head, $"cat {path}", ReadWithin, cancellation);
        return reply.Code == 0 ? ReplayJson.ReadSummary(reply.Output, path) : throw ReplayConnection.Failed(request.Head, reply.Error);
    }

    /// <summary>A worker's stamps; a worker that is gone is a fault of the trial and not of the program.</summary>
    private async Task<List<JobEvent>> CollectAsync(string worker, ReplayRequest request, StampFiles stamps, CancellationToken cancellation)
    {
        var found = await stamps.ReadAsync(worker, (code, text) => Note(code, worker, text), cancellation);
        var (taken, fault) = StampCheck.FromPayloads(worker, [request.Head, .. request.Workers], request.Jobs.Select(j => j.Id).ToHashSet(), found);
        if (fault is not null) Note("foreign-stamps", worker, fault);
        return taken;
    }

    /// <summary>What the agent said on the head goes with the trial, whatever became of the replay.</summary>
    private async Task SaveLogAsync(ReplayRequest request)
    {
        using var limit = new CancellationTokenSource(ReadWithin, _time);
        var logs = new NodeLogs(_shell, Path.Combine(request.Directory, "logs"));
        await logs.SaveAsync(request.Head, "agent.log", $"{DirectoryOf(request)}/worker.log", limit.Token);
        if (request.Header.Clients is not null) await logs.SaveAsync(request.Head, "clients.log", $"{DirectoryOf(request)}/clients.log", limit.Token);
    }

    private async Task CancelAsync(ReplayRequest request)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1), _time);
        try
        {
            await _shell.ReachAsync(request.Head, $"exec {Agent} cancel --directory {DirectoryOf(request)}", ReadWithin, limit.Token);
        }
        catch (OperationCanceledException)
        {
            Note(null, request.Head, "the jobs were not cancelled within a minute");
        }
    }

    private ReplayHeader Complete(ReplayRequest request) => request.Header with
    {
        Jobs = request.Jobs.Count,
        Options = request.Header.Options.SetItem("stamps", StampsOf(request)).SetItem("payload", request.Header.Options.GetValueOrDefault("payload", Agent)),
    };

    private string DirectoryOf(ReplayRequest request) => $"{Replays}/{request.Header.Trial}";

    private string StampsOf(ReplayRequest request) => $"{Stamps}/{request.Header.Trial}.jsonl";

    private void Mend(string node, string code, string words)
    {
        lock (_mended) _mended.Add(new TrialFault(Micros.Now(_time), node, words) { Code = code });
    }

    private void Note(string? code, string? node, string text)
    {
        lock (_faults) _faults.Add(new TrialFault(Micros.Now(_time), node, text) { Code = code });
    }

    private static TrialFault[] Noted(List<TrialFault> faults)
    {
        lock (faults) return [.. faults];
    }
}
