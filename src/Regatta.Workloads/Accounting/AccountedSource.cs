namespace Regatta.Workloads;

/// <summary>What the accounting of a cluster is read from, in words, and what can be done where it says too little.</summary>
/// <param name="What">What it is, such as <c>the output of sacct</c>.</param>
/// <param name="Computer">What the header of the workload calls the cluster when the file does not name it.</param>
/// <param name="RowHelp">What to do about rows that cannot be read.</param>
/// <param name="EmptyHelp">What to do when no row is a job.</param>
internal sealed record AccountedSource(string What, string Computer, string RowHelp, string EmptyHelp)
{
    /// <summary>More rows cannot be read than can.</summary>
    public DiagnosticException Rows(string name, long unreadable, long first) =>
        new(Diagnostic.Error("trace-rows", $"{name}: {unreadable} rows cannot be read, more than can") with { Where = At(name, first), Help = RowHelp });

    /// <summary>Some rows cannot be read.</summary>
    public Diagnostic Unreadable(string name, long count, long first) =>
        Diagnostic.Warning("trace-row", string.Create(CultureInfo.InvariantCulture, $"{name}: {count:#,0} {(count == 1 ? "row" : "rows")} cannot be read and {(count == 1 ? "is" : "are")} left out")) with { Where = At(name, first), Help = RowHelp };

    /// <summary>A row cannot be read, and nothing is to be repaired.</summary>
    public DiagnosticException Row(string name, long line) => new(Diagnostic.Error("trace-row", $"{name}: the row cannot be read") with { Where = At(name, line), Help = RowHelp });

    /// <summary>No row is a job.</summary>
    public DiagnosticException NoJobs(string name, ImmutableArray<Diagnostic> notes) =>
        new([Diagnostic.Error("workload-no-jobs", $"{name} holds no job that could be run") with { Where = new SourceRange(name), Help = EmptyHelp }, .. notes]);

    /// <summary>Workloads cannot be written so.</summary>
    public DiagnosticException Written() =>
        new(Diagnostic.Error("trace-write", $"workloads cannot be written as {What}, only read from it") with { Help = "write a file that ends in .swf or .jsonl" });

    private static SourceRange At(string name, long line) => new(name, (int)Math.Min(line, int.MaxValue));
}
