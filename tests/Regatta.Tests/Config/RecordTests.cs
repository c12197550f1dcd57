using Regatta.Config;
using Regatta.Tests.Diagnostics;

namespace Regatta.Tests.Config;

/// <summary>Records as schemas: defaults, types, units, ranges, and what is said when they do not fit.</summary>
public class RecordTests
{
    private const string Yaml = """
        cluster:
          workers: 8
          memory: 2GiB
          tags: [fast, wide]
        warmup: 1.5h
        policy: fair-share
        env: {A: x}
        """;

    [Fact]
    public void A_configuration_becomes_a_record()
    {
        var race = RecordBinder.Bind<Race>(Typed(Yaml).Compose("config", ["seed=7", "cluster.workers=4"]).Resolve());

        Assert.Equal(7, race.Seed);
        Assert.Equal(4, race.Cluster.Workers);
        Assert.Equal(2L << 30, race.Cluster.Memory.Bytes);
        Assert.Equal(["fast", "wide"], race.Cluster.Tags);
        Assert.Equal(TimeSpan.FromMinutes(90), race.Warmup);
        Assert.Equal(Policy.FairShare, race.Policy);
        Assert.Equal("x", race.Env["A"]);
        Assert.Null(race.Note);
        Assert.Equal(new Limits(10, "soft"), race.Limits);
    }

    [Fact]
    public void Defaults_of_the_record_are_part_of_the_composition()
    {
        Assert.Equal("""
            seed: 1
            cluster:
              workers: 2
              memory: 1GiB
              tags: []
            warmup: 0s
            policy: first-come
            env: {}
            note: null
            limits:
              most: 10
              kind: soft

            """.ReplaceLineEndings("\n"), Typed("{}").Compose("config", []).ToYaml());
    }

    [Theory]
    [InlineData("90s", 90), InlineData("1.5h", 5400), InlineData("1h30m", 5400), InlineData("250ms", 0.25), InlineData("'00:05:00'", 300)]
    [InlineData("'36:00:00'", 129600), InlineData("1-12:00:00", 129600), InlineData("12", 12)]
    public void Durations_have_many_forms(string text, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), RecordBinder.Bind<Race>(Typed($"warmup: {text}\n").Compose("config", []).Resolve()).Warmup);

    [Theory]
    [MemberData(nameof(DurationsTests.SizeForms), MemberType = typeof(DurationsTests))]
    public void Sizes_have_many_forms(string text, double bytes) =>
        Assert.Equal(bytes, RecordBinder.Bind<Race>(Typed($"cluster: {{memory: {text}}}\n").Compose("config", []).Resolve()).Cluster.Memory.Bytes);

    [Theory]
    [InlineData("cluster.workers=0", "'cluster.workers': '0' (int) is outside of the range: from 1 to 100")]
    [InlineData("cluster.memory=-1", "'cluster.memory': '-1' (int) is outside of the range: from 0B")]
    [InlineData("warmup='1:30'", "'warmup': '1:30' (text) is no duration from 0s")]
    [InlineData("warmup=soon", "'warmup': 'soon' (text) is no duration from 0s")]
    [InlineData("policy=fair", "'policy': 'fair' (text) is none of first-come, fair-share")]
    [InlineData("cluster=3", "'cluster': '3' (int) is no Cluster")]
    [InlineData("cluster.tags={a:1}", "'cluster.tags' is a list and cannot become a mapping")]
    [InlineData("seed=null", "'seed' must be int, not null")]
    public void A_value_that_does_not_fit_is_refused(string text, string summary)
    {
        var e = Assert.Throws<DiagnosticException>(() => Typed("{}").Compose("config", [text]));

        Assert.Contains(summary, e.Diagnostics[0].Summary, StringComparison.Ordinal);
        Assert.Equal("command line", e.Diagnostics[0].Where!.Value.Source);
        Assert.Equal(text, e.Diagnostics[0].Excerpt);
    }

    [Fact]
    public void All_faults_of_a_tree_are_told_at_once()
    {
        var tree = ConfigDiff.Read("cluster: {workers: many, memori: 1}\nwarmup: 1x\nenv: 3\n", "run.yaml");

        var e = Assert.Throws<DiagnosticException>(() => RecordBinder.Bind<Race>(tree));

        Assert.Equal(
            ["'cluster.memori' is no key that is known here", "'cluster.workers': 'many' (text) is no int from 1 to 100", "'warmup': '1x' (text) is no duration from 0s", "'env' must be a mapping, not '3' (int)"],
            e.Diagnostics.Select(d => d.Summary));
        Assert.Equal(["run.yaml:1:34", "run.yaml:1:20", "run.yaml:2:9", "run.yaml:3:6"], e.Diagnostics.Select(d => d.Where.ToString()!));
        Assert.Equal("did you mean 'memory'?", e.Diagnostics[0].Help);
    }

    [Fact]
    public void What_must_be_given_is_named()
    {
        var e = Assert.Throws<DiagnosticException>(() => RecordBinder.Bind<Named>(ConfigTree.Of(new ComposerOptions { Root = RecordSchema.Of<Named>() }, ("conf/config.yaml", "{}")).Compose("config", []).Resolve()));

        Assert.Equal("'name' must be given", e.Diagnostics[0].Summary);
        Assert.Equal("write name=VALUE, such as quickstart", e.Diagnostics[0].Help);
    }

    [Fact]
    public void Editors_get_a_schema_of_a_group()
    {
        var schema = JsonSchemaWriter.Write(RecordSchema.Of<Cluster>(), "cluster", new Dictionary<string, IReadOnlyList<string>> { ["machines"] = ["lxc", "qemu"] });

        using var json = System.Text.Json.JsonDocument.Parse(schema);
        var workers = json.RootElement.GetProperty("properties").GetProperty("workers");
        Assert.Equal("How many nodes work.", workers.GetProperty("description").GetString());
        Assert.Equal(2, workers.GetProperty("default").GetInt32());
        Assert.Equal(100, workers.GetProperty("anyOf")[0].GetProperty("maximum").GetInt32());
        Assert.False(json.RootElement.GetProperty("additionalProperties").GetBoolean());
        Assert.Contains("^(override |optional )?/?machines(@.*)?$", schema, StringComparison.Ordinal);
        Assert.False(json.RootElement.GetProperty("properties").TryGetProperty("hydra", out _));
    }

    [Fact]
    public void Editors_know_the_settings_of_a_sweep_in_a_whole_configuration()
    {
        using var json = System.Text.Json.JsonDocument.Parse(JsonSchemaWriter.Write(RecordSchema.Of<Race>(), "configuration", whole: true));

        var sweeper = json.RootElement.GetProperty("properties").GetProperty("hydra").GetProperty("properties").GetProperty("sweeper");
        Assert.Equal(["params", "points", "exclude", "max_batch_size"], sweeper.GetProperty("properties").EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public void The_page_of_keys_has_a_row_for_each()
    {
        var page = SchemaText.Markdown(RecordSchema.Of<Race>(), group => group == "cluster" ? ["small", "large"] : []);

        Assert.Contains("| `cluster.workers` | int from 1 to 100 | `2` | How many nodes work. |", page, StringComparison.Ordinal);
        Assert.Contains("Options, chosen by `cluster=...`: `small`, `large`.", page, StringComparison.Ordinal);
        Assert.Contains("| `policy` | first-come \\| fair-share | `first-come` |", page, StringComparison.Ordinal);
    }

    private static Composer Typed(string yaml) => ConfigTree.Of(new ComposerOptions { Root = RecordSchema.Of<Race>() }, ("conf/config.yaml", yaml));

    internal enum Policy
    {
        FirstCome,
        FairShare,
    }

    internal sealed record Race
    {
        public long Seed { get; init; } = 1;

        public Cluster Cluster { get; init; } = new();

        public TimeSpan Warmup { get; init; }

        [ConfigKey("In what order jobs start.")]
        public Policy Policy { get; init; }

        public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>();

        public string? Note { get; init; }

        public Limits Limits { get; init; } = new(10);
    }

    [ConfigSchema("The cluster.")]
    internal sealed record Cluster
    {
        [ConfigKey("How many nodes work.", Minimum = 1, Maximum = 100)]
        public int Workers { get; init; } = 2;

        [ConfigKey("Memory of a node.")]
        public ByteSize Memory { get; init; } = ByteSize.FromGiB(1);

        public IReadOnlyList<string> Tags { get; init; } = [];
    }

    internal sealed record Limits(int Most, string Kind = "soft");

    internal sealed record Named
    {
        [ConfigKey("The name.", Example = "quickstart")]
        public required string Name { get; init; }
    }
}
