using System.Text.Json;

namespace Regatta.Config.Conformance;

/// <summary>Cases that sweep: the jobs, their batches, configurations and directories.</summary>
internal static class SweepCase
{
    public static string? Run(Case test)
    {
        var expect = test.Expect;
        List<SweepPoint> points;
        List<Composition> jobs;
        SweepPlan plan;
        try
        {
            plan = SweepPlan.Create(CaseRunner.Open(test), test.ConfigName, test.Overrides);
            points = plan.Points().ToList();
            jobs = expect.TryGetProperty("jobs", out _) && points.Count > 300 ? [] : points.Select(plan.Compose).ToList();
        }
        catch (DiagnosticException e)
        {
            if (CaseRunner.Stage(expect) is not null) return CaseRunner.Refused(test, e);
            var empty = expect.TryGetProperty("jobs", out var none) && none.GetArrayLength() == 0;
            return empty && e.Diagnostics[0].Code == "config-sweep-empty" ? null : $"refused: {e.Message}";
        }

        if (CaseRunner.Stage(expect) is not null)
        {
            try
            {
                foreach (var job in jobs) job.Resolve();
            }
            catch (DiagnosticException e)
            {
                return CaseRunner.Refused(test, e);
            }

            return $"swept, expected {expect.GetProperty("error").GetString()}: {expect.GetProperty("hydra_message").GetString()}";
        }

        return Jobs(expect, points) ?? Batches(expect, plan, points) ?? Configs(expect, jobs);
    }

    private static string? Jobs(JsonElement expect, List<SweepPoint> points)
    {
        var wanted = expect.GetProperty("jobs").EnumerateArray().Select(j => string.Join(' ', j.EnumerateArray().Select(o => o.GetString()))).ToList();
        var actual = points.Select(p => string.Join(' ', p.Overrides)).ToList();
        if (expect.TryGetProperty("jobs_unordered", out var unordered) && unordered.GetBoolean())
        {
            wanted.Sort(StringComparer.Ordinal);
            actual.Sort(StringComparer.Ordinal);
        }

        return actual.SequenceEqual(wanted) ? null : $"jobs: got [{string.Join("; ", actual.Take(10))}], expected [{string.Join("; ", wanted.Take(10))}]";
    }

    private static string? Batches(JsonElement expect, SweepPlan plan, List<SweepPoint> points)
    {
        if (!expect.TryGetProperty("batches", out var batches)) return null;
        var wanted = batches.EnumerateArray().Select(b => b.GetInt32()).ToList();
        var actual = points.Chunk(plan.BatchSize ?? points.Count).Select(b => b.Length).ToList();
        return actual.SequenceEqual(wanted) ? null : $"batches: got [{string.Join(", ", actual)}], expected [{string.Join(", ", wanted)}]";
    }

    private static string? Configs(JsonElement expect, List<Composition> jobs)
    {
        if (expect.TryGetProperty("job_configs", out var configs))
        {
            var index = 0;
            foreach (var config in configs.EnumerateArray())
            {
                if (Comparison.Difference(jobs[index].Resolve(), config, $"job {index}") is { } difference) return difference;
                index++;
            }
        }

        if (expect.TryGetProperty("job_subdirs", out var directories))
        {
            var index = 0;
            foreach (var directory in directories.EnumerateArray())
            {
                if (Comparison.Difference(jobs[index].Hydra("hydra.sweep.subdir"), directory, $"directory of job {index}") is { } difference) return difference;
                index++;
            }
        }

        return null;
    }
}
