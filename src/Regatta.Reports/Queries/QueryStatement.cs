using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace Regatta.Reports.Queries;

/// <summary>What of a user's SQL is taken: one statement that only reads.</summary>
internal static class QueryStatement
{
    /// <summary>The statement in a form that can stand in parentheses after FROM, which only statements that read can.</summary>
    /// <exception cref="DiagnosticException">DuckDB does not understand it, or it is none that only reads.</exception>
    public static string Readable(DuckDBConnection connection, string sql)
    {
        var (count, error) = Parse(connection, sql);
        if (error is not null) throw Refused(error, null);
        if (count == 0) throw Refused("it holds no statement", null);
        var query = WithoutEnd(connection, sql, count);
        // What parses by itself has its parentheses and quotes closed, so that the whole of it stands between these.
        if (Parse(connection, $"FROM ({query}\n) AS answer").Error is not null)
        {
            throw new DiagnosticException(Diagnostic.Error("query-reads-only", "'regatta query' takes one statement that only reads") with
            {
                Detail = sql,
                Help = "use SELECT, WITH, FROM, VALUES, PIVOT, DESCRIBE, SUMMARIZE or SHOW; 'regatta export' and --format csv write files",
            });
        }

        return query;
    }

    /// <summary>The fault that DuckDB finds in a query.</summary>
    public static DiagnosticException Refused(DuckDBException exception) => Refused(exception.Message, exception);

    private static DiagnosticException Refused(string detail, Exception? cause) =>
        new(
            Diagnostic.Error("query-sql", "DuckDB does not accept the query") with
            {
                Detail = detail,
                Help = "'regatta query' without SQL lists the tables and their columns",
            },
            cause);

    // The semicolon that ends a statement, and a comment behind it; not one in a text or a comment, before which the rest does not parse.
    private static string WithoutEnd(DuckDBConnection connection, string sql, int count)
    {
        for (var end = sql.LastIndexOf(';'); end >= 0 && Parse(connection, sql[..end]) == (count, null); end = sql.LastIndexOf(';')) sql = sql[..end];
        return sql;
    }

    private static (int Count, string? Error) Parse(DuckDBConnection connection, string sql)
    {
        var count = NativeMethods.ExtractStatements.DuckDBExtractStatements(connection.NativeConnection, sql, out var statements);
        using (statements)
        {
            var error = count == 0 ? NativeMethods.ExtractStatements.DuckDBExtractStatementsError(statements) : null;
            return (count, string.IsNullOrEmpty(error) ? null : error);
        }
    }
}
