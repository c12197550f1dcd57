using Regatta.Schedulers;

namespace Regatta.EndToEnd.Configuration;

/// <summary>Real nodes, real Ansible, real Flux: one head and two workers for all tests of this class, which run one after another.</summary>
public sealed class FluxConfigurationTests(FluxNodes nodes) : IClassFixture<FluxNodes>, IAsyncLifetime
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await nodes.UpAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_second_run_changes_nothing_settings_read_back_and_the_certificate_is_one_and_shown_nowhere()
    {
        var second = await nodes.ConfigureAsync();

        Assert.Empty(second.Changes);
        Assert.Empty(await FluxNodes.Configurator.CheckAsync(nodes.Request(name: "check"), SilentMonitor.Instance, Cancellation));
        Assert.Equal("sched-simple", second.Settings["flux.modules.alternatives.sched"]);
        Assert.Equal((await nodes.FluxAsync("getattr version")).Trim(), second.Version);
        Assert.Equal("none", second.Settings["cgroup-enforcement"]);
        Assert.Equal(4, second.Capacity.Processors);

        var certificate = await nodes.RunAsync("head", "cat /etc/flux/system/curve.cert");
        var secret = certificate.Split('\n').First(l => l.Contains("secret-key", StringComparison.Ordinal)).Split('"')[1];
        foreach (var worker in new[] { "worker1", "worker2" })
        {
            Assert.Equal(certificate, await nodes.RunAsync(worker, "cat /etc/flux/system/curve.cert"));
            Assert.Equal("400 flux flux\n", await nodes.RunAsync(worker, "stat -c '%a %U %G' /etc/flux/system/curve.cert"));
        }

        var logs = await nodes.LogsAsync();
        Assert.DoesNotContain(secret, logs, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(certificate))[..40], logs, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_certificate_on_one_node_is_found_within_the_time_limit_and_mended_by_the_next_run()
    {
        await nodes.RunAsync("worker2", "flux keygen /root/other && cat /root/other > /etc/flux/system/curve.cert; rm /root/other; systemctl restart flux");

        var fault = await nodes.FaultAsync(seconds: 6);

        Assert.Equal("task 'Run a job on every node' failed on head", fault.Summary);
        Assert.Contains("worker2 (rank 2) is offline", fault.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("worker1 (rank 1) is offline", fault.Detail, StringComparison.Ordinal);
        Assert.Contains("the certificate is not the head's: the leader ignores this broker without a word", fault.Detail, StringComparison.Ordinal);
        Assert.Contains((await nodes.ConfigureAsync()).Changes, change => change.Host == "worker2");
    }

    [Fact]
    public async Task A_node_that_drains_itself_for_missing_cores_is_named_with_the_reason_and_mended_by_the_next_run()
    {
        // The same file on all nodes, as the role writes it: a broker verifies what its own file says. The workers start anew when the leader is gone.
        foreach (var node in new[] { "worker1", "worker2", "head" })
            await nodes.RunAsync(node, "sed -i '/hosts = \"worker2\"/s/0-1/0-5/' /etc/flux/system/conf.d/system.toml");
        await nodes.RunAsync("head", "systemctl kill -s KILL flux; systemctl restart flux");

        var fault = await nodes.FaultAsync(seconds: 15);

        Assert.Contains("worker2 is drained: rank 2 (worker2) missing resources: core[2-5]", fault.Detail, StringComparison.Ordinal);
        await nodes.ConfigureAsync();
        Assert.Equal("", await nodes.FluxAsync("resource drain -n"));
    }

    [Fact]
    public async Task A_leader_that_cannot_load_its_scheduler_is_told_with_its_own_words_and_mended_by_the_next_run()
    {
        var module = $"{FluxPrefix.Require()}/lib/flux/modules/sched-fluxion-qmanager.so";
        await nodes.RunAsync("head", $"mv {module} /root/");

        var exception = await Assert.ThrowsAsync<DiagnosticException>(() => nodes.ConfigureAsync(new SchedulerOptions("backfill")));

        Assert.Contains("sched-fluxion-qmanager", exception.Diagnostics[0].Detail, StringComparison.Ordinal);
        await nodes.RunAsync("head", $"mv /root/sched-fluxion-qmanager.so {module}");
        await nodes.ConfigureAsync();
        Assert.Empty((await nodes.ConfigureAsync()).Changes);
    }

    [Fact]
    public async Task Brokers_that_are_killed_come_back_by_themselves()
    {
        await nodes.RunAsync("worker1", "systemctl kill -s KILL flux");
        Assert.Empty((await nodes.ConfigureAsync()).Changes);

        await nodes.RunAsync("head", "systemctl kill -s KILL flux");
        Assert.Empty((await nodes.ConfigureAsync()).Changes);
    }

    [Fact]
    public async Task A_new_certificate_restarts_every_broker_and_a_reset_forgets_every_job()
    {
        await nodes.RunAsync("head", "rm /etc/flux/system/curve.cert");
        var changes = (await nodes.ConfigureAsync()).Changes;
        Assert.All(new[] { "head", "worker1", "worker2" }, node => Assert.Contains(changes, change => change.Host == node && change.What.Contains("flux: restart")));

        await nodes.FluxAsync("submit --quiet -n4 -t 5m sleep 300");
        await FluxNodes.Configurator.ResetAsync(nodes.Request(name: "reset"), SilentMonitor.Instance, Cancellation);

        Assert.DoesNotContain("sleep", await nodes.FluxAsync("jobs -A -n -a -o '{name}'"), StringComparison.Ordinal);
        Assert.DoesNotContain("sleep 300", await nodes.RunAsync("worker1", "ps -C sleep -o args= || true"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Multi_user_runs_jobs_as_those_who_submit_them_and_the_way_back_is_clean()
    {
        var configured = await nodes.ConfigureAsync(new SchedulerOptions("fifo") { MultiUser = true });

        Assert.Equal("flux-shell by the IMP", configured.Settings["task-launch"]);
        Assert.Equal(
            ["worker1 6420", "worker2 6420"],
            (await nodes.RunAsync("head", "cd /; FLUX_URI=local:///run/flux/local setpriv --reuid regatta --regid regatta --init-groups flux run -N2 -n2 sh -c 'echo $(hostname) $(id -u)'"))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        await nodes.ConfigureAsync();
        Assert.Equal("inactive\n", await nodes.RunAsync("worker1", "systemctl is-active munge || true"));
        Assert.Empty((await nodes.ConfigureAsync()).Changes);
    }
}
