using System.Diagnostics;
using DuckDB.NET.Data;
using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Benchmarks;

/// <summary>How long it takes to write, read, measure and audit a trial of ten million jobs, and how much memory; DuckDB reads and writes the same file.</summary>
internal static class AnalysisSpeed
{
    private const int Processors = 1_024;

    public static async Task RunAsync(string[] arguments)
    {
        var count = arguments is [var text] ? int.Parse(text, CultureInfo.InvariantCulture) : 10_000_000;
        var record = new TrialRecord
        {
            Point = "easy", Repetition = 1, Block = 1, Order = 1, Scheduler = "reference", Profile = "easy", Workload = "synthetic", Processors = Processors,
            Machines = MachineKind.Simulation, ClusterState = "fresh", Started = 0, Ended = 1,
        };
        Console.WriteLine($"{count} jobs, {Environment.ProcessorCount} processors");
        var jobs = Time("build", () => JobTable.From(Jobs(count), count));
        var trial = new Trial(record, jobs);
        var all = Stopwatch.StartNew();
        var (metrics, _) = Time("metrics and series", () => TrialMetrics.ComputeWithSeries(trial));
        Time("groups", () => TrialGroups.Of(trial));
        Time("audit", () => TrialAudit.Of(trial));
        Console.WriteLine(FormattableString.Invariant($"{"all of it",-20}{all.Elapsed.TotalSeconds,8:0.00} s"));
        var path = Path.Combine(Path.GetTempPath(), $"regatta-analysis-{Environment.ProcessId}.parquet");
        try
        {
            var clock = Stopwatch.StartNew();
            var before = Environment.CpuUsage.TotalTime;
            await using (var stream = File.Create(path)) await jobs.WriteAsync(stream, CancellationToken.None);
            Report("write", clock.Elapsed, Environment.CpuUsage.TotalTime - before);
            Console.WriteLine(FormattableString.Invariant($"{"file",-20}{new FileInfo(path).Length / 1e6,8:0} MB"));
            clock.Restart();
            before = Environment.CpuUsage.TotalTime;
            await using (var stream = File.OpenRead(path)) await JobTable.ReadAsync(stream, path, CancellationToken.None);
            Report("read", clock.Elapsed, Environment.CpuUsage.TotalTime - before);
            Duck(path);
        }
        finally
        {
            File.Delete(path);
            File.Delete(path + ".duckdb");
        }

        Console.WriteLine(FormattableString.Invariant($"utilisation {metrics["utilisation"]:0.0000}, mean wait {metrics["wait-mean"]:0.00} s, loss of capacity {metrics["loss-of-capacity"]:0.0000}"));
    }

    /// <summary>The same file, read into columns in memory and written again by DuckDB.</summary>
    private static void Duck(string path)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        Console.WriteLine($"DuckDB {connection.ServerVersion}");
        Time("  read", () => Do(connection, $"CREATE TABLE jobs AS SELECT * FROM read_parquet('{path}')"));
        Time("  write", () => Do(connection, $"COPY jobs TO '{path}.duckdb' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 250000)"));
    }

    private static int Do(DuckDBConnection connection, string statement)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        return command.ExecuteNonQuery();
    }

    private static T Time<T>(string name, Func<T> work)
    {
        var clock = Stopwatch.StartNew();
        var before = Environment.CpuUsage.TotalTime;
        var result = work();
        Report(name, clock.Elapsed, Environment.CpuUsage.TotalTime - before);
        return result;
    }

    private static void Report(string name, TimeSpan elapsed, TimeSpan cpu)
    {
        using var own = Process.GetCurrentProcess();
        Console.WriteLine(FormattableString.Invariant($"{name,-20}{elapsed.TotalSeconds,8:0.00} s   {cpu.TotalSeconds,6:0.00} CPU s   peak memory so far {own.PeakWorkingSet64 / 1e9:0.00} GB"));
    }

    /// <summary>Jobs in order of submission whose waits and run times vary over five orders of magnitude; starts and ends are out of order as in a real trial.</summary>
    private static IEnumerable<JobRecord> Jobs(int count)
    {
        var random = new Random(7);
        long sent = 1_767_225_600_000_000;
        for (var i = 1; i <= count; i++)
        {
            sent += (long)(-Math.Log(1 - random.NextDouble()) * 1_000_000);
            var run = (long)Math.Exp(random.NextDouble() * 14) * 1_000;
            var start = sent + (long)Math.Exp(random.NextDouble() * 16);
            yield return new()
            {
                Job = i,
                User = random.Next(200),
                Processors = 1 << random.Next(6),
                RunTime = run,
                RequestedTime = run * 2,
                Planned = sent,
                Sent = sent,
                Accepted = sent + 300,
                Eligible = sent + 300,
                Decided = start,
                Start = start + 20_000,
                Finish = start + 20_000 + run,
                Released = start + 25_000 + run,
                State = i % 50 == 0 ? JobState.TimedOut : JobState.Completed,
                ExitCode = 0,
            };
        }
    }
}
