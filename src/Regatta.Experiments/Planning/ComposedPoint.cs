using Regatta.Experiments.Configuration;

namespace Regatta.Experiments.Planning;

/// <summary>One point of a comparison as it was composed.</summary>
/// <param name="Name">Its name, unique in the experiment, fit for a directory.</param>
/// <param name="Overrides">Overrides that make it out of the experiment.</param>
/// <param name="Experiment">The experiment with these overrides.</param>
/// <param name="Yaml">The same as YAML, resolved.</param>
public sealed record ComposedPoint(string Name, IReadOnlyList<string> Overrides, Experiment Experiment, string Yaml)
{
    private const string Workload = "workload:\n";

    /// <summary>The workload's part of the YAML, by which points that replay the same jobs are known; null where there is none.</summary>
    public string? WorkloadYaml
    {
        get
        {
            var begin = Yaml.StartsWith(Workload, StringComparison.Ordinal) ? 0 : Yaml.IndexOf("\n" + Workload, StringComparison.Ordinal) + 1;
            if (begin == 0 && !Yaml.StartsWith(Workload, StringComparison.Ordinal)) return null;
            var end = begin + Workload.Length;
            // What belongs to a section is indented.
            while (end < Yaml.Length && Yaml[end] is ' ' or '\n' && Yaml.IndexOf('\n', end) is >= 0 and var line) end = line + 1;
            return Yaml[begin..end];
        }
    }
}
