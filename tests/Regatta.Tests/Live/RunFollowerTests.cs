using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Regatta.Live.Following;
using Regatta.Runs;
using Regatta.Tests.Reports;

namespace Regatta.Tests.Live;

public sealed class RunFollowerTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task A_trial_under_way_is_followed_to_its_end_and_then_shown_by_its_own_stamps()
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1), Sample.Trial("slurm-backfill", 1, backfill: true, order: 2));
        var follower = new RunFollower(3, run.Path, null, _time);
        var first = await LookAsync(follower);
        Assert.Equal(["plan", "state"], first.Select(m => m.Kind));
        Assert.Equal(3, first[0].Data.GetProperty("run").GetInt32());
        Assert.Equal("..", first[1].Data.GetProperty("states").GetString());
        Assert.True(first[1].Data.GetProperty("attended").GetBoolean());

        run.Begin(0);
        var begun = await LookAsync(follower);
        Assert.Equal(["state", "trial"], begun.Select(m => m.Kind));
        Assert.Equal(">.", begun[0].Data.GetProperty("states").GetString());
        Assert.Equal("slurm-fifo/1", begun[1].Data.GetProperty("trial").GetString());
        Assert.Equal(8, begun[1].Data.GetProperty("lanes").GetInt32());

        run.Come(0, 40);
        run.Come(0, run.Events);
        var news = Assert.Single(await LookAsync(follower), m => m.Kind == "news").Data.GetProperty("update");
        Assert.Equal(60, news.GetProperty("started").GetArrayLength());
        Assert.Equal(60, news.GetProperty("counts").GetProperty("ended").GetInt32());

        await run.EndAsync(0);
        var ended = await LookAsync(follower);
        Assert.Equal(["state", "whole"], ended.Select(m => m.Kind));
        Assert.Equal("v.", ended[0].Data.GetProperty("states").GetString());
        Assert.Equal(60, ended[1].Data.GetProperty("chart").GetProperty("jobs").GetProperty("id").GetArrayLength());
        Assert.Empty(await LookAsync(follower));
    }

    [Fact]
    public async Task Whoever_comes_later_or_again_is_told_everything()
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1));
        run.Begin(0);
        run.Come(0, 100);
        var early = await LookAsync(new RunFollower(0, run.Path, null, _time));
        run.Come(0, 100);
        var late = await LookAsync(new RunFollower(0, run.Path, null, _time));

        Assert.Equal(["plan", "state", "trial", "news"], early.Select(m => m.Kind));
        Assert.Equal(["plan", "state", "trial", "news"], late.Select(m => m.Kind));
        int Sent(List<(string Kind, JsonElement Data)> messages) => messages[3].Data.GetProperty("update").GetProperty("counts").GetProperty("sent").GetInt32();
        Assert.True(Sent(late) > Sent(early));
    }

    [Fact]
    public async Task A_trial_that_is_repeated_begins_anew()
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1));
        run.Begin(0);
        run.Come(0, 100);
        var follower = new RunFollower(0, run.Path, null, _time);
        await LookAsync(follower);
        Directory.Delete(RunDirectory.DraftOf(run.Path, run.Planned(0)), recursive: true);
        run.Write(JournalKind.TrialRepeated, "slurm-fifo/1", "the client was late");
        run.Begin(0);
        run.Come(0, 5);

        var again = await LookAsync(follower);

        Assert.Equal(["state", "trial", "news"], again.Select(m => m.Kind));
        Assert.InRange(again[2].Data.GetProperty("update").GetProperty("counts").GetProperty("sent").GetInt32(), 1, 5);
    }

    [Fact]
    public async Task What_failed_is_told_with_the_reason_and_a_run_that_nobody_works_on_is_seen()
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1), Sample.Trial("slurm-fifo", 2));
        var follower = new RunFollower(0, run.Path, null, _time);
        run.Begin(0);
        await LookAsync(follower);
        run.Fail(0, "the replay on head failed");
        run.Leave();

        var state = Assert.Single(await LookAsync(follower), m => m.Kind == "state").Data;

        Assert.Equal("f.", state.GetProperty("states").GetString());
        Assert.False(state.GetProperty("attended").GetBoolean());
        Assert.Equal("the replay on head failed", state.GetProperty("failures")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task The_time_that_is_left_is_that_of_the_plan_until_a_trial_has_told_better()
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1), Sample.Trial("slurm-fifo", 2), Sample.Trial("slurm-fifo", 3));
        var plan = RunDirectory.ReadPlan(run.Path);
        var each = ExpectedTime.Of([plan.Trials[0]], plan.Points).TotalSeconds;
        var progress = new RunProgress(run.Path, plan);
        await progress.LookAsync(TestContext.Current.CancellationToken);
        Assert.Equal(3 * each, progress.Left(_time.GetUtcNow())!.Value.TotalSeconds, 1e-3);

        // The first trial of a sitting makes the cluster: only the second corrects the plan.
        foreach (var trial in new[] { 0, 1 })
        {
            run.Begin(trial);
            await run.EndAsync(trial);
        }

        await progress.LookAsync(TestContext.Current.CancellationToken);
        var took = (run.Trials[1].Record.Ended - run.Trials[1].Record.Started) / 1e6;
        Assert.Equal(took, progress.Left(_time.GetUtcNow())!.Value.TotalSeconds, 1e-3);
    }

    [Fact]
    public async Task An_earlier_trial_can_be_asked_for()
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1), Sample.Trial("slurm-fifo", 2));
        run.Begin(0);
        await run.EndAsync(0);
        run.Begin(1);

        var messages = await LookAsync(new RunFollower(0, run.Path, "slurm-fifo/1", _time));

        Assert.Equal(["plan", "state", "whole"], messages.Select(m => m.Kind));
        Assert.Equal(["plan", "state"], (await LookAsync(new RunFollower(0, run.Path, "no-such/1", _time))).Select(m => m.Kind));
    }

    [Fact]
    public async Task What_was_sampled_from_inside_is_told_with_a_trial_that_has_ended()
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1));
        run.Begin(0);
        var start = run.Trials[0].Record.Started;
        var lines = string.Concat(Enumerable.Range(0, 5).Select(i => $"{{\"time\":{start + (i * 1_000_000L)},\"values\":{{\"queue\":{i * i},\"rpc{{type=\\\"PING\\\"}}\":{i},\"same\":7}}}}\n"));
        await using (var file = File.Create(Path.Combine(RunDirectory.DraftOf(run.Path, run.Planned(0)), Regatta.Analysis.SampleTable.FileName)))
            await Regatta.Analysis.SampleTable.Parse(System.Text.Encoding.UTF8.GetBytes(lines), "test").WriteAsync(file, TestContext.Current.CancellationToken);
        await run.EndAsync(0);

        var inside = Assert.Single(await LookAsync(new RunFollower(0, run.Path, null, _time)), m => m.Kind == "inside").Data.GetProperty("series");

        // What is the same all along is left out.
        Assert.Equal(["queue", "rpc{type=\"PING\"}"], inside.EnumerateArray().Select(s => s.GetProperty("name").GetString()));
        Assert.Equal([0, 1, 4, 9, 16], inside[0].GetProperty("y").EnumerateArray().Select(v => v.GetDouble()));
        Assert.Equal([0, 1, 2, 3, 4], inside[0].GetProperty("x").EnumerateArray().Select(v => v.GetDouble()));
    }

    [Fact]
    public async Task What_is_sampled_from_inside_is_told_as_it_comes_where_it_changes()
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1));
        run.Begin(0);
        var samples = Path.Combine(RunDirectory.DraftOf(run.Path, run.Planned(0)), TrialUnderWay.SamplesName);
        var start = run.Trials[0].Record.Started;
        string Line(int second, int queue) => $"{{\"time\":{start + (second * 1_000_000L)},\"values\":{{\"queue\":{queue},\"same\":7}}}}\n";
        var follower = new RunFollower(0, run.Path, null, _time);
        File.WriteAllText(samples, Line(0, 3) + Line(1, 3));
        // Before the first job is sent nobody knows where the axis begins; what is the same all along is not told.
        Assert.DoesNotContain(await LookAsync(follower), m => m.Kind == "sampled");
        run.Come(0, 10);
        Assert.DoesNotContain(await LookAsync(follower), m => m.Kind == "sampled");

        File.AppendAllText(samples, Line(2, 5) + Line(3, 5) + Line(4, 2)[..20]);
        Assert.Equal("[{\"name\":\"queue\",\"x\":[1,2],\"y\":[3,5]}]", Sampled(await LookAsync(follower)));
        File.AppendAllText(samples, Line(4, 2)[20..]);
        Assert.Equal("[{\"name\":\"queue\",\"x\":[4],\"y\":[2]}]", Sampled(await LookAsync(follower)));
        // Whoever comes later is told the same.
        Assert.Equal("[{\"name\":\"queue\",\"x\":[1,2,4],\"y\":[3,5,2]}]", Sampled(await LookAsync(new RunFollower(0, run.Path, null, _time))));

        File.AppendAllText(samples, "nonsense\n");
        Assert.Contains("holds no samples", Assert.Single(await LookAsync(follower), m => m.Kind == "unread").Data.GetProperty("text").GetString(), StringComparison.Ordinal);
        File.AppendAllText(samples, Line(6, 9));
        Assert.Equal("[{\"name\":\"queue\",\"x\":[6],\"y\":[9]}]", Sampled(await LookAsync(follower)));

        await run.EndAsync(0);
        Assert.False(File.Exists(Path.Combine(run.Path, run.Planned(0).Directory, TrialUnderWay.SamplesName)));
    }

    private static string Sampled(List<(string Kind, JsonElement Data)> messages) => Assert.Single(messages, m => m.Kind == "sampled").Data.GetProperty("series").GetRawText();

    [Fact]
    public async Task A_file_that_was_changed_is_told_and_does_not_end_the_following()
    {
        using var run = await GrowingRun.OfAsync(Sample.Trial("slurm-fifo", 1));
        run.Begin(0);
        await run.EndAsync(0);
        await File.AppendAllTextAsync(Path.Combine(run.Path, run.Planned(0).Directory, TrialFiles.Jobs), "x", TestContext.Current.CancellationToken);

        var messages = await LookAsync(new RunFollower(0, run.Path, null, _time));

        Assert.Contains("jobs.parquet is not the file", messages.Single(m => m.Kind == "unread").Data.GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    private static async Task<List<(string Kind, JsonElement Data)>> LookAsync(RunFollower follower) =>
        [.. (await follower.LookAsync(TestContext.Current.CancellationToken)).Select(m => (m.Kind, JsonDocument.Parse(m.Json).RootElement))];
}
