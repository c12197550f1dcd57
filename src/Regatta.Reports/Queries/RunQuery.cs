using DuckDB.NET.Data;
using Regatta.Analysis;
using Regatta.Runs;
using Regatta.Workloads;
using static System.FormattableString;

namespace Regatta.Reports.Queries;

/// <summary>How the values of a column are written.</summary>
public enum ColumnKind
{
    /// <summary>As text: strings, times, intervals, blobs, bit strings, UUIDs and all else.</summary>
    Text,

    /// <summary>As a number; infinities and what is not a number are text.</summary>
    Number,

    /// <summary>As <c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>Lists, arrays, structs, maps, unions and JSON.</summary>
    Nested,
}

/// <summary>A column of an answer.</summary>
/// <param name="Name">Its name, unique in the answer.</param>
/// <param name="Kind">How its values are written.</param>
public sealed record QueryColumn(string Name, ColumnKind Kind);

/// <summary>The rows of an answer.</summary>
/// <param name="Columns">The columns.</param>
/// <param name="Rows">The rows; null or the value as DuckDB writes it. Nested values are JSON where JSON was asked for.</param>
/// <param name="Cut">True when there were more rows than were asked for.</param>
public sealed record QueryAnswer(IReadOnlyList<QueryColumn> Columns, IReadOnlyList<IReadOnlyList<string?>> Rows, bool Cut);

/// <summary>
/// SQL over the jobs of runs, by DuckDB. Tables: <c>jobs</c> (one row a job, read from the Parquet files), <c>trials</c> (one row a trial),
/// <c>samples</c> (one row a value that was sampled of a scheduler from inside) and <c>metrics</c> (one row a trial and metric, computed when the query speaks of it). Queries only read: they change no file.
/// </summary>
public sealed class RunQuery : IDisposable
{
    private readonly DuckDBConnection _connection;
    private readonly List<TrialHead> _trials;

    // What does not fit into memory; readable by this user only.
    private readonly string _scratch = Directory.CreateTempSubdirectory("regatta-query-").FullName;

    private RunQuery(DuckDBConnection connection, List<TrialHead> trials)
    {
        _connection = connection;
        _trials = trials;
    }

    /// <summary>Opens the trials of <paramref name="runs"/>.</summary>
    /// <exception cref="DiagnosticException">A trial cannot be read, or there is none.</exception>
    public static async Task<RunQuery> OpenAsync(IReadOnlyList<string> runs, CancellationToken cancellation)
    {
        var trials = new List<TrialHead>();
        foreach (var run in runs) trials.AddRange(await RunTrials.ReadAsync(Path.TrimEndingDirectorySeparator(Path.GetFullPath(run)), cancellation));
        var connection = new DuckDBConnection("DataSource=:memory:");
        await connection.OpenAsync(cancellation);
        var query = new RunQuery(connection, trials);
        try
        {
            if (query._trials.Count == 0)
            {
                throw new DiagnosticException(Diagnostic.Error("query-no-trial", "no trial is finished in the runs that were named") with
                {
                    Help = "name runs, or the directory that holds them with --runs DIRECTORY",
                });
            }

            // Nothing is ever downloaded: what is needed is inside the library.
            query.Execute($"SET autoinstall_known_extensions = false; SET autoload_known_extensions = false; SET TimeZone = 'UTC'; SET temp_directory = {Quote(query._scratch)}");
            query.Execute("SET lock_configuration = true");
            query.AddTrials();
            query.AddJobs();
            query.AddSamples();
            return query;
        }
        catch
        {
            query.Dispose();
            throw;
        }
    }

    /// <summary>Runs a query.</summary>
    /// <param name="sql">One SQL statement that only reads: SELECT, WITH, FROM, VALUES, PIVOT, DESCRIBE, SUMMARIZE or SHOW.</param>
    /// <param name="most">Most rows to return.</param>
    /// <param name="json">Whether nested values are JSON, or as DuckDB prints them.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="DiagnosticException">DuckDB does not accept it, or it does more than read.</exception>
    public async Task<QueryAnswer> RunAsync(string sql, int most, bool json, CancellationToken cancellation)
    {
        var query = QueryStatement.Readable(_connection, sql);
        if (sql.Contains("metrics", StringComparison.OrdinalIgnoreCase)) await AddMetricsAsync(cancellation);
        try
        {
            var columns = Describe($"SELECT * FROM ({query}\n) AS answer");
            using var command = _connection.CreateCommand();
            // DuckDB writes the values: the types of .NET hold neither its dates and intervals nor its wide numbers.
            var values = columns.Select((c, i) => json && c.Kind == ColumnKind.Nested ? Invariant($"CAST(to_json(c{i}) AS VARCHAR)") : Invariant($"CAST(c{i} AS VARCHAR)"));
            command.CommandText = Invariant($"SELECT {string.Join(", ", values)} FROM ({query}\n) AS answer({string.Join(", ", columns.Select((_, i) => Invariant($"c{i}")))})");
            using var reader = await command.ExecuteReaderAsync(cancellation);
            var rows = new List<IReadOnlyList<string?>>();
            while (await reader.ReadAsync(cancellation))
            {
                if (rows.Count == most) return new QueryAnswer(columns, rows, Cut: true);
                rows.Add([.. Enumerable.Range(0, columns.Count).Select(i => reader.IsDBNull(i) ? null : reader.GetString(i))]);
            }

            return new QueryAnswer(columns, rows, Cut: false);
        }
        catch (DuckDBException exception)
        {
            throw QueryStatement.Refused(exception);
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
        [.. new[] { "jobs", "trials", "samples" }.Select(t => (t, (IReadOnlyList<string>)[.. Describe("SELECT * FROM " + t).Select(c => c.Name)])), ("metrics", ["run", "point", "repetition", "metric", "value"])];

    /// <inheritdoc/>
    public void Dispose()
    {
        _connection.Dispose();
        Directory.Delete(_scratch, recursive: true);
    }

    private void AddTrials()
    {
        Execute("""
            CREATE TABLE trials (run VARCHAR, experiment VARCHAR, point VARCHAR, repetition INTEGER, block INTEGER, "order" INTEGER, seed BIGINT, scheduler VARCHAR,
                scheduler_version VARCHAR, profile VARCHAR, workload VARCHAR, processors INTEGER, workers INTEGER, machines VARCHAR, cluster_state VARCHAR,
                image VARCHAR, started TIMESTAMPTZ, ended TIMESTAMPTZ, faults INTEGER, verdict VARCHAR, directory VARCHAR)
            """);
        foreach (var (directory, trial, audit) in _trials)
        {
            var verdict = audit?.Verdict switch
            {
                null => null,
                TrialVerdict.Valid => "valid",
                TrialVerdict.ClientLimited => "client-limited",
                _ => "invalid",
            };
            var run = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(directory)))!;
            var id = Path.GetFileName(run);
            object?[] row =
            [
                id, id.Split('-', 2)[^1], trial.Point, trial.Repetition, trial.Block, trial.Order, trial.Seed, trial.Scheduler, trial.SchedulerVersion, trial.Profile, trial.Workload,
                trial.Processors, trial.Workers.Length, trial.Machines.Name(), trial.ClusterState, trial.Image, Time(trial.Started), Time(trial.Ended), trial.Faults.Length, verdict, directory,
            ];
            Insert("trials", row);
        }
    }

    private void AddJobs()
    {
        // A directory called "point=a" or "[1]" is a name here, neither a column of a partition nor a pattern.
        // The version of the schema is checked by the program's own reader when metrics are computed; here the columns must be there, or DuckDB says which is not.
        var files = string.Join(", ", _trials.Select(t => Quote(Literal(t.JobsFile))));
        var there = ColumnsOf($"SELECT * FROM read_parquet([{files}], union_by_name = true, hive_partitioning = false)");
        // Tables of jobs that asked for nothing by a name have no columns for names.
        var named = string.Concat(JobTable.NamedColumns.Where(column => !there.Contains(column.Name)).Select(column => $" NULL::{column.Type} AS {column.Name},"));
        Execute($"""
            CREATE VIEW jobs AS SELECT t.run, t.point, t.repetition, j.* EXCLUDE (filename),{named}
                (j.start_us - j.sent_us) / 1e6 AS wait_s, (j.finish_us - j.start_us) / 1e6 AS run_s, (j.finish_us - j.sent_us) / 1e6 AS turnaround_s,
                greatest((j.finish_us - j.sent_us) / 1e6 / greatest((j.finish_us - j.start_us) / 1e6, 10), 1) AS bounded_slowdown
            FROM read_parquet([{files}], filename = true, union_by_name = true, hive_partitioning = false) j JOIN trials t ON j.filename = t.directory || '/jobs.parquet'
            """);
    }

    private void AddSamples()
    {
        const string Columns = "run VARCHAR, point VARCHAR, repetition INTEGER, time_s DOUBLE, name VARCHAR, labels VARCHAR, value DOUBLE, time_us BIGINT";
        var sampled = _trials.Select(t => Path.Combine(t.Directory, SampleTable.FileName)).Where(File.Exists).ToList();
        if (sampled.Count == 0)
        {
            Execute($"CREATE TABLE samples ({Columns})");
            return;
        }

        Execute($"""
            CREATE VIEW samples AS SELECT t.run, t.point, t.repetition, s.time_us / 1e6 - epoch_us(t.started) / 1e6 AS time_s, s.name, s.labels, s.value, s.time_us
            FROM read_parquet([{string.Join(", ", sampled.Select(f => Quote(Literal(f))))}], filename = true, hive_partitioning = false) s JOIN trials t ON s.filename = t.directory || '/{SampleTable.FileName}'
            """);
    }

    private async Task AddMetricsAsync(CancellationToken cancellation)
    {
        Execute("CREATE OR REPLACE TABLE metrics (run VARCHAR, point VARCHAR, repetition INTEGER, metric VARCHAR, value DOUBLE)");
        foreach (var run in _trials.Select(t => Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(t.Directory)))!).Distinct(StringComparer.Ordinal))
        {
            var recorded = await RecordedRun.ReadAsync(run, cancellation);
            foreach (var trial in recorded.Trials)
            {
                foreach (var (name, value) in TrialMetrics.Compute(trial.Trial, recorded.Measure).Values)
                    Insert("metrics", [recorded.Id, trial.Trial.Record.Point, trial.Trial.Record.Repetition, name, value]);
            }
        }
    }

    private List<QueryColumn> Describe(string query)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = $"SELECT column_name, column_type FROM (DESCRIBE {query})";
        using var reader = command.ExecuteReader();
        var columns = new List<QueryColumn>();
        while (reader.Read()) columns.Add(new QueryColumn(reader.GetString(0), KindOf(reader.GetString(1))));
        return columns;
    }

    private HashSet<string> ColumnsOf(string query)
    {
        try
        {
            return Describe(query).Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        }
        catch (DuckDBException exception)
        {
            throw QueryStatement.Refused(exception);
        }
    }

    private static ColumnKind KindOf(string type) => type switch
    {
        "BOOLEAN" => ColumnKind.Boolean,
        "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT" or "HUGEINT" or "UTINYINT" or "USMALLINT" or "UINTEGER" or "UBIGINT" or "UHUGEINT" or "BIGNUM" or "FLOAT" or "DOUBLE" => ColumnKind.Number,
        "JSON" or "VARIANT" => ColumnKind.Nested,
        _ when type.EndsWith(']') || type.StartsWith("STRUCT(", StringComparison.Ordinal) || type.StartsWith("MAP(", StringComparison.Ordinal) || type.StartsWith("UNION(", StringComparison.Ordinal) => ColumnKind.Nested,
        _ when type.StartsWith("DECIMAL(", StringComparison.Ordinal) => ColumnKind.Number,
        _ => ColumnKind.Text,
    };

    private void Insert(string table, object?[] row)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = $"INSERT INTO {table} VALUES ({string.Join(", ", row.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"${i + 1}")))})";
        foreach (var value in row) command.Parameters.Add(new DuckDBParameter(value ?? DBNull.Value));
        command.ExecuteNonQuery();
    }

    private void Execute(string sql)
    {
        try
        {
            using var command = _connection.CreateCommand();
            command.CommandText = sql;
            command.ExecuteNonQuery();
        }
        catch (DuckDBException exception)
        {
            throw QueryStatement.Refused(exception);
        }
    }

    private static DateTime Time(long microseconds) => DateTime.UnixEpoch.AddTicks(microseconds * 10);

    private static string Quote(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    // The file of this name only, whatever pattern the name is.
    private static string Literal(string path) => string.Concat(path.Select(c => c is '[' or '*' or '?' ? $"[{c}]" : c.ToString()));
}
