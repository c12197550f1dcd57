using System.Net;
using System.Text.Json.Nodes;
using Regatta.Ansible;
using Regatta.Machines;
using Regatta.Schedulers;
using Regatta.Schedulers.Slurm;
using Regatta.Tests.Ansible;
using Regatta.Workloads;

namespace Regatta.Tests.Schedulers;

/// <summary>slurm.conf and cgroup.conf as the role's templates make them, rendered by the real Ansible.</summary>
public sealed class SlurmConfTests : ScratchTests
{
    [Fact]
    public async Task Virtual_machines_bind_by_control_groups_that_slurm_finds_itself()
    {
        var (slurm, cgroup) = await RenderAsync("v2", "/sys/fs/cgroup", processors: 2);

        Assert.Equal(
            """
            # Written by Regatta; the same on every node.
            ClusterName=regatta
            SlurmctldHost=head(10.0.0.1)
            SlurmUser=slurm
            AuthType=auth/munge
            CredType=cred/munge

            StateSaveLocation=/var/lib/slurm/slurmctld
            SlurmdSpoolDir=/var/lib/slurm/slurmd
            SlurmctldPidFile=/run/slurmctld.pid
            SlurmdPidFile=/run/slurmd.pid
            SlurmctldLogFile=/var/log/slurm/slurmctld.log
            SlurmdLogFile=/var/log/slurm/slurmd.log

            # Processes and processors
            ProctrackType=proctrack/cgroup
            TaskPlugin=task/cgroup,task/affinity
            SelectType=select/cons_tres
            SelectTypeParameters=CR_Core_Memory
            # A job that asks for no memory gets each processor's share, so that processors decide what fits.
            DefMemPerCPU=460
            # A node is what it is said to be here, not what its kernel shows: a container sees all of its host.
            SlurmdParameters=config_overrides

            # The profile's settings
            AccountingStorageType=accounting_storage/none
            EnforcePartLimits=ALL
            Epilog=/bin/true
            JobAcctGatherType=jobacct_gather/none
            JobCompType=jobcomp/none
            JobRequeue=0
            KillWait=5
            LogTimeFormat=iso8601_ms
            MailProg=/bin/true
            MaxJobCount=200000
            MessageTimeout=30
            MinJobAge=60
            MpiDefault=none
            PreemptType=preempt/none
            PriorityType=priority/basic
            ReturnToService=2
            SchedulerParameters=batch_sched_delay=0,sched_min_interval=10000,default_queue_depth=10000
            SchedulerType=sched/builtin
            SlurmctldDebug=debug2
            SlurmdDebug=info
            SlurmdTimeout=30

            NodeName=worker1 NodeAddr=10.0.0.2 CPUs=2 Boards=1 SocketsPerBoard=1 CoresPerSocket=2 ThreadsPerCore=1 RealMemory=921 State=UNKNOWN
            NodeName=worker2 NodeAddr=10.0.0.3 CPUs=2 Boards=1 SocketsPerBoard=1 CoresPerSocket=2 ThreadsPerCore=1 RealMemory=921 State=UNKNOWN
            PartitionName=main Nodes=worker1,worker2 Default=YES MaxTime=UNLIMITED State=UP

            """,
            slurm);
        Assert.Equal("# Written by Regatta.\nCgroupPlugin=autodetect\nConstrainCores=yes\nConstrainRAMSpace=yes\n", cgroup);
    }

    [Fact]
    public async Task Containers_name_where_their_control_groups_are()
    {
        var (slurm, cgroup) = await RenderAsync("v1", "/cg", processors: 2);

        Assert.Contains("TaskPlugin=task/cgroup,task/affinity\n", slurm, StringComparison.Ordinal);
        Assert.Equal("# Written by Regatta.\nCgroupPlugin=cgroup/v1\nCgroupMountpoint=/cg\nConstrainCores=yes\nConstrainRAMSpace=yes\n", cgroup);
    }

    [Fact]
    public async Task Nodes_that_offer_more_than_they_have_are_not_bound()
    {
        var (slurm, cgroup) = await RenderAsync("v1", "/cg", processors: 8);

        Assert.Contains("ProctrackType=proctrack/cgroup\nTaskPlugin=task/cgroup\n", slurm, StringComparison.Ordinal);
        Assert.Contains("NodeName=worker1 NodeAddr=10.0.0.2 CPUs=8 ", slurm, StringComparison.Ordinal);
        Assert.Contains("ConstrainCores=no\nConstrainRAMSpace=yes\n", cgroup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_control_groups_processes_are_tracked_by_their_parents()
    {
        var (slurm, cgroup) = await RenderAsync("none", "", processors: 2);

        Assert.Contains("ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\n", slurm, StringComparison.Ordinal);
        Assert.Equal("# Written by Regatta.\nCgroupPlugin=cgroup/v1\nConstrainCores=no\nConstrainRAMSpace=no\n", cgroup);
    }

    [Fact]
    public async Task Emulated_nodes_are_shared_out_to_the_workers_each_on_a_port_of_its_own()
    {
        var (slurm, cgroup) = await RenderAsync("v2", "/sys/fs/cgroup", processors: 4, emulated: 5);

        Assert.Contains(
            """
            NodeName=emulated[0-1] NodeHostname=worker1 NodeAddr=10.0.0.2 Port=[20000-20001] CPUs=4 Boards=1 SocketsPerBoard=1 CoresPerSocket=4 ThreadsPerCore=1 RealMemory=921 State=UNKNOWN
            NodeName=emulated[2-4] NodeHostname=worker2 NodeAddr=10.0.0.3 Port=[20002-20004] CPUs=4 Boards=1 SocketsPerBoard=1 CoresPerSocket=4 ThreadsPerCore=1 RealMemory=921 State=UNKNOWN
            PartitionName=main Nodes=emulated[0-4] Default=YES MaxTime=UNLIMITED State=UP

            """,
            slurm, StringComparison.Ordinal);
        Assert.Contains("SlurmdSpoolDir=/var/lib/slurm/slurmd/%n\n", slurm, StringComparison.Ordinal);
        Assert.Contains("ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\n", slurm, StringComparison.Ordinal);
        Assert.Contains("ConstrainCores=no\nConstrainRAMSpace=no\n", cgroup, StringComparison.Ordinal);
    }

    private async Task<(string Slurm, string Cgroup)> RenderAsync(string version, string mountpoint, int processors, int? emulated = null)
    {
        if (!File.Exists("/usr/bin/ansible-playbook")) Assert.Skip("ansible-playbook is not on this host: regatta doctor --fix");
        var cluster = new Cluster
        {
            Name = "race",
            RunId = "run",
            Machines = MachineKind.Lxc,
            Directory = Scratch,
            Nodes = [Node("head", NodeRole.Head, 1), Node("worker1", NodeRole.Worker, 2), Node("worker2", NodeRole.Worker, 3)],
        };
        var request = new ConfigurationRequest(cluster, new SlurmScheduler(), new SchedulerOptions("fifo") { Version = "22.05.8", ProcessorsPerNode = processors, Emulated = emulated }, Scratch);
        var inventory = ClusterConfigurator.InventoryOf(request);
        inventory = inventory with
        {
            Variables = inventory.Variables
                .Add("found_cgroup", new JsonObject { ["version"] = version, ["mountpoint"] = mountpoint })
                .Add("found_processors", 2)
                .Add("project", Path.Combine(Repository.Root, "ansible", "ansible_collections", "regatta", "cluster"))
                .Add("output", Scratch),
        };
        var playbooks = AnsibleDirectory.Make(Path.Combine(Scratch, "playbooks"), Path.Combine(AppContext.BaseDirectory, "Schedulers", "SlurmConf.data", "render.yml"));

        await new PlaybookRunner(TimeProvider.System).RunAsync(
            new PlaybookRun(playbooks, "render.yml", inventory, Scratch), SilentMonitor.Instance, TestContext.Current.CancellationToken);
        return (await ReadAsync("slurm.conf"), await ReadAsync("cgroup.conf"));
    }

    private Task<string> ReadAsync(string name) =>
        File.ReadAllTextAsync(Path.Combine(Scratch, name), TestContext.Current.CancellationToken);

    private static Node Node(string name, NodeRole role, byte address) =>
        new(name, role, new IPAddress([10, 0, 0, address]), 22, "root", "", 2, 1L << 30);
}
