namespace Regatta.Runs;

/// <summary>What is in a run directory from its first moment on.</summary>
/// <param name="Experiment">The composed and resolved experiment, YAML.</param>
/// <param name="Overrides">The overrides that were given, as typed.</param>
/// <param name="Plan">The plan.</param>
public sealed record RunContent(string Experiment, IReadOnlyList<string> Overrides, Plan Plan);
