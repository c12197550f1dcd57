using Regatta.Schedulers.Slurm.Policy;
using Regatta.Schedulers.Slurm.Sites;
using Regatta.Simulation.Priorities;
using Regatta.Workloads;

namespace Regatta.Experiments.Configuration;

/// <summary>The policy that an experiment gives to Slurm, and to the reference scheduler: its own accounts, qualities of service and partitions, and where it has none of a kind those of its site.</summary>
internal static class SlurmPolicies
{
    private static readonly ImmutableSortedDictionary<string, string> None = ImmutableSortedDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The policy of an experiment.</summary>
    /// <exception cref="DiagnosticException">The site's file of associations cannot be read.</exception>
    public static SlurmPolicy Of(Experiment experiment)
    {
        var (section, site) = (experiment.Scheduler.Slurm, experiment.Site);
        if (experiment.Scheduler.Name is not ("slurm" or "reference")) return SlurmPolicy.None;
        var partitions = Partitions(experiment);
        var ofSite = section.Partitions.Count == 0 && !partitions.IsEmpty;
        // The rest of a site's policy is used as a whole, where there is a database, for its parts name one another.
        if (!section.Accounting) site = null;
        return new SlurmPolicy
        {
            Accounting = section.Accounting,
            Associations = section.Accounts.Count > 0 ? Associations(section) : site is null ? [] : SacctmgrFiles.Associations(site.Associations, File.OpenText).Associations,
            Qos = section.Qos.Count > 0 ? [.. section.Qos.Select(q => Quality(q.Key, q.Value))] : site is null ? [] : [.. site.Qos.Select(q => new SiteQos(q.Key, None.SetItems(q.Value.Settings)))],
            Partitions = partitions,
            OfSite = ofSite,
            Reservations = [.. section.Reservations.Select(r => new SlurmReservation(r.Key, r.Value.Start, r.Value.Duration, NodeNumbers.Parse(r.Value.Nodes), [.. r.Value.Users], [.. r.Value.Accounts], [.. r.Value.Flags]))],
            Settings = site is null ? None : None.SetItems(site.Settings.Where(s => s.Key is not ("AccountingStorageType" or "AccountingStorageTRES"))),
        };
    }

    /// <summary>The partitions of an experiment, or those of its site; empty for one that has all nodes.</summary>
    public static ImmutableArray<SlurmPartition> Partitions(Experiment experiment) =>
        experiment.Scheduler.Slurm.Partitions is { Count: > 0 } own ? [.. own.Select(p => new SlurmPartition(p.Key, NodeNumbers.Parse(p.Value.Nodes), None.SetItems(p.Value.Settings)))]
        : experiment.Site is { } site ? OfSite(site) : [];

    /// <summary>What each account is promised of the machine, 0 to 1: its share of its siblings', times what the account above is promised. Empty without accounts.</summary>
    public static ImmutableSortedDictionary<string, double> PromisedShares(this SlurmPolicy policy)
    {
        return FairShareTree.Promised(policy.Associations.Where(a => a.User is null).Select(a => (a.Account, a.Parent, Shares(a))));

        // What sacctmgr gives to an account whose share nobody names; parent is no number.
        static long? Shares(SiteAssociation account) =>
            account.Settings.GetValueOrDefault("Fairshare") is not { } text ? 1 : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var shares) ? shares : null;
    }

    private static ImmutableArray<SiteAssociation> Associations(SlurmSection section) =>
    [
        .. section.Accounts.SelectMany(account => account.Value.Users
            .Select(user => new SiteAssociation(account.Key, null, user.Key, None.Add("Fairshare", Number(user.Value))))
            .Prepend(new SiteAssociation(account.Key, account.Value.Parent, null, None.SetItems(account.Value.Settings).SetItem("Fairshare", Number(account.Value.Share))))),
    ];

    private static SiteQos Quality(string name, SlurmQosSection section)
    {
        var settings = None.SetItems(section.Settings).SetItem("Priority", section.Priority.ToString(CultureInfo.InvariantCulture));
        if (section.Preempt.Count > 0) settings = settings.SetItem("Preempt", string.Join(',', section.Preempt));
        if (section.PreemptMode is { } mode) settings = settings.SetItem("PreemptMode", mode);
        return new SiteQos(name, settings);
    }

    /// <summary>The GPUs of a site's nodes, in proportion to the processors that a node of the cluster has; those that it gives no type are a model of their own.</summary>
    /// <param name="site">The site.</param>
    /// <param name="processors">Processors of a node of the cluster.</param>
    public static ImmutableArray<NodeGpus> GpusOf(SiteSection site, int processors) =>
    [
        .. Numbers(site).SelectMany(kind => GenericResource.Gpus(kind.Kind.Gres)
            .Select(gpus => new NodeGpus(gpus.Type ?? Untyped, string.Create(CultureInfo.InvariantCulture, $"{kind.First}-{kind.Last}"), Math.Max(1, (int)Math.Round((double)gpus.Count * processors / kind.Kind.Processors, MidpointRounding.AwayFromZero)))))
            .OrderBy(gpus => gpus.Model, StringComparer.Ordinal),
    ];

    private const string Untyped = "untyped";

    private static ImmutableArray<SlurmPartition> OfSite(SiteSection site)
    {
        var numbers = Numbers(site).ToDictionary(kind => kind.Kind.Name, kind => (kind.First, kind.Last), StringComparer.Ordinal);
        return [.. site.Partitions.Select(p => new SlurmPartition(p.Key, new NodeNumbers([.. p.Value.Nodes.Where(numbers.ContainsKey).Select(kind => numbers[kind]).Order()]), None.SetItems(p.Value.Settings)))];
    }

    /// <summary>The kinds of nodes of a site take the numbers from 1 on, one after the other.</summary>
    private static IEnumerable<(SiteNodesSection Kind, int First, int Last)> Numbers(SiteSection site)
    {
        var next = 1;
        foreach (var kind in site.Nodes)
        {
            yield return (kind, next, next + kind.Count - 1);
            next += kind.Count;
        }
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
