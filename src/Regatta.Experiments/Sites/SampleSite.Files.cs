namespace Regatta.Experiments.Sites;

/// <summary>The configuration of the sample site, with what real ones have: files that are included, continued lines, ranges of several brackets, programs of the site, settings of former releases.</summary>
public sealed partial record SampleSite
{
    /// <summary>The files by name: <c>slurm.conf</c>, <c>nodes.conf</c>, which it includes, <c>gres.conf</c> and <c>topology.conf</c>.</summary>
    public static IReadOnlyDictionary<string, string> Files { get; } = new Dictionary<string, string>
    {
        ["slurm.conf"] = """
            # Harbour: a cluster that does not exist
            ClusterName=harbour
            SlurmctldHost=ctl1(10.1.0.1)
            SlurmctldHost=ctl2(10.1.0.2)
            SlurmUser=slurm
            SlurmctldPort=6817
            SlurmdPort=6818
            AuthType=auth/munge
            CredType=cred/munge
            CryptoType=crypto/munge
            StateSaveLocation=/shared/slurm/state
            SlurmdSpoolDir=/var/spool/slurmd
            SlurmctldPidFile=/run/slurmctld.pid
            SlurmdPidFile=/run/slurmd.pid
            SlurmctldLogFile=/var/log/slurm/slurmctld.log
            SlurmdLogFile=/var/log/slurm/slurmd.log
            SlurmctldDebug=info
            SlurmdDebug=info
            DebugFlags=Backfill
            LogTimeFormat=iso8601_ms
            MailProg=/usr/local/bin/slurm-mail
            MailDomain=harbour.example
            RebootProgram=/usr/local/sbin/reboot-node
            Prolog=/etc/slurm/prolog.d/*
            Epilog=/etc/slurm/epilog.d/*
            PrologFlags=Alloc,Contain,X11
            TaskProlog=/etc/slurm/taskprolog
            JobSubmitPlugins=lua
            HealthCheckProgram=/usr/sbin/nhc
            HealthCheckInterval=300
            HealthCheckNodeState=ANY,CYCLE
            PlugStackConfig=/etc/slurm/plugstack.conf
            ProctrackType=proctrack/cgroup
            TaskPlugin=task/affinity,task/cgroup
            MpiDefault=pmix
            MpiParams=ports=12000-12999
            LaunchParameters=use_interactive_step
            PropagateResourceLimitsExcept=MEMLOCK
            ReturnToService=1
            TmpFS=/local
            UsePAM=1
            UnkillableStepTimeout=180

            # Timers
            SlurmctldTimeout=300
            SlurmdTimeout=300
            MessageTimeout=60
            TCPTimeout=5
            InactiveLimit=0
            KillWait=30
            MinJobAge=300
            CompleteWait=0
            WaitTime=0
            OverTimeLimit=0
            BatchStartTimeout=60
            EpilogMsgTime=2000

            # Scheduling
            SchedulerType=sched/backfill
            SchedulerParameters=bf_interval=60,bf_window=10080,bf_resolution=300,\
            bf_max_job_test=1000,bf_max_job_user=50,bf_continue,\
            default_queue_depth=500,defer
            SelectType=select/cons_tres
            SelectTypeParameters=CR_Core_Memory
            EnforcePartLimits=ALL
            MaxJobCount=200000
            MaxArraySize=20001
            FastSchedule=1
            TopologyPlugin=topology/tree
            DefMemPerCPU=2000
            JobRequeue=1
            FirstJobId=1
            GresTypes=gpu
            Licenses=matlab:20,ansys:8

            # Priority
            PriorityType=priority/multifactor
            PriorityFlags=ACCRUE_ALWAYS,FAIR_TREE
            PriorityDecayHalfLife=14-0
            PriorityCalcPeriod=00:05:00
            PriorityMaxAge=7-0
            PriorityFavorSmall=NO
            PriorityUsageResetPeriod=NONE
            PriorityWeightAge=10000
            PriorityWeightFairshare=100000
            PriorityWeightJobSize=5000
            PriorityWeightPartition=20000
            PriorityWeightQOS=50000
            PriorityWeightTRES=CPU=1000,Mem=500,GRES/gpu=3000

            # Preemption
            PreemptType=preempt/qos
            PreemptMode=REQUEUE
            PreemptExemptTime=00:10:00

            # Accounting
            AccountingStorageType=accounting_storage/slurmdbd
            AccountingStorageHost=dbd.harbour.example
            AccountingStorageEnforce=associations,limits,qos,safe
            AccountingStorageTRES=gres/gpu,gres/gpu:a100,gres/gpu:v100,license/matlab
            AccountingStoreFlags=job_comment,job_script
            AcctGatherNodeFreq=30
            AcctGatherEnergyType=acct_gather_energy/ipmi
            JobAcctGatherType=jobacct_gather/cgroup
            JobAcctGatherFrequency=task=30
            JobCompType=jobcomp/filetxt
            JobCompLoc=/var/log/slurm/jobcomp.log
            PrivateData=jobs,usage

            # Nodes are shared with the provisioning
            Include nodes.conf

            """,
        ["nodes.conf"] = """
            NodeName=DEFAULT State=UNKNOWN ThreadsPerCore=1
            NodeName=r[1-8]n[01-20] CPUs=32 Sockets=2 CoresPerSocket=16 RealMemory=128000 Feature=icelake,ib Weight=10
            NodeName=r9n[01-32] CPUs=32 Sockets=2 CoresPerSocket=16 RealMemory=128000 Feature=skylake,ib Weight=10
            NodeName=fat[01-16] CPUs=64 Sockets=2 CoresPerSocket=32 RealMemory=1024000 Feature=icelake,bigmem Weight=50
            NodeName=g[1-2]n[01-12] CPUs=48 Sockets=2 CoresPerSocket=24 RealMemory=512000 Gres=gpu:a100:4(S:0-1) Feature=a100 Weight=100
            NodeName=v[01-16] CPUs=40 Sockets=2 CoresPerSocket=20 RealMemory=384000 Gres=gpu:4 Feature=v100 Weight=90
            NodeName=dbg[1-8] CPUs=32 Sockets=2 CoresPerSocket=16 RealMemory=128000 Feature=skylake Weight=1
            NodeSet=gpunodes Nodes=g[1-2]n[01-12]

            PartitionName=DEFAULT State=UP DefaultTime=01:00:00 OverSubscribe=NO
            PartitionName=batch Nodes=r[1-8]n[01-20] Default=YES MaxTime=2-0 PriorityTier=10 PriorityJobFactor=100 AllowQos=normal,high,scavenger \
              TRESBillingWeights="CPU=1.0,Mem=0.25G"
            PartitionName=long Nodes=r9n[01-32] MaxTime=7-0 PriorityTier=10 PriorityJobFactor=50 MaxNodes=8
            PartitionName=fat Nodes=fat[01-16] MaxTime=2-0 PriorityTier=10 AllowAccounts=physics-a,physics-b,bio-a,bio-b,bio-c,ml-a,ml-d
            PartitionName=gpu Nodes=gpunodes MaxTime=1-0 PriorityTier=10 TRESBillingWeights="CPU=0.5,GRES/gpu=12"
            PartitionName=volta Nodes=v[01-16] MaxTime=1-0 PriorityTier=10 TRESBillingWeights="CPU=0.5,GRES/gpu=6"
            PartitionName=debug Nodes=dbg[1-8] MaxTime=30 DefaultTime=5 PriorityTier=100 PriorityJobFactor=1000 AllowGroups=physics,bio,ml

            """,
        ["gres.conf"] = """
            AutoDetect=off
            NodeName=g[1-2]n[01-12] Name=gpu Type=a100 File=/dev/nvidia[0-3]
            NodeName=v[01-16] Name=gpu Type=v100 File=/dev/nvidia[0-3]

            """,
        ["topology.conf"] = """
            SwitchName=leaf1 Nodes=r[1-4]n[01-20]
            SwitchName=leaf2 Nodes=r[5-8]n[01-20]
            SwitchName=leaf3 Nodes=r9n[01-32],fat[01-16]
            SwitchName=leaf4 Nodes=g[1-2]n[01-12],v[01-16],dbg[1-8]
            SwitchName=core Switches=leaf[1-4]

            """,
    };

    /// <summary>Writes what <c>sacctmgr dump</c> of 26.05 would write: qualities of service, accounts in three divisions, and the users.</summary>
    public void WriteAssociations(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write("""
            # To edit this file start with a cluster line for the new cluster
            QOS - 'scavenger':Description='scavenger':PreemptMode='requeue':UsageFactor=0.250000
            QOS - 'normal':Description='Normal QOS default':Preempt='scavenger':Priority=100
            QOS - 'high':Description='high':Preempt='normal,scavenger':Priority=1000:MaxJobsPerUser=20:MaxWallDurationPerJob=2880
            Cluster - 'harbour':Fairshare=1:QOS='normal'
            Parent - 'root'
            User - 'root':DefaultAccount='root':AdminLevel='Administrator':Fairshare=1
            Account - 'physics':Description='physics':Organization='science':Fairshare=60
            Account - 'bio':Description='biology':Organization='science':Fairshare=30
            Account - 'ml':Description='machine learning':Organization='engineering':Fairshare=10:GrpTRES=gres/gpu:a100=64

            """);
        foreach (var division in Divisions)
        {
            writer.Write($"Parent - '{division}'\n");
            foreach (var group in "abcd") writer.Write(string.Create(CultureInfo.InvariantCulture, $"Account - '{division}-{group}':Description='group {group}':Organization='{division}':Fairshare={10 * (group - 'a' + 1)}\n"));
        }

        foreach (var account in Enumerable.Range(0, Users).GroupBy(Account, StringComparer.Ordinal))
        {
            writer.Write($"Parent - '{account.Key}'\n");
            foreach (var user in account)
                writer.Write(string.Create(CultureInfo.InvariantCulture, $"User - '{UserName(user)}':DefaultAccount='{account.Key}':Fairshare={1 + (user % 10)}:MaxJobs={100 + user}:QOS='{(user % 5 == 0 ? "high,normal,scavenger" : "normal,scavenger")}'\n"));
        }
    }
}
