using System.Net;
using Regatta.Machines;
using Regatta.Schedulers;
using Regatta.Schedulers.Kubernetes;
using Regatta.Schedulers.Slurm;
using Regatta.Schedulers.Volcano;
using Regatta.Workloads;

namespace Regatta.Tests.Schedulers;

public sealed class KubernetesSchedulerTests
{
    private readonly KubernetesScheduler _kubernetes = new();
    private readonly VolcanoScheduler _volcano = new();

    [Fact]
    public void All_schedulers_have_the_same_profiles() =>
        Assert.All(new IScheduler[] { _kubernetes, _volcano }, s => Assert.Equal(["fifo", "backfill", "throughput", "gang"], s.Profiles.Select(p => p.Name)));

    [Fact]
    public void Gangs_are_what_the_two_differ_in()
    {
        Assert.Equal(Gang.PodByPod, _kubernetes.Traits(new SchedulerOptions("gang")).Gang);
        Assert.Equal(Gang.WholeJob, _volcano.Traits(new SchedulerOptions("gang")).Gang);
        Assert.Equal(Gang.PodByPod, _volcano.Traits(new SchedulerOptions("gang") { Settings = One("volcano.plugins", "priority;predicates") }).Gang);
    }

    [Fact]
    public void Traits_follow_the_users_settings()
    {
        Assert.Equal(Admission.ApiServerPlugins, _volcano.Traits(new SchedulerOptions("fifo") { Settings = One("volcano.webhooks", "off") }).Admission);
        Assert.Equal("50 requests a second inside the cluster", _kubernetes.Traits(new SchedulerOptions("fifo") { Settings = One("clients.qps", "50") }).Text(Trait.ClientRateLimit));
    }

    [Theory]
    [InlineData("kubernetes", "kube-schedular.v", "4", "error[kubernetes-setting-unknown]: kubernetes has no component 'kube-schedular' to set\n  help: did you mean 'kube-scheduler'?")]
    [InlineData("kubernetes", "kube-apiserver.etcd-servers", "x", "error[kubernetes-setting-made]: kube-apiserver.etcd-servers is made from the cluster and cannot be set")]
    [InlineData("kubernetes", "kube-apiserver", "x", "error[kubernetes-setting-key]: 'kube-apiserver' names no setting of kube-apiserver\n  help: such as kube-controller-manager.node-monitor-grace-period")]
    [InlineData("kubernetes", "clients.qps", "0", "error[kubernetes-setting-value]: clients.qps cannot be '0'\n  help: requests a second, at least 1")]
    [InlineData("kubernetes", "volcano.webhooks", "on", "error[kubernetes-setting-unknown]: kubernetes has no component 'volcano' to set\n  help: choose one of: kube-apiserver, kube-controller-manager, kube-scheduler, KubeSchedulerConfiguration, clients, services")]
    [InlineData("kubernetes", "services.proxy", "on", "error[kubernetes-setting-unknown]: there is no setting 'services.proxy'\n  help: choose one of: services.kube-proxy, services.dns")]
    [InlineData("volcano", "services.kube-proxy", "yes", "error[kubernetes-setting-value]: services.kube-proxy cannot be 'yes'\n  help: it is on or off")]
    [InlineData("volcano", "services.dns", "on", "error[kubernetes-dns-alone]: services.dns needs services.kube-proxy: names lead to addresses of services\n  help: set services.kube-proxy to on as well")]
    [InlineData("volcano", "volcano.webhook", "on", "error[volcano-setting-unknown]: there is no setting 'volcano.webhook'\n  help: did you mean 'volcano.webhooks'?")]
    [InlineData("volcano", "volcano.webhooks", "yes", "error[volcano-webhooks]: volcano.webhooks cannot be 'yes'\n  help: it is on or off")]
    [InlineData("volcano", "volcano.plugins", "gang,;x", "error[volcano-list]: volcano.plugins cannot be 'gang,;x'\n  help: names divided by commas, tiers by semicolons")]
    public void A_setting_that_cannot_be_is_told(string scheduler, string key, string value, string text)
    {
        IScheduler of = scheduler == "volcano" ? _volcano : _kubernetes;
        Assert.Equal(text, Assert.Single(of.Check(new SchedulerOptions("fifo") { Settings = One(key, value) })).ToString());
    }

    [Fact]
    public void Settings_become_what_the_roles_read()
    {
        var options = new SchedulerOptions("throughput") { Settings = One("kube-apiserver.v", "2") };
        var variables = _kubernetes.Variables(Cluster(), options);
        Assert.Equal("""{"v":"2"}""", variables["kubernetes_apiserver_args"]!.ToJsonString());
        Assert.Equal("""{"node-monitor-grace-period":"30s"}""", variables["kubernetes_controller_args"]!.ToJsonString());
        Assert.Equal("""{"percentageOfNodesToScore":5,"podInitialBackoffSeconds":1,"podMaxBackoffSeconds":1}""", variables["kubernetes_scheduler_config"]!.ToJsonString());
        Assert.Equal("1000", variables["kubernetes_client_qps"]!.ToJsonString());
        Assert.Equal(("false", "false"), (variables["kubernetes_kube_proxy"]!.ToJsonString(), variables["kubernetes_dns"]!.ToJsonString()));
        var worker = _kubernetes.Variables(Cluster().Workers.First(), options);
        Assert.Equal(("2", "922"), (worker["kubernetes_processors"]!.ToJsonString(), worker["kubernetes_memory"]!.ToJsonString()));
    }

    [Fact]
    public void Volcanos_configuration_has_its_tiers()
    {
        var variables = _volcano.Variables(Cluster(), new SchedulerOptions("gang"));
        Assert.Equal(
            "actions: \"enqueue, allocate\"\ntiers:\n- plugins:\n  - name: priority\n  - name: gang\n  - name: conformance\n- plugins:\n  - name: predicates\n  - name: proportion\n  - name: nodeorder\n",
            (string)variables["volcano_scheduler_conf"]!);
        Assert.Equal("true", variables["volcano_webhooks"]!.ToJsonString());
        Assert.Equal("""{"schedule-period":"1s"}""", variables["volcano_scheduler_args"]!.ToJsonString());
        Assert.Equal("""{"worker-threads":"10"}""", variables["volcano_controller_args"]!.ToJsonString());
    }

    [Fact]
    public void An_unknown_profile_is_told_with_the_nearest() =>
        Assert.Equal(
            "error[scheduler-profile]: volcano has no profile 'gangs'\n  help: did you mean 'gang'?",
            Assert.Throws<DiagnosticException>(() => _volcano.Settings(new SchedulerOptions("gangs"))).Message);

    [Fact]
    public void A_head_that_is_too_small_is_told_before_anything_is_configured()
    {
        var request = new ConfigurationRequest(Cluster(), _kubernetes, new SchedulerOptions("backfill") { Emulated = 1000 }, "/nowhere");
        Assert.Equal(
            "error[cluster-head-memory]: the head has 1024 MiB of memory, and kubernetes needs 3920 MiB there\n  help: cluster.head.memory=3920MiB in an experiment, or regatta cluster up --memory 3920",
            Assert.Throws<DiagnosticException>(() => ClusterConfigurator.InventoryOf(request)).Message);
        Assert.Null(_volcano.CheckHead(2L << 30, new SchedulerOptions("gang")));
        Assert.Null(_volcano.CheckHead(2L << 30, new SchedulerOptions("gang") { Emulated = 64 }));
        Assert.Null(new SlurmScheduler().CheckHead(512L << 20, new SchedulerOptions("fifo")));
    }

    private static Cluster Cluster() => new()
    {
        Name = "race",
        RunId = "run",
        Machines = MachineKind.Lxc,
        Directory = "/nowhere",
        Nodes = [Node("head", NodeRole.Head, 1), Node("worker1", NodeRole.Worker, 2)],
    };

    private static Node Node(string name, NodeRole role, byte address) => new(name, role, new IPAddress([10, 0, 0, address]), 22, "root", "", 2, 1L << 30);

    private static ImmutableSortedDictionary<string, string> One(string key, string value) => ImmutableSortedDictionary<string, string>.Empty.Add(key, value);
}
