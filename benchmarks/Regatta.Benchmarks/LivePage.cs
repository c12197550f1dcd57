using System.Diagnostics;
using Microsoft.Playwright;
using Regatta.Runs;
using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Benchmarks;

/// <summary>The live page in a real browser, while a trial goes on: what a frame takes, and what following costs the program.</summary>
internal static class LivePage
{
    private const int Processors = 256;

    /// <summary>Lets a trial of so many jobs come in so many seconds, 60 times a second, to a page that the program serves.</summary>
    public static async Task RunAsync(string[] arguments)
    {
        var program = Path.GetFullPath(arguments[0]);
        var count = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 10_000;
        var seconds = arguments.Length > 2 ? int.Parse(arguments[2], CultureInfo.InvariantCulture) : 60;
        var directory = Directory.CreateTempSubdirectory("regatta-live-").FullName;
        using var server = new Process { StartInfo = new ProcessStartInfo(program, ["watch", "--json", directory]) { RedirectStandardOutput = true } };
        try
        {
            var (draft, lines) = Prepare(directory, count, seconds);
            server.Start();
            var told = await server.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the program served nothing");
            var url = System.Text.Json.JsonDocument.Parse(told).RootElement.GetProperty("data").GetString()!;
            using var playwright = await Playwright.CreateAsync();
            await using var browser = await Chromium.LaunchAsync(playwright);
            var tab = await browser.NewPageAsync(new() { ViewportSize = new() { Width = 1280, Height = 1000 }, BypassCSP = true });
            await tab.GotoAsync(url);
            await tab.WaitForFunctionAsync("window.regattaLive.ready");
            await tab.EvaluateAsync("() => { window.gaps = []; let last = 0; const tick = t => { if (last) window.gaps.push(t - last); last = t; requestAnimationFrame(tick); }; requestAnimationFrame(tick); }");
            server.Refresh();
            var (cpu, watch) = (server.TotalProcessorTime, Stopwatch.StartNew());
            await ComeAsync(Path.Combine(draft, TrialFiles.Events), lines);
            await tab.WaitForFunctionAsync($"regattaLive.panels[0].chart?.chart.jobs.id.length >= {lines.Count(l => l.Event.Kind == JobEventKind.Decided)}");
            server.Refresh();
            var share = (server.TotalProcessorTime - cpu) / watch.Elapsed;
            Console.WriteLine($"{count} jobs, {lines.Count} events in {watch.Elapsed.TotalSeconds:F0} s: the program took {share * 100:F2} % of a core");
            Console.WriteLine($"work of a frame, of {await Say(tab, "regattaLive.frames")}");
            Console.WriteLine($"from frame to frame, of {await Say(tab, "window.gaps")}");
            await tab.EvaluateAsync("() => { const p = regattaLive.panels[0]; regattaLive.frames.length = 0; for (let i = 0; i < 200; i++) { const n = performance.now(); p.chart.state.key = ''; p.chart.draw(); regattaLive.frames.push(performance.now() - n); } }");
            Console.WriteLine($"drawing all {count} jobs anew, of {await Say(tab, "regattaLive.frames")}");
        }
        finally
        {
            if (!server.HasExited) server.Kill();
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Takes a picture of a page that is served.</summary>
    public static async Task PictureAsync(string[] arguments)
    {
        var width = arguments.Length > 2 ? int.Parse(arguments[2], CultureInfo.InvariantCulture) : 1280;
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await Chromium.LaunchAsync(playwright);
        var tab = await browser.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = 1000 }, BypassCSP = true, ColorScheme = arguments.Length > 3 ? ColorScheme.Dark : ColorScheme.Light });
        await tab.GotoAsync(arguments[0]);
        await tab.WaitForFunctionAsync("window.regattaLive.ready && regattaLive.panels.every(p => p.empty.hidden === false || Object.keys(p.charts).length === 2)");
        await tab.ScreenshotAsync(new() { Path = arguments[1], FullPage = true });
        Console.WriteLine(arguments[1]);
    }

    private static async Task<string> Say(IPage tab, string times) =>
        await tab.EvaluateAsync<string>($"(() => {{ const t = [...{times}].sort((a, b) => a - b), at = q => t[Math.min(t.length - 1, Math.floor(t.length * q))].toFixed(1); return `${{t.length}}: median ${{at(.5)}} ms, 95th percentile ${{at(.95)}} ms, worst ${{at(1)}} ms`; }})()");

    private static async Task ComeAsync(string path, List<(JobEvent Event, double After)> lines)
    {
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite, bufferSize: 1 << 16);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / 60));
        var began = Stopwatch.GetTimestamp();
        var next = 0;
        while (next < lines.Count && await timer.WaitForNextTickAsync())
        {
            var now = Stopwatch.GetElapsedTime(began).TotalSeconds;
            while (next < lines.Count && lines[next].After <= now)
            {
                await file.WriteAsync(ReplayJson.Line(lines[next++].Event));
                file.WriteByte((byte)'\n');
            }

            await file.FlushAsync();
        }
    }

    private static (string Draft, List<(JobEvent Event, double After)> Lines) Prepare(string directory, int count, int seconds)
    {
        var random = new Random(7);
        var jobs = ImmutableArray.CreateBuilder<Job>(count);
        for (var i = 0; i < count; i++)
            jobs.Add(new Job { Id = i + 1, Submit = TimeSpan.FromSeconds(seconds * 0.9 * i / count), Processors = 1 << random.Next(0, 3), RunTime = TimeSpan.FromSeconds(seconds * 0.9 * Processors / count / 3 * (random.NextDouble() + 0.5)) });
        var nodes = Enumerable.Range(1, 16).Select(i => $"worker{i}").ToImmutableArray();
        var point = new PlanPoint
        {
            Name = "easy", Overrides = [], Scheduler = "slurm", Profile = "backfill", Machines = MachineKind.Lxc, Processors = Processors, Workers = nodes.Length, Workload = "synthetic", Jobs = count,
            LastSubmission = TimeSpan.FromSeconds(seconds), Expected = TimeSpan.FromSeconds(seconds),
        };
        var trial = new PlannedTrial(1, "easy", 1, 1, 7);
        RunDirectory.WritePlan(directory, new Plan { Name = "live", Seed = 7, Points = [point], Trials = [trial] });
        using (var journal = new Journal(Path.Combine(directory, Journal.FileName), TimeProvider.System))
        {
            journal.Write(JournalKind.Opened, "live");
            journal.Write(JournalKind.TrialStarted, trial.Id);
        }

        var draft = Directory.CreateDirectory(RunDirectory.DraftOf(directory, trial)).FullName;
        var all = jobs.ToImmutable();
        TrialUnderWay.Of(all, Processors, nodes, nodes.ToImmutableSortedDictionary(n => n, _ => Processors / nodes.Length), 10_000).Write(draft);
        // The browser starts meanwhile.
        var origin = (long)(DateTimeOffset.UtcNow.AddSeconds(4) - DateTimeOffset.UnixEpoch).TotalMicroseconds;
        var table = ReferenceScheduler.Run(new Workload { Name = "synthetic", Jobs = all }, new MachineSize(Processors, Processors / nodes.Length), new ReferenceOptions()).Records(origin);
        var lines = table.SelectMany(j => new[]
        {
            new JobEvent(j.Job, JobEventKind.Sent, j.Sent!.Value + 200, "agent") { Planned = j.Planned },
            new JobEvent(j.Job, JobEventKind.Accepted, j.Sent.Value + 2000, "agent") { SchedulerId = $"{j.Job}" },
            new JobEvent(j.Job, JobEventKind.Eligible, j.Sent.Value + 2500, "slurmctld.log"),
            new JobEvent(j.Job, JobEventKind.Decided, j.Start!.Value + 5000, "slurmctld.log") { Nodes = j.NodeList ?? nodes[(int)(j.Job % nodes.Length)] },
            new JobEvent(j.Job, JobEventKind.Ended, j.Finish!.Value + 6000, "slurmctld.log") { State = JobState.Completed },
        }).OrderBy(e => e.Time).Select(e => (e, (e.Time - origin) / 1e6)).ToList();
        return (draft, lines);
    }
}
