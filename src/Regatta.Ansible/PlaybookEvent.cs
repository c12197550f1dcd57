using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Regatta.Ansible;

/// <summary>What happened in a playbook.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PlaybookEventKind>))]
public enum PlaybookEventKind
{
    /// <summary>It began.</summary>
    Playbook,

    /// <summary>A play began.</summary>
    Play,

    /// <summary>A task began.</summary>
    Task,

    /// <summary>A task began on a host.</summary>
    Start,

    /// <summary>A task found all as it should be.</summary>
    Ok,

    /// <summary>A task changed something.</summary>
    Changed,

    /// <summary>A task was not for this host.</summary>
    Skipped,

    /// <summary>A task failed on a host.</summary>
    Failed,

    /// <summary>A host could not be reached.</summary>
    Unreachable,

    /// <summary>The end: what became of each host.</summary>
    Recap,
}

/// <summary>What became of one host.</summary>
/// <param name="Ok">Tasks that ended well, changed ones included.</param>
/// <param name="Changed">Tasks that changed something.</param>
/// <param name="Failed">Tasks that failed and were not rescued.</param>
/// <param name="Unreachable">Tasks for which the host could not be reached.</param>
/// <param name="Skipped">Tasks that were not for this host.</param>
/// <param name="Rescued">Tasks that failed and were rescued.</param>
public sealed record HostRecap(int Ok, int Changed, int Failed, int Unreachable, int Skipped = 0, int Rescued = 0);

/// <summary>One line of a playbook's events.</summary>
/// <param name="Event">What happened.</param>
/// <param name="Time">When, in seconds since 1970-01-01 UTC.</param>
public sealed record PlaybookEvent(PlaybookEventKind Event, double Time)
{
    /// <summary>Name of the playbook or the play.</summary>
    public string? Name { get; init; }

    /// <summary>The task, its role first: <c>regatta.cluster.slurm : Run the controller</c>.</summary>
    public string? Task { get; init; }

    /// <summary>File and line of the task, below the playbooks' directory.</summary>
    public string? Path { get; init; }

    /// <summary>The host.</summary>
    public string? Host { get; init; }

    /// <summary>How long the task took on the host, in seconds.</summary>
    public double? Seconds { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Message { get; init; }

    /// <summary>Standard error of what failed.</summary>
    public string? Error { get; init; }

    /// <summary>Standard output of what failed.</summary>
    public string? Output { get; init; }

    /// <summary>True when the playbook goes on after this failure.</summary>
    public bool Ignored { get; init; }

    /// <summary>What changed, by name: paths, units; never contents.</summary>
    public ImmutableArray<string> Changes { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>What a task of Regatta's own reported.</summary>
    public JsonObject? Values { get; init; }

    /// <summary>With <see cref="PlaybookEventKind.Recap"/>: what became of each host.</summary>
    public ImmutableSortedDictionary<string, HostRecap>? Hosts { get; init; }

    /// <summary>Reads one line; null when it is no event but something that was printed in between.</summary>
    public static PlaybookEvent? Parse(string line)
    {
        if (!line.StartsWith("{\"event\":", StringComparison.Ordinal)) return null;
        try
        {
            return JsonSerializer.Deserialize(line, PlaybookJson.Default.PlaybookEvent);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(PlaybookEvent))]
internal sealed partial class PlaybookJson : JsonSerializerContext;
