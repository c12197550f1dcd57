using Regatta.Experiments.Configuration;
using Regatta.Experiments.Launching;
using Regatta.Experiments.Running;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Tests.Experiments;

/// <summary>Runs whose trials go to hosts over a played SSH.</summary>
public sealed class SshRunTests : QueueRunTests
{
    private readonly List<string> _told = [];

    [Fact]
    public async Task Trials_on_machines_run_one_at_a_time_on_a_host_whatever_it_takes_of_simulated_ones()
    {
        using var run = Create(out var plan, machines: MachineKind.Lxc);
        var hosts = await HostsAsync(run, plan, "n1");

        var outcome = await RunAsync(run, plan, hosts, Launcher("n1") with { Ssh = Settings("n1") with { Hosts = [new LauncherHostSection { Address = "n1", Parallel = 4 }] } });

        Assert.Equal((4, 0), (outcome.Finished, outcome.Failed.Count));
        Assert.Empty(hosts.Faults);
        Assert.Equal(4, hosts.Ran.Count);
        // Each host is asked what it has before anything is run there.
        Assert.Equal(["n1 run reference", "n1 doctor --json", "n1 reap --json"], hosts.Asked.Take(3));
        Assert.Equal(4, JournalOf(run).Count(e => e.Kind == JournalKind.TrialFinished));
    }

    [Fact]
    public async Task A_block_stays_whole_on_a_host()
    {
        using var run = Create(out var plan, machines: MachineKind.Lxc);
        var hosts = await HostsAsync(run, plan, "n1", "n2");

        await RunAsync(run, plan, hosts, Launcher("n1", "n2") with { Keep = LauncherKeep.Block });

        Assert.Equal(4, hosts.Ran.Count);
        Assert.All(hosts.Ran.GroupBy(r => r.Split('/')[1]), block => Assert.Single(block.Select(r => r.Split(' ')[0]).Distinct()));
    }

    [Fact]
    public async Task What_a_host_lacks_is_told_with_what_to_do_before_anything_begins()
    {
        using var run = Create(out var plan, machines: MachineKind.Lxc);
        var hosts = await HostsAsync(run, plan, "n1");
        hosts.Write("lacks-n1");

        var refused = (await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync(run, plan, hosts, Launcher("n1")))).Diagnostics;

        Assert.Equal(["ssh-lacks", "ssh-no-host"], refused.Select(d => d.Code));
        Assert.Equal("n1 lacks what trials on machines need: nix, root", refused[0].Summary);
        Assert.Contains("launcher.ssh.fix=true lets Regatta run these commands there", refused[0].Help, StringComparison.Ordinal);
        Assert.Contains("apt-get install -y -q --no-install-recommends nix-bin", refused[0].Help, StringComparison.Ordinal);
        Assert.Contains("user: root", refused[0].Help, StringComparison.Ordinal);
        Assert.Empty(hosts.Ran);
        Assert.DoesNotContain("n1 doctor --fix", hosts.Asked);
    }

    [Fact]
    public async Task A_host_is_mended_where_that_is_asked_for_after_saying_so()
    {
        using var run = Create(out var plan, machines: MachineKind.Lxc);
        var hosts = await HostsAsync(run, plan, "n1");
        hosts.Write("lacks-n1");

        var outcome = await RunAsync(run, plan, hosts, Launcher("n1") with { Ssh = Settings("n1") with { Fix = true } });

        Assert.Equal(4, outcome.Finished);
        Assert.Contains("n1 doctor --fix", hosts.Asked);
        Assert.Contains(_told, t => t.StartsWith("n1 lacks nix, root; 'regatta doctor --fix' runs there: apt-get update", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_host_that_could_not_be_mended_is_told_with_what_the_mending_said()
    {
        using var run = Create(out var plan, machines: MachineKind.Lxc);
        var hosts = await HostsAsync(run, plan, "n1");
        hosts.Write("lacks-n1");
        hosts.Write("stays-n1");

        var refused = (await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync(run, plan, hosts, Launcher("n1") with { Ssh = Settings("n1") with { Fix = true } }))).Diagnostics;

        Assert.Equal(("ssh-fix", "n1 still lacks nix, root after 'regatta doctor --fix'", "E: no such package"), (refused[0].Code, refused[0].Summary, refused[0].Detail));
    }

    [Fact]
    public async Task A_host_that_lacks_something_still_takes_simulated_trials()
    {
        using var run = Create(out var plan);
        plan = plan with { Points = [plan.Points[0], plan.Points[1] with { Machines = MachineKind.Lxc }] };
        var hosts = await HostsAsync(run, plan, "n1", "n2");
        hosts.Write("lacks-n2");

        var outcome = await RunAsync(run, plan, hosts, Launcher("n1", "n2"));

        Assert.Equal(4, outcome.Finished);
        Assert.All(hosts.Ran.Where(r => r.Contains(" b/", StringComparison.Ordinal)), r => Assert.StartsWith("n1 ", r, StringComparison.Ordinal));
        Assert.Contains(_told, t => t.StartsWith("n2 takes simulated trials only: n2 lacks", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_trials_of_a_host_that_goes_away_go_to_the_others_and_what_it_keeps_is_told()
    {
        using var run = Create(out var plan, machines: MachineKind.Lxc);
        var hosts = await HostsAsync(run, plan, "n1", "n2");
        hosts.Write("hook", "[ \"$HOST\" != n1 ] || touch \"$PLAYED/down-n1\"");

        var outcome = await RunAsync(run, plan, hosts, Launcher("n1", "n2"));

        Assert.Equal((4, 0), (outcome.Finished, outcome.Failed.Count));
        Assert.Equal(4, hosts.Ran.Count(r => r.StartsWith("n2 ", StringComparison.Ordinal)));
        Assert.Contains(_told, t => t.StartsWith("n1 is left out, and its trials go to the others", StringComparison.Ordinal));
        Assert.Contains(_told, t => t.StartsWith("n1 may still hold nodes of a trial; when it answers again, run there: '.cache/regatta/programs/", StringComparison.Ordinal));
        var read = await RecordedRun.ReadAsync(run.Path, Cancellation);
        Assert.Equal(["host-left-out", "host-left-out"], read.Faults.Select(f => f.Code));
        Assert.Contains("the host n1 was left out while the run went on", read.Faults[0].Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_host_that_comes_back_still_holds_is_removed()
    {
        using var run = Create(out var plan, machines: MachineKind.Lxc);
        var hosts = await HostsAsync(run, plan, "n1");
        hosts.Write("reaped-n1", PlayedHosts.Line("reaped", new { removed = new[] { "cluster hosts-1" }, left = Array.Empty<string>() }));

        await RunAsync(run, plan, hosts, Launcher("n1"));

        Assert.Contains("n1 what programs that are gone had left was removed: cluster hosts-1", _told);
    }

    [Fact]
    public async Task A_host_that_cannot_be_cleaned_takes_no_trials()
    {
        using var run = Create(out var plan, machines: MachineKind.Lxc);
        var hosts = await HostsAsync(run, plan, "n1", "n2");
        hosts.Write("stuck-n1");

        var outcome = await RunAsync(run, plan, hosts, Launcher("n1", "n2"));

        Assert.Equal(4, outcome.Finished);
        Assert.All(hosts.Ran, r => Assert.StartsWith("n2 ", r, StringComparison.Ordinal));
        Assert.Contains(_told, t => t.Contains("what earlier trials left on n1 cannot be removed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_trial_that_failed_is_run_again_by_who_goes_on_though_its_host_still_has_it()
    {
        using var run = Create(out var plan, machines: MachineKind.Lxc);
        var hosts = await HostsAsync(run, plan, "n1");
        hosts.Write("hook", "[ \"$3\" != a/1 ] || { rmdir \"$PLAYED/busy-$HOST\"; exit 137; }");
        Assert.Equal("task-killed", Assert.Single((await RunAsync(run, plan, hosts, Launcher("n1"))).Failed).Reason.Diagnostics[0].Code);
        // The host is cleaned of what the killed program left.
        Assert.Equal(2, hosts.Asked.Count(a => a == "n1 reap --json"));

        hosts.Write("hook");
        Assert.Equal(4, (await RunAsync(run, plan, hosts, Launcher("n1"))).Finished);
    }

    [Fact]
    public async Task Who_goes_on_asks_a_host_for_what_was_begun_there_in_an_earlier_sitting()
    {
        using var run = Create(out var plan, machines: MachineKind.Lxc);
        var hosts = await HostsAsync(run, plan, "n1", "n2");
        foreach (var trial in plan.Trials) hosts.Begin("n2", run.Id, trial.Id);

        var outcome = await RunAsync(run, plan, hosts, Launcher("n1", "n2"));

        Assert.Equal(4, outcome.Finished);
        Assert.All(hosts.Ran, r => Assert.StartsWith("n2 ", r, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_no_host_is_left_for_machines_the_run_ends_and_keeps_what_ended()
    {
        using var run = Create(out var plan);
        plan = plan with { Points = [plan.Points[0], plan.Points[1] with { Machines = MachineKind.Lxc }] };
        var hosts = await HostsAsync(run, plan, "n1", "n2");
        hosts.Write("lacks-n2");
        hosts.Write("hook", "[ \"$HOST\" != n1 ] || touch \"$PLAYED/down-n1\"");

        var ended = (await Assert.ThrowsAsync<DiagnosticException>(() => RunAsync(run, plan, hosts, Launcher("n1", "n2")))).Diagnostics;

        Assert.Equal(("ssh-no-host", "no host is left to run trials on machines"), (ended[^1].Code, ended[^1].Summary));
        Assert.Equal(2, plan.Trials.Count(run.Has));
    }

    private static SshLauncherSection Settings(params string[] hosts) => new() { Hosts = [.. hosts.Select(h => new LauncherHostSection { Address = h })] };

    private static LauncherSection Launcher(params string[] hosts) => new() { Name = LauncherName.Ssh, Ssh = Settings(hosts) };

    private async Task<PlayedHosts> HostsAsync(RunDirectory run, Plan plan, params string[] names)
    {
        foreach (var trial in plan.Trials) await MakeTrialAsync(run, plan, trial, Path.Combine(Scratch, "made", trial.Id), Cancellation);
        return new PlayedHosts(Scratch, Archive.Value.Hash, names);
    }

    private async Task<RunOutcome> RunAsync(RunDirectory run, Plan plan, PlayedHosts hosts, LauncherSection launcher)
    {
        using var journal = run.OpenJournal(Time);
        var launch = new LaunchDirectory(run.Path);
        var monitor = new NamingMonitor(_told);
        var engine = new SshEngine(launch, plan, launcher, Archive.Value, journal, monitor, hosts.Ssh);
        return await new LaunchedRun(launch, engine, run, plan, journal, monitor, Time).RunAsync(Cancellation);
    }

    private sealed class NamingMonitor(List<string> told) : IActivityMonitor
    {
        public void Report(Regatta.Diagnostics.Activity activity)
        {
            lock (told) told.Add($"{activity.Subject} {activity.Text}");
        }
    }
}
