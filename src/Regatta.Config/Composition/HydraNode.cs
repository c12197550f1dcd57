namespace Regatta.Config;

/// <summary>Fills in what is known only once a configuration is composed: overrides, choices, the job.</summary>
internal static class HydraNode
{
    public static void Fill(MappingNode root, Composer.BaseTree plan, IReadOnlyList<Override> overrides, ComposerOptions options, SweepJob? job)
    {
        if (root["hydra"] is not MappingNode hydra) return;
        var task = overrides.Where(o => !o.IsHydra).ToList();
        if (Find(hydra, "overrides.hydra") is SequenceNode own)
        {
            foreach (var entry in overrides.Where(o => o.IsHydra)) own.Add(Text(entry.Text, entry.Origin));
        }

        if (Find(hydra, "overrides.task") is SequenceNode given)
        {
            foreach (var entry in task) given.Add(Text(entry.Text, entry.Origin));
        }

        if (Find(hydra, "runtime.choices") is MappingNode choices)
        {
            foreach (var (key, option) in plan.Choices.InOrder) choices.Set(key, new ScalarNode(option));
        }

        Set(hydra, "runtime.version", "1.3.5");
        Set(hydra, "runtime.version_base", "1.3");
        Set(hydra, "runtime.cwd", options.WorkingDirectory);
        if (Find(hydra, "job.name") is null or { IsMissing: true }) Set(hydra, "job.name", options.JobName);
        Set(hydra, "job.override_dirname", DirectoryName(hydra, task));
        Set(hydra, "job.config_name", plan.Primary);
        CopyEnvironment(hydra, options);
        if (job is not null)
        {
            Set(hydra, "job.num", (long)job.Number);
            Set(hydra, "job.id", job.Number.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

    }

    private static void CopyEnvironment(MappingNode hydra, ComposerOptions options)
    {
        if (Find(hydra, "job.env_copy") is not SequenceNode names || Find(hydra, "job.env_set") is not MappingNode set) return;
        foreach (var item in names.Items)
        {
            if (item is not ScalarNode { Value: string name }) continue;
            var value = options.Environment(name)
                ?? throw ConfigFault.Error("environment-not-set", $"hydra.job.env_copy names the environment variable '{name}', which is not set", item.Origin, $"set {name}, or leave it out");
            set.Set(name, Text(value, item.Origin));
        }
    }

    private static string DirectoryName(MappingNode hydra, List<Override> task)
    {
        var separator = Value(hydra, "job.config.override_dirname.kv_sep") as string ?? "=";
        var between = Value(hydra, "job.config.override_dirname.item_sep") as string ?? ",";
        var excluded = Find(hydra, "job.config.override_dirname.exclude_keys") is SequenceNode list
            ? list.Items.OfType<ScalarNode>().Select(i => i.Value as string).ToHashSet(StringComparer.Ordinal) : [];
        var lines = task.Where(o => !excluded.Contains(o.Key)).Select(o => o.Text).Order(StringComparer.Ordinal);
        return string.Join(between, lines).Replace("=", separator, StringComparison.Ordinal);
    }

    private static object? Value(MappingNode hydra, string path) => Find(hydra, path) is ScalarNode scalar ? scalar.Value : null;

    private static ConfigNode? Find(MappingNode hydra, string path)
    {
        ConfigNode? node = hydra;
        foreach (var segment in path.Split('.')) node = (node as ContainerNode)?.Child(segment);
        return node;
    }

    private static void Set(MappingNode hydra, string path, object? value)
    {
        var dot = path.LastIndexOf('.');
        if (Find(hydra, path[..dot]) is not MappingNode { State: ContainerState.Value } parent) return;
        parent.Set(path[(dot + 1)..], new ScalarNode(value));
    }

    private static ScalarNode Text(string text, Origin origin) => new(text) { Origin = origin };
}
