using System.Text;
using Regatta.Analysis;
using Regatta.Reports.Queries;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Reports.Exports;

/// <summary>Formats that jobs can be exported to.</summary>
public enum ExportFormat
{
    /// <summary>One Parquet file of all jobs of all trials.</summary>
    Parquet,

    /// <summary>One CSV file of all jobs of all trials (RFC 4180, a header, UTC microseconds).</summary>
    Csv,

    /// <summary>One SWF 2.2 file a trial, gzip where the name says so.</summary>
    Swf,

    /// <summary>One <c>jobs.csv</c> a trial in the columns of Batsim, which evalys reads.</summary>
    Batsim,

    /// <summary>What was sampled of the schedulers, one text of OpenMetrics 1.0 a trial.</summary>
    OpenMetrics,
}

/// <summary>Writes the jobs of runs for other programs.</summary>
public static class JobExport
{
    /// <summary>Names of the formats on the command line.</summary>
    public static IReadOnlyList<string> Names { get; } = ["parquet", "csv", "swf", "batsim", "openmetrics"];

    /// <summary>Exports the jobs of <paramref name="runs"/>.</summary>
    /// <param name="runs">Run directories.</param>
    /// <param name="format">The format.</param>
    /// <param name="output">The file (Parquet, CSV), or the directory for one file a trial (SWF, Batsim).</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The files that were written.</returns>
    /// <exception cref="DiagnosticException">A run cannot be read, holds no trial, or a file cannot be written.</exception>
    public static async Task<IReadOnlyList<string>> WriteAsync(IReadOnlyList<string> runs, ExportFormat format, string output, CancellationToken cancellation)
    {
        try
        {
            if (format is ExportFormat.Parquet or ExportFormat.Csv) return [await TableAsync(runs, format, output, cancellation)];
            var files = new List<string>();
            Directory.CreateDirectory(output);
            foreach (var run in runs)
            {
                var recorded = await RecordedRun.ReadAsync(run, cancellation);
                foreach (var trial in recorded.Trials)
                {
                    var record = trial.Trial.Record;
                    var samples = Path.Combine(trial.Directory, SampleTable.FileName);
                    if (format == ExportFormat.OpenMetrics && !File.Exists(samples)) continue;
                    var name = string.Create(CultureInfo.InvariantCulture, $"{(runs.Count > 1 ? recorded.Id + "-" : "")}{record.Point}-{record.Repetition}{format switch { ExportFormat.Swf => ".swf", ExportFormat.OpenMetrics => ".openmetrics.txt", _ => "-jobs.csv" }}");
                    var path = Path.Combine(output, name);
                    await using var stream = File.Create(path);
                    if (format == ExportFormat.Swf) Swf(trial.Trial, stream);
                    else if (format == ExportFormat.OpenMetrics) await OpenMetricsAsync(recorded.Id, record, samples, stream, cancellation);
                    else await BatsimAsync(trial.Trial, stream, cancellation);
                    files.Add(path);
                }
            }

            return files.Count > 0 ? files : throw new DiagnosticException(format == ExportFormat.OpenMetrics
                ? Diagnostic.Error("export-no-samples", "no trial of the runs that were named was sampled") with { Help = "measure.sample=1s samples trials on machines; simulated ones have nothing to sample" }
                : Diagnostic.Error("export-no-trial", "no trial is finished in the runs that were named"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(
                Diagnostic.Error("export-write", $"the export cannot be written to '{output}'") with { Detail = exception.Message },
                exception);
        }
    }

    private static async Task OpenMetricsAsync(string run, TrialRecord record, string samples, Stream stream, CancellationToken cancellation)
    {
        await using var file = File.OpenRead(samples);
        var table = await SampleTable.ReadAsync(file, samples, cancellation);
        await using var text = new StreamWriter(stream, new UTF8Encoding(false));
        table.WriteOpenMetrics(text, [("run", run), ("point", record.Point), ("repetition", record.Repetition.ToString(CultureInfo.InvariantCulture))], all: true);
        await text.WriteAsync(SampleTable.OpenMetricsEnd);
    }

    /// <summary>Writes the jobs of a trial as SWF; submit times count from the start of the trial.</summary>
    public static void Swf(Trial trial, Stream stream, bool gzip = false)
    {
        var record = trial.Record;
        var header = SwfHeader.Empty
            .With("Version", "2.2")
            .With("Computer", $"{record.Scheduler} {record.SchedulerVersion}".TrimEnd())
            .With("Information", string.Create(CultureInfo.InvariantCulture, $"{record.Point}, repetition {record.Repetition}, workload {record.Workload}"))
            .With("MaxJobs", trial.Jobs.Count.ToString(CultureInfo.InvariantCulture))
            .With("MaxRecords", trial.Jobs.Count.ToString(CultureInfo.InvariantCulture))
            .With("UnixStartTime", (record.Started / 1_000_000).ToString(CultureInfo.InvariantCulture))
            .With("MaxNodes", Math.Max(1, record.Workers.Length).ToString(CultureInfo.InvariantCulture))
            .With("MaxProcs", record.Processors.ToString(CultureInfo.InvariantCulture));
        using var writer = new SwfWriter(stream, header, gzip);
        foreach (var job in trial.Jobs.Records.OrderBy(j => j.Sent ?? j.Planned ?? long.MaxValue).ThenBy(j => j.Job)) writer.Write(SwfJobs.FromRecord(job, record.Started));
    }

    /// <summary>
    /// Writes the jobs of a trial in the columns of Batsim's <c>_jobs.csv</c>, which evalys reads as a job set. Times are seconds from the start of the
    /// trial. Which processors of a node a job had is not recorded: they are laid out as in the Gantt chart.
    /// </summary>
    public static async Task BatsimAsync(Trial trial, Stream stream, CancellationToken cancellation)
    {
        var origin = trial.Record.Started;
        var places = Places(Charts.GanttLayout.Of(trial));
        await using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        await writer.WriteLineAsync("job_id,workload_name,profile,submission_time,requested_number_of_resources,requested_time,success,final_state,starting_time,execution_time,finish_time,waiting_time,turnaround_time,stretch,allocated_resources,consumed_energy,metadata".AsMemory(), cancellation);
        foreach (var job in trial.Jobs.Records.OrderBy(j => j.Sent ?? j.Planned ?? long.MaxValue).ThenBy(j => j.Job))
        {
            // Batsim knows no job without a submission, and evalys divides by run times: a job that never ran has empty times.
            var submit = Since(job.Sent ?? job.Planned, origin);
            var (start, finish) = (Since(job.Start, origin), Since(job.Finish, origin));
            var (run, wait, turnaround) = (finish - start, start - submit, finish - submit);
            var line = string.Join(',',
                job.Job.ToString(CultureInfo.InvariantCulture),
                Field(trial.Record.Workload),
                job.Job.ToString(CultureInfo.InvariantCulture),
                Number(submit),
                job.Processors.ToString(CultureInfo.InvariantCulture),
                Number(job.RequestedTime / 1e6) is { Length: > 0 } limit ? limit : "-1",
                job.State == JobState.Completed ? "1" : "0",
                State(job.State),
                Number(start),
                Number(run),
                Number(finish),
                Number(wait),
                Number(turnaround),
                run > 0 ? Number(turnaround / run) : "",
                places.GetValueOrDefault(job.Job, ""),
                "-1",
                "\"\"");
            await writer.WriteLineAsync(line.AsMemory(), cancellation);
        }
    }

    private static async Task<string> TableAsync(IReadOnlyList<string> runs, ExportFormat format, string output, CancellationToken cancellation)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(output))!;
        Directory.CreateDirectory(directory);
        var draft = Path.Combine(directory, "." + Path.GetFileName(output) + ".new");
        using var query = await RunQuery.OpenAsync(runs, cancellation);
        query.Copy("SELECT * FROM jobs ORDER BY run, point, repetition, job", draft, format == ExportFormat.Parquet ? "FORMAT parquet, COMPRESSION zstd" : "FORMAT csv, HEADER true");
        File.Move(draft, output, overwrite: true);
        return output;
    }

    // "0-3 8-9": an interval set, as Batsim and evalys write one.
    private static Dictionary<long, string> Places(Charts.GanttChart chart)
    {
        var lanes = new Dictionary<long, SortedSet<(int First, int Last)>>();
        for (var box = 0; box < chart.Boxes.Job.Length; box++)
        {
            var job = chart.Jobs.Id[chart.Boxes.Job[box]];
            if (!lanes.TryGetValue(job, out var set)) lanes[job] = set = [];
            set.Add((chart.Boxes.Lane[box], chart.Boxes.Lane[box] + chart.Boxes.Lanes[box] - 1));
        }

        return lanes.ToDictionary(l => l.Key, l => string.Join(' ', l.Value.Select(r => r.First == r.Last ? string.Create(CultureInfo.InvariantCulture, $"{r.First}") : string.Create(CultureInfo.InvariantCulture, $"{r.First}-{r.Last}"))));
    }

    private static double? Since(long? time, long origin) => time is { } t ? (t - origin) / 1e6 : null;

    private static string Number(double? value) => value is { } v ? v.ToString("0.######", CultureInfo.InvariantCulture) : "";

    private static string Field(string text) => text.AsSpan().ContainsAny(",\"\n\r") ? "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : text;

    // Batsim's names of final states.
    private static string State(JobState state) => state switch
    {
        JobState.Completed => "COMPLETED_SUCCESSFULLY",
        JobState.TimedOut => "COMPLETED_WALLTIME_REACHED",
        JobState.Cancelled => "COMPLETED_KILLED",
        JobState.Rejected => "REJECTED",
        JobState.Unfinished => "RUNNING",
        _ => "COMPLETED_FAILED",
    };
}
