using System.Text.Json.Nodes;

namespace Regatta.Ansible;

/// <summary>Something that a playbook changed, or would change.</summary>
/// <param name="Host">Where.</param>
/// <param name="Task">The task that did it.</param>
/// <param name="What">What, by name: paths, units; empty when the task does not say.</param>
public sealed record PlaybookChange(string Host, string Task, ImmutableArray<string> What)
{
    /// <inheritdoc/>
    public override string ToString() => What.IsEmpty ? $"{Host}: {Task}" : $"{Host}: {Task}: {string.Join(", ", What)}";
}

/// <summary>What became of a playbook that ended well.</summary>
/// <param name="Hosts">Counts per host.</param>
/// <param name="Changes">What it changed, or with a check would change, in order.</param>
/// <param name="Values">What tasks of Regatta's own reported; later ones replace earlier ones of the same name.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record PlaybookResult(
    ImmutableSortedDictionary<string, HostRecap> Hosts,
    ImmutableArray<PlaybookChange> Changes,
    JsonObject Values,
    TimeSpan Elapsed)
{
    /// <summary>How many tasks changed something, over all hosts.</summary>
    public int Changed => Hosts.Values.Sum(h => h.Changed);
}
