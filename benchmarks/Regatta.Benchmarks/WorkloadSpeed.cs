using System.Diagnostics;
using System.IO.Compression;
using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Benchmarks;

/// <summary>
/// Rates of workloads and of the reference scheduler on one core: a trace of Lublin and Feitelson's model at load 0.9 on 1,024 processors, generated, written and read
/// as SWF, and scheduled by every policy. Each is done several times, the fastest counts. Seconds are those of the processor, so that a
/// busy machine does not change them much.
/// </summary>
internal static class WorkloadSpeed
{
    private const int Processors = 1024;

    public static void Run(string[] arguments)
    {
        if (arguments is ["one", var policy, ..])
        {
            One(policy, arguments.Length > 2 ? int.Parse(arguments[2], CultureInfo.InvariantCulture) : 1_000_000);
            return;
        }

        var jobs = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 1_000_000;
        var repetitions = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 3;
        var workload = new LublinFeitelson { Jobs = 1000, Processors = Processors, Load = 0.9, Seed = 7 }.Generate();
        Report("generate (Lublin–Feitelson, load 0.9)", jobs, 1, () => workload = new LublinFeitelson { Jobs = jobs, Processors = Processors, Load = 0.9, Seed = 7 }.Generate());
        using var swf = new MemoryStream(capacity: jobs * 80);
        Report("write SWF", jobs, repetitions, () =>
        {
            swf.SetLength(0);
            WorkloadFile.Write(workload, swf, "t.swf");
        });
        Report("read SWF records", jobs, repetitions, () => ReadAll(swf, "t.swf"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        ReadAll(swf, "t.swf");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"  allocated while reading",-48} {(GC.GetAllocatedBytesForCurrentThread() - before) / 1e6,8:0.000} MB in all"));
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true)) swf.WriteTo(gzip);
        Report("read SWF records, gzip", jobs, repetitions, () => ReadAll(packed, "t.swf.gz"));
        Report("read SWF into jobs", jobs, repetitions, () =>
        {
            swf.Position = 0;
            using var reader = new SwfReader(swf, "t.swf");
            SwfJobs.Load(reader, "t.swf");
        });
        var table = QueuedJobs.Of(workload.Jobs);
        foreach (var name in ReferenceOptions.Names) Schedule(name, "", table, repetitions);
        // With such estimates no policy here keeps up with a load of 0.9: the queue grows with the trace. At 0.7 it stays.
        var calm = new LublinFeitelson { Jobs = jobs, Processors = Processors, Load = 0.7, Seed = 7 }.Generate();
        foreach (var (load, first, made) in new[] { ("0.9", Math.Min(jobs, 50_000), workload), ("0.7", jobs, calm) })
        {
            var estimated = QueuedJobs.Of(new TsafrirEstimates { Seed = 7 }.Apply(made.First(first)).Jobs);
            foreach (var name in ReferenceOptions.Names) Schedule(name, $", Tsafrir, load {load}, {first}", estimated, 1);
        }

        Peak();
    }

    /// <summary>One policy on one workload, alone in the process: what the scheduler takes of memory.</summary>
    private static void One(string policy, int jobs)
    {
        var table = QueuedJobs.Of(new LublinFeitelson { Jobs = jobs, Processors = Processors, Load = 0.9, Seed = 7 }.Generate().Jobs);
        Schedule(policy, "", table, 1);
        Peak();
    }

    private static void Peak() => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak memory {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:0} MB"));

    private static void ReadAll(MemoryStream swf, string name)
    {
        swf.Position = 0;
        using var reader = new SwfReader(swf, name);
        while (reader.Read(out _))
        {
        }
    }

    private static void Schedule(string name, string suffix, QueuedJobs table, int repetitions) =>
        Report($"schedule {name}{suffix}", table.Count, repetitions, () => ReferenceScheduler.Run(table, new MachineSize(Processors), new ReferenceOptions { Policy = ReferenceOptions.Parse(name) }));

    private static void Report(string what, int jobs, int repetitions, Action action)
    {
        var best = double.PositiveInfinity;
        for (var i = 0; i < repetitions; i++)
        {
            var before = ProcessorTime();
            action();
            best = Math.Min(best, ProcessorTime() - before);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-48} {best,8:0.000} CPU s {jobs / best,12:0} jobs/s"));
    }

    private static double ProcessorTime() => Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;
}
