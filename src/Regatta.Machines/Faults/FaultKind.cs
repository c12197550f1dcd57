using System.Text.Json;

namespace Regatta.Machines.Faults;

/// <summary>What is done to a cluster on purpose.</summary>
public enum FaultKind
{
    /// <summary>A daemon is killed.</summary>
    Kill,

    /// <summary>A daemon is stopped, and goes on later.</summary>
    Freeze,

    /// <summary>A daemon gets less processor time.</summary>
    Slow,

    /// <summary>A node is switched off.</summary>
    KillNode,

    /// <summary>A node starts anew.</summary>
    RebootNode,

    /// <summary>The network of a node is cut or slowed.</summary>
    Link,

    /// <summary>The disk of a node is filled.</summary>
    Disk,

    /// <summary>The clock of a node is set.</summary>
    Clock,

    /// <summary>A node takes no new jobs.</summary>
    Drain,
}

/// <summary>What kinds of faults are called.</summary>
public static class FaultKindNames
{
    private static readonly string[] Names = [.. Enum.GetNames<FaultKind>().Select(JsonNamingPolicy.KebabCaseLower.ConvertName)];

    /// <summary>The name, such as <c>kill-node</c>.</summary>
    public static string Name(this FaultKind kind) => Names[(int)kind];
}
