using Regatta.Config;
using Regatta.Workloads;

namespace Regatta.Experiments.Configuration;

/// <summary>The workload of a point. Which keys a kind knows is in <c>docs/workloads.md</c>; others are refused.</summary>
[ConfigSchema("The workload. Which keys a kind knows is in docs/workloads.md; others are refused.")]
public sealed record WorkloadSection
{
    /// <summary>The kind.</summary>
    [ConfigKey("Where jobs come from: trace reads a file, the others generate.", Example = "lublin")]
    public required string Kind { get; init; }

    /// <summary>A short name.</summary>
    [ConfigKey("A short name for tables and reports; null takes the file's or the generator's.")]
    public string? Name { get; init; }

    /// <summary>The file of a trace.</summary>
    [ConfigKey("The file to read: SWF (.swf) or JSON lines (.jsonl), gzip allowed. Relative to the working directory, or to the installation behind 'regatta:'.", Example = "trace.swf.gz")]
    public string? File { get; init; }

    /// <summary>Strict reading.</summary>
    [ConfigKey("Refuse a file with any fault, instead of repairing what can be repaired and saying so.")]
    public bool Strict { get; init; }

    /// <summary>How sizes are brought to the machine.</summary>
    [ConfigKey("How sizes are brought to the machine: none rejects what is too large, clamp cuts at the machine's size, fit keeps each job's share of the machine, a number is a factor.", Example = "fit")]
    public string? Scale { get; init; }

    /// <summary>Machine that sizes are fitted from.</summary>
    [ConfigKey("Processors of the machine that a workload was recorded on, for scale=fit; null takes those of its header, else its largest job.", Minimum = 1, Example = "128")]
    public int? ScaleSource { get; init; }

    /// <summary>What becomes of the memory that jobs ask for.</summary>
    [ConfigKey("The memory that jobs ask for: keep, none leaves it out, fit scales it, all jobs alike, so that the largest fits the nodes.", Example = "none")]
    public string? Memory { get; init; }

    /// <summary>Factor on all times.</summary>
    [ConfigKey("Factor on all times: 0.5 makes run times and gaps half as long.", Minimum = 0, Above = true)]
    public double? TimeScale { get; init; }

    /// <summary>Offered load.</summary>
    [ConfigKey("Offered load that arrivals are stretched or compressed to; 1 is all processors busy all the time.", Minimum = 0, Above = true, Example = "0.9")]
    public double? Load { get; init; }

    /// <summary>Only the first jobs.</summary>
    [ConfigKey("Takes only this many jobs, from the start.", Minimum = 1)]
    public int? First { get; init; }

    /// <summary>A span of time that is cut out.</summary>
    [ConfigKey("Cuts out a span of submission times: FROM..TO, each a duration or left out.", Example = "2h..26h")]
    public string? Window { get; init; }

    /// <summary>Only these users.</summary>
    [ConfigKey("Takes only the jobs of these users, by number.", Example = "3,17")]
    public string? Users { get; init; }

    /// <summary>Without these users.</summary>
    [ConfigKey("Leaves out the jobs of these users, by number.", Example = "3,17")]
    public string? ExcludeUsers { get; init; }

    /// <summary>Flurries.</summary>
    [ConfigKey("Leaves out flurries: bursts of one user with more than this many jobs within flurry_window.", Minimum = 1)]
    public int? Flurry { get; init; }

    /// <summary>Window of a flurry.</summary>
    [ConfigKey("The time within which a flurry's jobs are counted.")]
    public TimeSpan? FlurryWindow { get; init; }

    /// <summary>User estimates.</summary>
    [ConfigKey("Requested times: none, exact, at-least (lifts those below the run time to it), cut (cuts run times at them instead), tsafrir (Tsafrir, Etsion, Feitelson 2005), or a factor on the run time; null keeps those of the jobs.", Example = "tsafrir")]
    public string? Estimates { get; init; }

    /// <summary>The largest estimate.</summary>
    [ConfigKey("The largest requested time of estimates=tsafrir.")]
    public TimeSpan? EstimatesMaximum { get; init; }

    /// <summary>Share of the largest estimate.</summary>
    [ConfigKey("The share of jobs that request the largest time, of estimates=tsafrir.", Minimum = 0, Above = true, Maximum = 1)]
    public double? EstimatesShare { get; init; }

    /// <summary>Shaking.</summary>
    [ConfigKey("Shakes submit times by up to this much either way (Tsafrir, Ouaknine, Feitelson 2007).")]
    public TimeSpan? Shake { get; init; }

    /// <summary>The payload.</summary>
    [ConfigKey("What a job does for its run time: sleep, cpu (spins for that many CPU seconds), or exec (runs command).", Example = "cpu")]
    public string? Payload { get; init; }

    /// <summary>The command.</summary>
    [ConfigKey("The command of payload=exec, split at blanks.", Example = "/usr/bin/true")]
    public string? Command { get; init; }

    /// <summary>Seed.</summary>
    [ConfigKey("Seed of a generator; null takes the experiment's.")]
    public long? Seed { get; init; }

    /// <summary>Jobs to generate.</summary>
    [ConfigKey("How many jobs a generator makes.", Minimum = 1, Maximum = JobLimit.Most)]
    public int? Jobs { get; init; }

    /// <summary>Machine to generate for.</summary>
    [ConfigKey("Processors of the machine that a generator makes jobs for; null for those of the cluster.", Minimum = 1, Maximum = MachineSize.MostProcessors)]
    public int? Processors { get; init; }

    /// <summary>Type of Lublin–Feitelson jobs.</summary>
    [ConfigKey("Jobs of kind lublin: all, batch, interactive or mixed.")]
    public string? Type { get; init; }

    /// <summary>Hour at which it starts.</summary>
    [ConfigKey("Hour of the day at which a workload of kind lublin starts.", Minimum = 0, Maximum = 23)]
    public int? Start { get; init; }

    /// <summary>Light ESP.</summary>
    [ConfigKey("Takes the light run times of kind esp.")]
    public bool Light { get; init; }

    /// <summary>Arrivals.</summary>
    [ConfigKey("How jobs of kinds bag, array and gang arrive: burst, poisson:RATE, uniform:RATE or steps.", Example = "poisson:2")]
    public string? Arrivals { get; init; }

    /// <summary>Run time.</summary>
    [ConfigKey("Mean run time of kinds bag, array, gang and closed.")]
    public TimeSpan? RunTime { get; init; }

    /// <summary>Spread of run times.</summary>
    [ConfigKey("Spread of run times around their mean: constant, exponential or uniform.")]
    public string? Spread { get; init; }

    /// <summary>Processors a job.</summary>
    [ConfigKey("Processors of each job of kinds bag, array and closed.", Minimum = 1)]
    public int? Size { get; init; }

    /// <summary>Tasks of an array.</summary>
    [ConfigKey("Tasks of each array of kind array.", Minimum = 1)]
    public int? Tasks { get; init; }

    /// <summary>Members of a gang.</summary>
    [ConfigKey("Members of each gang of kind gang.", Minimum = 1)]
    public int? Members { get; init; }

    /// <summary>Least members of a gang.</summary>
    [ConfigKey("The least number of members of a gang that must run at once.", Minimum = 1)]
    public int? Minimum { get; init; }

    /// <summary>Users of a closed loop.</summary>
    [ConfigKey("Users of kind closed, each with one job at a time.", Minimum = 1)]
    public int? UsersInLoop { get; init; }

    /// <summary>Think time.</summary>
    [ConfigKey("Time from the end of a job to the submission of the next, of kind closed.")]
    public TimeSpan? ThinkTime { get; init; }

    /// <summary>Tasks per processor of a fan.</summary>
    [ConfigKey("Tasks for each processor of kind sleep.", Minimum = 1)]
    public int? PerProcessor { get; init; }

    /// <summary>Total work of a fan.</summary>
    [ConfigKey("Total work for each processor of kind sleep.")]
    public TimeSpan? Total { get; init; }

    /// <summary>The settings as the workload's source takes them.</summary>
    /// <param name="seed">Seed where the section names none.</param>
    public WorkloadParameters Parameters(long seed)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        void Set(string key, object? value)
        {
            if (value is null or false) return;
            values[key] = value switch
            {
                true => "true",
                TimeSpan span => span.TotalSeconds.ToString("0.######", CultureInfo.InvariantCulture),
                IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
                _ => (string)value,
            };
        }

        Set("file", File);
        Set("strict", Strict);
        Set("scale", Scale);
        Set("scale.source", ScaleSource);
        Set("memory", Memory);
        Set("time-scale", TimeScale);
        Set("load", Load);
        Set("first", First);
        Set("window", Window);
        Set("users", Users);
        Set("exclude-users", ExcludeUsers);
        Set("flurry", Flurry);
        Set("flurry-window", FlurryWindow);
        Set("estimates", Estimates);
        Set("estimates.maximum", EstimatesMaximum);
        Set("estimates.share", EstimatesShare);
        Set("shake", Shake);
        Set("payload", Payload);
        Set("command", Command);
        Set("jobs", Jobs);
        Set("processors", Processors);
        Set("type", Type);
        Set("start", Start);
        Set("light", Light);
        Set("arrivals", Arrivals);
        Set("run-time", RunTime);
        Set("spread", Spread);
        Set("size", Size);
        Set("tasks", Tasks);
        Set("members", Members);
        Set("minimum", Minimum);
        Set("users-in-loop", UsersInLoop);
        Set("think-time", ThinkTime);
        Set("per-processor", PerProcessor);
        Set("total", Total);
        // A file has no seed of its own, but shaking and estimates have.
        Set("seed", Seed ?? seed);
        return new WorkloadParameters(values, "workload");
    }
}
