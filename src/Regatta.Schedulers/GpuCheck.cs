using System.Text.RegularExpressions;
using Regatta.Workloads;

namespace Regatta.Schedulers;

/// <summary>Finds GPUs that cannot be, and jobs that Slurm would refuse or keep waiting for ever, by release, before anything starts (findings/slurm-gpus-of-a-job.sh).</summary>
public static partial class GpuCheck
{
    private const string Key = "cluster.gpus";

    /// <summary>What is wrong with the GPUs of a cluster.</summary>
    /// <param name="gpus">The GPUs.</param>
    /// <param name="nodes">How many nodes there are.</param>
    /// <param name="scheduler">The scheduler's name.</param>
    public static IEnumerable<Diagnostic> Cluster(ImmutableArray<NodeGpus> gpus, int nodes, string scheduler)
    {
        foreach (var kind in gpus)
        {
            if (!Model().IsMatch(kind.Model))
                yield return Diagnostic.Error("gpu-model", $"'{kind.Model}' cannot name a model of GPUs") with { Help = "a name has letters, digits, '_', '.' and '-', and is no number, such as a100" };
            if (kind.Numbers is null)
                yield return Diagnostic.Error("gpu-nodes", $"{Key}.{kind.Model} names its nodes by neither 'all' nor numbers from 1 on") with { Help = "write nodes: 1-2,4" };
            else if (!kind.Numbers.Ranges.IsEmpty && kind.Numbers.Ranges.All(range => range.First > nodes))
                yield return Diagnostic.Error("gpu-nodes", $"{Key}.{kind.Model} has no nodes: it begins at number {kind.Numbers.Ranges.Min(range => range.First)}, and there are {nodes}") with { Help = "name numbers up to that of cluster.workers or cluster.emulated, or all" };
        }

        if (!gpus.IsEmpty && scheduler is not ("slurm" or "reference"))
            yield return Diagnostic.Error("gpus-scheduler", $"nodes of {scheduler} have no GPUs here") with { Help = $"take scheduler=slurm, or leave {Key} out" };
    }

    /// <summary>Jobs that ask for GPUs that are not there.</summary>
    /// <param name="gpus">The GPUs of the cluster.</param>
    /// <param name="nodes">How many nodes there are.</param>
    /// <param name="jobs">The jobs.</param>
    public static IEnumerable<Diagnostic> Jobs(ImmutableArray<NodeGpus> gpus, int nodes, IReadOnlyCollection<Job> jobs)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        var asking = jobs.Where(j => j.Request is { Gpus: > 0 }).ToList();
        if (asking.Count == 0) yield break;
        if (gpus.IsEmpty)
        {
            yield return Diagnostic.Warning("gpus-left-out", $"{asking.Count} of {jobs.Count} jobs ask for GPUs, and the nodes have none: they start when their processors are free") with { Help = $"{Key} gives nodes GPUs, such as +{Key}.a100.count=8" };
            yield break;
        }

        var all = NodeGpus.ByModel(gpus, nodes);
        var mostOf = all.Keys.ToDictionary(model => model, model => MostOf(model), StringComparer.Ordinal);
        var mostOfAll = MostOf(null);
        var wanted = asking.SelectMany(j => GenericResource.Gpus(j.Request!.Gres).Select(r => (Job: j, r.Type, r.Count, Most: r.Type is null ? mostOfAll : mostOf.GetValueOrDefault(r.Type)))).ToList();
        foreach (var group in wanted.Where(w => w.Type is not null && !all.ContainsKey(w.Type)).GroupBy(w => w.Type!, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            yield return Diagnostic.Error("gpus-missing", $"{group.Count()} jobs ask for GPUs of the model '{group.Key}', and no node has them") with
            {
                Help = Suggestion.Nearest(group.Key, all.Keys) is { } near ? $"did you mean '{near}'?" : $"the nodes have {string.Join(", ", all.Keys)}: add it to {Key}",
            };
        }

        foreach (var (type, most) in all.Select(a => ((string?)a.Key, a.Value)).Append((null, all.Values.Sum())))
        {
            var large = wanted.Where(w => w.Type == type && (w.Count > most || (w.Job.Nodes > 0 && w.Count > (long)w.Job.Nodes * w.Most))).ToList();
            if (large.Count == 0) continue;
            var first = large.MaxBy(w => w.Count);
            yield return Diagnostic.Error("gpus-missing", $"{large.Count} jobs ask for more GPUs{(type is null ? "" : $" of the model '{type}'")} than their nodes have: job {first.Job.Id} for {first.Count}{(first.Job.Nodes > 0 ? $" on {first.Job.Nodes} nodes" : "")}, of {most} in all, {first.Most} a node") with
            {
                Help = $"raise {Key}, or leave these jobs out",
            };
        }

        var split = asking.Where(j => GenericResource.Gpus(j.Request!.Gres).Where(r => r.Type is not null).ToList() is { Count: > 1 } models
            && !Enumerable.Range(0, nodes).Any(place => models.All(m => gpus.Where(g => g.Model == m.Type).Sum(g => g.On(place)) >= m.Count))).ToList();
        if (split.Count > 0)
        {
            yield return Diagnostic.Error("gpus-missing", $"{split.Count} jobs ask for several models of GPUs that no node has together, which Slurm refuses: job {split[0].Id} for {split[0].Request!.Gres}") with { Help = $"give them to one node in {Key}, or leave these jobs out" };
        }

        var thin = wanted.Where(w => w.Most > 0 && w.Count > (long)w.Most * w.Job.Processors).ToList();
        if (thin.Count > 0)
        {
            yield return Diagnostic.Error("gpus-missing", $"{thin.Count} jobs have fewer processors than their GPUs need nodes, and would never start: job {thin[0].Job.Id} of {thin[0].Job.Processors} for {thin[0].Count} GPUs") with { Help = "give such a job a processor for each node at least" };
        }

        int MostOf(string? type) => Enumerable.Range(0, nodes).Max(place => gpus.Where(g => type is null || g.Model == type).Sum(g => g.On(place)));
    }

    [GeneratedRegex(@"^(?!\d+$)[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$", RegexOptions.CultureInvariant)]
    private static partial Regex Model();
}
