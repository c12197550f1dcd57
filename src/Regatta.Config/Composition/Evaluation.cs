namespace Regatta.Config;

/// <summary>What references are evaluated with.</summary>
/// <param name="Resolvers">The resolvers.</param>
/// <param name="Environment">Environment variables by name; null when not set.</param>
/// <param name="Time">The clock of <c>${now:...}</c>.</param>
internal sealed record Evaluation(ResolverSet Resolvers, Func<string, string?> Environment, TimeProvider Time)
{
    /// <summary>An evaluator for a tree.</summary>
    public Evaluator For(ContainerNode root, Func<MappingNode?>? hydra = null, Dictionary<string, object?>? cache = null) =>
        new(root, Resolvers, Environment, Time) { HydraRoot = hydra, Cache = cache ?? new(StringComparer.Ordinal) };
}
