using Regatta.Analysis;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Tests.Reports;

/// <summary>Trials made by a small event simulation with launch costs and clock offsets, so that reports can be tested without a cluster.</summary>
internal static class Sample
{
    public const long Start = 1_767_272_400_000_000;

    /// <summary>A trial of <paramref name="jobs"/> seeded jobs on two workers; <c>backfill</c> starts whatever fits, <c>fifo</c> keeps the order.</summary>
    public static Trial Trial(string point, int repetition, int jobs = 60, int processors = 8, bool backfill = false, long? killed = null, int order = 0, int load = 90)
    {
        var random = new Random(1000 + repetition);
        var noise = new Random((repetition * 17) + point.Length);
        var started = Start + (order * 600_000_000L);
        var asked = new List<(long Submit, int Processors, long Run)>();
        var submit = 1_000_000L;
        for (var i = 0; i < jobs; i++)
        {
            var size = (int)Math.Min(processors, Math.Pow(2, random.Next(0, (int)Math.Log2(processors) + 1)) * (random.NextDouble() < 0.25 ? 1.5 : 1));
            var run = (long)(1e6 * Math.Exp(random.NextDouble() * 3.4));
            asked.Add((submit, Math.Max(1, size), run));
            submit += (long)(run * size / (double)processors * (random.NextDouble() + 0.5) * 100 / load);
        }

        var rows = Schedule(asked, processors, backfill, noise, started, killed is { } k ? started + k : null);
        var ended = rows.Max(r => r.Released ?? r.Finish ?? r.Sent ?? started) + 500_000;
        var record = new TrialRecord
        {
            Point = point,
            Repetition = repetition,
            Block = repetition,
            Order = order == 0 ? repetition : order,
            Seed = 1000 + repetition,
            Scheduler = "slurm",
            SchedulerVersion = "22.05.8",
            Profile = backfill ? "backfill" : "fifo",
            Settings = ImmutableSortedDictionary<string, string>.Empty
                .Add("slurm.SchedulerType", backfill ? "sched/backfill" : "sched/builtin")
                .Add("slurm.SelectType", "select/cons_tres")
                .Add("backfill", backfill ? "on" : "off")
                .Add("accounting", "off")
                .Add("cgroup-enforcement", "on"),
            Workload = "quickstart",
            Processors = processors,
            Workers = ["w1", "w2"],
            Machines = MachineKind.Lxc,
            ClusterState = "reset",
            Image = "9f2c41d0a7be55f8c03d6a1f8be2c9d74e0b6a55c1f2e8d79a3b4c5d6e7f8091",
            Started = started,
            Ended = ended,
            ClocksBefore = [new("w1", 120, 300), new("w2", -80, 300)],
            ClocksAfter = [new("w1", 140, 300), new("w2", -60, 300)],
            Harness = new HarnessCost(0.41, 24_000_000),
            ControlPlane = [new("head", "slurmctld", 0.9 + noise.NextDouble() / 10, 21_000_000), new("w1", "slurmd", 0.3, 9_000_000)],
            Faults = killed is { } at ? [new TrialFault(started + at, "w2", "the worker was killed")] : [],
        };
        return new Trial(record, JobTable.From(rows));
    }

    /// <summary>Writes a run directory that holds <paramref name="trials"/>, as the program writes one.</summary>
    public static async Task<string> WriteRunAsync(string directory, string name, IReadOnlyList<Trial> trials, IReadOnlyList<(string Point, int Repetition)>? missing = null, (string Name, string Reason)[]? leftOut = null)
    {
        Directory.CreateDirectory(directory);
        PlannedTrial[] planned =
        [
            .. trials.Select(t => new PlannedTrial(t.Record.Order, t.Record.Point, t.Record.Repetition, t.Record.Block, t.Record.Seed)),
            .. (missing ?? []).Select((t, i) => new PlannedTrial(trials.Count + i + 1, t.Point, t.Repetition, t.Repetition, 1000 + t.Repetition)),
        ];
        RunDirectory.WriteContent(directory, new RunContent($"name: {name}\nmeasure:\n  repetitions: 2\n", [], new Plan
        {
            Name = name,
            Seed = 7,
            Points = [.. planned.Select(t => t.Point).Distinct().Select(Point)],
            Trials = [.. planned],
            LeftOut = [.. (leftOut ?? []).Select(p => new PointLeftOut(p.Name, p.Reason))],
        }));
        await File.WriteAllTextAsync(Path.Combine(directory, "provenance.json"), """
            {"version": 2, "regatta": {"version": "0.1.0", "commit": "3f2a9c1d"}, "started": "2026-01-01T13:00:00Z",
             "host": {"os": "Debian GNU/Linux 12 (bookworm)", "kernel": "6.1.0-28-amd64", "cpu": "AMD EPYC 7B13", "cores": 2, "memory": "24689108 kB"},
             "tools": {"nix": "nix (Nix) 2.8.0", "libvirt": "9.0.0", "ansible": "ansible-playbook [core 2.14.18]"},
             "images": {"slurm": {"hash": "9f2c41d0a7be55f8", "lockHash": "4d1e7a90c2", "packages": 214}},
             "clusters": {"r1a2b3c-1": {"driver": "lxc", "scheduler": "slurm", "nodes": [{"name": "head", "role": "head", "processors": 2}, {"name": "w1", "role": "worker", "processors": 4}, {"name": "w2", "role": "worker", "processors": 4}]}},
             "schedulers": {"slurm": "22.05.8"}, "seed": 7}
            """);
        foreach (var trial in trials)
        {
            var place = Path.Combine(directory, "trials", trial.Record.Point, $"{trial.Record.Repetition}");
            Directory.CreateDirectory(place);
            await TrialFiles.WriteAsync(place, trial.Record, trial.Jobs, TrialAudit.Of(trial), null, durable: false, default);
        }

        return directory;
    }

    private static PlanPoint Point(string name) => new()
    {
        Name = name,
        Overrides = [],
        Scheduler = "slurm",
        Profile = "fifo",
        Machines = MachineKind.Lxc,
        Processors = 8,
        Workers = 2,
        Workload = "quickstart",
        Jobs = 60,
        LastSubmission = TimeSpan.FromMinutes(1),
        Expected = TimeSpan.FromMinutes(2),
    };

    /// <summary>Two points, <paramref name="repetitions"/> repetitions each in shuffled blocks.</summary>
    public static IReadOnlyList<Trial> Race(int repetitions = 2, int jobs = 60, int processors = 8)
    {
        var trials = new List<Trial>();
        for (var repetition = 1; repetition <= repetitions; repetition++)
        {
            foreach (var backfill in repetition % 2 == 1 ? new[] { false, true } : [true, false])
                trials.Add(Trial(backfill ? "slurm-backfill" : "slurm-fifo", repetition, jobs, processors, backfill, order: trials.Count + 1));
        }

        return trials;
    }

    /// <summary>Four schedulers on two workloads, with what such trials differ in: settings of their own, versions, images, ways to launch.</summary>
    public static IReadOnlyList<Trial> Schedulers(int repetitions = 2, params string[] workloads)
    {
        var trials = new List<Trial>();
        for (var repetition = 1; repetition <= repetitions; repetition++)
        {
            foreach (var workload in workloads.Length == 0 ? ["lublin", "esp-light"] : workloads)
            {
                foreach (var (scheduler, version, launch) in new[] { ("slurm", "22.05.8", "batch step by slurmstepd"), ("flux", "0.66.0", "flux-shell"), ("kubernetes", "1.20.2", "kubelet, a pod each"), ("volcano", "1.7.0", "kubelet, a pod each") })
                {
                    var own = workload == "lublin" ? scheduler : $"{scheduler}-{workload}";
                    var trial = Trial(own, repetition, jobs: workload == "lublin" ? 60 : 40, backfill: scheduler is not "kubernetes", order: trials.Count + 1);
                    trials.Add(trial with
                    {
                        Record = trial.Record with
                        {
                            Scheduler = scheduler,
                            SchedulerVersion = version,
                            Profile = "backfill",
                            Workload = workload,
                            Image = $"{scheduler}-{new string('0', 50)}",
                            Settings = trial.Record.Settings.SetItem("task-launch", launch).SetItem($"{scheduler}.own", "value").Remove("slurm.SchedulerType"),
                        },
                    });
                }
            }
        }

        return trials;
    }

    private static List<JobRecord> Schedule(List<(long Submit, int Processors, long Run)> asked, int processors, bool backfill, Random noise, long started, long? killed)
    {
        var capacity = new int[] { processors / 2, processors - (processors / 2) };
        var free = capacity.ToArray();
        var running = new PriorityQueue<(int Job, int[] Taken), long>();
        var queue = new List<int>();
        var rows = new JobRecord[asked.Count];
        var next = 0;
        var now = 0L;
        while (next < asked.Count || queue.Count > 0 || running.Count > 0)
        {
            var submit = next < asked.Count ? asked[next].Submit : long.MaxValue;
            var end = running.TryPeek(out _, out var e) ? e : long.MaxValue;
            if (submit == long.MaxValue && end == long.MaxValue) break;
            now = Math.Min(submit, end);
            while (running.TryPeek(out var done, out var at) && at <= now)
            {
                running.Dequeue();
                for (var n = 0; n < 2; n++) free[n] += done.Taken[n];
            }

            while (next < asked.Count && asked[next].Submit <= now) queue.Add(next++);
            for (var i = 0; i < queue.Count;)
            {
                var job = queue[i];
                var q = asked[job].Processors;
                if (free.Sum() < q)
                {
                    if (!backfill) break;
                    i++;
                    continue;
                }

                var first = free[0] >= free[1] ? 0 : 1;
                var taken = new int[2];
                taken[first] = Math.Min(q, free[first]);
                taken[1 - first] = q - taken[first];
                for (var n = 0; n < 2; n++) free[n] -= taken[n];
                rows[job] = Row(job, asked[job], started, now, taken, noise, killed);
                running.Enqueue((job, taken), rows[job].Released!.Value - started);
                queue.RemoveAt(i);
            }
        }

        return [.. rows];
    }

    private static JobRecord Row(int index, (long Submit, int Processors, long Run) job, long origin, long now, int[] taken, Random noise, long? killed)
    {
        var sent = origin + job.Submit + noise.Next(100, 2_500);
        var accepted = sent + noise.Next(4_000, 12_000);
        var decided = Math.Max(accepted + 1_000, origin + now + noise.Next(2_000, 30_000));
        var start = decided + noise.Next(25_000, 70_000);
        var finish = start + job.Run;
        var state = index % 41 == 17 ? JobState.Failed : JobState.Completed;
        if (killed is { } at && taken[1] > 0 && start <= at && finish > at) (finish, state) = (at, JobState.NodeFailed);
        return new JobRecord
        {
            Job = index + 1,
            User = 1 + (index % 5),
            Group = 1,
            Queue = 1,
            Processors = job.Processors,
            Nodes = taken.Count(t => t > 0),
            NodeList = string.Join(',', new[] { "w1", "w2" }.Where((_, n) => taken[n] > 0)),
            RunTime = job.Run,
            RequestedTime = job.Run * 2,
            Planned = origin + job.Submit,
            Sent = sent,
            Accepted = accepted,
            Eligible = accepted,
            Decided = decided,
            Start = start,
            Finish = finish,
            Released = finish + noise.Next(5_000, 60_000),
            State = state,
            ExitCode = state == JobState.Completed ? 0 : 1,
            SchedulerId = $"{index + 100}",
        };
    }
}
