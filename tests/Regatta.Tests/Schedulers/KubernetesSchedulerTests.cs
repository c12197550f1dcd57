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

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("1.20.2", null, null)]
    [InlineData("1.35.6", null, null)]
    [InlineData("1.36.2", "GenericWorkload=true,GangScheduling=true", "scheduling.k8s.io/v1alpha2=true")]
    [InlineData("1.37.0", "GenericWorkload=true", "scheduling.k8s.io/v1beta1=true")]
    [InlineData("1.99.1", "GenericWorkload=true", "scheduling.k8s.io/v1beta1=true")]
    public void From_1_36_on_the_default_scheduler_places_gangs_whole(string? version, string? gates, string? api)
    {
        var options = new SchedulerOptions("gang") { Version = version };
        var (settings, traits) = (_kubernetes.Settings(options), _kubernetes.Traits(options));
        Assert.Equal((gates, api), (settings.GetValueOrDefault("kube-apiserver.feature-gates"), settings.GetValueOrDefault("kube-apiserver.runtime-config")));
        Assert.Equal(gates, settings.GetValueOrDefault("kube-controller-manager.feature-gates"));
        Assert.Equal(gates is null ? null : gates + ",SchedulerPopFromBackoffQ=false", settings.GetValueOrDefault("kube-scheduler.feature-gates"));
        Assert.Equal(gates is null ? Gang.PodByPod : Gang.WholeJob, traits.Gang);
        Assert.Equal(gates is null ? null : "by back-off alone, after at most 1 s", traits.Text(Trait.GangRetry));
        Assert.Equal(gates is null ? null : "true", _kubernetes.AgentOptions(Cluster(), options).GetValueOrDefault("gangs"));
        // Only that profile asks for what is not yet stable.
        Assert.DoesNotContain("kube-apiserver.feature-gates", _kubernetes.Settings(options with { Profile = "backfill" }).Keys);
    }

    [Fact]
    public void When_a_gang_is_tried_again_is_what_the_settings_say()
    {
        string? Retry(string key, string value) => _kubernetes.Traits(new SchedulerOptions("gang") { Version = "1.36.2", Settings = One(key, value) }).Text(Trait.GangRetry);
        Assert.Equal("by back-off alone, after at most 10 s", Retry("KubeSchedulerConfiguration.podMaxBackoffSeconds", "10"));
        Assert.Equal("over and over, whenever nothing else waits", Retry("kube-scheduler.feature-gates", "GenericWorkload=true,GangScheduling=true"));
        Assert.Null(Retry("kube-apiserver.runtime-config", "scheduling.k8s.io/v1alpha2=false"));
        Assert.True(Regatta.Analysis.FairnessContract.Knows(Trait.GangRetry));
    }

    [Theory]
    [InlineData("1.20.2", null)]
    [InlineData("1.32.13", "Kubernetes 1.32.13 was not tested: it is taken to be like 1.24")]
    [InlineData("1.40.0", "Kubernetes 1.40.0 was not tested: it is taken to be like 1.37")]
    public void A_version_that_was_not_tested_runs_with_a_warning(string version, string? text)
    {
        var told = _kubernetes.Check(new SchedulerOptions("backfill") { Version = version }).SingleOrDefault();
        Assert.Equal((text is null ? null : "kubernetes-untested", text), (told?.Code, told?.Summary));
        Assert.Equal(text, _kubernetes.Untested(version)?.Summary);
        Assert.Equal("100", _kubernetes.Settings(new SchedulerOptions("backfill") { Version = version })["KubeSchedulerConfiguration.percentageOfNodesToScore"]);
    }

    [Fact]
    public void Traits_follow_the_users_settings()
    {
        Assert.Equal(Admission.ApiServerPlugins, _volcano.Traits(new SchedulerOptions("fifo") { Settings = One("volcano.webhooks", "off") }).Admission);
        Assert.Equal("50 requests a second inside the cluster", _kubernetes.Traits(new SchedulerOptions("fifo") { Settings = One("clients.qps", "50") }).Text(Trait.ClientRateLimit));
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
