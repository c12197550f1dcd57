namespace Regatta.Workloads;

/// <summary>Jobs that ask for GPUs: a mix of numbers of GPUs and of models, each drawn by weights.</summary>
public sealed record GpuJobs
{
    /// <summary>When jobs come, how long they run, how many there are, and the seed.</summary>
    public required Batches Batches { get; init; }

    /// <summary>Weights of the numbers of GPUs of a job, each at least 1; weights are at least 0, and one is above.</summary>
    public required IReadOnlyDictionary<int, double> Sizes { get; init; }

    /// <summary>Weights of the models; empty for jobs that take any.</summary>
    public required IReadOnlyDictionary<string, double> Models { get; init; }

    /// <summary>Processors for each GPU, at least 1.</summary>
    public int ProcessorsPerGpu { get; init; } = 8;

    /// <summary>GPUs of a node: larger jobs ask for as many nodes as hold theirs. At least 1.</summary>
    public int GpusPerNode { get; init; } = 8;

    /// <summary>The jobs.</summary>
    public Workload Generate()
    {
        var random = RandomStream.For(Batches.Seed, "gpus");
        var (sizes, models) = (Sizes.OrderBy(s => s.Key).ToArray(), Models.OrderBy(m => m.Key, StringComparer.Ordinal).ToArray());
        var bag = Batches.Bag();
        return bag with
        {
            Name = "gpus",
            Jobs = [.. bag.Jobs.Select(job =>
            {
                var gpus = Draw(sizes, random);
                var model = models.Length == 0 ? null : Draw(models, random);
                return job with
                {
                    Processors = gpus * ProcessorsPerGpu,
                    Nodes = (gpus + GpusPerNode - 1) / GpusPerNode,
                    Request = new JobRequest { Gres = new GenericResource("gpu", model, gpus).ToString() },
                };
            })],
        };
    }

    private static T Draw<T>(KeyValuePair<T, double>[] weights, RandomStream random)
    {
        var at = random.Uniform(0, weights.Sum(w => w.Value));
        foreach (var (value, weight) in weights)
        {
            if (at < weight) return value;
            at -= weight;
        }

        return weights.Last(w => w.Value > 0).Key;
    }
}
