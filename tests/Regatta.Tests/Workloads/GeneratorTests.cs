using System.Text;
using Regatta.Workloads;

namespace Regatta.Tests.Workloads;

public sealed class GeneratorTests
{
    private const int Many = 40_000;

    private static readonly Workload Lublin = new LublinFeitelson { Jobs = Many, Processors = 128, Seed = 5 }.Generate();

    [Fact]
    public void The_same_seed_makes_the_same_workload()
    {
        Assert.Equal(new LublinFeitelson { Jobs = 200, Processors = 64, Seed = 9, Load = 0.7 }.Generate().Jobs, new LublinFeitelson { Jobs = 200, Processors = 64, Seed = 9, Load = 0.7 }.Generate().Jobs);
        Assert.NotEqual(new LublinFeitelson { Jobs = 200, Processors = 64, Seed = 9 }.Generate().Jobs, new LublinFeitelson { Jobs = 200, Processors = 64, Seed = 10 }.Generate().Jobs);
    }

    /// <summary>
    /// The published numbers (JPDC 63(11), 2003, and the authors' program) on 128 processors: serial and power-of-two shares; low, medium, high and probability of the two-stage
    /// uniform; a1, b1, a2, b2 and mixing slope and base of the hyper-gamma; shape and scale of the arrivals and of the daily cycle.
    /// </summary>
    private sealed record Published(
        double Serial, double PowerOfTwo, double Low, double Medium, double High, double LowShare, double A1, double B1, double A2, double B2, double Slope, double Base,
        double ArrivalShape, double ArrivalScale, double CycleShape, double CycleScale)
    {
        public static Published Of(LublinType type) => type switch
        {
            LublinType.Batch => new(0.2927, 0.6686, 1.2, 5, 7, 0.875, 6.57, 0.823, 639.1, 0.0156, -0.003, 0.6986, 6.0415 * 1.0519, 0.8531, 6.1271, 5.2740),
            LublinType.Interactive => new(0.1541, 0.625, 1, 3, 5.5, 0.705, 3.8351, 0.6605, 7.073, 0.6856, -0.0118, 0.9156, 6.5510 * 0.9797, 0.6621, 8.9186, 3.6680),
            _ => new(0.244, 0.576, 0.8, 4.5, 7, 0.86, 4.2, 0.94, 312, 0.03, -0.0054, 0.78, 10.2303 * 1.0225, 0.4871, 8.1737, 3.9631),
        };
    }

    /// <summary>The types with a fit of their own.</summary>
    public static TheoryData<LublinType> Fitted => [LublinType.All, LublinType.Batch, LublinType.Interactive];

    private static Workload Made(LublinType type) => type == LublinType.All ? Lublin : new LublinFeitelson { Jobs = Many, Processors = 128, Seed = 5, Type = type }.Generate();

    private static LublinParameters Used(LublinType type) => type switch { LublinType.Batch => LublinParameters.Batch, LublinType.Interactive => LublinParameters.Interactive, _ => LublinParameters.All };

    /// <summary>The serial share, powers of two by rounding, the rest in between.</summary>
    [Theory]
    [MemberData(nameof(Fitted))]
    public void Lublin_sizes_have_the_published_shares(LublinType type)
    {
        var p = Published.Of(type);
        double Log(double x) => x <= p.Low ? 0 : x <= p.Medium ? p.LowShare * (x - p.Low) / (p.Medium - p.Low) : x < p.High ? p.LowShare + ((1 - p.LowShare) * (x - p.Medium) / (p.High - p.Medium)) : 1;
        var shares = new double[129];
        for (var size = 1; size <= 128; size++)
        {
            // Not powers of two: 2^x rounds to the size.
            shares[size] = (1 - p.Serial - p.PowerOfTwo) * (Log(Math.Log2(size + 0.5)) - Log(Math.Log2(size - 0.5)));
            if (int.IsPow2(size)) shares[size] += p.PowerOfTwo * (Log(Math.Log2(size) + 0.5) - Log(Math.Log2(size) - 0.5));
        }

        shares[1] += p.Serial;
        var counts = new int[129];
        foreach (var job in Made(type).Jobs) counts[job.Processors]++;
        Assert.Equal(1, shares.Sum(), 1e-9);
        Fit.ChiSquare(counts, shares);
    }

    /// <summary>Logarithms of the run times of one size are hyper-gamma, cut at 12; whole seconds are spread out again for the test.</summary>
    [Theory]
    [InlineData(LublinType.All, 1)]
    [InlineData(LublinType.All, 16)]
    [InlineData(LublinType.Batch, 1)]
    [InlineData(LublinType.Batch, 32)]
    [InlineData(LublinType.Interactive, 1)]
    [InlineData(LublinType.Interactive, 8)]
    public void Lublin_run_times_are_hyper_gamma(LublinType type, int size)
    {
        var p = Published.Of(type);
        var first = p.Base + (p.Slope * size);
        double Cumulative(double log) => (first * Fit.Gamma(log, p.A1, p.B1)) + ((1 - first) * Fit.Gamma(log, p.A2, p.B2));
        var random = new RandomStream(1);
        var logs = Made(type).Jobs.Where(job => job.Processors == size).Select(job => job.RunTime.TotalSeconds).Where(run => run > 1).Select(run => Math.Log(run + random.Uniform()));
        var (low, high) = (Cumulative(Math.Log(2)), Cumulative(12));
        Fit.KolmogorovSmirnov(logs, x => (Cumulative(x) - low) / (high - low));
    }

    /// <summary>Gaps on the model's clock are exp(gamma); by the hour jobs come as the gamma over the half hours says, which is cut at half hour 11 and wound round the day.</summary>
    [Theory]
    [MemberData(nameof(Fitted))]
    public void Lublin_arrivals_have_the_published_gaps_and_daily_cycle(LublinType type)
    {
        var p = Published.Of(type);
        var arrivals = new LublinArrivals(Used(type), new RandomStream(3), 0);
        var limit = Fit.Gamma(13, p.ArrivalShape, p.ArrivalScale);
        Fit.KolmogorovSmirnov(Enumerable.Range(0, 20_000).Select(_ => Math.Log(arrivals.Gap())), x => Fit.Gamma(x, p.ArrivalShape, p.ArrivalScale) / limit);

        // Every second on the model's clock one job: the hours of the day then hold exactly their shares.
        var halves = new double[48];
        for (var half = 11; half < 59; half++) halves[(half - 1) % 48] = Fit.Gamma(half + 0.5, p.CycleShape, p.CycleScale) - Fit.Gamma(half - 0.5, p.CycleShape, p.CycleScale);
        var shares = halves.Chunk(2).Select(pair => pair.Sum() / halves.Sum()).ToArray();
        var counts = new int[24];
        for (var clock = 0; clock < 86400; clock++) counts[(int)(arrivals.TimeOf(clock + 0.5) / 3600) % 24]++;
        for (var hour = 0; hour < 24; hour++) Assert.Equal(shares[hour] * 86400, counts[hour], 2.0);
        Assert.True(shares.Max() > 3 * shares[5]);
    }

    [Theory]
    [InlineData(LublinType.All, 1024, 0.9)]
    [InlineData(LublinType.Batch, 128, 0.5)]
    [InlineData(LublinType.Interactive, 64, 0.7)]
    [InlineData(LublinType.Mixed, 256, 0.8)]
    [InlineData(LublinType.All, 8, 0.6)]
    public void Lublin_load_is_what_was_asked_for_and_sizes_fit(LublinType type, int processors, double load)
    {
        var workload = new LublinFeitelson { Jobs = 5000, Processors = processors, Load = load, Type = type, Seed = 3 }.Generate();
        // With two kinds of jobs the load jumps where one comes before another.
        Assert.Equal(load, workload.Load(processors), load * (type == LublinType.Mixed ? 1e-2 : 1e-3));
        Assert.InRange(workload.Jobs.Max(job => job.Processors), processors / 4, processors);
        Assert.Empty(JobValidation.Check(workload.Jobs, "w"));
        Assert.Equal(type == LublinType.Mixed ? 2 : 1, workload.Jobs.Select(job => job.Queue).Distinct().Count());
    }

    [Fact]
    public void A_scaled_load_keeps_the_daily_cycle()
    {
        var workload = new LublinFeitelson { Jobs = Many, Processors = 1024, Load = 0.9, Seed = 7 }.Generate();
        var hours = WorkloadSummary.Of(workload).DailyCycle.Select(bar => bar.Count).ToArray();
        // The first job comes some time after midnight; the peak stays in the afternoon.
        Assert.InRange(Array.IndexOf(hours, hours.Max()), 11, 17);
        Assert.True(hours.Max() > 3 * hours.Min());
    }

    [Fact]
    public void Wrong_parameters_of_the_model_are_named_together() =>
        Assert.Equal(
            "error[lublin-jobs]: 0 jobs cannot be generated\nerror[lublin-processors]: a machine of 0 processors runs no job\nerror[lublin-load]: a load of -1 cannot be made; it must be above 0\nerror[lublin-start]: there is no hour 24; the start is 0 to 23",
            Assert.Throws<DiagnosticException>(() => new LublinFeitelson { Jobs = 0, Processors = 0, Load = -1, StartHour = 24 }.Generate()).Message);

    [Theory]
    [InlineData(false, 10984, 2400, 7200)]
    [InlineData(true, 913, 200, 600)]
    public void Esp_has_the_mix_of_its_table(bool light, double minimum, double firstZ, double secondZ)
    {
        var workload = new Esp { Processors = 1024, Light = light }.Generate();
        Assert.Equal(230, workload.Jobs.Length);
        foreach (var (type, index) in Esp.Types.Select((type, index) => (type, index)))
        {
            var jobs = workload.Jobs.Where(job => job.Group == index).ToList();
            Assert.Equal(type.Count, jobs.Count);
            Assert.All(jobs, job => Assert.Equal(light ? type.LightRunTime : type.RunTime, job.RunTime.TotalSeconds));
            Assert.All(jobs, job => Assert.Equal(type.Fraction * 1024, job.Processors, 0.5));
        }

        Assert.Equal(50, workload.Jobs.Count(job => job.Submit == TimeSpan.Zero));
        Assert.Equal([firstZ, secondZ], workload.Jobs.Where(job => job.Drains).Select(job => job.Submit.TotalSeconds));
        Assert.All(workload.Jobs, job => Assert.Equal(job.Drains, job.Priority == Esp.ZPriority));
        Assert.Equal(minimum, Esp.AbsoluteMinimumTime(workload, 1024).TotalSeconds, minimum * 0.01);
        Assert.Empty(workload.Diagnostics);
        Assert.Contains("Absolute minimum time", workload.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Esp_gaps_are_about_thirty_seconds_with_a_deviation_of_a_sixth()
    {
        var gaps = Enumerable.Range(1, 40).SelectMany(seed =>
        {
            var submits = new Esp { Processors = 64, Seed = seed }.Generate().Jobs.Where(job => job.Priority == 0).Select(job => job.Submit.TotalSeconds).Skip(49).ToArray();
            return submits.Zip(submits.Skip(1), (a, b) => b - a);
        }).ToList();
        Assert.Equal(30, gaps.Average(), 0.2);
        Assert.Equal(5, Math.Sqrt(gaps.Average(gap => (gap - 30) * (gap - 30))), 0.15);
    }

    [Fact]
    public void Esp_says_when_it_is_distorted_or_scaled()
    {
        var workload = new Esp { Processors = 8, TimeScale = 0.01 }.Generate();
        Assert.Equal(
            [
                "warning[size-mix-distorted]: the machine is too small for the mix of sizes: 156 of 230 jobs are more than 25 % off, and the sum of sizes changes by +53.1 %\n"
                    + "  help: take a machine whose processors are a multiple of 32 for ESP, or compare only results of machines of this size",
                "warning[esp-scaled]: run times and arrivals are 0.01 times those of the benchmark: the result is no ESP figure",
            ],
            workload.Diagnostics.Select(d => d.ToString()));
        Assert.Equal("hint[esp-rounded]: 500 processors are no multiple of 32: the sizes of the mix are rounded\n  help: results are comparable with other machines only at multiples of 32 processors",
            Assert.Single(new Esp { Processors = 500 }.Generate().Diagnostics).ToString());
        Assert.Empty(new Esp { Processors = 512 }.Generate().Diagnostics);
    }

    [Theory]
    [InlineData(1000, 35)]
    [InlineData(10_000, 90)]
    [InlineData(70_000, 340)]
    public void Tsafrir_estimates_are_few_and_round(int count, int distinct)
    {
        var workload = new TsafrirEstimates { Maximum = TimeSpan.FromHours(48), Seed = 4 }.Apply(new LublinFeitelson { Jobs = count, Processors = 128, Seed = 2 }.Generate());
        var bins = workload.Jobs.GroupBy(job => job.RequestedTime).Select(bin => (Time: bin.Key!.Value, Share: (double)bin.Count() / count)).OrderByDescending(bin => bin.Share).ToList();
        Assert.Equal(distinct, bins.Count, distinct * 0.15);
        Assert.Equal(0.89, bins.Take(20).Sum(bin => bin.Share), 0.02);
        Assert.Equal(TimeSpan.FromHours(48), bins[0].Time);
        Assert.All(workload.Jobs, job => Assert.True(job.RequestedTime >= job.RunTime));
        Assert.All(bins, bin => Assert.Equal(0, bin.Time.TotalSeconds % 60));
    }

    [Fact]
    public void Tsafrir_takes_the_maximum_and_its_share()
    {
        var workload = new TsafrirEstimates { Maximum = TimeSpan.FromHours(2), MaximumShare = 0.5 }.Apply(new Batches { Jobs = 10_000, RunTime = TimeSpan.FromMinutes(1), Spread = RunTimeShape.Exponential }.Bag());
        Assert.Equal(0.5, workload.Jobs.Count(job => job.RequestedTime == TimeSpan.FromHours(2)) / 10_000.0, 0.01);
        Assert.Equal(
            "error[tsafrir-maximum]: the largest estimate is 60 s; the model needs at least one hour\n  help: give a larger estimates_maximum, and compress time afterwards with time_scale",
            Assert.Throws<DiagnosticException>(() => new TsafrirEstimates { Maximum = TimeSpan.FromMinutes(1) }.Apply(workload)).Message);
    }

    [Fact]
    public void Poisson_uniform_and_stepped_arrivals_have_their_rates()
    {
        var poisson = Arrivals.Parse("poisson:4").Times(new RandomStream(1)).Take(20_001).ToArray();
        Fit.KolmogorovSmirnov(poisson.Zip(poisson.Skip(1), (a, b) => b - a), x => 1 - Math.Exp(-4 * x));
        Assert.Equal([0, 0.5, 1, 1.5], Arrivals.Parse("uniform:2").Times(new RandomStream(1)).Take(4));
        Assert.Equal([0, 0, 0], Arrivals.Parse("burst").Times(new RandomStream(1)).Take(3));
        // 1/s for a minute, then nothing for one, then 10/s for one, and again: 660 in three minutes.
        var stepped = Arrivals.Parse("stepped:1*60s,0*1m,10*60").Times(new RandomStream(1)).TakeWhile(time => time < 180 * 200).ToArray();
        var counts = new int[3];
        foreach (var time in stepped) counts[(int)(time / 60) % 3]++;
        Fit.ChiSquare(counts, [1 / 11.0, 0, 10 / 11.0]);
        Assert.Equal(660 * 200, stepped.Length, 2000.0);
    }

    [Theory]
    [InlineData("poisson")]
    [InlineData("poisson:0")]
    [InlineData("uniform:NaN")]
    [InlineData("stepped:0*60s")]
    [InlineData("stepped:1*-5")]
    [InlineData("bursts")]
    public void Arrivals_that_cannot_be_read_say_how_they_are_written(string text) =>
        Assert.Equal(
            $"error[workload-arrivals]: arrivals '{text}' cannot be read\n  help: burst, uniform:RATE, poisson:RATE or stepped:RATE*DURATION,RATE*DURATION with rates above 0 in jobs per second, such as stepped:1*60s,5*60s",
            Assert.Throws<DiagnosticException>(() => Arrivals.Parse(text)).Message);

    [Fact]
    public void Arrays_gangs_fans_and_loops_have_their_shapes()
    {
        var batches = new Batches { Jobs = 3, RunTime = TimeSpan.FromSeconds(2), Arrivals = Arrivals.Parse("uniform:0.1") };
        Assert.Equal([(1L, 0.0), (1, 0), (3, 10), (3, 10), (5, 20), (5, 20)], batches.Array(2).Jobs.Select(job => (job.Array!.Value, job.Submit.TotalSeconds)));
        Assert.All((batches with { Processors = 4 }).Gang(3).Jobs, job => Assert.Equal((4, 3), (job.Processors, job.GangMinimum)));
        var fan = batches.SleepFan(8, 5, TimeSpan.FromSeconds(60));
        Assert.Equal(40, fan.Jobs.Length);
        Assert.All(fan.Jobs, job => Assert.Equal((1, 12.0, 0.0), (job.Processors, job.RunTime.TotalSeconds, job.Submit.TotalSeconds)));
        var loop = batches.Closed(2, TimeSpan.FromSeconds(5));
        Assert.Equal(6, loop.Jobs.Length);
        Assert.Equal([1L, 3], loop.Jobs.Where(job => job.User == 1).SelectMany(job => job.Dependencies).Select(d => d.Job).Order());
        Assert.All(loop.Jobs, job => Assert.Equal(job.User == 1 ? 0 : 10, job.Submit.TotalSeconds));
    }

    [Fact]
    public void The_shipped_quickstart_is_what_its_header_says_generates_it()
    {
        using var stream = new MemoryStream();
        Assert.Empty(WorkloadFile.Write(Quickstart.Generate(), stream, "quickstart.swf"));
        var shipped = File.ReadAllText(Path.Combine(Repository.Root, "workloads", "quickstart.swf"));
        Assert.Equal(shipped, Encoding.UTF8.GetString(stream.ToArray()));
        using var reader = new SwfReader(SwfText.Stream(shipped), "quickstart.swf", SwfMode.Strict);
        var workload = SwfJobs.Load(reader, "quickstart.swf");
        Assert.Equal(Quickstart.Count, workload.Jobs.Length);
        Assert.Contains($"regatta workload generate quickstart seed={Quickstart.ShippedSeed} ", reader.Header.All("Note").First(), StringComparison.Ordinal);
    }
}
