using System.Text.Json;
using Regatta.Tests.Cli;

namespace Regatta.Tests.Reports;

public sealed class QueryCommandTests : IAsyncLifetime
{
    private readonly string _runs = Directory.CreateTempSubdirectory("regatta-query-").FullName;

    public async ValueTask InitializeAsync()
    {
        await Sample.WriteRunAsync(Path.Combine(_runs, "20260101T130000Z-quickstart-1a2b3c4d"), "quickstart", Sample.Race());
        await Sample.WriteRunAsync(Path.Combine(_runs, "20260102T130000Z-quickstart-99887766"), "quickstart", [Sample.Trial("only", 1)]);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_runs, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Asks_the_jobs_of_all_runs_together()
    {
        var (code, human, _) = await ProgramRun.Of("query", "select run, point, count(*) as jobs from jobs group by all order by all", "--runs", _runs);

        Assert.Equal(0, code);
        Assert.Matches(@"20260101T130000Z-quickstart-1a2b3c4d \│ slurm-backfill \│\s+120", human);
        Assert.Matches(@"20260102T130000Z-quickstart-99887766 \│ only\s+\│\s+60", human);
        Assert.Contains("3 rows", human, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_as_CSV_and_as_JSON_lines()
    {
        var (_, _, csv) = await ProgramRun.Of("query", "select 'a,b' as x, 1.5::double as y, null as z", "--format", "csv", "--runs", _runs);
        Assert.Equal("x,y,z\n\"a,b\",1.5,\n", csv.ReplaceLineEndings("\n"));

        var (_, _, json) = await ProgramRun.Of("query", "select point, repetition, started from trials where point = 'only'", "--json", "--runs", _runs);
        using var row = JsonDocument.Parse(Assert.Single(json.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal("only", row.RootElement.GetProperty("point").GetString());
        Assert.Equal(1, row.RootElement.GetProperty("repetition").GetInt64());
        Assert.Equal("2026-01-01 13:00:00+00", row.RootElement.GetProperty("started").GetString());
    }

    public static TheoryData<string, string, string> Values => new()
    {
        { "[1, NULL, 2]", "[1, NULL, 2]", "[1,null,2]" },
        { "123456789012345678901234567890.12345678::decimal(38,8)", "123456789012345678901234567890.12345678", "123456789012345678901234567890.12345678" },
        { "170141183460469231731687303715884105727::hugeint", "170141183460469231731687303715884105727", "170141183460469231731687303715884105727" },
        { "interval '14 months 3 days 00:00:01.5'", "1 year 2 months 3 days 00:00:01.5", "\"1 year 2 months 3 days 00:00:01.5\"" },
        { "date '2026-03-04'", "2026-03-04", "\"2026-03-04\"" },
        { "date '2026-03-04' - interval '3000 years'", "0975-03-04 (BC) 00:00:00", "\"0975-03-04 (BC) 00:00:00\"" },
        { "time '12:34:56.789'", "12:34:56.789", "\"12:34:56.789\"" },
        { "'12:34:56+02'::timetz", "12:34:56+02", "\"12:34:56+02\"" },
        { "timestamp '2026-01-02 10:00:00.5'", "2026-01-02 10:00:00.5", "\"2026-01-02 10:00:00.5\"" },
        { "timestamptz '2026-01-02 10:00:00.5+01'", "2026-01-02 09:00:00.5+00", "\"2026-01-02 09:00:00.5+00\"" },
        { "'infinity'::timestamp", "infinity", "\"infinity\"" },
        { "'\\xFF\\x00'::blob", "\\xFF\\x00", "\"\\\\xFF\\\\x00\"" },
        { "{'a': 1, 'b': [date '2026-01-01']}", "{'a': 1, 'b': [2026-01-01]}", "{\"a\":1,\"b\":[\"2026-01-01\"]}" },
        { "map {'a': 1}", "{a=1}", "{\"a\":1}" },
        { "union_value(k := 1)", "1", "{\"k\":1}" },
        { "[1, 2]::int[2]", "[1, 2]", "[1,2]" },
        { "'b'::enum('a', 'b')", "b", "\"b\"" },
        { "'101'::bit", "101", "\"101\"" },
        { "'6f1c1f0e-52f8-4b7a-9c43-0c4f6a1f3f10'::uuid", "6f1c1f0e-52f8-4b7a-9c43-0c4f6a1f3f10", "\"6f1c1f0e-52f8-4b7a-9c43-0c4f6a1f3f10\"" },
        { "'{\"a\":[1]}'::json", "{\"a\":[1]}", "{\"a\":[1]}" },
        { "'inf'::double", "inf", "\"inf\"" },
        { "['nan'::double]", "[nan]", "\"[NaN]\"" },
        { "0.1::float", "0.1", "0.1" },
        { "1e300::double", "1e+300", "1e+300" },
        { "true", "true", "true" },
        { "NULL", "", "null" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public async Task Values_of_every_type_are_written_as_DuckDB_writes_them(string value, string text, string json)
    {
        var (code, human, csv) = await ProgramRun.Of("query", $"select {value} as v", "--format", "csv", "--runs", _runs);
        Assert.True(code == 0, human);
        var field = text.AsSpan().ContainsAny(",\"") ? "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : text;
        Assert.Equal($"v\n{field}\n", csv.ReplaceLineEndings("\n"));

        (code, human, var line) = await ProgramRun.Of("query", $"select {value} as v", "--json", "--runs", _runs);
        Assert.True(code == 0, human);
        Assert.Equal($"{{\"v\":{json}}}", line.TrimEnd());
        JsonDocument.Parse(line).Dispose();

        (code, human, _) = await ProgramRun.Of("query", $"select {value} as v", "--runs", _runs);
        Assert.True(code == 0, human);
        Assert.Contains(text, human, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("copy (select 1) to '{0}'")]
    [InlineData("COPY jobs TO '{0}' (FORMAT parquet)")]
    [InlineData("explain analyze copy (select 1) to '{0}'")]
    [InlineData("attach '{0}'")]
    [InlineData("export database '{0}'")]
    [InlineData("create table x as select 1")]
    [InlineData("set lock_configuration = false")]
    [InlineData("select 1; copy (select 1) to '{0}'")]
    [InlineData("select 1) as a; copy (select 1) to '{0}'; select * from (select 1")]
    public async Task A_query_that_would_write_is_refused(string sql)
    {
        var file = Path.Combine(_runs, "written");

        var (code, human, _) = await ProgramRun.Of("query", sql.Replace("{0}", file, StringComparison.Ordinal), "--runs", _runs);

        Assert.Equal(2, code);
        Assert.Contains("error[query-", human, StringComparison.Ordinal);
        Assert.False(Path.Exists(file));
        if (sql.StartsWith("copy", StringComparison.Ordinal))
        {
            Assert.Contains("error[query-reads-only]: 'regatta query' takes one statement that only reads", human, StringComparison.Ordinal);
            Assert.Contains("use SELECT, WITH, FROM", human, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("select ';' as v;", "v\n;\n")]
    [InlineData("select 1 as v; -- done", "v\n1\n")]
    [InlineData("select 1 as v -- ; not yet", "v\n1\n")]
    [InlineData("from (values (1)) t(v) ;; ", "v\n1\n")]
    [InlineData("select 1 as x, 2 as x", "x,x_1\n1,2\n")]
    [InlineData("pivot (select 'a' as k, 2 as n) on k using sum(n)", "a\n2\n")]
    [InlineData("select column_name from (describe trials) limit 1", "column_name\nrun\n")]
    public async Task Statements_that_read_are_taken_in_every_form(string sql, string csv)
    {
        var (code, human, output) = await ProgramRun.Of("query", sql, "--format", "csv", "--runs", _runs);

        Assert.True(code == 0, human);
        Assert.Equal(csv, output.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Metrics_are_those_of_the_catalogue()
    {
        var (code, _, output) = await ProgramRun.Of("query", "select value from metrics where point = 'only' and metric = 'makespan'", "--format", "csv", "--runs", _runs);

        Assert.Equal(0, code);
        var expected = Regatta.Analysis.TrialMetrics.Compute(Sample.Trial("only", 1))["makespan"]!.Value;
        Assert.Equal(expected, double.Parse(output.Split('\n')[1], System.Globalization.CultureInfo.InvariantCulture), 1e-9);
    }

    [Fact]
    public async Task Lists_tables_and_columns_without_SQL()
    {
        (await ProgramRun.Of("query", "--runs", _runs, "--run", "latest")).Says(
            0,
            "jobs: run, point, repetition, job,",
            "wait_s",
            "trials: run, experiment, point",
            "metrics: run, point, repetition, metric, value");
    }

    [Fact]
    public async Task A_query_that_is_wrong_shows_what_DuckDB_says()
    {
        (await ProgramRun.Of("query", "select wait from jobs", "--runs", _runs)).Says(
            2,
            "error[query-sql]: DuckDB does not accept the query",
            "\"wait\" not found",
            "lists the tables and their columns");
    }
}
