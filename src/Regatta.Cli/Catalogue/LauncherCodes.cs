using static Regatta.Cli.Catalogue.FaultCategory;

namespace Regatta.Cli.Catalogue;

/// <summary>Trials that run elsewhere.</summary>
internal static class LauncherCodes
{
    public static IReadOnlyList<CatalogueEntry> All { get; } =
    [
        new("flux-missing", Lacking, "Flux's command is not on the PATH", "Run it where Flux is"),
        new("flux-refused", Failed, "Flux refuses the tasks", "What it says is in the message"),
        new("flux-unreachable", Failed, "No Flux instance answers", "Run it inside of one; flux uptime asks it"),
        new("host-left-out", Note, "A host went away while the run went on, and its trials went to the others", "Look whether what is compared still shares hosts"),
        new("kubernetes-claim", Lacking, "The claim of the shared volume cannot be had", "kubectl get persistentvolumeclaims"),
        new("kubernetes-image", Lacking, "A node cannot get the image of the pods", "launcher.kubernetes.image names one that it can pull or has"),
        new("kubernetes-locks", Lacking, "Pods cannot lock files of the shared volume, as those of an older cluster must", "The image needs flock, the volume a file system with locks"),
        new("kubernetes-missing", Lacking, "kubectl is not on the PATH", "Install the cluster's own release of it"),
        new("kubernetes-refused", Failed, "Kubernetes refuses the Jobs or their pods", "What it says is in the message"),
        new("kubernetes-unreachable", Failed, "The Kubernetes cluster does not answer", "kubectl get --raw /version asks it"),
        new("launcher-confounded", Input, "All trials of a point would run on one node, without another point", "launcher.keep=block, or launcher.keep=point where that is wanted"),
        new("launcher-early-end", Input, "Repetitions that may end early are decided by the run, which a launcher gives away at once", "Leave measure.precision and measure.budget out, or launcher=local"),
        new("launcher-hosts", Input, "The launcher ssh has no hosts, or two of one name", "Name them in launcher.ssh.hosts"),
        new("launcher-kubernetes", Input, "The launcher kubernetes lacks its image or its volume", "launcher.kubernetes.image and launcher.kubernetes.volume.path"),
        new("launcher-machines", Input, "The launcher cannot give away these trials on machines", "launcher=ssh with machines=lxc or machines=qemu, or launcher=local"),
        new("launcher-point", Input, "A point has a launcher of its own", "Set the launcher for the whole experiment"),
        new("launch-not-shared", Lacking, "Nodes of the cluster do not see the run directory", "Make the run in a directory that they share, with --runs"),
        new("launch-not-written", Lacking, "Nodes of the cluster cannot write to the run directory", "Look at quota, space and permissions"),
        new("launch-program", Lacking, "The program does not run on the other machine", "It needs x86-64, glibc, libstdc++ and libssl"),
        new("launch-trace", Failed, "A workload file cannot be put beside the trials that read it", "Look at the space and the permissions of the run's directory"),
        new("launch-trace-changed", Failed, "A workload file that came with a trial is not the one that was given away", "Remove launch/traces.json of the run, then regatta resume"),
        new("launch-version", Input, "Trials of the run were given away by another version of the program", "Go on with that version, or begin a new run"),
        new("run-unattended", Failed, "No program works on the run", "regatta resume"),
        new("slurm-missing", Lacking, "Slurm's commands are not on the PATH", "Run it on a login node"),
        new("slurm-refused", Failed, "Slurm refuses the tasks", "What it says is in the message"),
        new("ssh-address", Input, "An address or a user that SSH is to take begins with '-' or holds white space", "Write it as ssh takes it"),
        new("ssh-copy", Failed, "The program cannot be copied to a host", "Look at space and permissions there"),
        new("ssh-fix", Lacking, "A host still lacks something after 'regatta doctor --fix' ran there", "What it said there is in the message"),
        new("ssh-lacks", Lacking, "A host lacks what trials on machines need", "launcher.ssh.fix=true, or what the message says"),
        new("ssh-lost", Failed, "The connection to a host broke", "Its trials go to the other hosts"),
        new("ssh-no-host", Failed, "No host is left to run trials on", "regatta resume when one answers again"),
        new("ssh-reap", Failed, "What earlier trials left on a host cannot be removed", "regatta reap there"),
        new("ssh-unreachable", Failed, "A host cannot be reached", "ssh HOST true must work without a question"),
        new("task-cancelled", Failed, "The task of a trial was cancelled", "regatta resume"),
        new("task-evicted", Failed, "The node of a trial's task sent it away", "regatta resume"),
        new("task-failed", Failed, "A trial that ran elsewhere failed", "Look at its log: regatta status"),
        new("task-killed", Failed, "The program of a trial was killed, mostly for want of memory", "Ask for more memory, then regatta resume"),
        new("task-lost", Failed, "A trial's task left the queue and nothing behind", "regatta resume"),
        new("task-memory", Failed, "The task of a trial needed more memory than it had asked for", "Ask for more memory, then regatta resume"),
        new("task-node-failed", Failed, "The node of a trial's task failed", "regatta resume"),
        new("task-preempted", Failed, "The task of a trial was preempted and not requeued", "regatta resume"),
        new("task-program", Failed, "The program cannot be run on the other machine", "Look at the trial's log: regatta status"),
        new("task-time-limit", Failed, "The task of a trial reached its time limit", "Raise the time limit, then regatta resume"),
    ];
}
