namespace Regatta.Workloads;

/// <summary>The Standard Workload Format 2.2.</summary>
public sealed class SwfFormat : ITraceFormat
{
    /// <inheritdoc/>
    public string Name => "SWF";

    /// <inheritdoc/>
    public ImmutableArray<string> Extensions => [".swf"];

    /// <inheritdoc/>
    public Workload Read(Stream stream, string name, TraceReading reading, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reading);
        using var reader = new SwfReader(stream, name, reading.Mode, cancellationToken);
        return SwfJobs.Load(reader, name, cancellationToken);
    }

    /// <summary>Writes the jobs and the rows that are none, in the order of their submit times, under a header completed by what the format asks for.</summary>
    public void Write(Workload workload, Stream stream, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(workload);
        using var writer = new SwfWriter(stream, Complete(workload));
        var next = 0;
        foreach (var job in workload.Jobs)
        {
            if ((writer.Count & 0xfff) == 0) cancellationToken.ThrowIfCancellationRequested();
            var record = SwfJobs.FromJob(job);
            while (next < workload.LeftOut.Length && SwfJobs.Compare(workload.LeftOut[next], record) < 0) writer.Write(workload.LeftOut[next++]);
            writer.Write(record);
        }

        while (next < workload.LeftOut.Length) writer.Write(workload.LeftOut[next++]);
    }

    /// <inheritdoc/>
    public IEnumerable<string> Loses(Workload workload)
    {
        ArgumentNullException.ThrowIfNull(workload);
        (string What, Func<Job, bool> Has)[] all =
        [
            ("nodes", job => job.Nodes > 0),
            ("priority", job => job.Priority != 0),
            ("draining", job => job.Drains),
            ("array", job => job.Array is not null),
            ("heterogeneous job", job => job.HeterogeneousJob is not null),
            ("names, GPUs and other requests", job => job.Request is not null),
            ("recorded state, hold and suspension", job => job.Recorded is { } r && (r.State is { } state && state is not (RecordedState.Completed or RecordedState.Failed or RecordedState.Cancelled) || r.Held is not null || r.Suspended is not null || r.Requeues is not null)),
            ("gang minimum", job => job.GangMinimum > 0),
            ("payload", job => job.Payload.Kind != PayloadKind.Sleep),
            ("further dependencies", job => job.Dependencies.Length > 1),
            ("kind of dependency", job => job.Dependencies.Any(d => d.Kind != DependencyKind.After)),
        ];
        return all.Select(lost => (lost.What, Count: workload.Jobs.Count(lost.Has))).Where(lost => lost.Count > 0).Select(lost => $"{lost.What} of {lost.Count} jobs");
    }

    private static SwfHeader Complete(Workload workload)
    {
        var header = workload.Header;
        if (header["Version"] is null) header = new SwfHeader(header.Lines.Insert(0, "; Version: 2.2"));
        string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
        var rows = workload.Jobs.Length + workload.LeftOut.Length;
        header = header.With("MaxJobs", Number(rows)).With("MaxRecords", Number(rows));
        return workload.SourceProcessors is { } processors && header.MaxProcs != processors ? header.With("MaxProcs", Number(processors)) : header;
    }
}
