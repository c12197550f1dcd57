using System.CommandLine;
using Regatta.Cli.Terminal;
using Regatta.Reports.Queries;
using Regatta.Runs;
using Spectre.Console;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta query</c>: SQL over the jobs of all runs.</summary>
internal static class QueryCommand
{
    public static Command Create(ITerminal terminal)
    {
        var sql = new Argument<string?>("sql") { Description = "One SQL statement of DuckDB that only reads; without one the tables and their columns are listed.", Arity = ArgumentArity.ZeroOrOne };
        var only = new Option<string[]>("--run") { Description = "Only this run or archive; may be repeated. All runs if not given.", HelpName = "RUN" };
        var format = new Option<string>("--format", "-f") { Description = "How the answer is printed: table, csv or json.", DefaultValueFactory = _ => "table", HelpName = "FORMAT" };
        format.AcceptOnlyFromAmong("table", "csv", "json");
        var most = new Option<int>("--rows") { Description = "Most rows to print; 200 of a table, all otherwise.", HelpName = "ROWS" };
        var options = new ReportOptions();
        var command = new Command("query", "Asks the jobs, trials and metrics of all runs in SQL (DuckDB).") { sql, only, format, most, options.Runs };
        command.SetAction(async (parsed, cancellation) =>
        {
            var all = new RunCollection(parsed.GetRequiredValue(options.Runs)).All;
            using var opened = options.Open(parsed, parsed.GetValue(only) is { Length: > 0 } given ? given : all.Count > 0 ? all : ["latest"], cancellation);
            using var query = await RunQuery.OpenAsync([.. opened.Runs.Select(r => r.Path)], cancellation);
            if (parsed.GetValue(sql) is not { } text)
            {
                foreach (var (table, columns) in query.Tables) terminal.WriteLine($"{table}: {string.Join(", ", columns)}");
                return (int)ExitCode.Done;
            }

            var kind = terminal.Json ? "json" : parsed.GetRequiredValue(format);
            var limit = parsed.GetValue(most) is > 0 and var rows ? rows : kind == "table" ? 200 : int.MaxValue;
            Print(terminal, kind, await query.RunAsync(text, limit, json: kind == "json", cancellation));
            return (int)ExitCode.Done;
        });
        return command.WithExamples(
            "regatta query                                         which tables and columns there are",
            "regatta query \"select point, avg(wait_s) from jobs group by point\"",
            "regatta query \"select point, repetition, value from metrics where metric = 'makespan'\" --format csv",
            "regatta query \"select * from jobs where state <> 'completed'\" --run latest --json");
    }

    private static void Print(ITerminal terminal, string kind, QueryAnswer answer)
    {
        if (kind == "table")
        {
            var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey);
            for (var i = 0; i < answer.Columns.Count; i++)
            {
                var column = new TableColumn(new Text(answer.Columns[i].Name));
                table.AddColumn(answer.Columns[i].Kind == ColumnKind.Number ? column.RightAligned() : column);
            }

            foreach (var row in answer.Rows) table.AddRow(row.Select(v => new Text(v ?? "")));
            terminal.Write(table);
            terminal.WriteLine(answer.Cut ? $"the first {answer.Rows.Count} rows; --rows shows more" : answer.Rows.Count == 1 ? "1 row" : $"{answer.Rows.Count} rows");
            return;
        }

        if (kind == "csv") terminal.WriteResult(QueryText.Csv(answer.Columns.Select(c => c.Name)));
        foreach (var row in answer.Rows) terminal.WriteResult(kind == "csv" ? QueryText.Csv(row) : QueryText.Json(answer.Columns, row));
    }
}
