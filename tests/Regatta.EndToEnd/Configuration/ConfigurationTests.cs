using System.Text.Json.Nodes;
using CliWrap.Buffered;
using Regatta.Ansible;
using Regatta.Schedulers;

namespace Regatta.EndToEnd.Configuration;

/// <summary>Real nodes, real Ansible, real Slurm: one head and two workers for all tests of this class, which run one after another.</summary>
public sealed class ConfigurationTests(ConfiguredNodes nodes) : IClassFixture<ConfiguredNodes>, IAsyncLifetime
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await nodes.UpAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_second_run_changes_nothing_and_so_says_the_check()
    {
        await nodes.EnsureAsync("backfill");

        var second = await nodes.ConfigureAsync("backfill");
        Assert.Empty(second.Changes);

        var check = await nodes.Configurator.CheckAsync(nodes.Request("backfill", "check"), SilentMonitor.Instance, Cancellation);
        Assert.Empty(check);
    }

    [Fact]
    public async Task A_check_names_what_another_profile_would_change_and_changes_nothing()
    {
        await nodes.EnsureAsync("backfill");

        var check = await nodes.Configurator.CheckAsync(nodes.Request("fifo", "check"), SilentMonitor.Instance, Cancellation);

        Assert.Contains(check, change => change.What.Contains("/etc/slurm/slurm.conf"));
        Assert.Contains("SchedulerType           = sched/backfill", await nodes.RunAsync("head", "scontrol show config"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_read_back_and_the_users_own_replace_the_profiles()
    {
        var configured = await nodes.ConfigureAsync("throughput", ("MinJobAge", "33"));

        Assert.Equal("33 sec", configured.Settings["slurm.MinJobAge"]);
        Assert.Equal("sched/backfill", configured.Settings["slurm.SchedulerType"]);
        Assert.Equal("conservative", configured.Settings["backfill"]);
        Assert.StartsWith("22.05", configured.Version, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_is_bound_to_its_processor_and_sits_in_the_control_group_of_its_job()
    {
        await nodes.EnsureAsync("fifo");

        var output = await nodes.RunAsync("head", "srun -n1 sh -c 'nproc; cat /proc/self/cgroup'");

        Assert.StartsWith("1\n", output, StringComparison.Ordinal);
        Assert.Contains("/job_", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Jobs_run_as_the_users_own_account_on_every_node()
    {
        await nodes.EnsureAsync("fifo");

        var output = await nodes.RunAsync("head", "setpriv --reuid regatta --regid regatta --init-groups srun -D / -N2 -n2 --ntasks-per-node=1 sh -c 'echo $SLURMD_NODENAME $(id -u)'");

        Assert.Equal(["worker1 6420", "worker2 6420"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("fifo", false)]
    [InlineData("backfill", true)]
    public async Task A_small_job_passes_a_blocked_wide_one_under_backfill_alone(string profile, bool passes)
    {
        await nodes.ResetAsync(profile);

        // One node is busy for a while, the wide job needs both, the small job would fit on the other one.
        await nodes.RunAsync("head", """
            cd /tmp; for job in 'busy 1 5 6' 'wide 2 1 1' 'small 1 1 1'; do set -- $job
              sbatch -Q -J $1 -N $2 --exclusive -t $3 -o /dev/null --wrap "sleep $4"; sleep 0.2
            done
            """);
        await nodes.WaitForAsync("head", "squeue -h", output => output.Length == 0);
        var log = await nodes.RunAsync("head", "grep -E 'sched: Allocate|Started JobId' /var/log/slurm/slurmctld.log");

        var order = log.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => int.Parse(line[(line.IndexOf("JobId=", StringComparison.Ordinal) + 6)..].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture))
            .TakeLast(3).ToArray();
        var first = order.Min();
        Assert.Equal(passes ? [first, first + 2, first + 1] : [first, first + 1, first + 2], order);
    }

    [Fact]
    public async Task A_reset_ends_jobs_and_begins_to_count_anew()
    {
        await nodes.EnsureAsync("fifo");
        await nodes.RunAsync("head", "cd /tmp; for i in 1 2 3 4 5 6; do sbatch -Q -n2 -t 5 -o /dev/null --wrap 'sleep 300'; done");
        await nodes.WaitForAsync("worker1", "ps -C sleep -o args=", output => output.Contains("sleep 300", StringComparison.Ordinal));

        await nodes.ResetAsync("fifo");

        Assert.Equal("", await nodes.RunAsync("head", "squeue -h"));
        Assert.Equal("", await nodes.RunAsync("worker1", "ps -C slurmstepd -o args= || true"));
        Assert.DoesNotContain("sleep 300", await nodes.RunAsync("worker1", "ps -C sleep -o args= || true"), StringComparison.Ordinal);
        Assert.Equal("2\n", await nodes.RunAsync("head", "cd /tmp; sbatch --parsable -o /dev/null --wrap true"));
        // What the control groups of the jobs before held would keep a new job of the same number from starting, which drains its node.
        await nodes.WaitForAsync("head", "squeue -h", output => output.Length == 0);
        Assert.Equal("", await nodes.RunAsync("head", "sinfo -h -R"));
    }

    [Fact]
    public async Task Jobs_that_can_never_run_are_rejected()
    {
        await nodes.EnsureAsync("backfill");
        var output = await nodes.RunAsync("head", "cd /tmp; sbatch -N9 --wrap true 2>&1 || true");
        Assert.Contains("Batch job submission failed", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_processors_than_a_node_has_are_offered_without_binding()
    {
        var configured = await nodes.ConfigureAsync(nodes.Request("fifo", "oversubscribed") with { Options = new SchedulerOptions("fifo") { ProcessorsPerNode = 8 } });

        Assert.Equal(16, configured.Capacity.Processors);
        Assert.Equal("memory+processes", configured.Settings["cgroup-enforcement"]);
        Assert.Equal(16, (await nodes.RunAsync("head", "srun -n16 hostname")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task A_task_that_fails_on_one_node_names_the_node_and_shows_the_output()
    {
        // A directory in the place of the file that the role writes.
        await nodes.RunAsync("worker2", "mv /etc/timezone /etc/timezone.kept; mkdir /etc/timezone");
        try
        {
            var exception = await Assert.ThrowsAsync<DiagnosticException>(() => nodes.ConfigureAsync("fifo"));
            var diagnostic = Assert.Single(exception.Diagnostics);
            Assert.Equal("ansible-task-failed", diagnostic.Code);
            Assert.Equal("task 'regatta.cluster.node : Look at the node and write users, names, time zone, kernel settings, directories and the agent' failed on worker2", diagnostic.Summary);
            Assert.Contains("/etc/timezone: Is a directory", diagnostic.Detail, StringComparison.Ordinal);
            Assert.StartsWith("ansible/ansible_collections/regatta/cluster/roles/node/tasks/main.yml", diagnostic.Where!.Value.Source, StringComparison.Ordinal);
        }
        finally
        {
            await nodes.RunAsync("worker2", "rmdir /etc/timezone; mv /etc/timezone.kept /etc/timezone");
        }
    }

    [Fact]
    public async Task A_value_that_slurm_does_not_take_shows_what_the_controller_says_and_the_next_run_mends_it()
    {
        var exception = await Assert.ThrowsAsync<DiagnosticException>(() => nodes.ConfigureAsync("fifo", ("PriorityType", "priority/nonsense")));
        var diagnostic = Assert.Single(exception.Diagnostics);
        Assert.Contains("slurmctld does not run", diagnostic.Detail, StringComparison.Ordinal);
        Assert.Contains("cannot find priority plugin for priority/nonsense", diagnostic.Detail, StringComparison.Ordinal);

        // How often systemd has started the controller by then is a matter of how fast it fails: here so often that it refuses to do it again.
        Assert.Contains("repeated too quickly", await nodes.RunAsync("head", "while systemctl restart slurmctld; do :; done; journalctl -o cat -n 5 -u slurmctld"), StringComparison.Ordinal);
        var mended = await nodes.ConfigureAsync("fifo");
        Assert.Equal("priority/basic", mended.Settings["slurm.PriorityType"]);
    }

    [Fact]
    public async Task A_wrong_key_on_one_node_is_found_within_the_time_limit_and_mended_by_the_next_run()
    {
        await nodes.EnsureAsync("fifo");
        // The file is right, so that no run puts it right: munged reads another one.
        await nodes.RunAsync("worker2", """
            cp -p /etc/munge/munge.key /etc/munge/other.key; head -c 128 /dev/urandom > /etc/munge/other.key
            mv /etc/default/munge /etc/default/munge.kept; echo OPTIONS=--key-file=/etc/munge/other.key > /etc/default/munge; systemctl restart munge slurmd
            """);
        try
        {
            var inventory = nodes.LastInventory;
            var runner = new PlaybookRunner(TimeProvider.System);
            var run = new PlaybookRun(nodes.Playbooks, "reset-slurm.yml", inventory with { Variables = inventory.Variables.SetItem("slurm_ready_timeout", (JsonNode)8) }, nodes.Logs("wrong-key"));
            var exception = await Assert.ThrowsAsync<DiagnosticException>(() => runner.RunAsync(run, SilentMonitor.Instance, Cancellation));

            var diagnostic = exception.Diagnostics[0];
            Assert.Contains("Run a job on every node", diagnostic.Summary, StringComparison.Ordinal);
            Assert.Contains("worker2", diagnostic.Detail, StringComparison.Ordinal);
            Assert.Contains("authentication", diagnostic.Detail, StringComparison.OrdinalIgnoreCase);
        }
        finally
        {
            await nodes.RunAsync("worker2", "mv /etc/default/munge.kept /etc/default/munge; rm /etc/munge/other.key");
        }

        await nodes.RunAsync("worker2", "head -c 128 /dev/urandom > /etc/munge/munge.key; systemctl restart munge");
        var mended = await nodes.ConfigureAsync("fifo");
        Assert.Contains(mended.Changes, change => change.Host == "worker2" && change.What.Contains("/etc/munge/munge.key"));
    }

    [Fact]
    public async Task The_key_appears_in_no_event_log_or_inventory()
    {
        var request = nodes.Request("fifo", "secrets");
        await nodes.RunAsync("worker1", "rm -f /etc/munge/munge.key");
        await nodes.ConfigureAsync(request);

        var key = await File.ReadAllTextAsync(ClusterSecret.FileOf(nodes.Cluster, "munge.key"), Cancellation);
        foreach (var file in Directory.GetFiles(request.LogDirectory))
            Assert.DoesNotContain(key[..16], await File.ReadAllTextAsync(file, Cancellation), StringComparison.Ordinal);
        Assert.DoesNotContain(key[..16], await nodes.RunAsync("worker1", "journalctl --no-pager | grep -v COMMAND || true"), StringComparison.Ordinal);
        Assert.Equal("400 munge munge\n", await nodes.RunAsync("worker1", "stat -c '%a %U %G' /etc/munge/munge.key"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(ClusterSecret.FileOf(nodes.Cluster, "munge.key")));
    }

    [Fact]
    public async Task Cancelling_ends_the_playbook_and_all_its_processes()
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var monitor = new CancelAtFirstTask(source);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            nodes.Configurator.ConfigureAsync(nodes.Request("fifo", "cancelled"), monitor, source.Token));

        var left = await CliWrap.Cli.Wrap("ps").WithArguments(["-eo", "args="]).ExecuteBufferedAsync(Cancellation);
        Assert.DoesNotContain(nodes.Logs("cancelled"), left.StandardOutput, StringComparison.Ordinal);
    }

    private sealed class CancelAtFirstTask(CancellationTokenSource source) : IActivityMonitor
    {
        public void Report(Activity activity)
        {
            if (activity.State == ActivityState.Running) source.Cancel();
        }
    }
}
