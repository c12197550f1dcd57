using CsCheck;
using Parquet;
using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Tests.Analysis;

public sealed class ClientLatencyTests
{
    private static readonly ClientStorm Storm = new([new ClientStream(ClientKind.Queue, 20, ["squeue"]), new ClientStream(ClientKind.Step, 1, ["srun", "true"])], TimeSpan.FromSeconds(5), 8, 1, "regatta");

    [Fact]
    public void Percentiles_are_of_what_was_answered_or_timed_out()
    {
        List<ClientCall> calls = [.. Enumerable.Range(1, 98).Select(i => Call(i * 1000)), Call(5_000_000, ClientOutcome.TimedOut), Call(5_000_000, ClientOutcome.TimedOut), Call(17, ClientOutcome.Failed), Call(0, ClientOutcome.LeftOut), Call(900, ClientOutcome.Cut)];

        var latency = ClientLatency.Of(Storm, calls);

        Assert.Equal(
            new ClientLatency(ClientKind.Queue, "squeue", 20, 102, 1, 2, 1, 50_000, 90_000, 5_000_000, 5_000_000) { Bound = 1_000_000 }, latency[0]);
        Assert.Equal(new ClientLatency(ClientKind.Step, "srun true", 1, 0, 0, 0, 0, null, null, null, null) { Bound = 1_000_000 }, latency[1]);
    }

    [Fact]
    public void Metrics_have_the_latencies_of_each_kind()
    {
        var trial = Reports.Sample.Trial("calm", 1);
        var called = trial with { Record = trial.Record with { Clients = ClientLatency.Of(Storm, [Call(2_000_000), Call(4_000_000), Call(0, ClientOutcome.LeftOut)]) } };

        var metrics = TrialMetrics.Compute(called);

        Assert.Equal([2, 4, 4, 1.0 / 3], new[] { "client-queue-p50", "client-queue-p90", "client-queue-p99", "client-queue-timeouts" }.Select(n => metrics[n]!.Value));
        Assert.Null(metrics["client-step-p50"]);
        Assert.Null(TrialMetrics.Compute(trial)["client-queue-p50"]);
    }

    [Fact]
    public async Task The_table_has_a_row_for_each_call()
    {
        using var stream = new MemoryStream();
        await ClientTable.WriteAsync(stream, [Call(2) with { Planned = 20 }, Call(1, ClientOutcome.Failed) with { Planned = 10, ExitCode = 3 }], TestContext.Current.CancellationToken);

        stream.Position = 0;
        await using var reader = await ParquetReader.CreateAsync(stream, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(["kind", "planned", "began", "took", "outcome", "exit_code"], reader.Schema.DataFields.Select(f => f.Name));
        using var group = reader.OpenRowGroupReader(0);
        var planned = new long[group.RowCount];
        await group.ReadAsync<long>(reader.Schema.FindDataField("planned"), planned, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([10, 20], planned);
    }

    [Theory]
    [InlineData(new[] { 1.0, 10, 100 }, new[] { 0.1, 0.1, 10 }, 1, 10.0, 100.0, 31.622776601683793)]
    [InlineData(new[] { 100.0, 1 }, new[] { 0.5, 0.1 }, 1, 100.0, null, null)]
    [InlineData(new[] { 2.0, 20 }, new[] { 3.0, 9 }, 1, null, 2.0, null)]
    public void The_knee_lies_between_the_rates_around_it(double[] rates, double[] latencies, double bound, double? within, double? beyond, double? rate)
    {
        var knee = ClientKnee.Of(ClientKind.Queue, rates.Zip(latencies), bound);

        Assert.Equal((within, beyond), (knee.Within, knee.Beyond));
        Assert.Equal(rate ?? double.NaN, knee.Rate ?? double.NaN, 1e-9);
    }

    [Fact]
    public void A_knee_never_lies_outside_the_rates_that_were_measured() =>
        Gen.Select(Gen.Double[0.1, 1000], Gen.Double[0.001, 100]).List[1, 8].Sample(measured =>
        {
            var knee = ClientKnee.Of(ClientKind.Queue, measured, 1);
            if (knee.Rate is { } rate) Assert.InRange(rate, knee.Within!.Value * (1 - 1e-9), knee.Beyond!.Value * (1 + 1e-9));
            else Assert.True(knee.Within is null ^ knee.Beyond is null);
        });

    private static ClientCall Call(long took, ClientOutcome outcome = ClientOutcome.Done) => new(ClientKind.Queue, 0, 0, took, outcome);
}
