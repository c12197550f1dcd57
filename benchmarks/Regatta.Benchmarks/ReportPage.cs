using System.Diagnostics;
using Microsoft.Playwright;
using Regatta.Analysis;
using Regatta.Reports.Html;
using Regatta.Reports.Model;
using Regatta.Runs;
using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Benchmarks;

/// <summary>The report in a real browser: how fast its Gantt chart answers, and the picture for the README.</summary>
internal static class ReportPage
{
    /// <summary>Zooms and moves a Gantt chart of so many jobs, and prints what the reader waits for.</summary>
    public static async Task GanttAsync(string[] arguments)
    {
        var count = arguments is [var first, ..] ? int.Parse(first, CultureInfo.InvariantCulture) : 10_000;
        var directory = Directory.CreateTempSubdirectory("regatta-gantt-").FullName;
        try
        {
            var trial = Trial(count, 256);
            var run = new RecordedRun { Path = directory, Id = "gantt", Name = "gantt", Trials = [new RecordedTrial(directory, trial, TrialAudit.Of(trial))] };
            var watch = Stopwatch.StartNew();
            var model = ReportBuilder.Build([run]);
            var built = watch.Elapsed;
            var page = Path.Combine(directory, "index.html");
            await HtmlReport.WriteAsync(model, page, CancellationToken.None);
            Console.WriteLine($"{count} jobs on 256 processors: model {built.TotalMilliseconds:F0} ms, page {new FileInfo(page).Length / 1e6:F2} MB in {(watch.Elapsed - built).TotalMilliseconds:F0} ms");
            await WithPageAsync(page, 1280, 900, async tab =>
            {
                // From the order to zoom until the browser has shown the frame, as a reader waits for it.
                var frames = await tab.EvaluateAsync<double[]>("""
                    async () => {
                      const view = regattaReport.view, took = [];
                      const shown = () => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)));
                      await shown();
                      for (let i = 0; i < 60; i++) {
                        const began = performance.now();
                        if (i % 3 === 0) view.set(0, view.length); else if (i % 3 === 1) view.zoom(.5, view.length * i / 60); else view.pan(.1);
                        await shown();
                        took.push(performance.now() - began);
                      }
                      return took.sort((a, b) => a - b);
                    }
                    """);
                var draw = await tab.EvaluateAsync<double[]>("() => { const g = regattaReport.gantts[0]; regattaReport.view.set(0, regattaReport.view.length); const t = []; for (let i = 0; i < 30; i++) { g.draw(); t.push(g.drawMilliseconds); } return t.sort((a, b) => a - b); }");
                var hit = await tab.EvaluateAsync<double>("() => { const g = regattaReport.gantts[0], n = performance.now(); for (let i = 0; i < 10000; i++) g.jobAt(g.at.left + i % 900, g.at.top + i % 300); return (performance.now() - n) / 10000; }");
                Console.WriteLine($"zoom or move until the frame is shown: median {frames[frames.Length / 2]:F1} ms, worst of {frames.Length} {frames[^1]:F1} ms");
                Console.WriteLine($"drawing all jobs: median {draw[draw.Length / 2]:F1} ms, worst of {draw.Length} {draw[^1]:F1} ms; job under the pointer: {hit * 1000:F1} µs");
            });
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Takes the picture of the top of a report.</summary>
    public static async Task PictureAsync(string[] arguments)
    {
        var (page, picture) = (Path.GetFullPath(arguments[0]), arguments[1]);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(picture))!);
        // For a picture the verdict and the first chart are enough.
        await WithPageAsync(page, 1200, 1400, async tab =>
        {
            await tab.AddStyleTagAsync(new() { Content = "#provenance, #fairness, #comparison, nav.toc { display: none } .frame { grid-template-columns: minmax(0, 1fr) !important }" });
            await tab.WaitForFunctionAsync("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(true))))");
            await tab.ScreenshotAsync(new() { Path = picture });
        });
        Console.WriteLine(picture);
    }

    private static async Task WithPageAsync(string page, int width, int height, Func<IPage, Task> work)
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await Chromium.LaunchAsync(playwright);
        var tab = await browser.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = height } });
        await tab.GotoAsync("file://" + page);
        await tab.WaitForFunctionAsync("window.regattaReport && window.regattaReport.ready");
        await work(tab);
    }

    private static Trial Trial(int count, int processors)
    {
        var random = new Random(7);
        var jobs = ImmutableArray.CreateBuilder<Job>(count);
        var submit = 0.0;
        for (var i = 0; i < count; i++)
        {
            var size = 1 << random.Next(0, 7);
            var run = Math.Exp(random.NextDouble() * 7);
            jobs.Add(new Job { Id = i + 1, Submit = TimeSpan.FromSeconds(submit), Processors = size, RunTime = TimeSpan.FromSeconds(run), RequestedTime = TimeSpan.FromSeconds(run * 2), User = i % 40 });
            submit += run * size / processors * random.NextDouble() * 2 / 0.9;
        }

        var schedule = ReferenceScheduler.Run(new Workload { Name = "synthetic", Jobs = jobs.ToImmutable() }, new MachineSize(processors), new ReferenceOptions());
        const long Started = 1_767_272_400_000_000;
        var table = Analysis.JobTable.From(schedule.Records(Started).ToList());
        var record = new TrialRecord
        {
            Point = "easy", Repetition = 1, Block = 1, Order = 1, Seed = 7, Scheduler = "reference", Profile = "easy", Workload = "synthetic", Processors = processors,
            Machines = MachineKind.Simulation, ClusterState = "fresh", Started = Started, Ended = Started + (long)(schedule.Makespan.TotalSeconds * 1e6),
        };
        return new Trial(record, table);
    }
}
