using System.Text.Json.Nodes;

namespace Regatta.Schedulers.Slurm;

/// <summary>GPUs of Slurm's nodes: devices that are made, and jobs hold.</summary>
internal static class SlurmGpus
{
    /// <summary>
    /// Ansible variables: the nodes in stretches of like GPUs (<c>first</c> and <c>last</c> by their place, from 0 on; <c>gres</c> for slurm.conf; <c>lines</c> for gres.conf, each a type with
    /// its first and last device), and the most devices of a node.
    /// </summary>
    /// <param name="options">How Slurm is wanted.</param>
    /// <param name="nodes">How many nodes there are, at least 1.</param>
    public static ImmutableSortedDictionary<string, JsonNode?> Variables(SchedulerOptions options, int nodes)
    {
        if (options.Gpus.IsEmpty) return ImmutableSortedDictionary<string, JsonNode?>.Empty;
        var stretches = new JsonArray();
        var most = 0;
        for (int first = 0, last; first < nodes; first = last + 1)
        {
            for (last = first; last + 1 < nodes && options.Gpus.All(g => g.On(last + 1) == g.On(first)); last++)
            {
            }

            var held = options.Gpus.Where(g => g.On(first) > 0).ToList();
            var device = 0;
            var lines = new JsonArray();
            foreach (var gpus in held)
            {
                lines.Add((JsonNode)new JsonObject { ["type"] = gpus.Model, ["first"] = device, ["last"] = device + gpus.Count - 1 });
                device += gpus.Count;
            }

            most = Math.Max(most, device);
            stretches.Add((JsonNode)new JsonObject
            {
                ["first"] = first, ["last"] = last, ["lines"] = lines,
                ["gres"] = string.Join(',', held.Select(g => string.Create(CultureInfo.InvariantCulture, $"gpu:{g.Model}:{g.Count}"))),
            });
        }

        return ImmutableSortedDictionary<string, JsonNode?>.Empty.Add("slurm_gpu_nodes", stretches).Add("slurm_gpu_devices", most);
    }
}
