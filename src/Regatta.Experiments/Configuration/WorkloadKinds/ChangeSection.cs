using Regatta.Config;
using Regatta.Workloads;

namespace Regatta.Experiments.Configuration.WorkloadKinds;

/// <summary>The settings of changes, which every kind of workload has, and which <c>regatta workload transform</c> takes alone.</summary>
[ConfigSchema("Changes to a workload.")]
public record ChangeSection : ICheckedSection
{
    /// <summary>How sizes are brought to the machine; null is <c>none</c>.</summary>
    [ConfigKey("How sizes are brought to the machine: none rejects what is too large, clamp cuts at the machine's size, fit keeps each job's share of the machine, a number is a factor.", Example = "fit")]
    public SizeScale? Scale { get; init; }

    /// <summary>Machine that sizes are fitted from.</summary>
    [ConfigKey("Processors of the machine that a workload was recorded on, for scale=fit; null takes those of its header, else its largest job.", Minimum = 1, Example = "128")]
    public int? ScaleSource { get; init; }

    /// <summary>What becomes of the memory that jobs ask for.</summary>
    [ConfigKey("The memory that jobs ask for: keep, none leaves it out, fit scales it, all jobs alike, so that the largest fits the nodes.", Example = "none")]
    public MemoryScale Memory { get; init; }

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
    public SubmitWindow? Window { get; init; }

    /// <summary>Only these users.</summary>
    [ConfigKey("Takes only the jobs of these users, by number.", Example = "3,17")]
    public UserList? Users { get; init; }

    /// <summary>Without these users.</summary>
    [ConfigKey("Leaves out the jobs of these users, by number.", Example = "3,17")]
    public UserList? ExcludeUsers { get; init; }

    /// <summary>Flurries.</summary>
    [ConfigKey("Leaves out flurries: bursts of one user with more than this many jobs within flurry_window.", Minimum = 1)]
    public int? Flurry { get; init; }

    /// <summary>Window of a flurry.</summary>
    [ConfigKey("The time within which a flurry's jobs are counted.")]
    public TimeSpan FlurryWindow { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>User estimates.</summary>
    [ConfigKey("Requested times: none, exact, at-least (lifts those below the run time to it), cut (cuts run times at them instead), tsafrir (Tsafrir, Etsion, Feitelson 2005), or a factor on the run time; null keeps those of the jobs.", Example = "tsafrir")]
    public EstimateRule? Estimates { get; init; }

    /// <summary>The largest estimate.</summary>
    [ConfigKey("The largest requested time of estimates=tsafrir.")]
    public TimeSpan? EstimatesMaximum { get; init; }

    /// <summary>Share of the largest estimate.</summary>
    [ConfigKey("The share of jobs that request the largest time, of estimates=tsafrir.", Minimum = 0, Above = true, Maximum = 1)]
    public double? EstimatesShare { get; init; }

    /// <summary>Seed of estimates.</summary>
    [ConfigKey("Seed of estimates=tsafrir; null takes seed.")]
    public long? EstimatesSeed { get; init; }

    /// <summary>Shaking.</summary>
    [ConfigKey("Shakes submit times by up to this much either way (Tsafrir, Ouaknine, Feitelson 2007).")]
    public TimeSpan? Shake { get; init; }

    /// <summary>Seed of shaking.</summary>
    [ConfigKey("Seed of shake; null takes seed.")]
    public long? ShakeSeed { get; init; }

    /// <summary>The payload.</summary>
    [ConfigKey("What a job does for its run time: sleep, cpu (spins for that many CPU seconds), or exec (runs command); null keeps that of the jobs.", Example = "cpu")]
    public PayloadKind? Payload { get; init; }

    /// <summary>The command.</summary>
    [ConfigKey("The command of payload=exec, split at blanks.", Example = "/usr/bin/true")]
    public string? Command { get; init; }

    /// <summary>Seed.</summary>
    [ConfigKey("Seed of what is random; null takes the experiment's.")]
    public long? Seed { get; init; }

    /// <inheritdoc/>
    public virtual IEnumerable<(string Property, Diagnostic Fault)> Faults()
    {
        if (Payload == PayloadKind.Exec && string.IsNullOrWhiteSpace(Command))
            yield return (nameof(Payload), Diagnostic.Error("workload-command", "payload=exec needs a command") with { Help = "the command that jobs run, such as command=/usr/bin/true" });
    }

    /// <summary>The changes.</summary>
    /// <param name="seed">The seed where the section names none.</param>
    public virtual WorkloadChanges Changes(long seed) => new()
    {
        Users = Users, ExcludedUsers = ExcludeUsers, Flurry = Flurry, FlurryWindow = FlurryWindow, Window = Window, First = First,
        Estimates = Estimates, EstimateModel = new TsafrirEstimates { Maximum = EstimatesMaximum, MaximumShare = EstimatesShare, Seed = EstimatesSeed ?? Seed ?? seed },
        Scale = (Scale ?? default) with { Source = ScaleSource }, Memory = Memory, Load = Load, TimeScale = TimeScale,
        Shake = Shake, ShakeSeed = ShakeSeed ?? Seed ?? seed,
        Payload = Payload is { } kind ? new Payload(kind, kind == PayloadKind.Exec ? [.. Command!.Split(' ', StringSplitOptions.RemoveEmptyEntries)] : []) : null,
    };
}
