using DuckDB.NET.Data;
using Regatta.Workloads;

namespace Regatta.Reports.Queries;

/// <summary>Reads jobs from tables: CSV, Parquet and JSON, by DuckDB.</summary>
public static class TableFile
{
    /// <summary>Reads the jobs of a table.</summary>
    /// <param name="path">The file; <c>.parquet</c> and <c>.json</c> say what it is, all else is CSV, also packed.</param>
    /// <param name="map">What its columns mean.</param>
    /// <param name="names">Names of the columns of a CSV file without any; empty takes those of its first line.</param>
    /// <param name="query">SQL over the table <c>source</c>; null for the table as it is.</param>
    /// <param name="zone">Zone of times that name none.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="DiagnosticException">It cannot be read (<c>table-read</c>), a column is an interval (<c>table-interval</c>), or the map does not fit.</exception>
    public static Workload Read(string path, TableMap map, IReadOnlyList<string> names, string? query, TimeZoneInfo? zone, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(names);
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        try
        {
            // Nothing is ever downloaded: what is needed is inside the library.
            Execute(connection, "SET autoinstall_known_extensions = false; SET autoload_known_extensions = false; SET TimeZone = 'UTC'");
            Execute(connection, $"CREATE VIEW source AS SELECT * FROM {Source(path, names)}");
            var rows = query is null ? "source" : $"({QueryStatement.Readable(connection, query)}\n)";
            RefuseIntervals(connection, rows, map, path);
            using var command = connection.CreateCommand();
            // DuckDB writes the values: lists and times, too.
            command.CommandText = $"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM {rows} AS jobs";
            using var reader = command.ExecuteReader();
            var jobs = new TableJobs(path, "a table", map, [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)], zone);
            var cells = new string?[reader.FieldCount];
            for (var row = 1L; reader.Read(); row++)
            {
                if (row % 4096 == 0) cancellation.ThrowIfCancellationRequested();
                for (var i = 0; i < cells.Length; i++) cells[i] = reader.IsDBNull(i) ? null : reader.GetString(i);
                jobs.Add(cells, row);
            }

            return jobs.Workload();
        }
        catch (DuckDBException e)
        {
            throw new DiagnosticException(Diagnostic.Error("table-read", $"{path} cannot be read as a table") with
            {
                Where = new SourceRange(path), Detail = e.Message, Help = "CSV, Parquet (.parquet) and JSON (.json) are read; a CSV file without a line of names needs 'names' in its map, and a query must fit the columns",
            }, e);
        }
    }

    // An interval has months and days beside its time, and is no length of time; those below a day would be read and longer ones left out.
    private static void RefuseIntervals(DuckDBConnection connection, string rows, TableMap map, string path)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"DESCRIBE SELECT * FROM {rows} AS jobs";
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var column = reader.GetString(0);
            if (reader.GetString(1) != "INTERVAL" || map.Columns.FirstOrDefault(c => c.Value.Trim() == column.Trim()).Key is not { } field) continue;
            throw new DiagnosticException(Diagnostic.Error("table-interval", $"the column '{column}' of {path}, which is to be {field}, holds intervals of months, days and time") with
            {
                Where = new SourceRange(path), Help = $"give seconds, in the map's query: epoch({column}) AS {column}, or date_diff('second', start, end)",
            });
        }
    }

    private static string Source(string path, IReadOnlyList<string> names)
    {
        var file = $"'{path.Replace("'", "''", StringComparison.Ordinal)}'";
        var plain = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        if (plain.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase)) return $"read_parquet({file})";
        if (plain.EndsWith(".json", StringComparison.OrdinalIgnoreCase)) return $"read_json({file}, maximum_object_size = 268435456)";
        // Values stay as they are written: a name may look like a number.
        return names.Count == 0 ? $"read_csv({file}, header = true, all_varchar = true)"
            : $"read_csv({file}, header = false, all_varchar = true, names = [{string.Join(", ", names.Select(name => $"'{name.Replace("'", "''", StringComparison.Ordinal)}'"))}])";
    }

    private static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
