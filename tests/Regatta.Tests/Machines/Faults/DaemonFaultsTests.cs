using System.Diagnostics;
using CliWrap;
using CliWrap.Buffered;
using Regatta.Machines.Faults;

namespace Regatta.Tests.Machines.Faults;

/// <summary>The scripts that kill and freeze daemons, run on real processes of this host.</summary>
public sealed class DaemonFaultsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("regatta-test-").FullName;
    private readonly List<Process> _started = [];
    private readonly string _name = $"rgt{Environment.ProcessId % 100000}x{Random.Shared.Next(1000)}";

    [Fact]
    public async Task A_process_is_killed_with_stamps_around_it_and_waited_for_until_somebody_starts_it_again()
    {
        var victim = Start();
        var act = DaemonFaults.Kill("dead", "here", new NodeDaemon(_name, null), held: false);

        var (began, acted) = Two(await ShAsync(act.Do));
        Assert.InRange(acted - began, 0, 60_000_000);
        await victim.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(137, victim.ExitCode);

        var waiting = await ShAsync(act.Undo);
        Assert.NotEqual(0, waiting.ExitCode);
        Assert.Contains($"{_name} has not started again", waiting.StandardError, StringComparison.Ordinal);

        Start();
        var healed = await ShAsync(act.Undo);
        Assert.Equal(0, healed.ExitCode);
        // It is over when the new one began: hundredths of a second are what the kernel tells.
        Assert.InRange(long.Parse(healed.StandardOutput, CultureInfo.InvariantCulture), began - 20_000, acted + 600_000_000);
    }

    [Fact]
    public async Task A_process_that_does_not_run_cannot_be_killed()
    {
        var result = await ShAsync(DaemonFaults.Kill("dead", "here", new NodeDaemon(_name, null), held: false).Do);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains($"{_name} does not run", result.StandardError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_is_frozen_and_goes_on_and_undoing_it_twice_does_no_harm()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: notes are kept below /run");
        var victim = Start();
        var act = DaemonFaults.Freeze(_name, "here", new NodeDaemon(_name, null));

        Two(await ShAsync(act.Do));
        Assert.Equal('T', State(victim));
        var healed = await ShAsync(act.Undo);
        Assert.Equal(0, healed.ExitCode);
        Assert.True(long.Parse(healed.StandardOutput, CultureInfo.InvariantCulture) > 0);
        Assert.NotEqual('T', State(victim));
        Assert.False(File.Exists($"/run/regatta-fault-{_name}"));
        Assert.Equal(0, (await ShAsync(act.Undo)).ExitCode);
    }

    [Fact]
    public async Task A_frozen_process_that_ended_is_not_mistaken_for_another_one()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root: notes are kept below /run");
        var victim = Start();
        var act = DaemonFaults.Freeze(_name, "here", new NodeDaemon(_name, null));
        Two(await ShAsync(act.Do));
        victim.Kill();
        await victim.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, (await ShAsync(act.Undo)).ExitCode);
        Assert.False(File.Exists($"/run/regatta-fault-{_name}"));
    }

    [Fact]
    public void A_unit_that_is_held_down_is_let_go_by_the_same_file()
    {
        var act = DaemonFaults.Kill("dead", "head", new NodeDaemon("slurmctld", "slurmctld"), held: true);

        Assert.Contains("printf '[Service]\\nRestart=no\\n' > /run/systemd/system/slurmctld.service.d/zz-regatta-fault.conf", act.Do, StringComparison.Ordinal);
        Assert.Contains("rm -f /run/systemd/system/slurmctld.service.d/zz-regatta-fault.conf", act.Undo, StringComparison.Ordinal);
        // The service manager takes the last by name of all drop-ins, and the roles have one that starts daemons again.
        Assert.True(string.CompareOrdinal("zz-regatta-fault.conf", "regatta.conf") > 0);
        Assert.Contains(File.ReadAllText(Path.Combine(Repository.Root, "ansible/ansible_collections/regatta/cluster/roles/slurm/vars/main.yml")).Split('\n'), l => l.Contains("slurmctld.service.d/regatta.conf", StringComparison.Ordinal));
        Assert.Throws<ArgumentException>(() => DaemonFaults.Kill("dead", "head", new NodeDaemon("etcd", null), held: true));
    }

    public void Dispose()
    {
        foreach (var process in _started)
        {
            if (!process.HasExited) process.Kill();
            process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private Process Start()
    {
        // The kernel calls a process by its file.
        var program = Path.Combine(_folder, _name);
        if (!File.Exists(program)) File.Copy("/bin/sleep", program);
        // It must not hold the output of the tests open if one of them ends without it.
        var process = Process.Start(new ProcessStartInfo("sh", ["-c", $"exec '{program}' 60 > /dev/null 2>&1"]))!;
        while (File.ReadAllText($"/proc/{process.Id}/comm").Trim() != _name) Thread.Yield();
        _started.Add(process);
        return process;
    }

    private static char State(Process process) => File.ReadAllText($"/proc/{process.Id}/stat").Split(") ")[1][0];

    private static Task<BufferedCommandResult> ShAsync(string script) =>
        CliWrap.Cli.Wrap("sh").WithArguments(["-c", script]).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(TestContext.Current.CancellationToken);

    private static (long Began, long Acted) Two(BufferedCommandResult result)
    {
        Assert.True(result.ExitCode == 0, result.StandardError);
        var words = result.StandardOutput.Trim().Split(' ');
        return (long.Parse(words[0], CultureInfo.InvariantCulture), long.Parse(words[1], CultureInfo.InvariantCulture));
    }
}
