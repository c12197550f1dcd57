namespace Regatta.Workloads;

/// <summary>What a row of accounting says that its job asked for: numbers of names, of which 0 and -1 are none.</summary>
internal readonly record struct AccountedRequest
{
    public int Group { get; init; }

    public int Reservation { get; init; }

    public int Licenses { get; init; }

    public int Constraint { get; init; }

    public int Gres { get; init; }

    public long MemoryPerNode { get; init; }

    public int MostNodes { get; init; }

    public int Nice { get; init; }

    public int Throttle { get; init; }

    /// <summary>1 for yes, -1 for no, 0 for unknown.</summary>
    public sbyte Exclusive { get; init; }

    /// <summary>1 for yes, -1 for no, 0 for unknown.</summary>
    public sbyte Requeue { get; init; }
}

/// <summary>The names in a cluster's accounting, and one request for all jobs that asked alike.</summary>
internal sealed class AccountedRequests
{
    private readonly Dictionary<(int User, int Account, int Qos, int Partition, AccountedRequest Asked), JobRequest> _requests = [];

    public NameNumbers Users { get; } = new();

    /// <summary>Accounts where the source has them, else groups.</summary>
    public NameNumbers Accounts { get; } = new();

    /// <summary>Groups of the operating system.</summary>
    public NameNumbers Groups { get; } = new();

    public NameNumbers Qos { get; } = new();

    public NameNumbers Partitions { get; } = new();

    public NameNumbers Reservations { get; } = new();

    /// <summary>Lists of licences, as <see cref="JobRequest.Licenses"/> or a list of trackable resources has them.</summary>
    public NameNumbers Licenses { get; } = new();

    public NameNumbers Constraints { get; } = new();

    /// <summary>Lists of generic resources, as <see cref="JobRequest.Gres"/> or a list of trackable resources has them.</summary>
    public NameNumbers Gres { get; } = new();

    /// <summary>Whether <see cref="Accounts"/> are accounts, and not groups.</summary>
    public bool HasAccounts { get; set; }

    /// <summary>The request of a row; null when it asks for nothing by a name.</summary>
    public JobRequest? Of(in AccountedRow row)
    {
        var key = (row.User, row.Group, row.Queue, row.Partition, row.Request);
        if (_requests.TryGetValue(key, out var known)) return known.IsEmpty ? null : known;
        var asked = row.Request;
        var account = Accounts[row.Group];
        var made = new JobRequest
        {
            User = Users[row.User], Group = HasAccounts ? Groups[asked.Group] : account, Account = HasAccounts ? account : null, Qos = Qos[row.Queue], Partition = Partitions[row.Partition],
            Reservation = Reservations[asked.Reservation], Constraint = Constraints[asked.Constraint], Licenses = Listed(Licenses[asked.Licenses], "license/"), Gres = Listed(Gres[asked.Gres], "gres/"),
            MemoryPerNode = asked.MemoryPerNode > 0 ? asked.MemoryPerNode : null, MostNodes = asked.MostNodes > 0 ? asked.MostNodes : null, Nice = asked.Nice == 0 ? null : asked.Nice,
            ArrayThrottle = asked.Throttle > 0 ? asked.Throttle : null, Exclusive = Said(asked.Exclusive), Requeue = Said(asked.Requeue),
        };
        _requests.Add(key, made);
        return made.IsEmpty ? null : made;
    }

    private static bool? Said(sbyte answer) => answer == 0 ? null : answer > 0;

    /// <summary>A list of resources in our notation; what is in none of those known stays out.</summary>
    private static string? Listed(string? text, string kind) => text is null ? null : text.Contains('=', StringComparison.Ordinal) ? GenericResource.OfTres(text, kind) : GenericResource.Text(GenericResource.Parse(text));
}
