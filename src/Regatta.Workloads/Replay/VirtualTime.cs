namespace Regatta.Workloads;

/// <summary>A virtual time that a scheduler, its emulated nodes and its jobs run in.</summary>
/// <param name="Speed">Most virtual seconds for a real one while all of them wait, at least 2; 0 for no limit: the clock jumps to the next moment that somebody waits for.</param>
/// <param name="Charge">Virtual seconds for each one in which the scheduler computes, more than 0.</param>
public sealed record VirtualTime(int Speed, double Charge)
{
    /// <summary>The clock stands while they compute, and then goes on by the nearest multiple of this; zero: it goes on meanwhile.</summary>
    public TimeSpan Quantum { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>How it is called in records and reports.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"virtual, {(Speed == 0 ? "jumping while all wait" : $"at most {Speed} times as fast")}, {(Quantum > TimeSpan.Zero ? "the scheduler's " : "")}computing charged {Charge:0.###} to 1{(Quantum > TimeSpan.Zero ? $" in steps of {Quantum.TotalMilliseconds:0.###} ms" : "")}");
}

/// <summary>What a replay needs of a virtual clock on its node.</summary>
/// <param name="Library">The library.</param>
/// <param name="Page">The file of the clock.</param>
/// <param name="Speed">As of <see cref="VirtualTime"/>.</param>
public sealed record ReplayClock(string Library, string Page, int Speed);

/// <summary>What the virtual clock of a replay says at its end. Durations in microseconds.</summary>
public sealed record ClockReport
{
    /// <summary>Real start of the replay, UTC microseconds since 1970-01-01.</summary>
    public required long RealStarted { get; init; }

    /// <summary>Real end of the replay.</summary>
    public required long RealEnded { get; init; }

    /// <summary>Virtual time that passed.</summary>
    public required long Virtual { get; init; }

    /// <summary>Of it, what the clock jumped over while all waited.</summary>
    public required long Jumped { get; init; }

    /// <summary>How often it jumped.</summary>
    public required long Jumps { get; init; }

    /// <summary>Real time in which something computed: what scheduling, launching and observing took.</summary>
    public required long Busy { get; init; }

    /// <summary>Real time in which all waited.</summary>
    public required long Waiting { get; init; }

    /// <summary>Waits that the clock ended.</summary>
    public required long Woken { get; init; }

    /// <summary>Processes that did not go by the clock.</summary>
    public long Escapes { get; init; }

    /// <summary>Calls that the clock does not cover.</summary>
    public long Unsupported { get; init; }

    /// <summary>How often one thread computed so long that the clock went on at real speed.</summary>
    public long Stuck { get; init; }

    /// <summary>How often the clock went on while something computed, because that took long: what comes out then depends on the host.</summary>
    public long WentOn { get; init; }

    /// <summary>Processor time that the twin took: the scheduler, its emulated nodes and the jobs; 0 where it is not known.</summary>
    public long Computed { get; init; }

    /// <summary>Processor time that the clock itself took, to find out when all waited.</summary>
    public long Governed { get; init; }

    /// <summary>How many virtual seconds passed in a real one.</summary>
    public double Factor => RealEnded > RealStarted ? (double)Virtual / (RealEnded - RealStarted) : 0;
}
