namespace Regatta.Workloads;

/// <summary>The format of the Grid Workloads Archive: 29 columns with blanks between them, comments behind <c>#</c>, of which one may name the columns.</summary>
public sealed class GwfFormat : ITraceFormat
{
    private static readonly string[] Columns =
    [
        "JobID", "SubmitTime", "WaitTime", "RunTime", "NProcs", "AverageCPUTimeUsed", "UsedMemory", "ReqNProcs", "ReqTime", "ReqMemory", "Status", "UserID", "GroupID", "ExecutableID", "QueueID", "PartitionID",
        "OrigSiteID", "LastRunSiteID", "JobStructure", "JobStructureParams", "UsedNetwork", "UsedLocalDiskSpace", "UsedResources", "ReqPlatform", "ReqNetwork", "ReqLocalDiskSpace", "ReqResources", "VOID", "ProjectID",
    ];

    private static readonly AccountedSource Source = new("a trace of the Grid Workloads Archive", "a grid", "a row has at least 11 of the format's 29 columns", "a job must have started and ended");

    private static readonly TableMap Map = new()
    {
        Columns = new Dictionary<string, string>
        {
            ["id"] = "JobID", ["submit"] = "SubmitTime", ["wait"] = "WaitTime", ["run_time"] = "RunTime", ["processors"] = "NProcs", ["requested_processors"] = "ReqNProcs", ["limit"] = "ReqTime", ["state"] = "Status",
            ["user"] = "UserID", ["group"] = "GroupID", ["qos"] = "QueueID", ["partition"] = "PartitionID", ["account"] = "ProjectID",
        }.ToImmutableSortedDictionary(StringComparer.Ordinal),
        Missing = ["-1"],
        States = new Dictionary<string, RecordedState> { ["0"] = RecordedState.Failed, ["1"] = RecordedState.Completed, ["5"] = RecordedState.Cancelled }.ToImmutableSortedDictionary(StringComparer.Ordinal),
    };

    /// <inheritdoc/>
    public string Name => "GWF";

    /// <inheritdoc/>
    public ImmutableArray<string> Extensions => [".gwf"];

    /// <inheritdoc/>
    public bool Writes => false;

    /// <summary>Whether a comment or the first line names its columns.</summary>
    public bool Recognizes(ReadOnlySpan<byte> head) => head.IndexOf("SubmitTime"u8) >= 0 && head.IndexOf("ReqNProcs"u8) >= 0;

    /// <inheritdoc/>
    public Workload Read(Stream stream, string name, TraceReading reading, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reading);
        using var lines = new SwfLineSource(stream, name);
        TableJobs? jobs = null;
        IReadOnlyList<string> columns = Columns;
        while (lines.Read(out var line, out _, out var tooLong, cancellationToken))
        {
            if (!tooLong && line.Trim(" \t\r"u8).IsEmpty) continue;
            var cells = TextTable.Cells(line, null);
            if (line.StartsWith("#"u8) || line.StartsWith(";"u8) || cells is ["JobID", ..])
            {
                // One name ends with a colon in some files.
                if (jobs is null && cells.Contains("SubmitTime") && cells.Contains("RunTime")) columns = [.. cells.Where(cell => cell is not "#" and not ";").Select(cell => cell.Trim('#', ';', ':'))];
                continue;
            }

            jobs ??= new TableJobs(name, Source.What, Known(columns), columns, reading.Zone);
            if (reading.Mode == SwfMode.Strict && cells.Count < 11) throw Source.Row(name, lines.Line);
            jobs.Add(cells, lines.Line);
        }

        return jobs?.Workload() ?? throw Source.NoJobs(name, []);
    }

    /// <inheritdoc/>
    /// <exception cref="DiagnosticException">Always: the archive's traces are only read.</exception>
    public void Write(Workload workload, Stream stream, CancellationToken cancellationToken) => throw Source.Written();

    /// <inheritdoc/>
    public IEnumerable<string> Loses(Workload workload) => ["everything"];

    /// <summary>The map without columns that a file of fewer does not have; the database of the archive calls processors NProc.</summary>
    private static TableMap Known(IReadOnlyList<string> columns) => Map with
    {
        Columns = Map.Columns.Select(pair => pair.Key == "processors" && !columns.Contains("NProcs") ? KeyValuePair.Create(pair.Key, "NProc") : pair)
            .Where(pair => columns.Contains(pair.Value) || pair.Key is "submit" or "run_time").ToImmutableSortedDictionary(StringComparer.Ordinal),
    };
}
