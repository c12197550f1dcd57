using System.Text.Json.Nodes;
using Regatta.Images;
using Regatta.Machines;

namespace Regatta.Experiments.Runs;

/// <summary><c>provenance.json</c> of a run: written at its start, and again when a step adds what it made.</summary>
/// <param name="run">The run directory.</param>
/// <param name="content">What is known at the start.</param>
public sealed class RunProvenance(RunDirectory run, JsonObject content)
{
    private readonly Lock gate = new();

    /// <summary>Writes what is known.</summary>
    public void Write()
    {
        lock (gate) run.WriteJson("provenance.json", content);
    }

    /// <summary>Sets a value of its own.</summary>
    public void Set(string name, JsonNode value)
    {
        lock (gate) content[name] = value;
    }

    /// <summary>Adds a cluster and the image that it was made of.</summary>
    public void Add(Cluster cluster, Image? image)
    {
        lock (gate)
        {
            if (image is not null) Part("images")[image.Name] = Provenance.Of(image, cluster.ImageHash ?? "");
            content["machines"] = Provenance.Of(cluster);
            run.WriteJson("provenance.json", content);
        }
    }

    /// <summary>Adds the version that a scheduler says it has.</summary>
    public void Add(string scheduler, string version)
    {
        lock (gate)
        {
            Part("schedulers")[scheduler] = version;
            run.WriteJson("provenance.json", content);
        }
    }

    private JsonObject Part(string name)
    {
        if (content[name] is JsonObject part) return part;
        part = [];
        content[name] = part;
        return part;
    }
}
