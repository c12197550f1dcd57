using static Regatta.Cli.Catalogue.FaultCategory;

namespace Regatta.Cli.Catalogue;

/// <summary>Sites that are imported.</summary>
internal static class SiteCodes
{
    public static IReadOnlyList<CatalogueEntry> All { get; } =
    [
        new("site-account-circle", Input, "Accounts are above each other", "Write the associations again with sacctmgr dump"),
        new("site-association-line", Input, "A line of associations or qualities of service cannot be read", "Write the file again; the message has the command"),
        new("site-association-missing", Note, "Users or accounts have jobs and no association, and are made", "Give a dump that has them"),
        new("site-file", Input, "A file of the site cannot be opened", "Check its path"),
        new("site-gpus-missing", Note, "Jobs asked for GPUs on nodes that have none", "Give gres.conf, or check Gres in slurm.conf"),
        new("site-include", Input, "A file that slurm.conf includes cannot be read, or includes itself", "Put it beside slurm.conf"),
        new("site-key-file", Input, "The secret of the pseudonyms cannot be had", "Name another file with --key-file"),
        new("site-key-left-out", Note, "Settings of slurm.conf are not carried over", "The message has the reason"),
        new("site-line", Input, "A line of slurm.conf, gres.conf or topology.conf is no setting", "Correct it: KEY=VALUE"),
        new("site-made", Note, "Accounts, users or qualities of service are made from the jobs", "Give --associations and --qos"),
        new("site-node-count", Input, "A cluster is to have no nodes", "Give --nodes at least 1"),
        new("site-nodes", Input, "slurm.conf has no nodes, or their names cannot be read", "Give the whole slurm.conf of the controller"),
        new("site-output", Input, "The site cannot be written", "Give --output a path that can be written"),
        new("site-partition-empty", Note, "A partition has no nodes and is left out", "Check its Nodes"),
        new("site-partition-nodes", Note, "A partition names nodes that are not there", "Check the NodeName lines"),
        new("site-policy-left-out", Note, "A scheduler other than Slurm takes nothing of the policy of a site", "docs/sites.md says what it takes"),
        new("site-qos-missing", Note, "Qualities of service are named and not there, and are made", "Give --qos"),
        new("site-sample", Input, "A sample site cannot have so many jobs or users", "At least 10 jobs and 3 users"),
        new("site-scaled", Note, "The cluster has fewer or more nodes than the site", "Nothing"),
        new("site-topology", Note, "The site's switches are left out", "Nothing"),
    ];
}
