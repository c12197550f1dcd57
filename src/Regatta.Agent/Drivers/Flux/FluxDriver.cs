using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Regatta.Agent.Platform;
using Regatta.Diagnostics;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Flux;

/// <summary>
/// Flux: submits and observes through one connection to the leader's broker. Every stamp but those of the payloads comes from the job manager's journal.
/// </summary>
internal sealed class FluxDriver(ReplayHeader header, FluxOptions options, TimeProvider time) : ISchedulerDriver
{
    private const int DefaultUrgency = 16;
    private const string JournalTopic = "job-manager.events-journal";

    private static readonly TimeSpan RetryFirst = TimeSpan.FromMilliseconds(100), RetryMost = TimeSpan.FromSeconds(1), NodesPoll = TimeSpan.FromSeconds(1);

    private readonly FluxJobspec _jobspec = new(header.Trial, options);
    private readonly Channel<Observation> _observed = Channel.CreateUnbounded<Observation>();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ulong> _known = new(StringComparer.Ordinal);
    private FluxTracker _tracker = new(options.Simulate, _ => { });
    private FluxNodes _nodes = new(_ => { });
    private TaskCompletionSource<FluxLink> _link = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FluxLibrary? _library;

    // The broker takes jobs and starts them; validators and flux-core's own schedulers are processes beside it.
    public IReadOnlyList<(string Process, bool Client)> Daemons { get; } =
        [("flux-broker-0", false), ("flux-broker", false), ("sched-simple", false), ("sched-backfill", false), ("job-validator", false), ("munged", false)];

    public string ReleaseSource
    {
        get
        {
            lock (_lock) return _tracker.ReleaseSource;
        }
    }

    public bool Settled
    {
        get
        {
            lock (_lock) return _tracker.Settled;
        }
    }

    public async Task OpenAsync(IReadOnlyList<Job> jobs, CancellationToken cancellation)
    {
        _library = FluxLibrary.Load(options.Prefix);
        _tracker = new FluxTracker(options.Simulate, Report);
        _nodes = new FluxNodes(Report);
        try
        {
            await ConnectAsync(again: false, cancellation).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is FluxLostException or FluxException)
        {
            throw new DiagnosticException(
                Diagnostic.Error("replay-flux", $"Flux does not answer on {options.Uri}") with { Detail = exception.Message, Help = "look at: systemctl status flux; flux uptime", ExitCode = ExitCode.Failed },
                exception);
        }

        Note(jobs.Count(j => j.Priority != 0), "the priorities of {0} are left out, as they are on Slurm");
        Note(jobs.Count(j => j.MemoryPerProcessor is not null), "the memory that {0} ask for is left out: Flux does not schedule memory");
        Note(jobs.Count(j => j.Nodes > 0 && j.Processors % j.Nodes != 0), "{0} cannot be spread evenly over their nodes: Flux gives every node as many processors as the fullest");

        void Note(int count, string text)
        {
            if (count > 0) Report(new ReplayFault(Micros.Now(time), null, string.Format(CultureInfo.InvariantCulture, text, count == 1 ? "1 job" : $"{count} jobs")));
        }
    }

    public async Task<Answer> SubmitAsync(Submission submission, Action<long> sent, CancellationToken cancellation)
    {
        var job = submission.Job.Id;
        var jobspec = _jobspec.Of(submission);
        var (first, trouble) = (true, default(string));
        for (var tries = 1; ; tries++)
        {
            Task<FluxLink> link;
            lock (_lock) link = _link.Task;
            if (first && !link.IsCompletedSuccessfully)
            {
                // Nobody is there to take it: it counts as sent now, and as late as it will be.
                sent(Micros.Now(time));
                first = false;
            }

            var flux = await link.WaitAsync(cancellation).ConfigureAwait(false);
            // The leader may have taken the job and not been able to say so.
            lock (_lock)
            {
                if (trouble is not null && _known.TryGetValue(_jobspec.NameOf(job), out var present))
                {
                    _tracker.Register(job, present);
                    return new Answer(Micros.Now(time), Name(present), $"found by its name at try {tries}; first: {trouble}");
                }
            }

            var answered = new TaskCompletionSource<Answer>(TaskCreationOptions.RunContinuationsAsynchronously);
            flux.Submitting.Submit(
                jobspec,
                DefaultUrgency,
                () =>
                {
                    if (!first) return;
                    first = false;
                    sent(Micros.Now(time));
                },
                text => answered.TrySetResult(Taken(job, text, Micros.Now(time), trouble is null ? null : $"taken at try {tries}; first: {trouble}")),
                fault =>
                {
                    if (fault is FluxException refused) answered.TrySetResult(new Answer(Micros.Now(time), null, refused.Message));
                    else answered.TrySetException(fault);
                });
            try
            {
                return await answered.Task.WaitAsync(cancellation).ConfigureAwait(false);
            }
            catch (FluxLostException lost)
            {
                trouble ??= lost.Message;
                await flux.Over.WaitAsync(cancellation).ConfigureAwait(false);
            }
        }
    }

    public async IAsyncEnumerable<Observation> ObserveAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watching = Task.WhenAll(MendAsync(stop.Token), WatchNodesAsync(stop.Token));
        // A fault of the watchers is a fault of the observation.
        _ = watching.ContinueWith(w => _observed.Writer.TryComplete(w.Exception?.GetBaseException()), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        try
        {
            await foreach (var observation in _observed.Reader.ReadAllAsync(cancellation).ConfigureAwait(false)) yield return observation;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async Task CancelAsync(IReadOnlyCollection<long> jobs, CancellationToken cancellation)
    {
        FluxLink flux;
        List<(long Job, ulong Id)> known;
        lock (_lock) known = [.. jobs.Select(j => (j, Id: _tracker.IdOf(j))).Where(j => j.Id is not null).Select(j => (j.j, j.Id!.Value))];
        Task<FluxLink> link;
        lock (_lock) link = _link.Task;
        flux = await link.WaitAsync(cancellation).ConfigureAwait(false);
        await Task.WhenAll(known.Select(async job =>
        {
            try
            {
                await flux.Observing.CallAsync("job-manager.raise", $$"""{"id":{{Name(job.Id)}},"type":"cancel","severity":0,"note":"cancelled by regatta"}""").WaitAsync(cancellation).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is FluxLostException or FluxException)
            {
                // A job that ended meanwhile cannot be cancelled, and need not.
                lock (_lock)
                {
                    if (_tracker.HasEnded(job.Job)) return;
                }

                Report(new ReplayFault(Micros.Now(time), null, $"job {job.Job} could not be cancelled: {exception.Message}"));
            }
        })).ConfigureAwait(false);
    }

    public IReadOnlyList<Observation> Conclude()
    {
        var rest = new List<Observation>();
        while (_observed.Reader.TryRead(out var observation)) rest.Add(observation);
        return rest;
    }

    public async ValueTask DisposeAsync()
    {
        Task<FluxLink> link;
        lock (_lock) link = _link.Task;
        if (link.IsCompletedSuccessfully) await (await link.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
    }

    private static string Name(ulong id) => id.ToString(CultureInfo.InvariantCulture);

    /// <summary>Connects and waits until the journal has told all that happened so far.</summary>
    private async Task ConnectAsync(bool again, CancellationToken cancellation)
    {
        var flux = await FluxLink.OpenAsync(_library!, options).ConfigureAwait(false);
        try
        {
            // A leader that starts has a socket before it takes jobs.
            await flux.Observing.CallAsync("state-machine.wait", "{}").WaitAsync(cancellation).ConfigureAwait(false);
            var caughtUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock)
            {
                if (again) _tracker.Restart();
            }

            flux.Observing.Stream(JournalTopic, again ? """{"full":true}""" : """{"full":false}""", answer => Take(answer, caughtUp), fault =>
            {
                caughtUp.TrySetException(fault);
                flux.End(fault);
            });
            await caughtUp.Task.WaitAsync(cancellation).ConfigureAwait(false);
            _nodes.Read(await flux.Observing.CallAsync("resource.status", "{}").WaitAsync(cancellation).ConfigureAwait(false), Micros.Now(time));
            lock (_lock) _link.TrySetResult(flux);
        }
        catch
        {
            await flux.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private void Take(string answer, TaskCompletionSource caughtUp)
    {
        if (FluxJournalEntry.Parse(answer) is not { } entry) return;
        lock (_lock)
        {
            if (entry.Id == FluxJournalEntry.CaughtUp)
            {
                _tracker.CaughtUp(Micros.Now(time));
                caughtUp.TrySetResult();
                return;
            }

            if (entry.JobName is { } name) _known[name] = entry.Id;
            _tracker.Read(entry);
        }
    }

    private Answer Taken(long job, string answer, long now, string? detail)
    {
        using var document = JsonDocument.Parse(answer);
        var id = document.RootElement.GetProperty("id").GetUInt64();
        lock (_lock) _tracker.Register(job, id);
        return new Answer(now, Name(id), detail);
    }

    /// <summary>Makes the connection again whenever it is lost.</summary>
    private async Task MendAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task<FluxLink> link;
            lock (_lock) link = _link.Task;
            var flux = await link.WaitAsync(cancellation).ConfigureAwait(false);
            var reason = await flux.Lost.WaitAsync(cancellation).ConfigureAwait(false);
            Report(new ReplayFault(Micros.Now(time), null, $"Flux does not take jobs: {reason.Message}"));
            lock (_lock) _link = new TaskCompletionSource<FluxLink>(TaskCreationOptions.RunContinuationsAsynchronously);
            await flux.DisposeAsync().ConfigureAwait(false);
            var wait = RetryFirst;
            while (true)
            {
                try
                {
                    await ConnectAsync(again: true, cancellation).ConfigureAwait(false);
                    break;
                }
                catch (Exception exception) when (exception is FluxLostException or FluxException)
                {
                    await Task.Delay(wait, time, cancellation).ConfigureAwait(false);
                    wait = wait + wait < RetryMost ? wait + wait : RetryMost;
                }
            }

            Report(new ReplayFault(Micros.Now(time), null, "Flux takes jobs again"));
        }
    }

    private async Task WatchNodesAsync(CancellationToken cancellation)
    {
        using var tick = new PeriodicTimer(NodesPoll, time);
        while (await tick.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
        {
            Task<FluxLink> link;
            lock (_lock) link = _link.Task;
            var flux = await link.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                _nodes.Read(await flux.Observing.CallAsync("resource.status", "{}").WaitAsync(cancellation).ConfigureAwait(false), Micros.Now(time));
            }
            catch (Exception exception) when (exception is FluxLostException or FluxException)
            {
                // The one who mends the connection tells of it.
            }
        }
    }

    private void Report(Observation observation) => _observed.Writer.TryWrite(observation);
}
