using static Regatta.Cli.Catalogue.FaultCategory;

namespace Regatta.Cli.Catalogue;

/// <summary>Virtual time.</summary>
internal static class VirtualTimeCodes
{
    public static IReadOnlyList<CatalogueEntry> All { get; } =
    [
        new("clock-build", Lacking, "The virtual clock could not be built", "Install a C compiler; regatta doctor --fix"),
        new("replay-clock", Failed, "The agent cannot join the virtual clock", "systemctl status regatta-clock on the head"),
        new("virtual-time-clients", Input, "Clients do not call in virtual time", "Leave clients out"),
        new("virtual-time-emulated", Input, "Virtual time needs emulated nodes", "Set cluster.emulated"),
        new("virtual-time-end", Input, "A job ends beyond the end of virtual time", "Leave it out, or scale times"),
        new("virtual-time-machines", Input, "Virtual time is for containers", "machines=lxc"),
        new("virtual-time-off", Input, "Settings of virtual time say nothing in real time", "cluster.time=virtual, or leave them out"),
        new("virtual-time-quantum", Input, "Virtual time cannot go on in steps of that length", "cluster.time_quantum=10ms"),
        new("virtual-time-scheduler", Input, "The scheduler does not run in virtual time", "docs/virtual-time.md says which do"),
        new("virtual-time-speed", Input, "A virtual time cannot have this speed", "0 for no limit, or at least 2"),
        new("virtual-time-upgrade", Input, "An upgrade does not go by virtual time", "Leave scheduler.slurm.upgrade out"),
        new("virtual-time-version", Input, "Virtual time was not tried with this version", "docs/virtual-time.md says which were"),
    ];
}
