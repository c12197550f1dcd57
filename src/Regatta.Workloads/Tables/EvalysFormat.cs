namespace Regatta.Workloads;

/// <summary>The jobs of evalys, which are those of Batsim's <c>_jobs.csv</c>: commas, a line of names, times in seconds.</summary>
public sealed class EvalysFormat : ITraceFormat
{
    private static readonly AccountedSource Source = new("a table of jobs of evalys", "a cluster", "a row has as many cells as the first line", "a job must have started and ended");

    /// <inheritdoc/>
    public string Name => "evalys CSV";

    /// <inheritdoc/>
    public ImmutableArray<string> Extensions => [".csv"];

    /// <inheritdoc/>
    public bool Writes => false;

    /// <summary>Whether its first line names a submission, an execution and a size as evalys does.</summary>
    public bool Recognizes(ReadOnlySpan<byte> head)
    {
        var end = head.IndexOf((byte)'\n');
        var first = end < 0 ? head : head[..end];
        return first.IndexOf("submission_time"u8) >= 0 && first.IndexOf("execution_time"u8) >= 0 && first.IndexOf("requested_number_of_"u8) >= 0;
    }

    /// <inheritdoc/>
    public Workload Read(Stream stream, string name, TraceReading reading, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reading);
        using var lines = new SwfLineSource(stream, name);
        if (!lines.Read(out var first, out _, out _, cancellationToken) || !Recognizes(first)) throw NoTable(name);
        var columns = TextTable.Cells(first, ',');
        var jobs = new TableJobs(name, Source.What, Map(columns), columns, reading.Zone);
        while (lines.Read(out var line, out _, out var tooLong, cancellationToken))
        {
            if (line.IsEmpty && !tooLong) continue;
            var cells = TextTable.Cells(line, ',');
            if (cells.Count < columns.Count && reading.Mode == SwfMode.Strict) throw Source.Row(name, lines.Line);
            jobs.Add(cells, lines.Line);
        }

        return jobs.Workload();
    }

    /// <inheritdoc/>
    /// <exception cref="DiagnosticException">Always: 'regatta export' writes such tables, of runs.</exception>
    public void Write(Workload workload, Stream stream, CancellationToken cancellationToken) => throw Source.Written();

    /// <inheritdoc/>
    public IEnumerable<string> Loses(Workload workload) => ["everything"];

    private static TableMap Map(List<string> columns)
    {
        string First(params string[] names) => names.FirstOrDefault(columns.Contains) ?? names[0];
        var map = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        map.Add("id", First("jobID", "job_id"));
        map.Add("submit", "submission_time");
        map.Add("run_time", "execution_time");
        map.Add("processors", First("requested_number_of_resources", "requested_number_of_processors"));
        foreach (var (field, column) in new[] { ("start", "starting_time"), ("limit", "requested_time"), ("state", First("final_state", "success")) })
        {
            if (columns.Contains(column)) map.Add(field, column);
        }

        return new TableMap
        {
            Columns = map.ToImmutable(), Missing = ["-1", "-1.0", "NaN", "nan"],
            States = new Dictionary<string, RecordedState>
            {
                ["1"] = RecordedState.Completed, ["0"] = RecordedState.Failed, ["COMPLETED_SUCCESSFULLY"] = RecordedState.Completed, ["COMPLETED_FAILED"] = RecordedState.Failed,
                ["COMPLETED_WALLTIME_REACHED"] = RecordedState.TimedOut, ["COMPLETED_KILLED"] = RecordedState.Cancelled, ["REJECTED"] = RecordedState.Cancelled,
            }.ToImmutableSortedDictionary(StringComparer.Ordinal),
        };
    }

    private static DiagnosticException NoTable(string name) => new(Diagnostic.Error("table-kind", $"{name} is a table, and its columns are not those of evalys") with
    {
        Where = new SourceRange(name, 1), Help = "say what its columns mean with: regatta workload convert FILE TARGET --columns map.yaml",
    });
}
