using System.Globalization;
using System.Numerics;
using DuckDB.NET.Data;
using Regatta.Analysis;
using Regatta.Diagnostics;
using Regatta.Reports.Runs;

namespace Regatta.Reports.Queries;

/// <summary>The rows of an answer.</summary>
/// <param name="Columns">Names of the columns.</param>
/// <param name="Rows">The rows; values are null, bool, long, double, decimal, string or <see cref="DateTime"/>.</param>
/// <param name="Cut">True when there were more rows than were asked for.</param>
public sealed record QueryAnswer(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<object?>> Rows, bool Cut);

/// <summary>
/// SQL over the jobs of runs, by DuckDB. Tables: <c>jobs</c> (one row a job, read from the Parquet files), <c>trials</c> (one row a trial) and
/// <c>metrics</c> (one row a trial and metric, computed when the query speaks of it).
/// </summary>
public sealed class RunQuery : IDisposable
{
    private readonly DuckDBConnection connection;
    private readonly List<string> directories;

    private RunQuery(DuckDBConnection connection, List<string> directories)
    {
        this.connection = connection;
        this.directories = directories;
    }

    /// <summary>Opens the trials of <paramref name="runs"/>.</summary>
    /// <exception cref="DiagnosticException">A trial cannot be read, or there is none.</exception>
    public static async Task<RunQuery> OpenAsync(IReadOnlyList<string> runs, CancellationToken cancellation)
    {
        var connection = new DuckDBConnection("DataSource=:memory:");
        await connection.OpenAsync(cancellation).ConfigureAwait(false);
        var query = new RunQuery(connection, [.. runs.SelectMany(RecordedRun.TrialDirectories).Where(d => File.Exists(Path.Combine(d, "jobs.parquet")))]);
        try
        {
            if (query.directories.Count == 0)
            {
                throw new DiagnosticException(Diagnostic.Error("query-no-trial", "no trial is finished in the runs that were named") with
                {
                    Help = "name runs, or the directory that holds them with --runs DIRECTORY",
                    ExitCode = ExitCode.Failed,
                });
            }

            // Nothing is ever downloaded: what is needed is inside the library.
            query.Execute("SET autoinstall_known_extensions = false; SET autoload_known_extensions = false; SET TimeZone = 'UTC'");
            await query.AddTrialsAsync(cancellation).ConfigureAwait(false);
            query.AddJobs();
            return query;
        }
        catch
        {
            query.Dispose();
            throw;
        }
    }

    /// <summary>Runs a query.</summary>
    /// <param name="sql">One SQL statement.</param>
    /// <param name="most">Most rows to return.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="DiagnosticException">DuckDB does not accept it; its words are in the detail.</exception>
    public async Task<QueryAnswer> RunAsync(string sql, int most, CancellationToken cancellation)
    {
        if (sql.Contains("metrics", StringComparison.OrdinalIgnoreCase)) await AddMetricsAsync(cancellation).ConfigureAwait(false);
        try
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
            var columns = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToList();
            var rows = new List<IReadOnlyList<object?>>();
            while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
            {
                if (rows.Count == most) return new QueryAnswer(columns, rows, Cut: true);
                rows.Add([.. Enumerable.Range(0, columns.Count).Select(i => reader.IsDBNull(i) ? null : Plain(reader.GetValue(i)))]);
            }

            return new QueryAnswer(columns, rows, Cut: false);
        }
        catch (DuckDBException exception)
        {
            throw Refused(exception);
        }
    }

    /// <summary>Writes the answer of a query to a file, by DuckDB itself.</summary>
    /// <param name="sql">A SELECT.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">Options of COPY, such as <c>FORMAT parquet</c>.</param>
    /// <exception cref="DiagnosticException">DuckDB does not accept it.</exception>
    public void Copy(string sql, string path, string options) => Execute($"COPY ({sql}) TO {Quote(path)} ({options})");

    /// <summary>The columns of the tables, for help.</summary>
    public IReadOnlyList<(string Table, IReadOnlyList<string> Columns)> Tables =>
        [.. new[] { "jobs", "trials" }.Select(t => (t, (IReadOnlyList<string>)ColumnsOf(t))), ("metrics", ["run", "point", "repetition", "metric", "value"])];

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    private async Task AddTrialsAsync(CancellationToken cancellation)
    {
        Execute("""
            CREATE TABLE trials (run VARCHAR, experiment VARCHAR, point VARCHAR, repetition INTEGER, block INTEGER, "order" INTEGER, seed BIGINT, scheduler VARCHAR,
                scheduler_version VARCHAR, profile VARCHAR, workload VARCHAR, processors INTEGER, workers INTEGER, machines VARCHAR, cluster_state VARCHAR,
                image VARCHAR, started TIMESTAMP, ended TIMESTAMP, faults INTEGER, verdict VARCHAR, directory VARCHAR)
            """);
        foreach (var directory in directories)
        {
            var file = Path.Combine(directory, "trial.json");
            TrialRecord trial;
            await using (var stream = File.OpenRead(file)) trial = await TrialJson.ReadRecordAsync(stream, file, cancellation).ConfigureAwait(false);
            file = Path.Combine(directory, "audit.json");
            string? verdict = null;
            if (File.Exists(file))
            {
                await using var stream = File.OpenRead(file);
                verdict = (await TrialJson.ReadAuditAsync(stream, file, cancellation).ConfigureAwait(false)).Verdict switch
                {
                    TrialVerdict.Valid => "valid",
                    TrialVerdict.ClientLimited => "client-limited",
                    _ => "invalid",
                };
            }

            var run = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(directory)))!;
            var id = Path.GetFileName(run);
            object?[] row =
            [
                id, id.Split('-', 2)[^1], trial.Point, trial.Repetition, trial.Block, trial.Order, trial.Seed, trial.Scheduler, trial.SchedulerVersion, trial.Profile, trial.Workload,
                trial.Processors, trial.Workers.Length, trial.Machines, trial.ClusterState, trial.Image, Time(trial.Started), Time(trial.Ended), trial.Faults.Length, verdict, directory,
            ];
            Insert("trials", row);
        }
    }

    private void AddJobs()
    {
        // The version of the schema is checked by the program's own reader when metrics are computed; here the columns must be there, or DuckDB says which is not.
        var files = string.Join(", ", directories.Select(d => Quote(Path.Combine(d, "jobs.parquet"))));
        Execute($"""
            CREATE VIEW jobs AS SELECT t.run, t.point, t.repetition, j.* EXCLUDE (filename),
                (j.start_us - j.sent_us) / 1e6 AS wait_s, (j.finish_us - j.start_us) / 1e6 AS run_s, (j.finish_us - j.sent_us) / 1e6 AS turnaround_s,
                greatest((j.finish_us - j.sent_us) / 1e6 / greatest((j.finish_us - j.start_us) / 1e6, 10), 1) AS bounded_slowdown
            FROM read_parquet([{files}], filename = true, union_by_name = true) j JOIN trials t ON j.filename = t.directory || '/jobs.parquet'
            """);
    }

    private async Task AddMetricsAsync(CancellationToken cancellation)
    {
        Execute("CREATE OR REPLACE TABLE metrics (run VARCHAR, point VARCHAR, repetition INTEGER, metric VARCHAR, value DOUBLE)");
        foreach (var run in directories.Select(d => Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(d)))!).Distinct(StringComparer.Ordinal))
        {
            var recorded = await RecordedRun.ReadAsync(run, cancellation).ConfigureAwait(false);
            foreach (var trial in recorded.Trials)
            {
                foreach (var (name, value) in TrialMetrics.Compute(trial.Trial, recorded.Measure).Values)
                    Insert("metrics", [recorded.Id, trial.Trial.Record.Point, trial.Trial.Record.Repetition, name, value]);
            }
        }
    }

    private List<string> ColumnsOf(string table)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT column_name FROM (DESCRIBE {table})";
        using var reader = command.ExecuteReader();
        var columns = new List<string>();
        while (reader.Read()) columns.Add(reader.GetString(0));
        return columns;
    }

    private void Insert(string table, object?[] row)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"INSERT INTO {table} VALUES ({string.Join(", ", row.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"${i + 1}")))})";
        foreach (var value in row) command.Parameters.Add(new DuckDBParameter(value ?? DBNull.Value));
        command.ExecuteNonQuery();
    }

    private void Execute(string sql)
    {
        try
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
        catch (DuckDBException exception)
        {
            throw Refused(exception);
        }
    }

    private static DiagnosticException Refused(DuckDBException exception) =>
        new(
            Diagnostic.Error("query-sql", "DuckDB does not accept the query") with
            {
                Detail = exception.Message,
                Help = "'regatta query' without SQL lists the tables and their columns",
            },
            exception);

    private static DateTime Time(long microseconds) => DateTime.UnixEpoch.AddTicks(microseconds * 10);

    private static string Quote(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    private static object Plain(object value) => value switch
    {
        bool or long or double or decimal or string or DateTime => value,
        sbyte or byte or short or ushort or int or uint => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        float single => (double)single,
        BigInteger big => big >= long.MinValue && big <= long.MaxValue ? (long)big : (object)big.ToString(CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        System.Collections.IEnumerable list => "[" + string.Join(", ", list.Cast<object?>().Select(v => v is null ? "NULL" : QueryText.Of(Plain(v)))) + "]",
        _ => value.ToString() ?? "",
    };
}
