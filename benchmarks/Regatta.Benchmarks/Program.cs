using Regatta.Benchmarks;

// dotnet run -c Release --project benchmarks/Regatta.Benchmarks -- NAME [ARGUMENTS]
switch (args)
{
    case ["analysis", .. var rest]:
        await AnalysisSpeed.RunAsync(rest);
        return 0;
    default:
        Console.Error.WriteLine("usage: NAME [ARGUMENTS], where NAME is one of: analysis [JOBS]");
        return 2;
}
