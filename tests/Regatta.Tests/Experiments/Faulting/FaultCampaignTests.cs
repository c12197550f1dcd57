using Regatta.Experiments.Faulting;
using Regatta.Machines.Faults;
using Regatta.Workloads;

namespace Regatta.Tests.Experiments.Faulting;

/// <summary>Faults come when what they wait for has come, and are undone whatever happens.</summary>
public sealed class FaultCampaignTests : IAsyncDisposable
{
    private readonly string _cluster = Directory.CreateTempSubdirectory("regatta-test-").FullName;
    private readonly List<FaultCampaign> _campaigns = [];

    private string Broken => Path.Combine(_cluster, "broken");

    [Fact]
    public async Task A_fault_waits_for_so_many_jobs_and_lasts_until_the_trial_ends()
    {
        var campaign = Begin(new FaultTrigger(null, 2, null), null);
        campaign.See(Event(1, JobEventKind.Decided));
        campaign.See(Event(1, JobEventKind.Decided));
        Assert.Equal(["one"], campaign.Missed);
        campaign.See(Event(2, JobEventKind.Decided));
        await UntilAsync(() => File.Exists(Broken));

        await campaign.EndAsync();

        Assert.False(File.Exists(Broken));
        var done = Assert.Single(campaign.Done);
        Assert.Equal(("one", "broken on head", "head", 10, 12, 99, null), (done.Name, done.Text, done.Node, done.Began, done.Acted, done.Healed, done.Failure));
        Assert.Empty(campaign.Missed);
        Assert.Empty(new FaultLedger(_cluster).Pending);
    }

    [Fact]
    public async Task A_fault_waits_for_a_share_of_the_processors_that_are_given_to_jobs()
    {
        var campaign = Begin(new FaultTrigger(null, null, 0.75), null);
        campaign.See(Event(1, JobEventKind.Decided));
        campaign.See(Event(1, JobEventKind.Ended));
        campaign.See(Event(2, JobEventKind.Decided));
        Assert.False(File.Exists(Broken));
        campaign.See(Event(3, JobEventKind.Decided));
        await UntilAsync(() => File.Exists(Broken));
    }

    [Fact]
    public async Task A_fault_at_a_time_counts_from_the_start_of_the_workload_and_is_healed_when_it_has_lasted()
    {
        var campaign = Begin(new FaultTrigger(TimeSpan.FromMilliseconds(50), null, null), TimeSpan.FromMilliseconds(50));
        // The job was to be sent at 1 s and left a little late.
        campaign.See(Event(1, JobEventKind.Sent) with { Planned = 5_000_000, Time = 5_000_100 });
        await UntilAsync(() => campaign.Done is [{ Healed: 99 }]);

        Assert.Equal(4_050_000, campaign.Done[0].Due);
        Assert.False(File.Exists(Broken));
    }

    [Fact]
    public async Task What_never_came_is_missed()
    {
        var campaign = Begin(new FaultTrigger(null, 9, null), null);
        await campaign.EndAsync();

        Assert.Empty(campaign.Done);
        Assert.Equal(["one"], campaign.Missed);
    }

    [Fact]
    public async Task A_healing_that_fails_is_told_and_the_fault_stays_written_down()
    {
        var campaign = Begin(new FaultTrigger(null, 1, null), null, undo: "echo stuck >&2; exit 1");
        campaign.See(Event(1, JobEventKind.Decided));
        await UntilAsync(() => File.Exists(Broken));
        await campaign.EndAsync();

        Assert.Equal("fault-heal", Assert.Single(campaign.Unhealed).Code);
        Assert.Equal("the fault one on head could not be healed: stuck", campaign.Done[0].Failure);
        Assert.Single(new FaultLedger(_cluster).Pending);
    }

    [Fact]
    public async Task A_fault_that_cannot_be_brought_about_is_recorded_with_its_words_and_undone_all_the_same()
    {
        var campaign = Begin(new FaultTrigger(null, 1, null), null, act: $"touch {Broken}; echo half done >&2; exit 1");
        campaign.See(Event(1, JobEventKind.Decided));
        await UntilAsync(() => campaign.Done is [{ Failure: not null }]);
        await campaign.EndAsync();

        Assert.Equal("the fault one could not be brought about on head: half done", campaign.Done[0].Failure);
        Assert.False(File.Exists(Broken));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var campaign in _campaigns) await campaign.DisposeAsync();
        Directory.Delete(_cluster, recursive: true);
    }

    private FaultCampaign Begin(FaultTrigger trigger, TimeSpan? lasts, string? act = null, string? undo = null)
    {
        var fault = new ScheduledFault(new FaultAct("one", "head", act ?? $"touch {Broken}; echo 10 12", undo ?? $"rm -f {Broken}; echo 99"), "broken on head", trigger, lasts);
        Job[] jobs = [.. Enumerable.Range(1, 3).Select(i => new Job { Id = i, Submit = TimeSpan.FromSeconds(i), RunTime = TimeSpan.FromSeconds(1), Processors = i })];
        var actor = new FaultActor(_cluster, (_, script) => CliWrap.Cli.Wrap("sh").WithArguments(["-c", script]), TimeProvider.System) { HealWithin = TimeSpan.Zero };
        var campaign = new FaultCampaign([fault], actor, new FaultClock(jobs, 6, TimeProvider.System), "p/1", TimeProvider.System, SilentMonitor.Instance);
        _campaigns.Add(campaign);
        campaign.Begin();
        return campaign;
    }

    private static JobEvent Event(long job, JobEventKind kind) => new(job, kind, 1, "test");

    private static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds()) await Task.Delay(5, TestContext.Current.CancellationToken);
    }
}
