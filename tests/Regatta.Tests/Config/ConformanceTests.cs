using Regatta.Config.Conformance;

namespace Regatta.Tests.Config;

/// <summary>What Hydra 1.3.5 and OmegaConf 2.3.1 did, case by case.</summary>
public class ConformanceTests
{
    [Fact]
    public void Every_case_that_is_no_declared_deviation_passes()
    {
        var failed = new List<string>();
        var count = 0;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "hydra-cases"), "*.jsonl").Order(StringComparer.Ordinal))
        {
            foreach (var line in File.ReadLines(file))
            {
                var test = Case.Parse(line);
                var verdict = CaseRunner.Run(test);
                count++;
                if (verdict.Unexpected || (!verdict.Passed && !test.IsQuirk && !test.IsPythonText)) failed.Add($"{test.Id}: {verdict.Reason}");
            }
        }

        Assert.True(count >= 1331, $"only {count} cases are there");
        Assert.Empty(failed);
    }
}
