namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>An object that a list or a watch gives.</summary>
internal interface IApiObject
{
    ObjectMeta Metadata { get; }
}

/// <summary>What all objects have. Times are whole seconds, stamped by whoever wrote them.</summary>
internal sealed record ObjectMeta
{
    public string Name { get; init; } = "";

    public string? Namespace { get; init; }

    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    /// <summary>Counts the changes of what is wanted; pods have it from version 1.34 on.</summary>
    public long? Generation { get; init; }

    public string? DeletionTimestamp { get; init; }

    /// <summary>Who has still to do something before it may go.</summary>
    public string[]? Finalizers { get; init; }

    public Dictionary<string, string>? Labels { get; init; }

    public Dictionary<string, string>? Annotations { get; init; }
}

/// <summary>A list of objects.</summary>
internal sealed record ApiList<T>
{
    public ListMeta Metadata { get; init; } = new();

    public T[]? Items { get; init; }
}

internal sealed record ListMeta
{
    public string? ResourceVersion { get; init; }
}

/// <summary>One line of a watch.</summary>
internal sealed record WatchLine<T>
{
    public string Type { get; init; } = "";

    public T? Object { get; init; }
}

/// <summary>The API server's words when it does not do what it was asked.</summary>
internal sealed record ApiStatus
{
    public string? Message { get; init; }

    public string? Reason { get; init; }

    public int? Code { get; init; }
}

/// <summary>A condition. Volcano's jobs have their phase in <see cref="Status"/> and no type.</summary>
internal sealed record Condition
{
    public string? Type { get; init; }

    public string? Status { get; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }
}

/// <summary>The kinds of objects that a version of an API has.</summary>
internal sealed record ApiResources
{
    public ObjectName[]? Resources { get; init; }
}

internal sealed record ObjectName
{
    public string Name { get; init; } = "";
}

/// <summary>Something of which only its being there matters.</summary>
internal sealed record AnyObject : IApiObject
{
    public ObjectMeta Metadata { get; init; } = new();
}
