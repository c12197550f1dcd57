namespace Regatta.Config;

/// <summary>The engine's own configurations: what Hydra keeps under <c>hydra</c>, as far as it means something here.</summary>
internal static class HydraDefaults
{
    private static readonly StringHint Text = new();
    private static readonly StringHint TextOrNull = new() { Optional = true };

    public static ConfigSource Source { get; } = new MemorySource(Files(), "hydra", location: "built in");

    /// <summary>Registers the typed nodes.</summary>
    public static SchemaSource Schemas() => new SchemaSource()
        .Add("hydra/config", Root, Defaults())
        .Add("hydra/sweeper/basic", Sweeper)
        .Add("hydra/launcher/basic", new StructSchema("BasicLauncher") { Fields = [new FieldSchema("_target_", Text) { Default = "regatta.local" }] });

    public static StructSchema Sweeper { get; } = new("BasicSweeper")
    {
        Description = "How the points of a sweep are made of overrides.",
        Fields =
        [
            new FieldSchema("_target_", Text) { Default = "regatta.product" },
            new FieldSchema("max_batch_size", new IntHint { Optional = true }) { Default = null, Description = "Jobs in a batch; null for all at once." },
            new FieldSchema("params", new DictHint(Text, Text) { Optional = true }) { Default = null, Description = "Axes: an override's key and its values, such as seed: 1,2,3." },
            new FieldSchema("points", TypeHint.Any) { Default = null, Description = "Named points: a name and the overrides that make it; the product of the axes is taken at each." },
            new FieldSchema("exclude", TypeHint.Any) { Default = null, Description = "Points to leave out: each item is a list of overrides that all stand in the point; values may have * and ?." },
        ],
    };

    private static StructSchema Root { get; } = new("Hydra")
    {
        Fields =
        [
            new FieldSchema("mode", new EnumHint("RunMode", ["RUN", "MULTIRUN"]) { Optional = true }) { Default = null },
            new FieldSchema("searchpath", new ListHint(Text)) { Default = new List<object?>() },
            Nested("run", "RunDirectory", Given("dir")),
            Nested("sweep", "SweepDirectory", Given("dir"), Given("subdir")),
            new FieldSchema("hydra_logging", new DictHint(Text, TypeHint.Any)),
            new FieldSchema("job_logging", new DictHint(Text, TypeHint.Any)),
            new FieldSchema("sweeper", TypeHint.Any),
            new FieldSchema("launcher", TypeHint.Any),
            new FieldSchema("callbacks", new DictHint(Text, TypeHint.Any)) { Default = new PlainMap() },
            Nested("help", "Help", Given("app_name"), Given("header"), Given("footer"), Given("template")),
            Nested("hydra_help", "HydraHelp", Given("hydra_help"), Given("template")),
            new FieldSchema("output_subdir", TextOrNull) { Default = ".hydra" },
            Nested("overrides", "Overrides", TextList("hydra"), TextList("task")),
            Nested("job", "Job",
                Given("name"),
                new FieldSchema("chdir", new BoolHint { Optional = true }) { Default = null },
                Given("override_dirname"),
                Given("id"),
                new FieldSchema("num", new IntHint()),
                new FieldSchema("config_name", TextOrNull),
                new FieldSchema("env_set", new DictHint(Text, Text)) { Default = new PlainMap() },
                TextList("env_copy"),
                Nested("config", "JobConfig", Nested("override_dirname", "OverrideDirname",
                    new FieldSchema("kv_sep", Text) { Default = "=" },
                    new FieldSchema("item_sep", Text) { Default = "," },
                    TextList("exclude_keys")))),
            Nested("runtime", "Runtime",
                Given("version"),
                Given("version_base"),
                Given("cwd"),
                new FieldSchema("config_sources", new ListHint(TypeHint.Any)),
                Given("output_dir"),
                new FieldSchema("choices", new DictHint(Text, TypeHint.Any)) { Default = new PlainMap() }),
            new FieldSchema("verbose", TypeHint.Any) { Default = false },
        ],
    };

    private static List<object?> Defaults() =>
    [
        Choice("output", "default"), Choice("launcher", "basic"), Choice("sweeper", "basic"), Choice("help", "default"), Choice("hydra_help", "default"),
        Choice("hydra_logging", "default"), Choice("job_logging", "default"), Choice("callbacks", null), Choice("env", "default"),
    ];

    private static PlainMap Choice(string group, string? option)
    {
        var map = new PlainMap();
        map.Set(group, option);
        return map;
    }

    private static FieldSchema Given(string name) => new(name, Text);

    private static FieldSchema TextList(string name) => new(name, new ListHint(Text)) { Default = new List<object?>() };

    private static FieldSchema Nested(string name, string type, params FieldSchema[] fields) =>
        new(name, new StructHint(new StructSchema(type) { Fields = fields })) { Default = FieldSchema.NewInstance };

    private static Dictionary<string, string> Files() => new(StringComparer.Ordinal)
    {
        ["hydra/output/default.yaml"] = """
            # @package hydra
            run:
              dir: outputs/${now:%Y-%m-%d}/${now:%H-%M-%S}
            sweep:
              dir: multirun/${now:%Y-%m-%d}/${now:%H-%M-%S}
              subdir: ${hydra.job.num}
            """,
        ["hydra/env/default.yaml"] = "",
        ["hydra/help/default.yaml"] = "{app_name: '${hydra.job.name}', header: '', footer: '', template: ''}",
        ["hydra/hydra_help/default.yaml"] = "{template: ''}",
        ["hydra/hydra_logging/default.yaml"] = "{version: 1, root: {level: INFO}, disable_existing_loggers: false}",
        ["hydra/hydra_logging/none.yaml"] = "{version: 1, root: null, disable_existing_loggers: false}",
        ["hydra/hydra_logging/disabled.yaml"] = "{version: 1, root: {level: ERROR}, disable_existing_loggers: true}",
        ["hydra/hydra_logging/hydra_debug.yaml"] = "{version: 1, root: {level: ERROR}, disable_existing_loggers: false}",
        ["hydra/job_logging/default.yaml"] = "{version: 1, root: {level: INFO}, disable_existing_loggers: false}",
        ["hydra/job_logging/none.yaml"] = "{version: 1, root: null, disable_existing_loggers: false}",
        ["hydra/job_logging/disabled.yaml"] = "{version: 1, root: {level: ERROR}, disable_existing_loggers: true}",
        ["hydra/job_logging/stdout.yaml"] = "{version: 1, root: {level: INFO}, disable_existing_loggers: false}",
    };
}
