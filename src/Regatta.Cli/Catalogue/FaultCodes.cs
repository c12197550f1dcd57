using static Regatta.Cli.Catalogue.FaultCategory;

namespace Regatta.Cli.Catalogue;

/// <summary>Faults that are brought about on purpose.</summary>
internal static class FaultCodes
{
    public static IReadOnlyList<CatalogueEntry> All { get; } =
    [
        new("fault-act", Failed, "A planned fault could not be brought about", "The detail has the node's words; the trial is invalid"),
        new("fault-after-end", Input, "A planned fault comes after the jobs are expected to have ended", "An earlier fault, or more jobs"),
        new("fault-conflict", Input, "Two planned faults, or a fault and an upgrade, exclude each other", "Times that do not overlap, or leave one out"),
        new("fault-daemon", Input, "The scheduler has no such daemon", "The help lists those that it has"),
        new("fault-emulated", Input, "Emulated nodes cannot be made to fail", "cluster.emulated=null, or faults=none"),
        new("fault-heal", Failed, "A planned fault could not be healed", "The cluster is not used again; regatta reap tries once more"),
        new("fault-hold", Input, "A daemon that others start at once cannot be kept down", "Leave lasts out, or freeze it"),
        new("fault-keys", Input, "A key of a fault lacks, or belongs to another kind", "What the message says"),
        new("fault-machines", Input, "The machines or their host cannot have such a fault", "Another kind of machines or of fault"),
        new("fault-name", Input, "The name of a fault does not fit", "Small letters, digits and hyphens, at most 40"),
        new("fault-node", Input, "The cluster has no such node, or the daemon does not run there", "Name one of the cluster"),
        new("fault-not-allowed", Input, "Faults on machines that exist need permission", "faults.allow=true"),
        new("fault-simulated", Input, "The reference scheduler has nothing that could fail", "faults=none for its point"),
        new("fault-trigger", Input, "Nothing, or more than one thing, says when a fault is to come", "One of at, after_starts and at_load"),
        new("fault-unhealed", Failed, "Machines that exist are not used after a fault was not healed", "Mend them, then regatta resume"),
    ];
}
