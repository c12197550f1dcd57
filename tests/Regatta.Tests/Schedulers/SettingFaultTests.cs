using Regatta.Schedulers;

namespace Regatta.Tests.Schedulers;

/// <summary>What is said of settings and profiles that cannot be. Slurm's are many, and in <see cref="SlurmSchedulerTests"/>.</summary>
public sealed class SettingFaultTests
{
    [Theory]
    [InlineData("flux", "bootstrap.hosts", "[]", "error[flux-setting-made]: Flux's bootstrap.hosts is made from the cluster and cannot be set")]
    [InlineData("flux", "exec.imp", "/x", "error[flux-setting-made]: Flux's exec.imp is made from the cluster and cannot be set")]
    [InlineData("flux", "sched-fluxion.queue", "x", "error[flux-setting-unknown]: Flux's configuration has no table 'sched-fluxion'\n  help: choose one of: exec, ingest, job-manager, kvs, modules, policy, queues, sched-backfill, sched-fluxion-qmanager, sched-fluxion-resource, sched-simple, systemd, tbon")]
    [InlineData("flux", "tbon", "x", "error[flux-setting-key]: 'tbon' is not a key of Flux's configuration\n  help: name a key of the table, such as sched-fluxion-qmanager.queue-policy")]
    [InlineData("flux", "ingest.validator.plugins", "[jobspec", "error[flux-setting-value]: Flux's ingest.validator.plugins cannot be '[jobspec'\n  help: a value is a text, a number, true, false, or a list such as [\"queue-depth=8\"]")]
    [InlineData("flux", "modules.alternatives.sched", "sched-simpel", "error[flux-scheduler]: Flux has no scheduler 'sched-simpel'\n  help: did you mean 'sched-simple'?")]
    [InlineData("flux", "sched-fluxion-qmanager.queue-policy", "esay", "error[flux-queue-policy]: Fluxion has no queue policy 'esay'\n  help: did you mean 'easy'?")]
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
        var options = new SchedulerOptions("fifo") { Settings = ImmutableSortedDictionary<string, string>.Empty.Add(key, value) };
        Assert.Equal(text, Assert.Single(KnownSchedulers.Find(scheduler).Check(options)).ToString());
    }

    [Theory]
    [InlineData("flux", "fifi", "error[scheduler-profile]: flux has no profile 'fifi'\n  help: did you mean 'fifo'?")]
    [InlineData("volcano", "gangs", "error[scheduler-profile]: volcano has no profile 'gangs'\n  help: did you mean 'gang'?")]
    public void An_unknown_profile_is_told_with_the_nearest(string scheduler, string profile, string text) =>
        Assert.Equal(text, Assert.Throws<DiagnosticException>(() => KnownSchedulers.Find(scheduler).Settings(new SchedulerOptions(profile))).Message);
}
