using System.Net.Sockets;
using System.Text;
using Regatta.Agent.Drivers.Slurm;
using Regatta.Agent.Sampling;
using Regatta.Analysis;

namespace Regatta.Tests.Agent.Sampling;

/// <summary>What is sampled beside a replay, and that it never costs one.</summary>
public sealed class SamplerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("regatta-test-").FullName;

    private string Lines => Path.Combine(_folder, "samples.jsonl");

    [Fact]
    public async Task Sources_are_asked_again_and_again_and_each_answer_is_a_line()
    {
        using var sampler = new Sampler(Lines, [new Counting()], TimeProvider.System, TimeSpan.FromMilliseconds(5));
        await UntilAsync(() => Table().Series("asked", "of=\"it\"").Count() >= 3);
        var summary = sampler.End();

        var table = Table();
        Assert.Null(summary.Failure);
        Assert.Equal(Enumerable.Range(1, summary.Samples).Select(i => (double)i), table.Series("asked", "of=\"it\"").Select(s => s.Value));
        // What each source has cost so far, which comes to no more than all of it.
        double[] costs = [.. table.Series("sampling_cpu_seconds", "source=\"counting\"").Select(s => s.Value)];
        Assert.Equal(summary.Samples, costs.Length);
        Assert.Equal(costs.Order(), costs);
        Assert.InRange(costs[^1], 0, summary.CpuSeconds);
        Assert.True(summary.CpuSeconds > 0);
    }

    [Fact]
    public async Task A_source_that_cannot_be_asked_is_marked_and_the_others_go_on()
    {
        using var sampler = new Sampler(Lines, [new Silent(), new Counting()], TimeProvider.System, TimeSpan.FromMilliseconds(5));
        await UntilAsync(() => Table().Series("asked", "of=\"it\"").Count() >= 8);
        var summary = sampler.End();

        Assert.Null(summary.Failure);
        // It is left alone for a while after each time.
        Assert.InRange(Table().Series("sample_unanswered", "source=\"silent\"").Count(), 2, summary.Samples / 2);
    }

    [Fact]
    public async Task A_sampler_that_fails_says_why_and_keeps_what_it_had()
    {
        using var sampler = new Sampler(Lines, [new Counting(fails: 3)], TimeProvider.System, TimeSpan.FromMilliseconds(5));
        await UntilAsync(() => !sampler.Samples);

        Assert.Equal((2, "InvalidOperationException: no more"), (sampler.End().Samples, sampler.End().Failure));
        Assert.Equal(2, Table().Series("asked", "of=\"it\"").Count());
        var audit = TrialAudit.Of(new Trial(Regatta.Tests.Analysis.Trials.Record() with { Sampling = sampler.End() }, JobTable.From([Regatta.Tests.Analysis.Trials.Job(1, 1, 1, 2, 3)])), [1]);
        Assert.Equal((TrialVerdict.Valid, "Sampling ended by itself after 2 samples: InvalidOperationException: no more."), (audit.Verdict, audit.Findings.Single().Text));
    }

    [Fact]
    public void Processes_are_found_by_name_and_added_up()
    {
        foreach (var (pid, name, ticks) in new[] { (7, "slurmctld", 250), (8, "slurmctld", 50), (9, "other", 1) })
        {
            var folder = Directory.CreateDirectory(Path.Combine(_folder, $"{pid}")).FullName;
            File.WriteAllText(Path.Combine(folder, "comm"), name + "\n");
            File.WriteAllText(Path.Combine(folder, "stat"), $"{pid} ({name}) S 1 1 1 0 -1 0 0 0 0 0 {ticks} 50 0 0 20 0 3 0 100 0 10 0\n");
            File.WriteAllText(Path.Combine(folder, "status"), "Name:\tx\nvoluntary_ctxt_switches:\t5\nnonvoluntary_ctxt_switches:\t2\n");
            Directory.CreateDirectory(Path.Combine(folder, "fd"));
            File.WriteAllText(Path.Combine(folder, "fd", "0"), "");
        }

        var table = Of(new ProcessSource(["slurmctld", "munged"], _folder));

        Assert.Equal(
            [("process_cpu_seconds", 4.0), ("process_resident_bytes", 20.0 * Environment.SystemPageSize), ("process_threads", 6), ("process_open_files", 2), ("process_voluntary_switches", 10), ("process_involuntary_switches", 4)],
            table.All.Select(s => (s.Key.Name, s.Single().Value)));
        Assert.All(table.All, s => Assert.Equal("process=\"slurmctld\"", s.Key.Labels));
    }

    [Fact]
    public void Every_number_of_slurmctlds_statistics_is_taken_under_its_name()
    {
        using var writer = new SampleWriter();
        writer.Begin(1);
        SlurmDiagSource.Read(Encoding.UTF8.GetBytes("""
            {"statistics":{"parts_packed":1,"req_time":{"set":true,"infinite":false,"number":1795992434},"none":{"set":false,"infinite":false,"number":0},"bf_cycle_counter":12,"bf_active":false,
             "bf_exit":{"end_job_queue":10,"bf_max_job_test":2},"rpcs_by_message_type":[{"message_type":"REQUEST_PING","type_id":1008,"count":4,"average_time":{"set":true,"infinite":false,"number":100},"total_time":400}],
             "pending_rpcs":[]},"errors":[]}
            """), writer);
        var table = SampleTable.Parse(writer.End(), "test");

        Assert.Equal(
            ["slurm_parts_packed 1", "slurm_req_time 1795992434", "slurm_bf_cycle_counter 12", "slurm_bf_exit reason=\"end_job_queue\" 10", "slurm_bf_exit reason=\"bf_max_job_test\" 2", "slurm_rpc_count type=\"REQUEST_PING\" 4", "slurm_rpc_seconds type=\"REQUEST_PING\" 0.0004"],
            table.All.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Key.Name} {s.Key.Labels}{(s.Key.Labels.Length == 0 ? "" : " ")}{s.Single().Value}")));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello")]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n", "hello")]
    [InlineData("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", null)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", null)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", null)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nhello", null)]
    [InlineData("SSH-2.0-x\r\n", null)]
    public async Task Answers_are_read_whole_or_told_to_be_none(string answer, string? body)
    {
        var path = Path.Combine(_folder, "socket");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var serving = Task.Run(async () =>
        {
            using var client = await listener.AcceptAsync(TestContext.Current.CancellationToken);
            await client.ReceiveAsync(new byte[4096], TestContext.Current.CancellationToken);
            await client.SendAsync(Encoding.ASCII.GetBytes(answer), TestContext.Current.CancellationToken);
        }, TestContext.Current.CancellationToken);
        using var http = new PlainHttp(() => PlainHttp.Unix(path, TimeSpan.FromSeconds(20)));

        if (body is null) Assert.ThrowsAny<IOException>(() => http.Get("/x"));
        else Assert.Equal(body, Encoding.ASCII.GetString(http.Get("/x").Span));
        await serving;
    }

    [Fact]
    public void A_socket_that_is_not_there_is_a_source_that_cannot_be_asked()
    {
        using var writer = new SampleWriter();
        using var source = new SlurmDiagSource(Path.Combine(_folder, "none"), () => "v0.0.42");

        Assert.Throws<IOException>(() => source.Take(writer));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static SampleTable Of(ProcessSource source)
    {
        using var writer = new SampleWriter();
        writer.Begin(1_000_000);
        source.Take(writer);
        return SampleTable.Parse(writer.End(), "test");
    }

    private SampleTable Table() => File.Exists(Lines) ? SampleTable.Parse(Read(), "test") : SampleTable.Parse(Array.Empty<byte>(), "test");

    private byte[] Read()
    {
        using var file = new FileStream(Lines, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var memory = new MemoryStream();
        file.CopyTo(memory);
        return memory.ToArray();
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds()) await Task.Delay(5, TestContext.Current.CancellationToken);
    }

    private sealed class Counting(int fails = int.MaxValue) : ISampleSource
    {
        private int _asked;

        public string Name => "counting";

        public void Take(SampleWriter into)
        {
            if (++_asked == fails) throw new InvalidOperationException("no more");
            into.Add("asked", "of", "it", _asked);
        }

        public void Dispose()
        {
        }
    }

    private sealed class Silent : ISampleSource
    {
        public string Name => "silent";

        public void Take(SampleWriter into) => throw new IOException("nobody is there");

        public void Dispose()
        {
        }
    }
}
