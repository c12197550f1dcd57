using Regatta.Tests.Cli;

namespace Regatta.Tests.Config;

/// <summary><c>regatta config</c> on a directory in Hydra's form.</summary>
public sealed class ConfigCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("regatta-config-").FullName;

    public ConfigCommandTests()
    {
        foreach (var (path, text) in ConfigTree.Race())
        {
            var file = Path.Combine(_directory, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Shows_a_part_with_flags_between_overrides()
    {
        var output = await OutputOf("config", "show", "seed=5", "--package", "hw", "cluster@hw=large");

        Assert.Equal("# @package hw\nnodes: 512\n", output);
    }

    [Fact]
    public async Task Shows_origins()
    {
        var (_, _, output) = await Run("config", "show", "--origin", "-p", "run");

        Assert.Contains("label: base  # ", output, StringComparison.Ordinal);
        Assert.Contains("config.yaml:8:10", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explains_a_value()
    {
        var output = await OutputOf("config", "explain", "seed", "seed=9");

        Assert.Contains("1. 1", output, StringComparison.Ordinal);
        Assert.Contains("→ 2. 9", output, StringComparison.Ordinal);
        Assert.Contains("override 1st of 1; overrides come after all files", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_groups()
    {
        var (_, _, output) = await Run("config", "groups");

        Assert.Equal("cluster    large, small\nscheduler  flux, slurm\n", output);
    }

    [Fact]
    public async Task Checks_every_point_of_a_sweep()
    {
        (await Run("config", "check", "seed=1,2,3", "scheduler=slurm,flux")).Says(0, "All 6 configurations of the sweep are complete");
    }

    [Fact]
    public async Task A_reference_to_nothing_fails_the_check()
    {
        (await Run("config", "check", "run.label=${sed}")).Says(
            2,
            "error[config-interpolation-key-not-found]",
            "did you mean 'seed'?");
    }

    [Fact]
    public async Task Compares_two_compositions()
    {
        var (_, _, output) = await Run("config", "diff", "seed=1", "seed=2 scheduler=flux");

        Assert.Equal("- scheduler.name: slurm\n+ scheduler.name: flux\n- scheduler.port: 6817\n- seed: 1\n+ seed: 2\n", output);
    }

    [Fact]
    public async Task A_mistyped_option_ends_with_exit_code_2()
    {
        (await Run("config", "show", "scheduler=slrum")).Says(2, "did you mean 'slurm'?");
    }

    [Fact]
    public async Task Overrides_may_stand_on_both_sides_of_a_flag()
    {
        var output = await OutputOf("config", "show", "seed=5", "--resolve", "repeats=2", "-p", "_global_");

        Assert.Contains("seed: 5\nrepeats: 2\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--seed=3", "help: write seed=3")]
    [InlineData("-m", "help: leave it out: plan, run and config check sweep")]
    [InlineData("--multirun", "help: leave it out: plan, run and config check sweep")]
    public async Task What_other_programs_ask_for_gets_a_cure(string word, string cure)
    {
        (await Run("config", "check", "seed=1", word, "seed=2")).Says(2, cure);
    }

    [Fact]
    public async Task Shows_the_tree_of_defaults_and_what_chose_each()
    {
        var output = await OutputOf("config", "show", "--defaults-tree", "scheduler=flux");

        Assert.Contains("flux", output, StringComparison.Ordinal);
        Assert.Contains("scheduler=flux", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compares_what_two_runs_were_made_of()
    {
        foreach (var (run, text) in new[] { ("before", "seed: 1\n"), ("after", "seed: 2\n") })
        {
            Directory.CreateDirectory(Path.Combine(_directory, run));
            await File.WriteAllTextAsync(Path.Combine(_directory, run, "experiment.yaml"), text, TestContext.Current.CancellationToken);
        }

        var output = await OutputOf("config", "diff", Path.Combine(_directory, "before"), Path.Combine(_directory, "after"));

        Assert.Equal("- seed: 1\n+ seed: 2\n", output);
    }

    /// <summary>What a command that succeeds writes.</summary>
    private async Task<string> OutputOf(params string[] args)
    {
        var (code, human, output) = await Run(args);
        Assert.True(code == 0, human);
        return output;
    }

    private Task<ProgramRun> Run(params string[] args) => ProgramRun.Of([.. args, "--conf", Path.Combine(_directory, "conf")]);
}
