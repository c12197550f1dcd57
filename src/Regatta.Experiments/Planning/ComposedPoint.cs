using Regatta.Experiments.Configuration;

namespace Regatta.Experiments.Planning;

/// <summary>One point of a comparison as it was composed.</summary>
/// <param name="Name">Its name, unique in the experiment, fit for a directory.</param>
/// <param name="Overrides">Overrides that make it out of the experiment.</param>
/// <param name="Experiment">The experiment with these overrides.</param>
/// <param name="Yaml">The same as YAML, resolved.</param>
public sealed record ComposedPoint(string Name, IReadOnlyList<string> Overrides, Experiment Experiment, string Yaml);
