using System.Text.Json;
using Regatta.Agent.Platform;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Flux;

/// <summary>
/// Flux: submits and observes through one connection to the leader's broker. Every stamp but those of the payloads comes from the job manager's journal.
/// </summary>
internal sealed class FluxDriver(ReplayHeader header, FluxOptions options, TimeProvider time)
    : TrackingDriver<FluxTracker>(new FluxTracker(options.Simulate, _ => { }), "Flux takes jobs again")
{
    private const int DefaultUrgency = 16;
    private const string JournalTopic = "job-manager.events-journal";

    private static readonly TimeSpan NodesPoll = TimeSpan.FromSeconds(1);

    private readonly FluxJobspec _jobspec = new(header.Trial, options);
    private readonly Dictionary<string, ulong> _known = new(StringComparer.Ordinal);
    private FluxNodes _nodes = new(_ => { });
    private TaskCompletionSource<FluxLink> _link = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FluxLibrary? _library;
    private bool _nodesUnread;

    // The broker takes jobs and starts them; validators and flux-core's own schedulers are processes beside it.
    public override IReadOnlyList<(string Process, bool Client)> Daemons { get; } =
        [("flux-broker-0", false), ("flux-broker", false), ("sched-simple", false), ("sched-backfill", false), ("job-validator", false), ("munged", false)];

    public override async Task OpenAsync(IReadOnlyList<Job> jobs, CancellationToken cancellation)
    {
        _library = FluxLibrary.Load(options.Prefix);
        Tracker = new FluxTracker(options.Simulate, Report);
        _nodes = new FluxNodes(Report);
        try
        {
            await ConnectAsync(again: false, cancellation);
        }
        catch (Exception exception) when (exception is FluxLostException or FluxException)
        {
            throw new DiagnosticException(
                Diagnostic.Error("replay-flux", $"Flux does not answer on {options.Uri}") with { Detail = exception.Message, Help = "look at: systemctl status flux; flux uptime" },
                exception);
        }

        (int Count, string Text)[] notes =
        [
            (jobs.Count(j => j.Priority != 0), "The priorities of {0} jobs are left out, so that all schedulers get the same: Slurm lets only operators raise them."),
            (jobs.Count(j => j.MemoryPerProcessor is not null), "The memory that {0} jobs ask for is left out: Flux does not schedule memory."),
            (jobs.Count(j => j.Nodes > 0 && j.Processors % j.Nodes != 0), "{0} jobs cannot be spread evenly over their nodes: Flux gives each node as many processors as the fullest."),
        ];
        Notes = [.. notes.Where(n => n.Count > 0).Select(n => string.Format(CultureInfo.InvariantCulture, n.Text, n.Count))];
    }

    public override async Task<Answer> SubmitAsync(Submission submission, Action<long> sent, CancellationToken cancellation)
    {
        var job = submission.Job.Id;
        var jobspec = _jobspec.Of(submission);
        var (first, trouble) = (true, default(string));
        for (var tries = 1; ; tries++)
        {
            Task<FluxLink> link;
            lock (Gate) link = _link.Task;
            if (first && !link.IsCompletedSuccessfully)
            {
                // Nobody is there to take it: it counts as sent now, and as late as it will be.
                sent(Micros.Now(time));
                first = false;
            }

            var flux = await link.WaitAsync(cancellation);
            // The leader may have taken the job and not been able to say so.
            lock (Gate)
            {
                if (trouble is not null && _known.TryGetValue(_jobspec.NameOf(job), out var present))
                {
                    Tracker.Register(job, present);
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
                return await answered.Task.WaitAsync(cancellation);
            }
            catch (FluxLostException lost)
            {
                trouble ??= lost.Message;
                await flux.Over.WaitAsync(cancellation);
            }
        }
    }

    public override async Task CancelAsync(IReadOnlyCollection<long> jobs, CancellationToken cancellation)
    {
        FluxLink flux;
        List<(long Job, ulong Id)> known;
        lock (Gate) known = [.. jobs.Select(j => (j, Id: Tracker.IdOf(j))).Where(j => j.Id is not null).Select(j => (j.j, j.Id!.Value))];
        Task<FluxLink> link;
        lock (Gate) link = _link.Task;
        flux = await link.WaitAsync(cancellation);
        await Task.WhenAll(known.Select(async job =>
        {
            try
            {
                await flux.Observing.CallAsync("job-manager.raise", $$"""{"id":{{Name(job.Id)}},"type":"cancel","severity":0,"note":"cancelled by regatta"}""").WaitAsync(cancellation);
            }
            catch (Exception exception) when (exception is FluxLostException or FluxException)
            {
                // A job that ended meanwhile cannot be cancelled, and need not.
                lock (Gate)
                {
                    if (Tracker.HasEnded(job.Job)) return;
                }

                Report(new ReplayFault(Micros.Now(time), null, $"job {job.Job} could not be cancelled: {exception.Message}"));
            }
        }));
    }

    public override async ValueTask DisposeAsync()
    {
        Task<FluxLink> link;
        lock (Gate) link = _link.Task;
        if (link.IsCompletedSuccessfully) await (await link).DisposeAsync();
    }

    protected override Task WatchAsync(CancellationToken cancellation) => Task.WhenAll(MendAsync(cancellation), WatchNodesAsync(cancellation));

    private static string Name(ulong id) => id.ToString(CultureInfo.InvariantCulture);

    /// <summary>Connects and waits until the journal has told all that happened so far.</summary>
    private async Task ConnectAsync(bool again, CancellationToken cancellation)
    {
        var flux = await FluxLink.OpenAsync(_library!, options);
        try
        {
            // A leader that starts has a socket before it takes jobs.
            await flux.Observing.CallAsync("state-machine.wait", "{}").WaitAsync(cancellation);
            var caughtUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (Gate)
            {
                if (again) Tracker.Restart();
            }

            flux.Observing.Stream(JournalTopic, again ? """{"full":true}""" : """{"full":false}""", answer => Take(answer, caughtUp), fault =>
            {
                caughtUp.TrySetException(fault);
                flux.End(fault);
            });
            await caughtUp.Task.WaitAsync(cancellation);
            await ReadNodesAsync(flux, cancellation);
            lock (Gate) _link.TrySetResult(flux);
        }
        catch
        {
            await flux.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes an answer of the journal. One that cannot be read is a fault of the trial: what it told of is not known.</summary>
    internal void Take(string answer, TaskCompletionSource caughtUp)
    {
        FluxJournalEntry? entry;
        try
        {
            entry = FluxJournalEntry.Parse(answer);
        }
        catch (JsonException exception)
        {
            Unread("journal", answer, exception);
            return;
        }

        if (entry is null) return;
        lock (Gate)
        {
            if (entry.Id == FluxJournalEntry.CaughtUp)
            {
                Tracker.CaughtUp(Micros.Now(time));
                caughtUp.TrySetResult();
                return;
            }

            if (entry.JobName is { } name) _known[name] = entry.Id;
            Tracker.Read(entry);
        }
    }

    /// <summary>Takes the answer to a submission.</summary>
    internal Answer Taken(long job, string answer, long now, string? detail)
    {
        ulong id;
        try
        {
            using var document = JsonDocument.Parse(answer);
            id = document.RootElement.GetProperty("id").GetUInt64();
        }
        catch (Exception exception) when (IsUnreadable(exception))
        {
            return new Answer(now, null, $"Flux's answer cannot be read: {exception.Message}: {Shown(answer)}");
        }

        lock (Gate) Tracker.Register(job, id);
        return new Answer(now, Name(id), detail);
    }

    private async Task ReadNodesAsync(FluxLink flux, CancellationToken cancellation) =>
        TakeNodes(await flux.Observing.CallAsync("resource.status", "{}").WaitAsync(cancellation));

    /// <summary>Takes an answer about nodes. It is asked for each second: the first that cannot be read is told of.</summary>
    internal void TakeNodes(string answer)
    {
        try
        {
            _nodes.Read(answer, Micros.Now(time));
            _nodesUnread = false;
        }
        catch (Exception exception) when (IsUnreadable(exception))
        {
            if (!_nodesUnread) Unread("resource.status", answer, exception);
            _nodesUnread = true;
        }
    }

    // What the JSON reader throws for a text that is none, and for one of another form.
    private static bool IsUnreadable(Exception exception) => exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException;

    private static string Shown(string answer) => answer.Length > 120 ? answer[..120] + "…" : answer;

    private void Unread(string what, string answer, Exception exception) =>
        Report(new ReplayFault(Micros.Now(time), null, $"an answer of Flux's {what} cannot be read: {exception.Message}: {Shown(answer)}"));

    /// <summary>Makes the connection again whenever it is lost.</summary>
    private async Task MendAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task<FluxLink> link;
            lock (Gate) link = _link.Task;
            var flux = await link.WaitAsync(cancellation);
            var reason = await flux.Lost.WaitAsync(cancellation);
            Trouble.Begin("leader", Micros.Now(time), $"Flux does not take jobs: {reason.Message}");
            lock (Gate) _link = new TaskCompletionSource<FluxLink>(TaskCreationOptions.RunContinuationsAsynchronously);
            await flux.DisposeAsync();
            var pauses = Backoff.ForSchedulers(time);
            while (true)
            {
                try
                {
                    await ConnectAsync(again: true, cancellation);
                    break;
                }
                catch (Exception exception) when (exception is FluxLostException or FluxException)
                {
                    await pauses.WaitAsync(cancellation);
                }
            }

            Trouble.End("leader", Micros.Now(time));
        }
    }

    private async Task WatchNodesAsync(CancellationToken cancellation)
    {
        using var tick = new PeriodicTimer(NodesPoll, time);
        while (await tick.WaitForNextTickAsync(cancellation))
        {
            Task<FluxLink> link;
            lock (Gate) link = _link.Task;
            var flux = await link.WaitAsync(cancellation);
            try
            {
                await ReadNodesAsync(flux, cancellation);
            }
            catch (Exception exception) when (exception is FluxLostException or FluxException)
            {
                // The one who mends the connection tells of it.
            }
        }
    }
}
