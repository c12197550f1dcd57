using Regatta.Experiments.Composing;
using Regatta.Experiments.Faulting;
using Regatta.Experiments.Planning;
using Regatta.Experiments.Running;
using Regatta.Host;

namespace Regatta.Tests.Experiments.Faulting;

/// <summary>Faults on purpose, from the words of a user to the plan.</summary>
public sealed class FaultPlanTests
{
    private static readonly string[] Kill = ["+faults.plan.one.kind=kill", "+faults.plan.one.daemon=controller", "+faults.plan.one.at=2s"];

    [Fact]
    public void The_experiment_of_a_controller_that_fails_has_a_point_for_each_way_on_one_cluster()
    {
        var prepared = Prepare("controller-failure");

        Assert.Equal(["alone", "killed", "frozen"], prepared.Plan.Points.Select(p => p.Name));
        Assert.Null(prepared.Plan.Points[0].Faults);
        Assert.Equal("slurmctld killed on head, after 30 s", prepared.Plan.Points[1].Faults!.Value.Single().Text);
        Assert.Equal("slurmctld frozen on head for 10 s, after 30 s", prepared.Plan.Points[2].Faults!.Value.Single().Text);
        Assert.Single(prepared.Plan.Points.Select(p => LaneKey.Of(prepared.Points[p.Name].Experiment)).Distinct());
        // What is recorded brings the same faults about when the run goes on.
        var again = ExperimentComposer.Read(prepared.Plan.Points[2].Experiment, "plan.json");
        Assert.Equal(FaultPlan.Of(prepared.Points["frozen"].Experiment), FaultPlan.Of(again));
    }

    [Theory]
    [InlineData("slurm", "controller", "slurmctld killed on head")]
    [InlineData("slurm", "node", "slurmd killed on worker1")]
    [InlineData("slurm", "api", "regatta-slurmrestd killed on head")]
    [InlineData("flux", "controller", "flux killed on head")]
    [InlineData("flux", "node", "flux killed on worker1")]
    [InlineData("kubernetes", "controller", "kube-apiserver killed on head")]
    [InlineData("kubernetes", "scheduler", "kube-scheduler killed on head")]
    [InlineData("kubernetes", "node", "kubelet killed on worker1")]
    [InlineData("volcano", "scheduler", "vc-scheduler killed on head")]
    public void A_daemon_is_named_by_what_it_is_to_any_scheduler(string scheduler, string daemon, string text) =>
        Assert.Equal(text, FaultPlan.Of(Compose("quickstart", "~points", $"scheduler={scheduler}", "+faults.plan.one.kind=kill", $"+faults.plan.one.daemon={daemon}", "+faults.plan.one.at=2s").Points[0].Experiment).Single().Text);

    [Theory]
    [InlineData("fault-simulated", "the reference scheduler is simulated and has nothing that could fail", "scheduler=reference")]
    [InlineData("fault-emulated", "the nodes are emulated, and cannot be made to fail like real ones", "cluster.emulated=16")]
    [InlineData("fault-conflict", "a trial cannot have faults and an upgrade at once: nobody could tell what did what", "machines=lxc", "scheduler.slurm.upgrade=26.05")]
    [InlineData("fault-node", "the cluster has no node worker9, as the fault one wants it", "+faults.plan.one.node=worker9")]
    [InlineData("fault-node", "slurmctld does not run on worker1, as the fault one wants it", "+faults.plan.one.node=worker1")]
    [InlineData("fault-daemon", "slurm has no daemon that is its database here, as the fault one wants it", "faults.plan.one.daemon=database")]
    [InlineData("fault-after-end", "the fault one comes after 10.0 h, and the jobs are expected to have ended after", "faults.plan.one.at=10h")]
    [InlineData("fault-after-end", "the fault one waits for 100000 jobs, and there are", "faults.plan.one.at=null", "+faults.plan.one.after_starts=100000")]
    [InlineData("fault-trigger", "nothing says when the fault is to come", "faults.plan.one.at=null")]
    [InlineData("fault-trigger", "more than one thing says when the fault is to come", "+faults.plan.one.at_load=0.5")]
    [InlineData("fault-keys", "kill is done to a daemon, and none is named", "faults.plan.one.daemon=null")]
    [InlineData("fault-keys", "processors is no key of kill", "+faults.plan.one.processors=0.5")]
    [InlineData("fault-machines", "the fault two cannot be: containers share the clock of their host", "machines=lxc", "+faults.plan.two.kind=clock", "+faults.plan.two.by=5s", "+faults.plan.two.at=4s")]
    [InlineData("fault-machines", "the fault two cannot be: containers share the disk of their host", "machines=lxc", "+faults.plan.two.kind=disk", "+faults.plan.two.at=1s")]
    [InlineData("fault-machines", "the fault two cannot be: kill-node is known on containers only", "machines=qemu", "+faults.plan.two.kind=kill-node", "+faults.plan.two.at=1s")]
    [InlineData("fault-machines", "the fault two cannot be: how flux drains a node is not known", "scheduler=flux", "+faults.plan.two.kind=drain", "+faults.plan.two.at=1s")]
    [InlineData("fault-machines", "the fault two cannot be: reboot-node is known on containers only", "machines=qemu", "+faults.plan.two.kind=reboot-node", "+faults.plan.two.at=1s")]
    [InlineData("fault-daemon", "flux has no daemon that is its scheduler here, as the fault one wants it", "scheduler=flux", "faults.plan.one.daemon=scheduler")]
    [InlineData("fault-daemon", "flux has no daemon that is its database here, as the fault one wants it", "scheduler=flux", "faults.plan.one.daemon=database")]
    [InlineData("fault-daemon", "volcano has no daemon that is its webhook here, as the fault one wants it", "scheduler=volcano", "cluster.head.memory=2GiB", "scheduler.profile=throughput", "faults.plan.one.daemon=webhook")]
    [InlineData("fault-daemon", "kubernetes has no daemon that is its webhook here, as the fault one wants it", "scheduler=kubernetes", "cluster.head.memory=2GiB", "faults.plan.one.daemon=webhook")]
    [InlineData("fault-hold", "etcd cannot be kept down as the fault one wants it: the kubelet starts it anew at once", "scheduler=volcano", "cluster.head.memory=2GiB", "faults.plan.one.daemon=database", "+faults.plan.one.lasts=5s")]
    [InlineData("fault-node", "vc-scheduler does not run on worker1, as the fault one wants it", "scheduler=volcano", "cluster.head.memory=2GiB", "faults.plan.one.daemon=scheduler", "+faults.plan.one.node=worker1")]
    [InlineData("fault-node", "kill-node is done to workers, and head is the head, as the fault two wants it", "machines=lxc", "+faults.plan.two.kind=kill-node", "+faults.plan.two.node=head", "+faults.plan.two.at=1s")]
    [InlineData("fault-keys", "evict is no key of kill", "+faults.plan.one.evict=true")]
    [InlineData("fault-keys", "slow needs processors", "faults.plan.one.kind=slow")]
    [InlineData("fault-keys", "a link is slowed or cut, and nothing says how", "+faults.plan.two.kind=link", "+faults.plan.two.at=1s")]
    [InlineData("fault-conflict", "the faults one and two are done to slurmctld on head at the same time, or could be", "+faults.plan.two.kind=freeze", "+faults.plan.two.daemon=controller", "+faults.plan.two.at=3s")]
    [InlineData("fault-name", "'No_Name' cannot name a fault", "+faults.plan.No_Name.kind=kill", "+faults.plan.No_Name.daemon=node", "+faults.plan.No_Name.at=2s")]
    public void What_cannot_be_is_refused_before_anything_starts(string code, string summary, params string[] words)
    {
        var fault = Fault(["quickstart", "~points", .. Kill, .. words]);

        Assert.Equal(code, fault.Code);
        Assert.StartsWith(summary, fault.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("node-failure", "daemon-killed: slurmd killed on worker1, down for 10 s, after 30 s", "drained: worker1 drained for 20 s, after 30 s", "rebooted: worker1 started anew, after 30 s", "lost: worker1 switched off for 60 s, after 30 s")]
    [InlineData("slow-network", "slow: link of worker1 slowed (64KiB/s), after 0 ms", "cut: link of worker1 cut for 20 s, after 30 s")]
    public void Experiments_of_nodes_and_networks_say_what_they_break(string experiment, params string[] texts) =>
        Assert.Equal(texts, Prepare(experiment).Plan.Points.Where(p => p.Faults is not null).SelectMany(p => p.Faults!.Value.Select(f => $"{p.Name}: {f.Text}")));

    [Theory]
    [InlineData("slurm", "scontrol update nodename=worker1 state=drain reason=regatta; squeue --noheader --states=running --nodelist=worker1 --format=%A | xargs --no-run-if-empty scontrol requeue")]
    [InlineData("kubernetes", "kubectl --kubeconfig=/etc/kubernetes/admin.conf drain worker1 --force --ignore-daemonsets --grace-period=1")]
    public void A_drained_node_gives_up_what_it_runs_where_that_is_asked_for(string scheduler, string command)
    {
        var fault = FaultPlan.Of(Compose("quickstart", "~points", $"scheduler={scheduler}", "+faults.plan.one={kind:drain,at:2s,lasts:5s,evict:true}").Points[0].Experiment).Single();

        Assert.Equal("worker1 drained, its jobs put back for 5 s", fault.Text);
        Assert.Contains(command, fault.Act.Do, StringComparison.Ordinal);
        Assert.DoesNotContain("requeue", FaultPlan.Of(Compose("quickstart", "~points", "+faults.plan.one={kind:drain,at:2s}").Points[0].Experiment).Single().Act.Do, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_plan_that_ships_is_one_that_slurm_on_containers_or_a_kernel_with_netem_can_have()
    {
        foreach (var plan in Directory.EnumerateFiles(Path.Combine(Repository.Root, "conf", "faults"), "*.yaml").Select(Path.GetFileNameWithoutExtension))
            Assert.All(FaultPlan.Check(Compose("controller-failure", "~points", "machines=lxc", $"faults={plan}").Points[0].Experiment), f => Assert.Contains("netem", f.Summary, StringComparison.Ordinal));
    }

    [Fact]
    public void Virtual_machines_have_clocks_and_disks_of_their_own()
    {
        var experiment = Compose("quickstart", "~points", "machines=qemu", "+faults.plan.a={kind:clock,by:5s,at:1s,lasts:10s}", "+faults.plan.b={kind:clock,node:head,by:250ms,at:1s}", "+faults.plan.c={kind:disk,node:worker2,at:1s,lasts:8s}").Points[0].Experiment;

        Assert.Empty(FaultPlan.Check(experiment));
        Assert.Equal(["clock of worker1 set by 5 s for 10 s", "clock of head set by 0.25 s", "disk of worker2 filled for 8 s"], FaultPlan.Of(experiment).Select(f => f.Text));
    }

    [Fact]
    public void Faults_that_do_not_overlap_may_follow_each_other() =>
        Assert.Equal(2, Prepare(["quickstart", "~points", .. Kill, "+faults.plan.one.lasts=1s", "+faults.plan.two.kind=freeze", "+faults.plan.two.daemon=controller", "+faults.plan.two.at=4s"]).Plan.Points[0].Faults!.Value.Length);

    [Fact]
    public void What_the_kubelet_starts_anew_cannot_be_held_down() =>
        Assert.Equal("fault-hold", Fault("quickstart", "~points", "scheduler=kubernetes", "cluster.head.memory=2GiB", "+faults.plan.one.kind=kill", "+faults.plan.one.daemon=database", "+faults.plan.one.at=2s", "+faults.plan.one.lasts=5s").Code);

    [Fact]
    public void Machines_that_exist_are_broken_with_permission_only()
    {
        string[] words = ["quickstart", "~points", "machines=ssh", "cluster.workers=1", "machines.hosts=[{name:h,role:head,address:192.0.2.1},{name:w,role:worker,address:192.0.2.2}]", .. Kill];

        Assert.Equal(("fault-not-allowed", "faults on machines that exist need permission"), Fault(words) is var fault ? (fault.Code, fault.Summary) : default);
        Assert.Equal("slurmctld killed on h, after 2 s", Prepare([.. words, "faults.allow=true"]).Plan.Points[0].Faults!.Value.Single().Text);
    }

    private static Diagnostic Fault(params string[] words) => Assert.Throws<DiagnosticException>(() => Prepare(words)).Diagnostics.First(d => d.Severity == Severity.Error);

    private static ComposedExperiment Compose(params string[] words) =>
        new ExperimentComposer(new Installation(Repository.Root), Path.GetTempPath()).Compose(ExperimentComposer.Overrides(words));

    private static PreparedExperiment Prepare(params string[] words)
    {
        var composed = Compose(words);
        return new Planner(new WorkloadLoader(new Installation(Repository.Root), Repository.Root).Load).Prepare(composed.Experiment, composed.Points);
    }
}
