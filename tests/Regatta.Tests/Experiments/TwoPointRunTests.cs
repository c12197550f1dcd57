using Microsoft.Extensions.Time.Testing;
using Regatta.Experiments.Configuration;
using Regatta.Experiments.Planning;
using Regatta.Experiments.Running;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Tests.Experiments;

/// <summary>Tests of runs of two points, a and b, on the reference scheduler.</summary>
public abstract class TwoPointRunTests : ScratchTests
{
    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected static Job[] Jobs { get; } =
    [
        .. Enumerable.Range(1, 12).Select(i => new Job
        {
            Id = i, Submit = TimeSpan.FromSeconds(i), Processors = 1 + (i % 4), RunTime = TimeSpan.FromSeconds(5), RequestedTime = TimeSpan.FromSeconds(8),
        }),
    ];

    private protected FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    private protected static IReadOnlyList<JournalEntry> JournalOf(RunDirectory run) => Journal.Read(Path.Combine(run.Path, "journal.jsonl"));

    private protected async Task<RunOutcome> RunAsync(
        RunDirectory run, Plan plan, RecordingLane lane, CancellationToken? cancellation = null, IActivityMonitor? monitor = null, TimeProvider? time = null)
    {
        time ??= Time;
        using var journal = run.OpenJournal(time);
        var runner = new ExperimentRunner(new TrialRunner(_ => lane, (_, _) => Jobs, time), time);
        return await runner.RunAsync(run, plan, journal, monitor ?? SilentMonitor.Instance, cancellation ?? Cancellation);
    }

    private protected RunDirectory Create(out Plan plan, int repetitions = 2, TrialOrder order = TrialOrder.Shuffled, EarlyEnd? end = null, MachineKind machines = MachineKind.Simulation)
    {
        plan = new Plan
        {
            Name = "test",
            Seed = 1,
            Points = [.. new[] { "a", "b" }.Select(name => new PlanPoint
            {
                Name = name, Overrides = [], Scheduler = "reference", Profile = "easy", Machines = machines, Processors = 8, Workers = 2, Workload = "twelve",
                Jobs = 12, LastSubmission = TimeSpan.FromSeconds(12), Expected = TimeSpan.FromSeconds(30),
            })],
            Trials = TrialLayout.Lay(["a", "b"], repetitions, order, 1, vary: false),
            EarlyEnd = end,
        };
        return RunDirectory.Create(Scratch, new RunContent("name: test\n", [], plan), Time.GetUtcNow());
    }

    /// <summary>Makes the directory that <c>regatta trial</c> leaves of a trial.</summary>
    private protected static async Task MakeTrialAsync(RunDirectory run, Plan plan, PlannedTrial trial, string place, CancellationToken cancellation)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        using var directory = new TrialDirectory(place);
        using (var journal = new Journal(Path.Combine(directory.Draft, Journal.FileName), time))
        {
            journal.Write(JournalKind.Opened, run.Id);
            var written = await new TrialRunner(_ => new RecordingLane(time), (_, _) => Jobs, time) { Host = "n1" }
                .RunAsync(plan, trial, directory.Place, new LimitedTrials([]), null, journal, SilentMonitor.Instance, cancellation);
            journal.Write(JournalKind.TrialFinished, trial.Id, sha256: written.Sha256, took: TimeSpan.FromSeconds(1));
        }

        directory.Appear();
    }
}
