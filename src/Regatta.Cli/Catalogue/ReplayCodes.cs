using static Regatta.Cli.Catalogue.FaultCategory;

namespace Regatta.Cli.Catalogue;

/// <summary>The agent and the replay.</summary>
internal static class ReplayCodes
{
    public static IReadOnlyList<CatalogueEntry> All { get; } =
    [
        new("client-missing", Lacking, "The head lacks the program of a client that is to call", "Take an image that has it, or leave these clients out"),
        new("clients-rate", Input, "All clients together would make more calls a second than are taken", "Lower the rates"),
        new("clients-simulated", Input, "Clients are wanted beside a simulated scheduler", "Leave clients out, or take a scheduler that runs"),
        new("clients-unread", Failed, "The calls of the clients cannot be read on the head", "Run the trial again"),
        new("clients-unsupported", Input, "The scheduler has nothing to call for a kind of clients", "Leave the kind out; docs/clients.md"),
        new("agent-command", Input, "The agent has no such command", "regatta-agent without words lists them"),
        new("agent-option", Input, "An option of the agent is wrong", "Read its help"),
        new("agent-watch", Failed, "The agent cannot watch a directory", "Raise fs.inotify.max_user_instances"),
        new("emulate-nodes", Failed, "Nodes cannot be emulated", "Read the detail"),
        new("replay-apiserver", Failed, "The API server does not answer as it should", "kubectl get nodes"),
        new("replay-audit-log", Failed, "The audit log cannot be read", "Configure the cluster again"),
        new("replay-beat", Failed, "The process whose beats a replay keeps a distance to does not run", "Look at the scheduler on the head, or set measure.beat=0s"),
        new("replay-connection-lost", Failed, "The head was not reached for too long", "Look at the network and the head"),
        new("replay-cut", Input, "A replay's input ends too early", "Send it again"),
        new("replay-disk", Failed, "The replay cannot write on the head", "Make room there"),
        new("replay-empty", Input, "A replay's input is empty", "Send a header and jobs"),
        new("replay-exists", Input, "The directory holds a replay already", "Follow it"),
        new("replay-failed", Failed, "The replay failed", "Read its words in the detail"),
        new("replay-flux", Failed, "Flux does not answer", "systemctl status flux on the head"),
        new("replay-flux-library", Failed, "Flux's library is not there", "Check the prefix"),
        new("replay-gang-api", Failed, "The API server serves no PodGroups", "Configure the cluster again with the profile gang; docs/versions.md says which versions have them"),
        new("replay-gang-dropped", Failed, "The API server drops a pod's schedulingGroup", "Set its feature gate GenericWorkload"),
        new("replay-head-unreachable", Failed, "The replay's directory cannot be made on the head", "Look at the head"),
        new("replay-header", Input, "A replay's header is wrong", "Correct it"),
        new("replay-kubeconfig", Failed, "The kubeconfig cannot be used", "Configure the cluster again"),
        new("replay-left-over", Input, "Jobs of the trial are there already", "Remove them"),
        new("replay-line", Input, "A line is no header, job or event", "Correct it"),
        new("replay-missing", Lacking, "There is no replay in the directory", "Start one"),
        new("replay-nodes", Input, "The cluster has no node that takes jobs", "kubectl get nodes"),
        new("replay-option", Input, "An option of the driver is wrong", "docs/agent.md lists them"),
        new("replay-overdue", Failed, "The replay did not end in its time", "Look at the agent's log"),
        new("replay-queue", Failed, "Volcano has no such queue", "Choose one that exists"),
        new("replay-reservation", Failed, "Slurm does not make a reservation", "scheduler.slurm.reservations: what it says is what man scontrol wants"),
        new("replay-scheduler", Input, "The agent has no driver for the scheduler", "Choose one that it has"),
        new("replay-slurmctld-log", Failed, "slurmctld's log cannot be read", "Configure the cluster again"),
        new("replay-slurmrestd", Failed, "slurmrestd does not answer", "systemctl status slurmrestd on the head"),
        new("replay-version", Input, "The replay is of a version that the agent does not read", "Install the agent of this program"),
        new("replay-volcano", Failed, "The cluster has no Volcano", "Configure the cluster again"),
        new("replay-worker", Failed, "The process of the replay does not start", "Look at the head"),
        new("replay-worker-gone", Failed, "The replay process exited unexpectedly", "Look at the agent's log on the head"),
        new("replay-worker-unreachable", Failed, "The file for time stamps cannot be made on a worker", "Look at that worker"),
    ];
}
