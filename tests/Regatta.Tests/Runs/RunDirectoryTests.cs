using System.Text;
using Microsoft.Extensions.Time.Testing;
using Regatta.Experiments.Configuration;
using Regatta.Experiments.Planning;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Tests.Runs;

public sealed class RunDirectoryTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly string _runs = Path.Combine(Path.GetTempPath(), "regatta-runs-" + Guid.NewGuid().ToString("N")[..8]);

    public void Dispose()
    {
        if (Directory.Exists(_runs)) Directory.Delete(_runs, recursive: true);
    }

    [Fact]
    public void Appears_whole_under_a_name_that_says_when_what_and_which()
    {
        using var run = RunDirectory.Create(_runs, Content(), Noon);

        Assert.Matches("^20260301T120000Z-quickstart-[0-9a-f]{8}$", run.Id);
        Assert.Equal(["experiment.yaml", "overrides.yaml", "plan.json"], Directory.GetFiles(run.Path).Select(Path.GetFileName).Where(n => n![0] != '.').Order());
        Assert.Equal(["seed=1", "name='it''s \"so\"\n'"], RunDirectory.ReadOverrides(run.Path));
        var plan = RunDirectory.ReadPlan(run.Path);
        Assert.Equal(["a/1", "a/2"], plan.Trials.Select(t => t.Id));
        Assert.Equal(TimeSpan.FromSeconds(90), plan.Point("a").Expected);
    }

    [Fact]
    public void Is_never_reused()
    {
        using var first = RunDirectory.Create(_runs, Content(), Noon);
        using var second = RunDirectory.Create(_runs, Content(), Noon);

        Assert.Equal(first.Path + "-2", second.Path);
    }

    [Fact]
    public void Refuses_a_second_process()
    {
        using var run = RunDirectory.Create(_runs, Content(), Noon);

        var refused = Assert.Throws<DiagnosticException>(() => RunDirectory.Open(run.Path));

        Assert.StartsWith($"error[run-in-use]: run directory '{run.Path}' is in use by another process", refused.Message, StringComparison.Ordinal);
        Assert.Contains("regatta resume " + run.Path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Can_be_opened_again_when_the_first_process_is_done()
    {
        var run = RunDirectory.Create(_runs, Content(), Noon);
        run.Dispose();

        using var again = RunDirectory.Open(run.Path);

        Assert.Equal(run.Path, again.Path);
    }

    [Fact]
    public void Names_the_run_that_was_meant()
    {
        using var run = RunDirectory.Create(_runs, Content(), Noon);

        var wrong = Assert.Throws<DiagnosticException>(() => RunDirectory.Open(run.Path[..^1] + "x"));

        Assert.Contains($"did you mean '{run.Path}'?", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trial_is_there_only_when_it_is_whole()
    {
        using var run = RunDirectory.Create(_runs, Content(), Noon);
        var trial = RunDirectory.ReadPlan(run.Path).Trials[0];
        var broken = run.Draft(trial);
        File.WriteAllText(Path.Combine(broken, "trial.json"), "{}");
        Assert.False(run.Has(trial));

        var draft = run.Draft(trial);
        Assert.False(File.Exists(Path.Combine(draft, "trial.json")), "what a broken attempt left must be gone");
        File.WriteAllText(Path.Combine(draft, "trial.json"), "{}");
        run.Keep(trial, draft);

        Assert.True(run.Has(trial));
    }

    [Fact]
    public void What_lies_in_a_trials_place_without_being_one_is_kept_aside()
    {
        using var run = RunDirectory.Create(_runs, Content(), Noon);
        var trial = RunDirectory.ReadPlan(run.Path).Trials[0];
        Directory.CreateDirectory(Path.Combine(run.Path, trial.Directory));
        File.WriteAllText(Path.Combine(run.Path, trial.Directory, "notes.txt"), "mine");
        var draft = run.Draft(trial);
        File.WriteAllText(Path.Combine(draft, "trial.json"), "{}");

        run.Keep(trial, draft);

        Assert.True(run.Has(trial));
        Assert.Equal("mine", File.ReadAllText(Assert.Single(Directory.GetFiles(Path.Combine(run.Path, "trials"), "notes.txt", SearchOption.AllDirectories))));
    }

    [Fact]
    public void Drafts_of_runs_that_were_never_made_whole_are_removed()
    {
        string Draft(string id) => Directory.CreateDirectory(Path.Combine(_runs, id)).FullName;
        var abandoned = Draft(".20260301T110000Z-quickstart-1a2b3c4d.01234567");
        File.WriteAllText(Path.Combine(abandoned, ".lock"), "1\n");
        var old = Draft(".20260301T090000Z-quickstart-1a2b3c4d.01234567");
        Directory.SetLastWriteTimeUtc(old, Noon.UtcDateTime.AddHours(-2));
        var begun = Draft(".20260301T115959Z-quickstart-1a2b3c4d.01234567");
        Directory.SetLastWriteTimeUtc(begun, Noon.UtcDateTime.AddSeconds(-1));
        var claimed = Draft(".20260301T115958Z-quickstart-1a2b3c4d.01234567");
        using var claim = new FileStream(Path.Combine(claimed, ".lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        var foreign = Draft(".cache");

        using var run = RunDirectory.Create(_runs, Content(), Noon);

        Assert.Equal([false, false, true, true, true], new[] { abandoned, old, begun, claimed, foreign }.Select(Directory.Exists));
    }

    [Fact]
    public void A_run_directory_that_cannot_be_written_leaves_nothing_behind()
    {
        // A name too long for a file, which shows only when the whole directory is to get it.
        var content = Content();
        var refused = Assert.Throws<DiagnosticException>(() => RunDirectory.Create(_runs, content with { Plan = content.Plan with { Name = new string('x', 240) } }, Noon));

        Assert.StartsWith("error[run-directory]", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_runs));
    }

    [Fact]
    public void Logs_of_attempts_that_failed_are_kept_and_go_with_the_trial_that_succeeds()
    {
        using var run = RunDirectory.Create(_runs, Content(), Noon);
        var trial = RunDirectory.ReadPlan(run.Path).Trials[0];
        foreach (var attempt in new[] { "first", "second" })
        {
            Log(run.Draft(trial), attempt);
            run.KeepFailed(trial);
            Assert.False(run.Has(trial));
        }

        var draft = run.Draft(trial);
        File.WriteAllText(Path.Combine(draft, "trial.json"), "{}");
        Log(draft, "third");
        run.Keep(trial, draft);

        var logs = Path.Combine(run.Path, trial.Directory, "logs");
        Assert.True(run.Has(trial));
        Assert.Equal(["first", "second", "third"], new[] { "failed-1/agent.log", "failed-2/agent.log", "agent.log" }.Select(f => File.ReadAllText(Path.Combine(logs, f))));
        Assert.Equal(["1"], Directory.EnumerateFileSystemEntries(Path.Combine(run.Path, "trials", trial.Point)).Select(Path.GetFileName));

        static void Log(string draft, string text) => File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(draft, "logs")).FullName, "agent.log"), text);
    }

    [Fact]
    public void The_journal_goes_on_after_a_half_written_line()
    {
        using var run = RunDirectory.Create(_runs, Content(), Noon);
        var time = new FakeTimeProvider(Noon);
        using (var journal = run.OpenJournal(time)) journal.Write(JournalKind.TrialStarted, "a/1");
        var path = Path.Combine(run.Path, "journal.jsonl");
        File.AppendAllText(path, "{\"time\":\"2026-", Encoding.UTF8);

        using (var journal = run.OpenJournal(time)) journal.Write(JournalKind.TrialFinished, "a/1", "well");

        Assert.Equal(
            [new JournalEntry(Noon, JournalKind.TrialStarted, "a/1"), new JournalEntry(Noon, JournalKind.TrialFinished, "a/1", "well")],
            Journal.Read(path));
    }

    [Fact]
    public void A_journal_with_a_broken_line_in_its_middle_says_which()
    {
        Directory.CreateDirectory(_runs);
        var path = Path.Combine(_runs, "journal.jsonl");
        File.WriteAllText(path, "{\"time\":\"2026-03-01T12:00:00Z\",\"kind\":\"Opened\"}\n{nonsense}\n");

        var broken = Assert.Throws<DiagnosticException>(() => Journal.Read(path));

        Assert.StartsWith($"error[journal-line]: a line of the run's journal cannot be read\n  at {path}:2", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_of_another_version_is_refused()
    {
        using var run = RunDirectory.Create(_runs, Content(), Noon);
        var file = Path.Combine(run.Path, "plan.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"version\": 2", "\"version\": 9", StringComparison.Ordinal));

        var refused = Assert.Throws<DiagnosticException>(() => RunDirectory.ReadPlan(run.Path));

        Assert.Contains("error[run-version]: plan.json of the run has version 9; this program reads 1 to 2", refused.Message, StringComparison.Ordinal);
    }

    private static RunContent Content() => new("name: quickstart\n", ["seed=1", "name='it''s \"so\"\n'"], new Plan
    {
        Name = "quickstart",
        Seed = 1,
        Points =
        [
            new PlanPoint
            {
                Name = "a", Overrides = [], Scheduler = "slurm", Profile = "fifo", Machines = MachineKind.Lxc, Processors = 8, Workers = 2, Workload = "60 jobs",
                Jobs = 60, LastSubmission = TimeSpan.FromSeconds(50), Expected = TimeSpan.FromSeconds(90),
            },
        ],
        Trials = TrialLayout.Lay(["a"], 2, TrialOrder.Blocks, 1, vary: false),
    });
}
