using CliWrap;
using Regatta.Machines.Faults;

namespace Regatta.Tests.Machines.Faults;

/// <summary>What is done to nodes is written down before it is done, and struck out when it is undone.</summary>
public sealed class FaultActorTests : IDisposable
{
    private readonly string _cluster = Directory.CreateTempSubdirectory("regatta-test-").FullName;

    private string Broken => Path.Combine(_cluster, "broken");

    [Fact]
    public async Task A_fault_is_in_the_ledger_as_long_as_it_lasts()
    {
        var act = new FaultAct("one", "head", $"touch {Broken}; echo hello; echo 10 12", $"rm {Broken}; echo 99");
        Assert.Equal(new ActedFault(10, 12), await Actor().ActAsync(act, TestContext.Current.CancellationToken));
        Assert.True(File.Exists(Broken));
        var pending = Assert.Single(new FaultLedger(_cluster).Pending);
        Assert.Equal(new PendingFault("one", "head", act.Undo), pending);

        Assert.Equal(99, await Actor().UndoAsync(pending));
        Assert.False(File.Exists(Broken));
        Assert.Empty(new FaultLedger(_cluster).Pending);
    }

    [Fact]
    public async Task A_fault_that_cannot_be_brought_about_says_why_and_stays_to_be_undone()
    {
        var fault = await Assert.ThrowsAsync<DiagnosticException>(() => Actor().ActAsync(new FaultAct("one", "head", "echo no such daemon >&2; exit 1", "true"), TestContext.Current.CancellationToken));

        Assert.Equal(("fault-act", "the fault one could not be brought about on head", "no such daemon"), (fault.Diagnostics[0].Code, fault.Diagnostics[0].Summary, fault.Diagnostics[0].Detail));
        Assert.Single(new FaultLedger(_cluster).Pending);
    }

    [Fact]
    public async Task Without_stamps_nobody_knows_whether_it_was_done() =>
        Assert.Equal("fault-act", (await Assert.ThrowsAsync<DiagnosticException>(() => Actor().ActAsync(new FaultAct("one", "head", "echo done", "true"), TestContext.Current.CancellationToken))).Diagnostics[0].Code);

    [Fact]
    public async Task A_step_that_hangs_is_given_up()
    {
        var actor = new FaultActor(_cluster, Shell, TimeProvider.System) { ActWithin = TimeSpan.FromMilliseconds(200) };
        var fault = await Assert.ThrowsAsync<DiagnosticException>(() => actor.ActAsync(new FaultAct("one", "head", "exec sleep 600", "true"), TestContext.Current.CancellationToken));

        Assert.StartsWith("it took longer than", fault.Diagnostics[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Healing_is_tried_again_until_it_goes_through()
    {
        // The first try fails, as while a node comes back.
        var seen = Path.Combine(_cluster, "seen");
        await Actor().UndoAsync(new PendingFault("one", "head", $"[ -e {seen} ] || {{ touch {seen}; exit 1; }}"));

        Assert.True(File.Exists(seen));
    }

    [Fact]
    public async Task What_is_left_of_a_program_that_was_killed_is_healed_and_what_cannot_be_is_told_and_stays()
    {
        var ledger = new FaultLedger(_cluster);
        ledger.Add(new PendingFault("bad", "worker1", "echo unreachable >&2; exit 255"));
        ledger.Add(new PendingFault("good", "head", $"touch {Broken}"));

        var (healed, left) = await new FaultActor(_cluster, Shell, TimeProvider.System) { HealWithin = TimeSpan.Zero }.HealAsync();

        Assert.Equal(["good"], healed);
        var told = Assert.Single(left);
        Assert.Equal(("fault-heal", "the fault bad on worker1 could not be healed", "unreachable"), (told.Code, told.Summary, told.Detail));
        Assert.Equal("the cluster is not used again; 'regatta reap' tries once more", told.Help);
        Assert.Equal("bad", Assert.Single(ledger.Pending).Name);
    }

    [Fact]
    public void A_damaged_ledger_is_told()
    {
        Directory.CreateDirectory(Path.Combine(_cluster, "faults"));
        File.WriteAllText(Path.Combine(_cluster, "faults", "one.json"), "{");

        Assert.Equal("cluster-file", Assert.Throws<DiagnosticException>(() => new FaultLedger(_cluster).Pending).Diagnostics[0].Code);
    }

    public void Dispose() => Directory.Delete(_cluster, recursive: true);

    private FaultActor Actor() => new(_cluster, Shell, TimeProvider.System);

    private static Command Shell(string node, string script) => CliWrap.Cli.Wrap("sh").WithArguments(["-c", script]);
}
