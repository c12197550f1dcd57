using System.Text;
using Regatta.Analysis;

namespace Regatta.Tests.Analysis;

/// <summary>What was sampled of a scheduler, from the agent's lines to Parquet and OpenMetrics.</summary>
public sealed class SampleTableTests
{
    private const string Lines = """
        {"time":1000000,"values":{"slurm_bf_cycle_counter":1,"slurm_rpc_count{type=\"REQUEST_PING\"}":5}}
        {"time":2500000,"values":{"slurm_bf_cycle_counter":2,"process_cpu_seconds{process=\"slurmctld\"}":0.25}}

        """;

    [Fact]
    public async Task What_is_written_is_read_again()
    {
        var table = Table(Lines);
        using var file = new MemoryStream();
        await table.WriteAsync(file, TestContext.Current.CancellationToken);
        file.Position = 0;
        var read = await SampleTable.ReadAsync(file, "samples.parquet", TestContext.Current.CancellationToken);

        Assert.Equal(4, read.Count);
        Assert.Equal([(1_000_000, 1.0), (2_500_000, 2.0)], read.Series("slurm_bf_cycle_counter"));
        Assert.Equal([(1_000_000, 5.0)], read.Series("slurm_rpc_count", "type=\"REQUEST_PING\""));
    }

    [Fact]
    public void A_line_that_was_cut_off_is_the_end() =>
        Assert.Equal(2, Table(Lines.Split('\n')[0] + "\n{\"time\":25").Count);

    [Theory]
    [InlineData("nonsense\n")]
    [InlineData("{\"time\":1}\n")]
    [InlineData("{\"time\":1,\"values\":{\"a\":\"b\"}}\n")]
    public void What_is_no_line_of_samples_is_told(string text) =>
        Assert.Equal("samples-line", Assert.Throws<DiagnosticException>(() => Table(text)).Diagnostics[0].Code);

    [Fact]
    public async Task A_damaged_file_is_told()
    {
        using var file = new MemoryStream("PAR1 no"u8.ToArray());
        Assert.Equal("samples-broken", (await Assert.ThrowsAsync<DiagnosticException>(() => SampleTable.ReadAsync(file, "samples.parquet", TestContext.Current.CancellationToken))).Diagnostics[0].Code);
    }

    [Fact]
    public void OpenMetrics_has_one_family_after_the_other_with_times_and_units()
    {
        using var text = new StringWriter();
        Table(Lines).WriteOpenMetrics(text, [("point", "a\"b")], all: true);

        Assert.Equal(
            """
            # TYPE regatta_process_cpu_seconds gauge
            # UNIT regatta_process_cpu_seconds seconds
            regatta_process_cpu_seconds{point="a\"b",process="slurmctld"} 0.25 2.500000
            # TYPE regatta_slurm_bf_cycle_counter gauge
            regatta_slurm_bf_cycle_counter{point="a\"b"} 1 1.000000
            regatta_slurm_bf_cycle_counter{point="a\"b"} 2 2.500000
            # TYPE regatta_slurm_rpc_count gauge
            regatta_slurm_rpc_count{point="a\"b",type="REQUEST_PING"} 5 1.000000

            """, text.ToString());
    }

    private static SampleTable Table(string text) => SampleTable.Parse(Encoding.UTF8.GetBytes(text), "samples.jsonl");
}
