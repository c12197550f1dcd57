using Regatta.Analysis;
using Regatta.Reports.Html;
using Regatta.Reports.Model;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Tests.Reports;

public sealed class ClientViewTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("regatta-clients-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task The_report_says_at_which_rate_the_bound_is_passed_and_what_that_costs()
    {
        var model = await BuildAsync([.. Enumerable.Range(1, 3).SelectMany(r => new[] { Sample.Trial("calm", r, order: (r * 4) - 3), With(10, 200, r, 2), With(100, 20_000, r, 3) })]);

        var view = model.Clients!;
        Assert.Equal([("squeue-10", 10.0, 0.2), ("squeue-100", 100.0, 20.0)], view.Rows.Select(r => (r.Point, r.Rate, Math.Round(r.P90, 6))));
        Assert.Contains(view.Sentences, s => s.StartsWith("slurm 22.05.8, fifo: the 90th percentile of the latency of clients that look at the queue passes 1 s at 22.4 calls a second (mean of 3 repetitions of 3 in which it does", StringComparison.Ordinal));
        Assert.Contains(view.Sentences, s => s.Contains("jobs started per second without clients", StringComparison.Ordinal) && s.EndsWith("with 100 calls a second.", StringComparison.Ordinal));
        var page = HtmlReport.Render(model);
        Assert.Contains("<section id=\"clients\"", page, StringComparison.Ordinal);
        Assert.Contains("<code>squeue</code>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_bound_is_not_passed_it_says_so_and_without_clients_nothing()
    {
        var model = await BuildAsync([With(10, 200, 1, 1), With(100, 300, 1, 2)]);
        Assert.Contains(model.Clients!.Sentences, s => s.EndsWith("stays within 1 s up to 100 calls a second.", StringComparison.Ordinal));

        var plain = await BuildAsync(Sample.Race());
        Assert.Null(plain.Clients);
        Assert.DoesNotContain("id=\"clients\"", HtmlReport.Render(plain), StringComparison.Ordinal);
    }

    private static Trial With(double rate, long milliseconds, int repetition, int place)
    {
        var trial = Sample.Trial($"squeue-{rate}", repetition, order: ((repetition - 1) * 4) + place);
        return trial with
        {
            Record = trial.Record with
            {
                Settings = trial.Record.Settings.SetItem("clients.queue", $"{rate}"),
                Clients = [new ClientLatency(ClientKind.Queue, "squeue", rate, 100, 0, 0, 0, milliseconds * 500, milliseconds * 1000, milliseconds * 2000, milliseconds * 3000)],
            },
        };
    }

    private async Task<ReportModel> BuildAsync(IReadOnlyList<Trial> trials)
    {
        var run = await Sample.WriteRunAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(_directory, Guid.NewGuid().ToString("N"))).FullName, "20260101T130000Z-storm-1a2b3c4d"), "storm", trials);
        return ReportBuilder.Build([await RecordedRun.ReadAsync(run, TestContext.Current.CancellationToken)]);
    }
}
