using Regatta.Simulation;
using Regatta.Workloads;

namespace Regatta.Experiments.Sites;

/// <summary>
/// A site that does not exist, for documentation and tests: 256 nodes, 6 partitions, 3 qualities of service, accounts in 3 divisions, and jobs whose waits are those of the
/// reference scheduler (EASY in each partition). The same settings make the same files.
/// </summary>
public sealed partial record SampleSite
{
    // A Monday, 00:00 UTC.
    private const long Origin = 1_709_510_400;
    private const double JobsPerDay = 100_000 / 31.0;
    private const int MostTasks = 40;

    private static readonly Part[] Parts =
    [
        new("batch", 0.52, 160, 32, "", 9, 1500, 2880, 0.8), new("long", 0.06, 32, 32, "", 6, 20_000, 10_080, 0.85), new("fat", 0.05, 16, 64, "", 6, 3600, 2880, 0.7),
        new("gpu", 0.14, 24, 48, "a100", 6, 3000, 1440, 0.85), new("volta", 0.08, 16, 40, "v100", 5, 3000, 1440, 0.75), new("debug", 0.15, 8, 32, "", 5, 120, 30, 0.5),
    ];

    private static readonly string[] Qos = ["normal", "high", "scavenger"];
    private static readonly int[] Limits = [5, 10, 15, 30, 60, 120, 240, 480, 720, 1440, 2880, 4320, 10_080];

    /// <summary>Jobs, 10 to <see cref="JobLimit.Most"/>.</summary>
    public int Jobs { get; init; } = 100_000;

    /// <summary>Users, at least 3.</summary>
    public int Users { get; init; } = 200;

    /// <summary>Seed.</summary>
    public long Seed { get; init; } = 1;

    /// <param name="Name">Name of the partition.</param>
    /// <param name="Share">Share of the jobs.</param>
    /// <param name="Nodes">Nodes.</param>
    /// <param name="Processors">Processors of each.</param>
    /// <param name="Gpu">Type of the four GPUs of each; empty for none.</param>
    /// <param name="Sizes">Sizes are powers of two below this one.</param>
    /// <param name="Run">Median of the run times, in seconds, before they are brought to the load.</param>
    /// <param name="Limit">The longest time, in minutes.</param>
    /// <param name="Load">Offered load.</param>
    private sealed record Part(string Name, double Share, int Nodes, int Processors, string Gpu, int Sizes, double Run, int Limit, double Load);

    private sealed record Draft(int Part, int User, int Qos, double Submit, int Size, double Run, int Limit, int Gpus, int Task, bool Waits, string State);

    /// <summary>The name of an account of a user: one of four in each of three divisions.</summary>
    private static string Account(int user) => $"{Divisions[user % 3]}-{"abcd"[user / 3 % 4]}";

    private static readonly string[] Divisions = ["physics", "bio", "ml"];

    /// <summary>Writes what <c>sacct</c> would print of the jobs.</summary>
    public void WriteJobs(TextWriter writer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write("JobIDRaw|JobID|Cluster|User|Group|Account|QOS|Partition|State|Submit|Eligible|Start|End|ElapsedRaw|Suspended|TimelimitRaw|ReqCPUS|AllocCPUS|ReqNodes|NNodes|ReqTRES|AllocTRES|Reservation|Constraints|SubmitLine|JobName\n");
        var drafts = Drafts();
        var (starts, before) = Starts(drafts, cancellation);
        for (var i = 0; i < drafts.Count; i++)
        {
            if (i % 4096 == 0) cancellation.ThrowIfCancellationRequested();
            writer.Write(Row(drafts, i, starts[i], before[i], before[i] >= 0 ? starts[before[i]] : double.NaN));
        }
    }

    private static string Tres(Part part, Draft draft, int nodes)
    {
        var gpus = draft.Gpus > 0 ? string.Create(CultureInfo.InvariantCulture, $",gres/gpu={draft.Gpus},gres/gpu:{part.Gpu}={draft.Gpus}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"billing={draft.Size},cpu={draft.Size}{gpus},mem={draft.Size * 2}G,node={nodes}");
    }

    private static string Row(List<Draft> drafts, int i, double start, int before, double beforeStart)
    {
        var draft = drafts[i];
        var part = Parts[draft.Part];
        var pending = draft.State == "PENDING";
        var nodes = Math.Max(1, (draft.Size + part.Processors - 1) / part.Processors);
        var submit = Origin + (long)draft.Submit;
        var eligible = before < 0 ? submit : Math.Max(submit, Origin + (long)beforeStart + (long)drafts[before].Run);
        var begin = Origin + (long)start;
        var end = begin + (long)draft.Run;
        var id = i + 1;
        // The tasks of an array stand together; it goes by the number of its first.
        var shown = draft.Task == 0 ? string.Create(CultureInfo.InvariantCulture, $"{id}") : string.Create(CultureInfo.InvariantCulture, $"{id - draft.Task + 1}_{draft.Task}");
        var tres = Tres(part, draft, nodes);
        var wish = $"sbatch -p {part.Name} -n {draft.Size} -t {draft.Limit}{(before >= 0 ? string.Create(CultureInfo.InvariantCulture, $" --dependency=afterany:{before + 1}") : "")}{(draft.Task > 0 ? $" --array=1-{MostTasks}%8" : "")} job.sh";
        return string.Create(CultureInfo.InvariantCulture,
            $"{id}|{shown}|harbour|{UserName(draft.User)}|{Divisions[draft.User % 3]}|{Account(draft.User)}|{Qos[draft.Qos]}|{part.Name}|{(pending || draft.State == "CANCELLED" ? $"CANCELLED by {2000 + draft.User}" : draft.State)}|{submit}|{eligible}|{(pending ? "None" : begin)}|{(pending ? submit + 60 : end)}|{(pending ? 0 : (long)draft.Run)}|00:00:00|{draft.Limit}|{draft.Size}|{(pending ? 0 : draft.Size)}|{nodes}|{nodes}|{tres}|{(pending ? "" : tres)}||{(draft.User % 7 == 0 && part.Name == "batch" ? "icelake" : "")}|{wish}|job\n");
    }

    private static string UserName(int user) => string.Create(CultureInfo.InvariantCulture, $"user{user:000}");

    private List<Draft> Drafts()
    {
        var random = RandomStream.For(Seed, "site jobs");
        var span = Math.Max(1, Jobs / JobsPerDay) * 86_400;
        var drafts = new List<Draft>(Jobs);
        while (drafts.Count < Jobs)
        {
            var p = Pick(random, Parts.Select(part => part.Share));
            var part = Parts[p];
            // A few users have most of the jobs.
            var user = Math.Min(Users - 1, (int)(Users * Math.Pow(random.Uniform(), 3)));
            var size = random.Uniform() < 0.3 ? 1 : 1 << (1 + random.Below(part.Sizes));
            var gpus = part.Gpu.Length == 0 ? 0 : Math.Min(4 * part.Nodes, 1 << random.Below(4));
            if (gpus > 0) size = Math.Max(size, gpus * 4);
            size = Math.Min(size, part.Nodes * part.Processors);
            var submit = Submission(random, span);
            var tasks = random.Uniform() < 0.01 ? Math.Min(4 + random.Below(MostTasks - 4), Jobs - drafts.Count) : 1;
            var (qos, waits) = (Pick(random, [0.85, 0.1, 0.05]), tasks == 1 && random.Uniform() < 0.02);
            for (var task = 1; task <= tasks; task++)
            {
                drafts.Add(new Draft(p, user, qos, submit, size, Math.Max(1, part.Run * Math.Exp(1.4 * random.Normal())), 0, gpus, tasks > 1 ? task : 0, waits, State(random)));
            }
        }

        return [.. Loaded(drafts, span, random).OrderBy(draft => draft.Submit)];
    }

    /// <summary>Run times brought to the load of each partition, and limits as people choose them.</summary>
    private static IEnumerable<Draft> Loaded(List<Draft> drafts, double span, RandomStream random)
    {
        var work = new double[Parts.Length];
        foreach (var draft in drafts.Where(draft => draft.State != "PENDING")) work[draft.Part] += draft.Run * draft.Size;
        foreach (var draft in drafts)
        {
            var part = Parts[draft.Part];
            var run = Math.Clamp(Math.Round(draft.Run * part.Load * span * part.Nodes * part.Processors / Math.Max(1, work[draft.Part])), 1, part.Limit * 60.0);
            var wanted = random.Uniform() < 0.2 ? part.Limit : run / 60 * random.Uniform(1.1, 4);
            var limit = Math.Min(part.Limit, Limits.FirstOrDefault(minutes => minutes >= wanted, part.Limit));
            yield return draft with { Run = draft.State == "TIMEOUT" ? limit * 60.0 : run, Limit = limit };
        }
    }

    private static string State(RandomStream random) => random.Uniform() switch
    {
        < 0.80 => "COMPLETED", < 0.88 => "FAILED", < 0.93 => "CANCELLED", < 0.96 => "TIMEOUT", < 0.97 => "OUT_OF_MEMORY", < 0.98 => "NODE_FAIL", _ => "PENDING",
    };

    /// <summary>More by day than by night, less at week-ends.</summary>
    private static double Submission(RandomStream random, double span)
    {
        while (true)
        {
            var at = Math.Floor(random.Uniform(0, span));
            var hour = at / 3600 % 24;
            var weight = (0.3 + (0.7 * Math.Max(0, Math.Sin((hour - 7) / 14 * Math.PI)))) * (at / 86_400 % 7 >= 5 ? 0.5 : 1);
            if (random.Uniform() < weight) return at;
        }
    }

    private static int Pick(RandomStream random, IEnumerable<double> shares)
    {
        var at = random.Uniform();
        var place = 0;
        foreach (var share in shares)
        {
            if (at < share) return place;
            at -= share;
            place++;
        }

        return place - 1;
    }

    /// <summary>When each job starts, in seconds from the beginning, and which one it waited for; -1 for none.</summary>
    private static (double[] Starts, int[] Before) Starts(List<Draft> drafts, CancellationToken cancellation)
    {
        var starts = new double[drafts.Count];
        var before = new int[drafts.Count];
        Array.Fill(before, -1);
        var last = new Dictionary<(int Part, int User), int>();
        for (var i = 0; i < drafts.Count; i++)
        {
            if (drafts[i].State == "PENDING") continue;
            if (drafts[i].Waits && last.TryGetValue((drafts[i].Part, drafts[i].User), out var previous)) before[i] = previous;
            last[(drafts[i].Part, drafts[i].User)] = i;
        }

        foreach (var (part, p) in Parts.Select((part, p) => (part, p)))
        {
            var jobs = drafts.Select((draft, i) => (draft, i)).Where(pair => pair.draft.Part == p && pair.draft.State != "PENDING").Select(pair => new Job
            {
                Id = pair.i + 1, Submit = TimeSpan.FromSeconds(pair.draft.Submit), Processors = pair.draft.Size, RunTime = TimeSpan.FromSeconds(pair.draft.Run), RequestedTime = TimeSpan.FromMinutes(pair.draft.Limit),
                Dependencies = before[pair.i] < 0 ? [] : [new JobDependency(before[pair.i] + 1, DependencyKind.After)],
            }).ToList();
            if (jobs.Count == 0) continue;
            var schedule = ReferenceScheduler.Run(QueuedJobs.Of(jobs), MachineSize.Of(part.Nodes, part.Processors), new ReferenceOptions(), cancellation);
            for (var row = 0; row < schedule.Jobs.Count; row++) starts[schedule.Jobs.Numbers[row] - 1] = schedule.Starts[row] / 1_000_000;
        }

        return (starts, before);
    }
}
