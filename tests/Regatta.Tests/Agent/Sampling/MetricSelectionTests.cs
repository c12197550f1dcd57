using System.Net;
using System.Net.Sockets;
using System.Text;
using CsCheck;
using Regatta.Agent.Drivers.Kubernetes;
using Regatta.Agent.Sampling;
using Regatta.Analysis;

namespace Regatta.Tests.Agent.Sampling;

/// <summary>What is kept of the metrics that the programs of a control plane tell.</summary>
public sealed class MetricSelectionTests
{
    [Fact]
    public void Series_that_agree_in_the_labels_that_are_kept_are_added_up_and_buckets_are_left_out()
    {
        Assert.Equal(
            ["requests_count{verb=\"GET\"} 5", "requests_count{verb=\"POST\"} 1", "requests_sum{verb=\"GET\"} 0.75", "up 1"],
            Kept(
                """
                # HELP requests How long requests take.
                # TYPE requests histogram
                requests_bucket{code="200",verb="GET",le="0.1"} 3
                requests_sum{code="200",verb="GET"} 0.5
                requests_sum{code="404",verb="GET"} 2.5e-01
                requests_count{code="200",verb="GET"} 3
                requests_count{code="404",verb="GET"} 2
                requests_count{code="404",verb="POST"} 1
                requests_count_of_others 7
                requests_sum{code="200",verb="WATCH"} 900
                up 1
                # EOF
                """,
                [.. KeptMetric.Times("requests", "verb").Select(k => k with { Without = ("verb", "WATCH") }), new("up")]));
    }

    [Theory]
    [InlineData("a{q=\"x}y\",l=\"one\"} 1", "a{l=\"one\"} 1")]
    [InlineData("a{q=\"say \\\"l=\\\"\",l=\"t\\\\w\\\"o\"} 2", "a{l=\"t\\\\w\\\"o\"} 2")]
    [InlineData("a{l=\"one\"} NaN")]
    [InlineData("a{l=\"one\"} +Inf")]
    [InlineData("a 3", "a{l=\"\"} 3")]
    [InlineData("a{l=\"one\"} 4 1795992434000", "a{l=\"one\"} 4")]
    [InlineData("a{l=\"one\"} 0")]
    [InlineData("\n\n# nothing")]
    public void Labels_are_read_as_they_are_written(string text, params string[] kept) => Assert.Equal(kept, Kept(text, [new("a", "l")]));

    [Fact]
    public void What_has_counted_once_is_told_when_it_is_zero_again()
    {
        var selection = new MetricSelection([new("waiting") { Owner = "process=\"p\"" }]);
        Assert.Empty(Lines(selection, "waiting 0\n"));
        Assert.Equal(["waiting{process=\"p\"} 2"], Lines(selection, "waiting 2\n"));
        Assert.Equal(["waiting{process=\"p\"} 0"], Lines(selection, "waiting 0\n"));
    }

    [Fact]
    public void Lines_that_come_go_and_change_places_from_one_answer_to_the_next_are_read_as_if_for_the_first_time()
    {
        KeptMetric[] kept = [new("a", "l"), new("b") { Without = ("l", "3") }];
        var line = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 9], Gen.Int[0, 1], Gen.Int[1, 99]).Select((name, l, q, value) => (Series: $"{"abc"[name]}{{l=\"{l}\",q=\"{q}\"}}", value));
        // A server tells each series once, family by family.
        var answer = line.List[0, 30].Select(lines => string.Concat(lines.DistinctBy(l => l.Series).OrderBy(l => l.Series[0]).Select(l => $"{l.Series} {l.value}\n")));
        answer.List[1, 6].Sample(answers =>
        {
            var selection = new MetricSelection(kept);
            foreach (var text in answers) Assert.Equal(Kept(text, kept), Lines(selection, text));
        });
    }

    [Fact]
    public void A_line_that_is_cut_off_is_no_answer() =>
        Assert.Throws<IOException>(() => Kept("a{l=\"one", [new("a", "l")]));

    [Fact]
    public async Task A_server_is_asked_over_one_kept_connection_at_every_so_many_samples()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var asked = 0;
        var serving = Task.Run(async () =>
        {
            using var client = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
            var buffer = new byte[4096];
            while (await client.ReceiveAsync(buffer, TestContext.Current.CancellationToken) > 0)
            {
                var body = $"asked_total {++asked}\n";
                await client.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}"), TestContext.Current.CancellationToken);
            }
        }, TestContext.Current.CancellationToken);
        var path = Path.Combine(Directory.CreateTempSubdirectory("regatta-test-").FullName, "samples.jsonl");
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using (var sampler = new Sampler(path, [new MetricsSource("it", () => PlainHttp.Tcp("127.0.0.1", port, TimeSpan.FromSeconds(5)), new MetricSelection([new("asked_total")]), every: 3)], TimeProvider.System, TimeSpan.FromMilliseconds(5)))
        {
            while (SamplingTable.Read(path).Values.Count < 3) await Task.Delay(5, TestContext.Current.CancellationToken);
            sampler.End();
        }

        await serving;
        var table = SamplingTable.Read(path);
        Assert.Equal(Enumerable.Range(1, asked).Select(i => (double)i), table.Values);
        Assert.Equal((table.Lines + 2) / 3, asked);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    [Fact]
    public void A_connection_that_is_refused_is_no_answer()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using var source = new MetricsSource("it", () => PlainHttp.Tcp("127.0.0.1", port, TimeSpan.FromSeconds(5)), new MetricSelection([]));
        using var writer = new SampleWriter();
        Assert.Throws<IOException>(() => source.Take(writer));
    }

    [Fact]
    public void Volcanos_metrics_as_it_tells_them_are_kept_without_a_series_a_job()
    {
        var kept = Kept(File.ReadAllText(KubernetesRecordings.PathOf("metrics-vc-scheduler.prom")), [.. KubernetesMetrics.Volcano.Kept]);
        Assert.Contains("volcano_e2e_scheduling_latency_milliseconds_count 18", kept);
        Assert.Contains("volcano_action_scheduling_latency_microseconds_count{action=\"allocate\"} 18", kept);
        Assert.InRange(kept.Count, 8, 40);
        Assert.DoesNotContain(kept, k => k.Contains("job_name", StringComparison.Ordinal));
    }

    private static List<string> Kept(string text, KeptMetric[] kept) => Lines(new MetricSelection(kept), text);

    private static List<string> Lines(MetricSelection selection, string text)
    {
        using var writer = new SampleWriter();
        writer.Begin(1);
        selection.Take(Encoding.UTF8.GetBytes(text), writer);
        return [.. SampleTable.Parse(writer.End(), "test").All
            .Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Key.Name}{(s.Key.Labels.Length == 0 ? "" : $"{{{s.Key.Labels}}}")} {s.Single().Value}")).Order(StringComparer.Ordinal)];
    }

    private sealed record SamplingTable(List<double> Values, int Lines)
    {
        public static SamplingTable Read(string path)
        {
            var bytes = File.Exists(path) ? ReadShared(path) : [];
            return new([.. SampleTable.Parse(bytes, path).Series("asked_total").Select(s => s.Value)], bytes.Count(b => b == '\n'));
        }

        private static byte[] ReadShared(string path)
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var copy = new MemoryStream();
            file.CopyTo(copy);
            return copy.ToArray();
        }
    }
}
