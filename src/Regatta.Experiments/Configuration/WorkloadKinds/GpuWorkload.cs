using Regatta.Config;
using Regatta.Workloads;

namespace Regatta.Experiments.Configuration.WorkloadKinds;

/// <summary>Jobs that ask for GPUs.</summary>
[ConfigSchema("Jobs that ask for GPUs: numbers of GPUs and models are drawn by weights.")]
public sealed record GpuWorkload : BatchWorkload
{
    /// <summary>Weights of the numbers of GPUs.</summary>
    [ConfigKey("Weights of the numbers of GPUs of a job.", Example = "{\"1\": 50, \"2\": 15, \"4\": 15, \"8\": 15, \"16\": 5}")]
    public IReadOnlyDictionary<string, double> Gpus { get; init; } = new Dictionary<string, double> { ["1"] = 50, ["2"] = 15, ["4"] = 15, ["8"] = 15, ["16"] = 5 };

    /// <summary>Weights of the models.</summary>
    [ConfigKey("Weights of the models that jobs ask for; empty for jobs that take any.", Example = "{a100: 2, h100: 1}")]
    public IReadOnlyDictionary<string, double> Models { get; init; } = new Dictionary<string, double>();

    /// <summary>Processors for each GPU.</summary>
    [ConfigKey("Processors for each GPU.", Minimum = 1, Maximum = 256)]
    public int ProcessorsPerGpu { get; init; } = 8;

    /// <summary>GPUs of a node.</summary>
    [ConfigKey("GPUs of a node: larger jobs ask for as many nodes as hold theirs.", Minimum = 1, Maximum = 64)]
    public int GpusPerNode { get; init; } = 8;

    /// <inheritdoc/>
    public override IEnumerable<(string Property, Diagnostic Fault)> Faults()
    {
        foreach (var fault in base.Faults()) yield return fault;
        if (Gpus.Keys.FirstOrDefault(key => Number(key) is null) is { } wrong)
            yield return (nameof(Gpus), Fault($"'{wrong}' is no number of GPUs", "write numbers with weights, such as {\"1\": 50, \"8\": 15}"));
        foreach (var (property, weights) in new[] { (nameof(Gpus), Gpus), (nameof(Models), Models) })
        {
            if (weights.FirstOrDefault(w => !(w.Value >= 0) || double.IsInfinity(w.Value)) is { Key: { } negative })
                yield return (property, Fault($"the weight of '{negative}' is not a number from 0 on", "write a weight such as 15"));
            else if ((weights.Count > 0 || property == nameof(Gpus)) && weights.Values.Sum() <= 0)
                yield return (property, Fault("no weight is above 0", "give one a weight above 0"));
        }
    }

    /// <inheritdoc/>
    protected override Workload Make(WorkloadSurroundings surroundings) => new GpuJobs
    {
        Batches = Batches(surroundings, 1), Sizes = Gpus.ToDictionary(w => Number(w.Key)!.Value, w => w.Value), Models = Models, ProcessorsPerGpu = ProcessorsPerGpu, GpusPerNode = GpusPerNode,
    }.Generate();

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 65536 ? number : null;

    private static Diagnostic Fault(string text, string help) => Diagnostic.Error("workload-gpus", text) with { Help = help };
}
