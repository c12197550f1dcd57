using Regatta.Schedulers.Slurm.Sites;
using Regatta.Workloads;

namespace Regatta.Experiments.Sites;

/// <summary>A site and its jobs, brought together: under pseudonyms, with what one says and the other lacks made and told.</summary>
public sealed record SiteImport
{
    private static readonly ImmutableSortedDictionary<string, string> OneShare = ImmutableSortedDictionary<string, string>.Empty.Add("Fairshare", "1");

    /// <summary>Name of the site.</summary>
    public required string Name { get; init; }

    /// <summary>Its nodes, partitions and settings, with pseudonyms.</summary>
    public required SlurmSite Site { get; init; }

    /// <summary>Its jobs, with pseudonyms.</summary>
    public required Workload Jobs { get; init; }

    /// <summary>How many nodes of each kind the cluster has, in the order of the site's kinds.</summary>
    public required ImmutableArray<int> Counts { get; init; }

    /// <summary>Nodes of the cluster.</summary>
    public int Nodes => Counts.Sum();

    /// <summary>What was made, and what does not fit.</summary>
    public required ImmutableArray<Diagnostic> Diagnostics { get; init; }

    /// <summary>Brings a site and its jobs together.</summary>
    /// <param name="name">Name of the site.</param>
    /// <param name="site">The site as its files describe it.</param>
    /// <param name="jobs">Its jobs.</param>
    /// <param name="pseudonyms">The pseudonyms.</param>
    /// <param name="nodes">How many nodes the cluster is to have in all; null for as many as the site.</param>
    public static SiteImport Of(string name, SlurmSite site, Workload jobs, Pseudonyms pseudonyms, int? nodes = null)
    {
        ArgumentNullException.ThrowIfNull(site);
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentNullException.ThrowIfNull(pseudonyms);
        var told = new List<Diagnostic>();
        var counts = Scaled(site, nodes, name, told);
        told.AddRange(Devices(site, jobs));
        var (associations, qos) = Completed(site, jobs, told);
        return new SiteImport
        {
            Name = name, Jobs = pseudonyms.Apply(jobs), Counts = counts, Diagnostics = [.. told],
            Site = site with
            {
                Qos = qos, Partitions = [.. site.Partitions.Select(partition => partition with { Settings = Renamed(partition.Settings, pseudonyms) })],
                Associations = [.. associations.Select(association => Renamed(association, pseudonyms))],
            },
        };
    }

    /// <summary>
    /// Each kind of nodes keeps its share of the processors, and has at least one: the nodes of the cluster are all alike. What rounding leaves goes to those that lost most by it, so that
    /// the cluster has as many nodes as are wanted, or one for each kind.
    /// </summary>
    private static ImmutableArray<int> Scaled(SlurmSite site, int? nodes, string name, List<Diagnostic> told)
    {
        var all = site.Nodes.Sum(kind => kind.Count);
        var wanted = nodes ?? all;
        double processors = site.Nodes.Sum(kind => (double)kind.Count * kind.Processors);
        double[] shares = [.. site.Nodes.Select(kind => wanted * (kind.Count * kind.Processors / processors))];
        int[] counts = [.. shares.Select(share => Math.Max(1, (int)share))];
        foreach (var kind in Enumerable.Range(0, counts.Length).OrderByDescending(kind => shares[kind] - counts[kind]).Take(Math.Max(0, wanted - counts.Sum())).ToList()) counts[kind]++;
        if (site.Nodes.Zip(counts).All(pair => pair.First.Count == pair.Second)) return [.. counts];
        told.Add(Diagnostic.Hint("site-scaled", string.Create(CultureInfo.InvariantCulture,
            $"{name}: {all:#,0} nodes become {counts.Sum():#,0} that are all alike: each kind keeps its share of the processors, rounded, and has at least one; {string.Join(", ", site.Nodes.Zip(counts, (kind, count) => $"{kind.Name} {kind.Count} to {count}"))}")));
        return [.. counts];
    }

    /// <summary>Jobs that asked for GPUs in a partition whose nodes have none.</summary>
    private static IEnumerable<Diagnostic> Devices(SlurmSite site, Workload jobs)
    {
        var with = site.Nodes.Where(kind => GenericResource.Gpus(kind.Gres).Any()).Select(kind => kind.Name).ToHashSet(StringComparer.Ordinal);
        var without = site.Partitions.Where(partition => !partition.Nodes.Any(with.Contains)).Select(partition => partition.Name).ToHashSet(StringComparer.Ordinal);
        var asking = jobs.Jobs.Select(job => job.Request).OfType<JobRequest>().Distinct(ReferenceEqualityComparer.Instance).Cast<JobRequest>()
            .Where(request => request is { Gpus: > 0, Partition: { } partition } && without.Contains(partition)).ToHashSet<JobRequest>(ReferenceEqualityComparer.Instance);
        if (asking.Count == 0) yield break;
        var lost = jobs.Jobs.Where(job => job.Request is { } request && asking.Contains(request)).ToList();
        yield return Diagnostic.Warning("site-gpus-missing", string.Create(CultureInfo.InvariantCulture, $"{jobs.Name}: {lost.Count:#,0} jobs asked for GPUs in partitions whose nodes have none ({string.Join(", ", lost.Select(job => job.Request!.Partition).Distinct(StringComparer.Ordinal))}), job {lost[0].Id} first")) with
        {
            Help = "check Gres in slurm.conf's NodeName lines and give gres.conf with --gres-conf; the jobs keep what they asked for",
        };
    }

    /// <summary>Accounts, users and qualities of service that jobs or others name and no file has are made, each with one share and without limits.</summary>
    private static (ImmutableArray<SiteAssociation> Associations, ImmutableArray<SiteQos> Qos) Completed(SlurmSite site, Workload jobs, List<Diagnostic> told)
    {
        var requests = jobs.Jobs.Select(job => job.Request).OfType<JobRequest>().Distinct(ReferenceEqualityComparer.Instance).Cast<JobRequest>().ToList();
        var associations = site.Associations.ToBuilder();
        var accounts = associations.Where(association => association.User is null).Select(association => association.Account).ToHashSet(StringComparer.Ordinal);
        var missing = new List<string>();
        if (accounts.Add("root")) associations.Insert(0, new SiteAssociation("root", null, null, OneShare));
        foreach (var account in associations.Select(association => association.Parent ?? association.Account).Concat(requests.Select(request => request.Account).OfType<string>()).Distinct(StringComparer.Ordinal).ToList())
        {
            if (!accounts.Add(account)) continue;
            missing.Add(account);
            associations.Add(new SiteAssociation(account, "root", null, OneShare));
        }

        var users = associations.Where(association => association.User is not null).Select(association => (association.User!, association.Account)).ToHashSet();
        var made = requests.Where(request => request is { User: not null, Account: not null }).Select(request => (request.User!, request.Account!)).Distinct().Where(users.Add).ToList();
        associations.AddRange(made.Select(pair => new SiteAssociation(pair.Item2, null, pair.Item1, OneShare)));
        if (made.Count + missing.Count > 0)
        {
            told.Add(site.Associations.IsEmpty
                ? Diagnostic.Hint("site-made", $"{jobs.Name}: {missing.Count} accounts and {made.Count} users in them are made from the jobs, with one share each") with { Help = "give shares and limits with --associations, which 'sacctmgr dump CLUSTER file=FILE' writes" }
                : Diagnostic.Warning("site-association-missing", $"{jobs.Name}: {made.Count} users in accounts and {missing.Count} accounts have jobs and no association; they are made, with one share each") with { Help = "the dump may be younger than the jobs, and lack who has left the site" });
        }

        var named = requests.Select(request => request.Qos).OfType<string>().Concat(site.Partitions.SelectMany(partition => Lists(partition.Settings, "AllowQos", "DenyQos", "QOS")))
            .Concat(associations.SelectMany(association => Lists(association.Settings, "QOS", "DefaultQOS"))).Concat(site.Qos.SelectMany(one => Lists(one.Settings, "Preempt"))).Distinct(StringComparer.Ordinal);
        var known = site.Qos.Select(one => one.Name).ToHashSet(StringComparer.Ordinal);
        string[] unknown = [.. named.Where(one => known.Add(one)).Order(StringComparer.Ordinal)];
        if (unknown.Length > 0)
        {
            told.Add(site.Qos.IsEmpty
                ? Diagnostic.Hint("site-made", $"{jobs.Name}: {unknown.Length} qualities of service are made from their names alone: {string.Join(", ", unknown)}") with { Help = "give their priorities and limits with --qos, which 'sacctmgr -P show qos' prints" }
                : Diagnostic.Warning("site-qos-missing", $"qualities of service are named and not there: {string.Join(", ", unknown)}; they are made, without priority and limits"));
        }

        return (associations.ToImmutable(), [.. site.Qos, .. unknown.Select(one => new SiteQos(one, ImmutableSortedDictionary<string, string>.Empty))]);
    }

    private static IEnumerable<string> Lists(ImmutableSortedDictionary<string, string> settings, params string[] keys) => settings.Where(pair => keys.Contains(pair.Key, StringComparer.OrdinalIgnoreCase))
        .SelectMany(pair => pair.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Where(name => !name.Equals("ALL", StringComparison.OrdinalIgnoreCase) && !name.Equals("N/A", StringComparison.OrdinalIgnoreCase));

    private static SiteAssociation Renamed(SiteAssociation association, Pseudonyms pseudonyms) => association with
    {
        Account = pseudonyms.Account(association.Account), Parent = association.Parent is { } parent ? pseudonyms.Account(parent) : null, User = association.User is { } user ? pseudonyms.User(user) : null,
        // Words about the account may name its people.
        Settings = association.Settings.RemoveRange(association.Settings.Keys.Where(key => key is "Description" or "Organization" or "Comment" or "Coordinator")).SetItems(association.Settings.Where(pair => pair.Key == "DefaultAccount").Select(pair => KeyValuePair.Create(pair.Key, pseudonyms.Account(pair.Value)))),
    };

    private static ImmutableSortedDictionary<string, string> Renamed(ImmutableSortedDictionary<string, string> settings, Pseudonyms pseudonyms)
    {
        string Each(string list, Func<string, string> to) => string.Join(',', list.Split(',').Select(name => name.Equals("ALL", StringComparison.OrdinalIgnoreCase) ? name : to(name)));
        return settings.SetItems(settings.Select(pair => pair.Key.ToUpperInvariant() switch
        {
            "ALLOWACCOUNTS" or "DENYACCOUNTS" => KeyValuePair.Create(pair.Key, Each(pair.Value, pseudonyms.Account)),
            "ALLOWGROUPS" => KeyValuePair.Create(pair.Key, Each(pair.Value, pseudonyms.Group)),
            _ => pair,
        }).ToList()).RemoveRange(settings.Keys.Where(key => key.Equals("AllocNodes", StringComparison.OrdinalIgnoreCase)));
    }
}
