using System.Text.Json.Serialization;

namespace Regatta.Workloads;

/// <summary>What a user asked for beyond processors, nodes and time, by the names of the site. Null where a job asks for nothing or its trace does not say.</summary>
public sealed record JobRequest
{
    /// <summary>Name of the user.</summary>
    public string? User { get; init; }

    /// <summary>Name of the user's group.</summary>
    public string? Group { get; init; }

    /// <summary>Account that it is charged to (bank, project).</summary>
    public string? Account { get; init; }

    /// <summary>Quality of service.</summary>
    public string? Qos { get; init; }

    /// <summary>Partition or queue; several with commas between them leave the choice to the scheduler.</summary>
    public string? Partition { get; init; }

    /// <summary>Reservation that it runs in.</summary>
    public string? Reservation { get; init; }

    /// <summary>Licences for the whole job: <c>NAME:COUNT</c> with commas between them.</summary>
    public string? Licenses { get; init; }

    /// <summary>Features that its nodes must have, in the scheduler's notation, such as <c>intel&amp;nvme</c>.</summary>
    public string? Constraint { get; init; }

    /// <summary>Generic resources for the whole job: <c>NAME:COUNT</c> or <c>NAME:TYPE:COUNT</c> with commas between them, such as <c>gpu:a100:4</c>.</summary>
    public string? Gres { get; init; }

    /// <summary>Memory that it asked for on each node, in bytes; <see cref="Job.MemoryPerProcessor"/> then has the share of a processor.</summary>
    public long? MemoryPerNode { get; init; }

    /// <summary>The most nodes that it takes, where <see cref="Job.Nodes"/> is the least.</summary>
    public int? MostNodes { get; init; }

    /// <summary>Whether it takes its nodes alone.</summary>
    public bool? Exclusive { get; init; }

    /// <summary>How much its user lowered its priority; negative raises it.</summary>
    public int? Nice { get; init; }

    /// <summary>Whether it may be put back into the queue when its nodes are lost or taken away.</summary>
    public bool? Requeue { get; init; }

    /// <summary>How many tasks of its array may run at once.</summary>
    public int? ArrayThrottle { get; init; }

    /// <summary>GPUs for the whole job, of every type.</summary>
    [JsonIgnore]
    public int Gpus => (int)Math.Min(int.MaxValue, GenericResource.Gpus(Gres).Sum(resource => resource.Count));

    /// <summary>The type of its GPUs: null when it has none or names none, several with commas between them.</summary>
    [JsonIgnore]
    public string? GpuType => string.Join(',', GenericResource.Gpus(Gres).Where(resource => resource.Type is not null).Select(resource => resource.Type)) is { Length: > 0 } types ? types : null;

    /// <summary>Its GPUs in Slurm's notation: <c>a100:4</c>, <c>4</c> of any model, several with commas between them; null for none.</summary>
    [JsonIgnore]
    public string? GpuText => string.Join(',', GenericResource.Gpus(Gres)
        .Select(resource => string.Create(CultureInfo.InvariantCulture, $"{(resource.Type is null ? "" : resource.Type + ":")}{resource.Count}"))) is { Length: > 0 } text ? text : null;

    /// <summary>Whether it asks for nothing.</summary>
    [JsonIgnore]
    public bool IsEmpty => this == Nothing;

    private static JobRequest Nothing { get; } = new();

    /// <summary>What a job of another size asks for: generic resources in proportion, at least one of each; as many nodes as there may be.</summary>
    /// <param name="factor">Its size by that of the job.</param>
    /// <param name="nodes">The most nodes that there are.</param>
    internal JobRequest OfOtherSize(double factor, int nodes) => Gres is null && MostNodes is null ? this : this with
    {
        Gres = Gres is null ? null : GenericResource.Text(GenericResource.Parse(Gres).Select(resource => resource with { Count = Math.Max(1, (long)Math.Round(resource.Count * factor, MidpointRounding.AwayFromZero)) })),
        MostNodes = MostNodes is { } most ? Math.Min(most, nodes) : null,
    };
}
