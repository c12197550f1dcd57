using System.Text;
using System.Text.Json;
using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

/// <summary>A trace that is summarised while it is read is summarised as one whose jobs are all there.</summary>
public sealed class SwfSummaryTests
{
    public static TheoryData<string, bool> Files() => new()
    {
        { Usual(2_000, 7), true },
        { "; Version: 2.2\n; MaxProcs: 4\n; UnixStartTime: 900000000\n; TimeZoneString: US/Pacific\n" + Usual(500, 3), true },
        // Left out, repaired and noticed: the counts are the same.
        { "; MaxNodes: 64\n" + Usual(50, 5) + "51 1e9 -1 -1 -1 -1 -1 -1 -1 -1 5 -1 -1 -1 -1 -1 -1 -1\nx y\n" + SwfText.Line(60, 1e9 + 1, requested: 5) + "61 2000000000 -1 7 4 -1 -1 4 -1 -1 3 1 1 1 1 1 -1 -1", true },
        { SwfText.Line(1, 0), true },
        { SwfText.Line(1, 5) + SwfText.Line(2, 4), false },
        { SwfText.Line(1, 5) + SwfText.Line(1, 6), false },
        { SwfText.Line(0, 5) + SwfText.Line(1, 6), false },
        { "1 0 -1 9 2 -1 -1 2 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n2 5 -1 9 2 -1 -1 2 -1 -1 1 -1 -1 -1 -1 -1 1 60\n", false },
        { SwfText.Line(1, 1_000_000_000) + SwfText.Line(2, 1_000_086_400), false },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void A_trace_is_summarised_in_passing_as_whole(string text, bool once)
    {
        using var counted = new CountingStream(Encoding.UTF8.GetBytes(text));
        var passing = WorkloadFile.Summarise(counted, "t.swf", new TraceReading());
        Assert.Equal(once ? 0 : 1, counted.Returns);

        var whole = WorkloadFile.Read(SwfText.Stream(text), "t.swf", new TraceReading());
        Assert.Equal(Json(WorkloadSummary.Of(whole)), Json(passing.Summary));
        Assert.Equal(whole.Diagnostics.Select(d => d.ToString()), passing.Diagnostics.Select(d => d.ToString()));

        // What a pipe gives can be read only once, and says the same.
        using var packed = new MemoryStream(SwfText.Gzip(Encoding.UTF8.GetBytes(text)));
        using var pipe = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionMode.Decompress);
        Assert.Equal(Json(passing.Summary), Json(WorkloadFile.Summarise(pipe, "t.swf", new TraceReading()).Summary));
    }

    [Theory]
    [InlineData("")]
    [InlineData("; Version: 2.2\n1 0 -1 -1 -1 -1 -1 -1 -1 -1 5 -1 -1 -1 -1 -1 -1 -1\n")]
    [InlineData("one\ntwo\nthree\n")]
    public void A_trace_without_jobs_is_refused_as_by_whoever_reads_its_jobs(string text)
    {
        var passing = Assert.Throws<DiagnosticException>(() => WorkloadFile.Summarise(SwfText.Stream(text), "t.swf", new TraceReading()));
        var whole = Assert.Throws<DiagnosticException>(() => WorkloadFile.Read(SwfText.Stream(text), "t.swf", new TraceReading()));
        Assert.Equal(whole.Diagnostics.Select(d => d.ToString()), passing.Diagnostics.Select(d => d.ToString()));
    }

    [Fact]
    public void Median_and_mean_are_those_of_all_run_times_in_order()
    {
        var workload = WorkloadFile.Read(SwfText.Stream(Usual(3_001, 11)), "t.swf", new TraceReading());
        double[] runs = [.. workload.Jobs.Select(job => job.RunTime.TotalSeconds).Order()];
        var summary = WorkloadSummary.Of(workload);
        Assert.Equal(BitConverter.DoubleToInt64Bits(runs.Average()), BitConverter.DoubleToInt64Bits(summary.MeanRunTime));
        Assert.Equal(runs[1_500], summary.MedianRunTime);
        Assert.Equal(runs[^1], summary.LongestRunTime);
        var even = WorkloadSummary.Of(workload with { Jobs = workload.Jobs[1..] });
        double[] less = [.. workload.Jobs[1..].Select(job => job.RunTime.TotalSeconds).Order()];
        Assert.Equal((less[1_499] + less[1_500]) / 2, even.MedianRunTime);
    }

    /// <summary>Jobs in order, some with fractions of seconds, limits and users.</summary>
    private static string Usual(int jobs, int seed)
    {
        var random = new Random(seed);
        var (text, submit) = (new StringBuilder(), 0d);
        for (var i = 1; i <= jobs; i++)
        {
            submit += random.Next(0, 300);
            var run = i % 3 == 0 ? Math.Round(random.NextDouble() * 90_000, 3) : random.Next(0, 4_000);
            text.Append(SwfText.Line(i, submit, run, 1 << random.Next(0, 7), i % 2 == 0 ? random.Next(1, 5_000) : -1, random.Next(-1, 9)));
        }

        return text.ToString();
    }

    private static string Json(WorkloadSummary summary) => JsonSerializer.Serialize(summary);

    private sealed class CountingStream(byte[] bytes) : MemoryStream(bytes)
    {
        /// <summary>How often it was set back.</summary>
        public int Returns { get; private set; }

        public override long Position
        {
            get => base.Position;
            set
            {
                Returns++;
                base.Position = value;
            }
        }
    }
}
