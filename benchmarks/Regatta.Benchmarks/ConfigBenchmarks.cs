using BenchmarkDotNet.Attributes;
using Regatta.Config;

namespace Regatta.Benchmarks;

/// <summary>Composition of 12 groups with 30 overrides, cold and warm, and a sweep of 10,000 points that share their groups.</summary>
[MemoryDiagnoser]
public class ConfigBenchmarks
{
    private readonly Dictionary<string, string> _files = Files();
    private readonly string[] _overrides = Overrides();
    private Composer _warm = null!;

    [GlobalSetup]
    public void Setup()
    {
        _warm = Open();
        _warm.Compose("config", _overrides);
    }

    [Benchmark]
    public Composition Warm() => _warm.Compose("config", _overrides);

    [Benchmark]
    public Composition WithFreshSources() => Open().Compose("config", _overrides);

    [Benchmark]
    public MappingNode WarmAndResolved() => _warm.Compose("config", _overrides).Resolve();

    [Benchmark]
    public int SweepOfTenThousandPoints()
    {
        var plan = SweepPlan.Create(_warm, "config", ["g0=a,b", "g1.k0=range(100)", "g2.k1=range(50)"]);
        var total = 0;
        foreach (var point in plan.Points()) total += plan.Compose(point).Root.Count;
        return total;
    }

    private Composer Open() => new([new MemorySource(_files, "main", "conf")]);

    private static Dictionary<string, string> Files()
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal) { ["conf/config.yaml"] = "defaults:\n" + string.Concat(Enumerable.Range(0, 12).Select(i => $"  - g{i}: a\n")) + "  - _self_\nseed: 1\nlabel: s${seed}\n" };
        for (var group = 0; group < 12; group++)
        {
            foreach (var option in new[] { "a", "b" })
                files[$"conf/g{group}/{option}.yaml"] = string.Concat(Enumerable.Range(0, 8).Select(k => $"k{k}: {k}\n")) + $"name: {option}\nref: ${{seed}}\nnested: {{x: 1, y: [1, 2, 3]}}\n";
        }

        return files;
    }

    private static string[] Overrides() => [.. Enumerable.Range(0, 6).Select(i => $"g{i}=b"), .. Enumerable.Range(0, 24).Select(i => $"g{i % 12}.k{i % 8}={i}")];
}
