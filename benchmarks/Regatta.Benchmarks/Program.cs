using Regatta.Benchmarks;

// dotnet run -c Release --project benchmarks/Regatta.Benchmarks -- NAME [ARGUMENTS]
switch (args)
{
    case ["analysis", .. var rest]:
        await AnalysisSpeed.RunAsync(rest);
        return 0;
    case ["report-gantt", .. var rest]:
        await ReportPage.GanttAsync(rest);
        return 0;
    case ["report-picture", _, _]:
        await ReportPage.PictureAsync(args[1..]);
        return 0;
    case ["live", _, ..]:
        await LivePage.RunAsync(args[1..]);
        return 0;
    case ["live-picture", _, _, ..]:
        await LivePage.PictureAsync(args[1..]);
        return 0;
    case ["workloads", .. var rest]:
        WorkloadSpeed.Run(rest);
        return 0;
    case ["intervals", .. var rest]:
        IntervalCoverage.Run(rest);
        return 0;
    case ["intervals-shown", .. var rest]:
        IntervalCoverage.Shown(rest);
        return 0;
    case ["gate-drawn", _, _, _, _, ..]:
        await GatePower.DrawAsync(args[1..]);
        return 0;
    case ["gate-power", .. var rest]:
        GatePower.Run(rest);
        return 0;
    case ["config", ..]:
        BenchmarkDotNet.Running.BenchmarkRunner.Run<ConfigBenchmarks>(args: args[1..]);
        return 0;
    default:
        Console.Error.WriteLine("usage: NAME [ARGUMENTS], where NAME is one of: analysis [JOBS], report-gantt [JOBS], report-picture PAGE PICTURE, live PROGRAM [JOBS [SECONDS]], live-picture URL PICTURE [WIDTH [dark]], workloads [JOBS [REPETITIONS]], intervals [GROUPS [RESAMPLES]], intervals-shown [GROUPS], gate-power [CHECKS], gate-drawn RUN BEFORE AFTER METRIC…, config");
        return 2;
}
