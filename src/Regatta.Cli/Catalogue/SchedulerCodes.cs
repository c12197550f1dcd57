using static Regatta.Cli.Catalogue.FaultCategory;

namespace Regatta.Cli.Catalogue;

/// <summary>Schedulers and their settings.</summary>
internal static class SchedulerCodes
{
    public static IReadOnlyList<CatalogueEntry> All { get; } =
    [
        new("reference-policy", Input, "The reference scheduler has no such policy", "docs/reference-scheduler.md lists all"),
        new("scheduler-processors", Input, "A node cannot offer so many processors", "Give its workers more processors"),
        new("scheduler-profile", Input, "The scheduler has no such profile", "docs/profiles.md lists all"),
        new("scheduler-setting-null", Input, "A setting cannot be null", "Give it a value, or leave it out"),
        new("scheduler-version-image", Input, "scheduler.version cannot choose the image", "Leave out the version or the image"),
        new("scheduler-version-unknown", Input, "No image holds the version that is wanted", "regatta image list; docs/versions.md says how one is added"),
        new("cluster-head-memory", Input, "The head has too little memory for the control plane", "Raise cluster.head.memory"),
        new("cluster-image", Input, "Nodes have an image of another scheduler", "Bring up a cluster of the right image"),
        new("emulated-nodes", Input, "So many nodes cannot be emulated", "docs/emulation.md names the limits"),
        new("flux-queue-policy", Input, "Fluxion has no such queue policy", "fcfs, easy, hybrid or conservative"),
        new("flux-scheduler", Input, "Flux has no such scheduler", "sched-fluxion or sched-simple"),
        new("flux-setting-key", Input, "Not a key of Flux's configuration", "Name a key of its table"),
        new("flux-setting-made", Input, "A setting of Flux is made from the cluster", "Leave it out"),
        new("flux-setting-unknown", Input, "Flux's configuration has no such table", "docs/profiles.md lists them"),
        new("flux-setting-value", Input, "A setting of Flux cannot have this value", "Write it as TOML wants it"),
        new("kubernetes-dns-alone", Input, "DNS needs the proxy", "Set both"),
        new("kubernetes-setting-key", Input, "Not a setting of the component", "Name one of its keys"),
        new("kubernetes-setting-made", Input, "A setting is made from the cluster", "Leave it out"),
        new("kubernetes-setting-unknown", Input, "There is no such component", "docs/profiles.md lists them"),
        new("kubernetes-setting-value", Input, "A setting cannot have this value", "Write another value"),
        new("kubernetes-untested", Note, "A version of Kubernetes was not tested", "Judge its trials with care; docs/versions.md says what differs"),
        new("slurm-build-older", Input, "A build of Slurm is older than the image that is to hold it", "Take an image with an older Slurm"),
        new("slurm-option-absent", Note, "The profile has no option to take out", "Leave it out"),
        new("slurm-option-empty", Input, "A list of options has an empty one", "Remove a comma"),
        new("slurm-option-unknown", Input, "A list has an option that Slurm would ignore", "Check its spelling"),
        new("slurm-option-value", Input, "An option lacks its value", "Write name=value"),
        new("slurm-priority-basic", Input, "priority/basic ignores these weights", "Use priority/multifactor"),
        new("slurm-priority-unaccounted", Note, "Weights have no effect without accounting", "Leave them out"),
        new("slurm-setting-absent", Note, "The profile does not set what null would remove", "Leave it out"),
        new("slurm-setting-refused", Input, "slurm.conf's key is made by the program", "docs/profiles.md says which can be set"),
        new("slurm-setting-unknown", Input, "slurm.conf has no such key", "Check its spelling"),
        new("slurm-setting-value", Input, "slurm.conf's key cannot have this value", "Write another value"),
        new("slurm-untested", Note, "A version of Slurm was not tested", "Judge its trials with care; docs/versions.md says how a version is added"),
        new("slurm-upgrade-machines", Input, "Slurm cannot be upgraded on these machines while a trial runs", "Take containers without emulated nodes"),
        new("slurm-upgrade-step", Input, "Slurm does not allow this upgrade", "Go by the releases between, or name a newer version"),
        new("slurm-version", Note, "A key is not known to this version of Slurm", "Leave it out, or use another image"),
        new("slurm-version-setting", Input, "A key is not known to the version of Slurm that is wanted", "Leave it out, or name another version"),
        new("upgrade-nothing", Failed, "An upgrade replaced no daemon", "Look at the trial's upgrade.log"),
        new("volcano-list", Input, "A list of Volcano's is malformed", "Names divided by commas"),
        new("volcano-setting-unknown", Input, "There is no such setting of Volcano", "docs/profiles.md lists them"),
        new("volcano-webhooks", Input, "Webhooks are on or off", "Write on or off"),
    ];
}
