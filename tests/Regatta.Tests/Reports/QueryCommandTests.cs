using System.Text.Json;
using Xunit;

namespace Regatta.Tests.Reports;

public sealed class QueryCommandTests : IAsyncLifetime
{
    private readonly string runs = Directory.CreateTempSubdirectory("regatta-query-").FullName;

    public async ValueTask InitializeAsync()
    {
        await Sample.WriteRunAsync(Path.Combine(runs, "20260101T130000Z-quickstart-1a2b3c4d"), "quickstart", Sample.Race());
        await Sample.WriteRunAsync(Path.Combine(runs, "20260102T130000Z-quickstart-99887766"), "quickstart", [Sample.Trial("only", 1)]);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(runs, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Asks_the_jobs_of_all_runs_together()
    {
        var (code, human, _) = await ReportCommandTests.RunAsync("query", "select run, point, count(*) as jobs from jobs group by all order by all", "--runs", runs);

        Assert.Equal(0, code);
        Assert.Matches(@"20260101T130000Z-quickstart-1a2b3c4d \│ slurm-backfill \│\s+120", human);
        Assert.Matches(@"20260102T130000Z-quickstart-99887766 \│ only\s+\│\s+60", human);
        Assert.Contains("3 rows", human, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_as_CSV_and_as_JSON_lines()
    {
        var (_, _, csv) = await ReportCommandTests.RunAsync("query", "select 'a,b' as x, 1.5::double as y, null as z", "--format", "csv", "--runs", runs);
        Assert.Equal("x,y,z\n\"a,b\",1.5,\n", csv.ReplaceLineEndings("\n"));

        var (_, _, json) = await ReportCommandTests.RunAsync("query", "select point, repetition, started from trials where point = 'only'", "--json", "--runs", runs);
        using var row = JsonDocument.Parse(Assert.Single(json.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal("only", row.RootElement.GetProperty("point").GetString());
        Assert.Equal(1, row.RootElement.GetProperty("repetition").GetInt64());
        Assert.EndsWith("Z", row.RootElement.GetProperty("started").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_are_those_of_the_catalogue()
    {
        var (code, _, output) = await ReportCommandTests.RunAsync("query", "select value from metrics where point = 'only' and metric = 'makespan'", "--format", "csv", "--runs", runs);

        Assert.Equal(0, code);
        var expected = Regatta.Analysis.TrialMetrics.Compute(Sample.Trial("only", 1))["makespan"]!.Value;
        Assert.Equal(expected, double.Parse(output.Split('\n')[1], System.Globalization.CultureInfo.InvariantCulture), 1e-9);
    }

    [Fact]
    public async Task Lists_tables_and_columns_without_SQL()
    {
        var (_, human, _) = await ReportCommandTests.RunAsync("query", "--runs", runs, "--run", "latest");

        Assert.Contains("jobs: run, point, repetition, job,", human, StringComparison.Ordinal);
        Assert.Contains("wait_s", human, StringComparison.Ordinal);
        Assert.Contains("trials: run, experiment, point", human, StringComparison.Ordinal);
        Assert.Contains("metrics: run, point, repetition, metric, value", human, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_query_that_is_wrong_shows_what_DuckDB_says()
    {
        var (code, human, _) = await ReportCommandTests.RunAsync("query", "select wait from jobs", "--runs", runs);

        Assert.Equal(2, code);
        Assert.Contains("error[query-sql]: DuckDB does not accept the query", human, StringComparison.Ordinal);
        Assert.Contains("\"wait\" not found", human, StringComparison.Ordinal);
        Assert.Contains("lists the tables and their columns", human, StringComparison.Ordinal);
    }
}
