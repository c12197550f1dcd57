using Regatta.Config;

namespace Regatta.Tests.Config;

/// <summary>Small trees of configurations for the tests.</summary>
internal static class ConfigTree
{
    /// <summary>A composer over texts; each is <c>path: text</c> with the path on the first line.</summary>
    public static Composer Of(params (string Path, string Text)[] files) => Of(new ComposerOptions { Environment = _ => null }, files);

    public static Composer Of(ComposerOptions options, params (string Path, string Text)[] files) =>
        new([new MemorySource(files.ToDictionary(f => f.Path, f => f.Text, StringComparer.Ordinal), "main", "conf", "conf")], options);

    /// <summary>A tree of schedulers and clusters, as the page on mistakes has it.</summary>
    public static (string Path, string Text)[] Race(params (string Path, string Text)[] more)
    {
        var files = new List<(string, string)>
        {
            ("conf/config.yaml", "defaults:\n  - scheduler: slurm\n  - cluster@hw: small\n  - _self_\nseed: 1\nrepeats: 3\nrun:\n  label: base\n  tags: [a, b]\nnothing: null\n"),
            ("conf/scheduler/slurm.yaml", "name: slurm\nport: 6817\n"),
            ("conf/scheduler/flux.yaml", "name: flux\n"),
            ("conf/cluster/small.yaml", "nodes: 4\n"),
            ("conf/cluster/large.yaml", "nodes: 512\n"),
        };
        foreach (var file in more)
        {
            files.RemoveAll(f => f.Item1 == file.Path);
            files.Add(file);
        }

        return [.. files];
    }
}
