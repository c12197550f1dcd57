namespace Regatta.Workloads;

/// <summary>Where things are on a node, and who jobs run as: what the program, its agent and the playbooks agree on. The playbooks get it with the inventory.</summary>
public static class NodeLayout
{
    /// <summary>The agent.</summary>
    public const string Agent = "/usr/local/lib/regatta/regatta-agent";

    /// <summary>The virtual clock's program on the head of a cluster in virtual time; its library is beside it, with <c>.so</c> added.</summary>
    public const string Clock = "/usr/local/lib/regatta/regatta-clock";

    /// <summary>The shared memory of the virtual clock.</summary>
    public const string ClockPage = "/dev/shm/regatta/clock";

    /// <summary>What Regatta keeps on a node; home of the user that jobs run as.</summary>
    public const string State = "/var/lib/regatta";

    /// <summary>Directory on the head with one directory for each replay.</summary>
    public const string Replays = State + "/replays";

    /// <summary>Directory on the workers with one file of stamps for each trial. It is root's: jobs append to files that are there, and make none.</summary>
    public const string Stamps = State + "/stamps";

    /// <summary>The user, and the group, that jobs are submitted and run as.</summary>
    public const string JobUser = "regatta";

    /// <summary>Number of that user and group, the same on every node.</summary>
    public const int JobUserId = 6420;

    /// <summary>Access to the API server for the agent, on the head.</summary>
    public const string Kubeconfig = State + "/kubeconfig";

    /// <summary>The API server's audit log, on the head.</summary>
    public const string AuditLog = "/var/log/kubernetes/audit.log";

    /// <summary>Socket of slurmrestd, on the head.</summary>
    public const string SlurmrestdSocket = "/run/regatta/slurmrestd.sock";

    /// <summary>slurmctld's log, on the head.</summary>
    public const string SlurmctldLog = "/var/log/slurm/slurmctld.log";

    /// <summary>slurmdbd's log, on the head.</summary>
    public const string SlurmdbdLog = "/var/log/slurm/slurmdbd.log";

    /// <summary>The log of the database of accounting, on the head.</summary>
    public const string DatabaseLog = "/var/log/slurm/mariadb.log";

    /// <summary>slurmd's log, on the workers.</summary>
    public const string SlurmdLog = "/var/log/slurm/slurmd.log";

    /// <summary>The brokers' log, on every node.</summary>
    public const string FluxLog = "/var/log/flux/flux.log";
}
