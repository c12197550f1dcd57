namespace Regatta.Workloads;

/// <summary>So many of a resource that a site has named: GPUs, licences and others.</summary>
/// <param name="Name">Its name, such as <c>gpu</c>.</param>
/// <param name="Type">Its type, such as <c>a100</c>; null for any.</param>
/// <param name="Count">How many, at least 1.</param>
public readonly record struct GenericResource(string Name, string? Type, long Count)
{
    /// <summary>Resources of <c>gpu:a100:4,shard:2</c>, as schedulers write them. What is none is left out; see <see cref="IsList"/>.</summary>
    public static IEnumerable<GenericResource> Parse(string? text) => string.IsNullOrEmpty(text) ? [] : text.Split(',').Select(Read).OfType<GenericResource>();

    /// <summary>The GPUs among the resources of a text.</summary>
    public static IEnumerable<GenericResource> Gpus(string? text) => Parse(text).Where(resource => resource.Name == "gpu");

    /// <summary>Whether a text is a list of resources, each with its count.</summary>
    public static bool IsList(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split(',').All(part => Read(part) is not null);
    }

    /// <summary>The list of resources as a text; null for none.</summary>
    public static string? Text(IEnumerable<GenericResource> resources) => string.Join(',', resources) is { Length: > 0 } text ? text : null;

    /// <summary>
    /// The resources of a kind in a list of Slurm's trackable ones: <c>gres/gpu=4,gres/gpu:a100=4</c> is <c>gpu:a100:4</c>, for what names no type counts all types
    /// together. Null for none.
    /// </summary>
    /// <param name="tres">The list.</param>
    /// <param name="kind">What stands before their names, such as <c>gres/</c> or <c>license/</c>.</param>
    public static string? OfTres(string tres, string kind)
    {
        ArgumentNullException.ThrowIfNull(tres);
        ArgumentNullException.ThrowIfNull(kind);
        var found = new List<GenericResource>();
        foreach (var part in tres.Split(','))
        {
            if (!part.StartsWith(kind, StringComparison.Ordinal) || part.IndexOf('=', StringComparison.Ordinal) is not (> 0 and var equals)) continue;
            if (Read($"{part[kind.Length..equals]}:{part[(equals + 1)..]}") is { } resource) found.Add(resource);
        }

        var typed = found.Where(resource => resource.Type is not null).GroupBy(resource => resource.Name, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Sum(resource => resource.Count), StringComparer.Ordinal);
        return Text(found.Select(resource => resource.Type is null ? resource with { Count = resource.Count - typed.GetValueOrDefault(resource.Name) } : resource)
            .Where(resource => resource.Count > 0).OrderBy(resource => resource.Name, StringComparer.Ordinal).ThenBy(resource => resource.Type, StringComparer.Ordinal));
    }

    /// <summary>As schedulers write it: <c>gpu:a100:4</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}{(Type is null ? "" : ":" + Type)}:{Count}");

    private static GenericResource? Read(string text)
    {
        var parts = text.Split(':');
        return parts.Length is 2 or 3 && parts.All(part => part.Length > 0) && long.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and <= int.MaxValue
            ? new GenericResource(parts[0], parts.Length == 3 ? parts[1] : null, count) : null;
    }
}
