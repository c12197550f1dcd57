namespace Regatta.Simulation;

/// <summary>
/// How the reference scheduler chooses. The rules are those of <c>docs/reference-scheduler.md</c>; all keep to the queue order, which is the
/// order of submission, jobs of one instant by number.
/// </summary>
public enum ReferencePolicy
{
    /// <summary>First come, first served: the head of the queue starts while it fits.</summary>
    Fcfs,

    /// <summary>FCFS, and whoever does not delay the head of the queue by the estimates goes first (Lifka 1995).</summary>
    Easy,

    /// <summary>Every job gets a reservation on arrival that no later job delays (Mu'alem and Feitelson 2001).</summary>
    Conservative,

    /// <summary>Shortest requested time first, the head blocks the rest.</summary>
    Sjf,

    /// <summary>EASY with the queue ordered by requested time.</summary>
    SjfEasy,
}

/// <summary>Settings of the reference scheduler.</summary>
public sealed record ReferenceOptions
{
    /// <summary>How it chooses.</summary>
    public ReferencePolicy Policy { get; init; } = ReferencePolicy.Easy;

    /// <summary>Whether jobs get whole nodes, which they share with nobody; otherwise processors are alike wherever they lie.</summary>
    public bool WholeNodes { get; init; }

    /// <summary>The partitions; null for one that has all nodes, where what jobs say of partitions is left out.</summary>
    public ReferencePartitions? Partitions { get; init; }

    /// <summary>The policy beyond the order of the queue; null for none.</summary>
    public ReferenceRules? Rules { get; init; }

    /// <summary>The names that <see cref="Parse"/> knows, in the order of <see cref="ReferencePolicy"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = ["fcfs", "easy", "conservative", "sjf", "sjf-easy"];

    /// <summary>Name of the policy.</summary>
    public string Name => Names[(int)Policy];

    /// <summary>Reads the name of a policy.</summary>
    /// <exception cref="DiagnosticException">There is no such policy.</exception>
    public static ReferencePolicy Parse(string name)
    {
        for (var i = 0; i < Names.Count; i++)
        {
            if (Names[i] == name) return (ReferencePolicy)i;
        }

        throw new DiagnosticException(Diagnostic.Error("reference-policy", $"the reference scheduler has no policy '{name}'") with
        {
            Help = Suggestion.Help(name, [.. Names]),
        });
    }
}
