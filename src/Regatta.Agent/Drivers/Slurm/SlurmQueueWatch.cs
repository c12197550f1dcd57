using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Slurm;

/// <summary>Looks at Slurm's queue now and then, and holds what it says of starts against those that come.</summary>
/// <param name="gate">What whoever has to do with the driver's tracker holds.</param>
/// <param name="plain">Whether a job of Slurm's id could have started wherever another of its partition did; null where Slurm weighs no priorities.</param>
/// <param name="jobOf">The job that has an id of Slurm's.</param>
/// <param name="time">The clock.</param>
/// <param name="command">What lists the queue.</param>
internal sealed class SlurmQueueWatch(Lock gate, Func<long, bool>? plain, Func<long, long?> jobOf, TimeProvider time, string command = "squeue")
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(20);

    private readonly StartOrderWatch? _order = plain is null ? null : new StartOrderWatch(plain);
    private readonly PredictedStarts _predictions = new();
    private string? _refused;

    /// <summary>The order of starts, held against priorities; null where none are weighed.</summary>
    public StartOrderCheck? Order
    {
        get
        {
            lock (gate)
            {
                return _order is null ? null : new StartOrderCheck(_order.Looks, _order.Starts, _order.OutOfOrder)
                {
                    Passed =
                    [
                        .. from e in _order.Examples
                           let job = jobOf(e.Id)
                           let before = jobOf(e.PassedId)
                           where job is not null && before is not null
                           select new PassedOver(job.Value, e.Time, e.Priority, before.Value, e.PassedPriority),
                    ],
                };
            }
        }
    }

    /// <summary>The starts that Slurm foretold, held against those that came.</summary>
    public StartPredictions? Predictions
    {
        get
        {
            lock (gate) return _predictions.Summary();
        }
    }

    /// <summary>What could not be had, in sentences.</summary>
    public IEnumerable<string> Notes => _refused is { } words ? [$"squeue did not always answer, so that fewer starts were held against what it says: {words}"] : [];

    /// <summary>Takes a line of slurmctld's log; called with the gate held.</summary>
    public void Read(SlurmLogLine line)
    {
        if (line.Kind is not (SlurmLogKind.Allocated or SlurmLogKind.Backfilled)) return;
        _predictions.Started(line.Time, line.JobId);
        // Backfill starts whom it likes.
        if (line.Kind == SlurmLogKind.Allocated) _order?.Started(line.Time, line.JobId);
    }

    /// <summary>Looks until it is cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancellation)
    {
        using var tick = new PeriodicTimer(Every, time);
        while (await tick.WaitForNextTickAsync(cancellation))
        {
            var asked = Micros.Now(time);
            var (code, output, error) = await SlurmCommand.RunAsync(command, QueuedJob.Arguments, cancellation);
            if (code != 0)
            {
                _refused ??= error;
                continue;
            }

            var jobs = output.Split('\n').Select(QueuedJob.Parse).OfType<QueuedJob>().ToList();
            lock (gate)
            {
                _order?.Look(asked, Micros.Now(time), jobs);
                _predictions.Look(jobs);
            }
        }
    }
}
