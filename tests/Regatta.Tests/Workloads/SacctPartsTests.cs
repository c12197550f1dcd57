using System.Text;
using CsCheck;
using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

/// <summary>Names, times and numbers of sacct's rows, held against the plain way to read them.</summary>
public sealed class SacctPartsTests
{
    [Fact]
    public void Names_are_numbered_in_the_order_in_which_they_come() =>
        Gen.Int[0, 300].Array[0, 1000].Sample(words =>
        {
            var names = new NameNumbers();
            var order = new List<string>();
            foreach (var word in words)
            {
                // Short ones, ones longer than eight bytes, and letters of several bytes.
                var name = (word % 3) switch { 0 => $"n{word}", 1 => $"a-longer-name-{word}", _ => $"größe{word}" };
                if (!order.Contains(name)) order.Add(name);
                Assert.Equal(order.IndexOf(name) + 1, names.Of(Encoding.UTF8.GetBytes(name)));
                Assert.Equal(order.IndexOf(name) + 1, names.Of(name.AsSpan()));
            }

            Assert.Equal(order, names.Names);
            Assert.Equal(-1, names.Of(""u8));
        }, iter: 100);

    [Fact]
    public void Bytes_that_are_no_text_are_one_name_where_they_read_alike()
    {
        var names = new NameNumbers();
        Assert.Equal(1, names.Of([0xff]));
        Assert.Equal(1, names.Of([0xfe]));
        Assert.Equal(1, names.Of("\uFFFD"u8));
        Assert.Equal(["\uFFFD"], names.Names);
    }

    // What 24.11 and 26.05 say of a line of scrontab, of jobs that the site requeued, and of one that gave up a node, each in two rows: state, command, and seconds of submission, eligibility, start and end.
    // A requeued job keeps its first wait and has the last run.
    [Theory]
    [InlineData("REQUEUED", "", "30,60,62,63", "63,120,121,124", "62-63 121-124")]
    [InlineData("REQUEUED", "sbatch a", "30,60,62,63", "63,120,121,124", "62-65")]
    [InlineData("REQUEUED", "", "30,31,32,63", "63,183,184,190", "32-38")]
    [InlineData("RESIZING", "sbatch a", "30,30,32,63", "63,63,32,124", "32-124")]
    public void Rows_of_one_number_are_one_job_but_for_those_of_cron(string state, string command, string first, string second, string runs)
    {
        string[][] rows = [[state, .. first.Split(',')], ["COMPLETED", .. second.Split(',')]];
        var text = "JobIDRaw|State|SubmitLine|Submit|Eligible|Start|End|AllocCPUS\n" + string.Concat(rows.Select(row => $"7|{row[0]}|{command}|{string.Join('|', row[1..])}|2\n"));
        var json = """{"meta":{"Slurm":{}},"jobs":[""" + string.Join(',', rows.Select(row =>
            $$"""{"job_id":7,"state":{"current":[{{(row[0] == state ? "\"PENDING\"," : "")}}"{{row[0]}}"]},"submit_line":"{{command}}","required":{"CPUs":2},"time":{"submission":{{row[1]}},"eligible":{{row[2]}},"start":{{row[3]}},"end":{{row[4]}},"elapsed":{{Seconds(row[4]) - Seconds(row[3])}} } }""")) + "]}";
        foreach (var source in new[] { text, json })
        {
            var read = WorkloadFile.Read(new MemoryStream(Encoding.UTF8.GetBytes(source)), "jobs.txt", new TraceReading(Zone: TimeZoneInfo.Utc), TestContext.Current.CancellationToken);
            var begun = read.Header.UnixStartTime!.Value;
            Assert.Equal(runs, string.Join(' ', read.Jobs.Select(job => $"{Start(job)}-{Start(job) + job.RunTime.TotalSeconds}")));
            double Start(Job job) => begun + (job.Submit + job.Recorded!.Wait!.Value).TotalSeconds;
        }

        static int Seconds(string text) => int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData("Australia/Lord_Howe")]
    [InlineData("America/St_Johns")]
    public void Times_of_any_order_are_those_of_their_zone(string name)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(name);
        // Around the ends of summer time, hours and years apart.
        Gen.Select(Gen.Long[-4 * 86_400, 400 * 86_400], Gen.Int[2004, 2026]).Array[1, 200].Sample(times =>
        {
            var clock = new SacctClock(zone);
            var ambiguous = 0;
            foreach (var (seconds, year) in times)
            {
                var local = new DateTime(year, 3, 28).AddSeconds(seconds);
                var repeated = zone.IsAmbiguousTime(local);
                ambiguous += repeated ? 1 : 0;
                var offset = repeated ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(zone.IsInvalidTime(local) ? local.AddHours(-2) : local);
                var expected = (local - DateTime.UnixEpoch - offset).TotalSeconds;
                Assert.Equal(expected, clock.Read(Encoding.ASCII.GetBytes(local.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture))));
            }

            Assert.Equal(ambiguous, clock.Ambiguous);
        }, iter: 200);
    }

    [Theory]
    [InlineData("2024-02-30T00:00:00")]
    [InlineData("2024-13-01T00:00:00")]
    [InlineData("20x4-01-01T00:00:00")]
    [InlineData("2024-01-01T24:00:00")]
    [InlineData("2024-01-01 00:00:00")]
    [InlineData("1234567890.5")]
    [InlineData("Unknown")]
    [InlineData("")]
    public void What_is_no_time_is_none(string text) => Assert.Equal(double.NaN, new SacctClock(null).Read(Encoding.ASCII.GetBytes(text)));

    [Theory]
    [InlineData("00:00:09.5", 9.5)]
    [InlineData("1-02:03:04", 93_784.0)]
    [InlineData("59:60", 3600.0)]
    [InlineData("12", double.NaN)]
    [InlineData("UNLIMITED", double.NaN)]
    [InlineData("1:2:3:4", double.NaN)]
    [InlineData("12345678901234567:00", 60 * 12_345_678_901_234_567.0)]
    public void Durations_are_read_with_and_without_fractions(string text, double seconds) => Assert.Equal(seconds, SacctValues.Duration(Encoding.ASCII.GetBytes(text)));

    [Theory]
    [InlineData("8000M", 8000L << 20)]
    [InlineData("62.50G", 67_108_864_000)]
    [InlineData("500", 500L << 20)]
    [InlineData("1e1K", 10L << 10)]
    [InlineData("12x", -1)]
    [InlineData("M", -1)]
    [InlineData("99999999999999999999T", -1)]
    public void Memory_is_read_with_and_without_fractions(string text, long bytes) => Assert.Equal(bytes, SacctValues.Memory(Encoding.ASCII.GetBytes(text)));
}
