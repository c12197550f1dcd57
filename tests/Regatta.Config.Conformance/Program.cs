using Regatta.Config.Conformance;

// One line for each case that fails, then the counts. The exit code is 1 when more fails than is intended.
if (args.Length == 0 || args[0] is "--help" or "-h")
{
    Console.Error.WriteLine("usage: Regatta.Config.Conformance DIRECTORY [--show ID]");
    return 2;
}

var directory = args[0];
if (!Directory.Exists(directory))
{
    Console.Error.WriteLine($"'{directory}' is no directory");
    return 2;
}

var show = args.Length > 2 && args[1] == "--show" ? args[2] : null;
var tally = new Tally();
foreach (var file in Directory.EnumerateFiles(directory, "*.jsonl").Order(StringComparer.Ordinal))
{
    foreach (var line in File.ReadLines(file))
    {
        if (string.IsNullOrWhiteSpace(line)) continue;
        var test = Case.Parse(line);
        if (show is not null && test.Id != show) continue;
        var verdict = CaseRunner.Run(test);
        tally.Add(test, verdict);
        if (verdict.Passed) continue;
        Console.WriteLine($"{(verdict.Unexpected ? "CRASH" : "FAIL")} {test.Id}{test.Flags}: {verdict.Reason.ReplaceLineEndings(" | ")}");
    }
}

Console.WriteLine(tally);
return tally.IsGood ? 0 : 1;
