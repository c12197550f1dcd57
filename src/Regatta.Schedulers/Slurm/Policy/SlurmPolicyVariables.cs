using System.Text.Json.Nodes;
using Regatta.Schedulers.Slurm.Sites;
using Regatta.Workloads;

namespace Regatta.Schedulers.Slurm.Policy;

/// <summary>What the roles and the agent get of a policy.</summary>
internal static class SlurmPolicyVariables
{
    /// <summary>Name of the cluster in slurm.conf and in the database.</summary>
    private const string Cluster = "regatta";

    /// <summary>Ansible variables.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="nodes">The names of all nodes, in order.</param>
    /// <param name="emulated">Whether they are emulated: their names are then numbers in brackets.</param>
    public static ImmutableSortedDictionary<string, JsonNode?> Variables(this SlurmPolicy policy, ImmutableArray<string> nodes, bool emulated)
    {
        var variables = ImmutableSortedDictionary<string, JsonNode?>.Empty.Add("slurm_partitions", Partitions(policy, nodes, emulated));
        if (!policy.Accounting) return variables;
        return variables
            .Add("slurm_accounting", true)
            .Add("slurmdbd_users", new JsonArray([.. policy.Users.Select((user, i) => (JsonNode?)new JsonObject { ["name"] = user, ["id"] = SlurmPolicy.FirstUserId + i })]))
            .Add("slurmdbd_qos", new JsonArray([.. SacctmgrLines.InOrder(policy.Qos).Select(qos => (JsonNode?)new JsonObject { ["name"] = qos.Name, ["settings"] = Texts(qos.Settings) })]))
            .Add("slurmdbd_associations", string.Join('\n', SacctmgrLines.Associations(Cluster, Loadable(policy))) + "\n");
    }

    /// <summary>What the agent's driver is told, beyond what it assumes by itself.</summary>
    public static ImmutableSortedDictionary<string, string> AgentOptions(this SlurmPolicy policy, ImmutableArray<string> nodes)
    {
        var options = ImmutableSortedDictionary<string, string>.Empty;
        if (policy.HasUsers) options = options.Add("users", "true");
        if (!policy.Partitions.IsEmpty) options = options.Add("partition", Default(policy).Name).Add("partitions", "true");
        if (!policy.Reservations.IsEmpty) options = options.Add("reservations", string.Join(';', policy.Reservations.Select(r => Words(r, nodes))));
        return options;
    }

    /// <summary>The associations as <c>sacctmgr load</c> takes them: with every quality of service where nobody says which, and a default account for every user.</summary>
    private static ImmutableArray<SiteAssociation> Loadable(SlurmPolicy policy)
    {
        var none = ImmutableSortedDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase);
        var root = policy.Associations.FirstOrDefault(a => a.User is null && a.Account == SlurmPolicy.Root) ?? new SiteAssociation(SlurmPolicy.Root, null, null, none.Add("Fairshare", "1"));
        var others = policy.Associations.Where(a => a.User is not null || a.Account != SlurmPolicy.Root).ToList();
        if (policy.Users.IsEmpty)
        {
            // All jobs are those of one user, who has an account of the same name.
            others = [new SiteAssociation(NodeLayout.JobUser, SlurmPolicy.Root, null, none), new SiteAssociation(NodeLayout.JobUser, null, NodeLayout.JobUser, none)];
        }

        var accounts = others.Where(a => a.User is not null).GroupBy(a => a.User!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First().Account, StringComparer.Ordinal);
        others = [.. others.Select(a => a.User is null || a.Settings.ContainsKey("DefaultAccount") ? a : a with { Settings = a.Settings.SetItem("DefaultAccount", accounts[a.User]) })];
        // What stands at the root does not reach those that are loaded with it whole (24.11): they get it themselves. Jobs that name no quality of service would get whichever is the first.
        var every = root.Settings.GetValueOrDefault("QOS", string.Join(',', policy.QosNames));
        var usual = root.Settings.GetValueOrDefault("DefaultQOS", every.Split(',').Contains(SlurmPolicy.Normal, StringComparer.Ordinal) ? SlurmPolicy.Normal : every.Split(',')[0]);
        root = root with { Settings = root.Settings.Remove("QOS").Remove("DefaultQOS") };
        var own = others.Where(a => a.User is null && a.Settings.ContainsKey("QOS")).Select(a => a.Account).ToHashSet(StringComparer.Ordinal);
        others = [.. others.Select(a => a.Settings.ContainsKey("QOS") || own.Contains(a.User is null ? a.Parent ?? "" : a.Account) ? a : a with
        {
            Settings = a.Settings.SetItem("QOS", every).SetItem("DefaultQOS", a.Settings.GetValueOrDefault("DefaultQOS", usual)),
        })];

        return [root, .. others];
    }

    private static JsonArray Partitions(SlurmPolicy policy, ImmutableArray<string> nodes, bool emulated)
    {
        var first = policy.Partitions.IsEmpty ? null : Default(policy);
        return new JsonArray([.. policy.Partitions.Select(partition =>
        {
            var settings = partition.Settings;
            if (partition == first) settings = settings.SetItem("Default", "YES");
            if (!settings.ContainsKey("State")) settings = settings.SetItem("State", "UP");
            return (JsonNode?)new JsonObject { ["name"] = partition.Name, ["nodes"] = NodeList(partition.Nodes!, nodes, emulated), ["settings"] = Texts(settings) };
        })]);
    }

    private static SlurmPartition Default(SlurmPolicy policy) =>
        policy.Partitions.FirstOrDefault(p => p.IsDefault) ?? policy.Partitions[0];

    private static string NodeList(NodeNumbers numbers, ImmutableArray<string> nodes, bool emulated)
    {
        if (!emulated) return string.Join(',', numbers.Of(nodes));
        var ranges = numbers.Ranges.IsEmpty ? [(First: 1, Last: nodes.Length)] : numbers.Ranges;
        // Emulated nodes count from 0.
        return $"emulated[{string.Join(',', ranges.Where(r => r.First <= nodes.Length).Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.First - 1}-{Math.Min(r.Last, nodes.Length) - 1}")))}]";
    }

    /// <summary>A reservation in the words of <c>scontrol create reservation</c>.</summary>
    private static string Words(SlurmReservation reservation, ImmutableArray<string> nodes)
    {
        var users = reservation.Users.IsEmpty && reservation.Accounts.IsEmpty ? [SlurmPolicy.Root] : reservation.Users;
        IEnumerable<string?> words =
        [
            $"ReservationName={reservation.Name}",
            string.Create(CultureInfo.InvariantCulture, $"StartTime=now+{Math.Max(0, (long)reservation.Start.TotalSeconds)}seconds"),
            string.Create(CultureInfo.InvariantCulture, $"Duration={reservation.Minutes}"),
            reservation.Nodes!.Ranges.IsEmpty ? "Nodes=ALL" : $"Nodes={string.Join(',', reservation.Nodes.Of(nodes))}",
            users.IsEmpty ? null : $"Users={string.Join(',', users)}",
            reservation.Accounts.IsEmpty ? null : $"Accounts={string.Join(',', reservation.Accounts)}",
            reservation.Flags.IsEmpty ? null : $"Flags={string.Join(',', reservation.Flags)}",
        ];
        return string.Join(' ', words.OfType<string>());
    }

    private static JsonObject Texts(IEnumerable<KeyValuePair<string, string>> settings) => new(settings.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value)));
}
