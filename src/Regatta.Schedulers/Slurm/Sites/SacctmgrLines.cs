namespace Regatta.Schedulers.Slurm.Sites;

/// <summary>Writes qualities of service and associations as <c>sacctmgr dump</c> does and <c>sacctmgr load</c> takes them.</summary>
public static class SacctmgrLines
{
    private const string Root = "root";

    /// <summary>The qualities of service, each behind those that it preempts: none can name one that is not there.</summary>
    public static IEnumerable<SiteQos> InOrder(ImmutableArray<SiteQos> all)
    {
        var left = all.ToList();
        while (left.Count > 0)
        {
            // Those in a circle come as they are: sacctmgr refuses them by itself.
            var names = left.Select(qos => qos.Name).ToHashSet(StringComparer.Ordinal);
            var next = left.Find(qos => !qos.Settings.GetValueOrDefault("Preempt", "").Split(',').Any(name => name != qos.Name && names.Contains(name))) ?? left[0];
            left.Remove(next);
            yield return next;
        }
    }

    /// <summary>The lines of qualities of service.</summary>
    public static IEnumerable<string> Qos(ImmutableArray<SiteQos> all) => InOrder(all).Select(qos => $"QOS - '{qos.Name}'{Settings(qos.Settings)}");

    /// <summary>The lines of the cluster, of accounts from the root down, and of their users.</summary>
    /// <param name="cluster">The name of the cluster.</param>
    /// <param name="associations">Accounts and users; one of them is the root.</param>
    public static IEnumerable<string> Associations(string cluster, ImmutableArray<SiteAssociation> associations)
    {
        var below = associations.ToLookup(association => association.User is null ? association.Parent ?? "" : association.Account, StringComparer.Ordinal);
        var root = below[""].First(association => association.User is null);
        yield return $"Cluster - '{cluster}'{Settings(root.Settings)}";
        var open = new Queue<string>([Root]);
        while (open.TryDequeue(out var parent))
        {
            var children = below[parent].Where(association => association.User is not null || association.Parent == parent).OrderBy(association => association.User is null).ThenBy(association => association.User ?? association.Account, StringComparer.Ordinal).ToList();
            if (children.Count == 0) continue;
            yield return $"Parent - '{parent}'";
            foreach (var child in children)
            {
                yield return $"{(child.User is null ? "Account" : "User")} - '{child.User ?? child.Account}'{Settings(child.Settings)}";
                if (child.User is null) open.Enqueue(child.Account);
            }
        }
    }

    private static string Settings(ImmutableSortedDictionary<string, string> settings) => string.Concat(settings.Select(pair => pair.Value.All(char.IsAsciiDigit) ? $":{pair.Key}={pair.Value}" : $":{pair.Key}='{pair.Value}'"));
}
