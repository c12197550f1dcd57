namespace Regatta.Config;

/// <summary>A call of a resolver: its arguments and where it stands.</summary>
/// <param name="Name">The resolver's name.</param>
/// <param name="Arguments">The arguments: null, text, bool, long, double, a list of such, a <see cref="PlainMap"/>, or a container of the tree.</param>
/// <param name="Parent">The container that holds the value being resolved.</param>
/// <param name="Node">The value being resolved.</param>
public sealed record ResolverCall(string Name, IReadOnlyList<object?> Arguments, ContainerNode Parent, ConfigNode Node)
{
    internal Evaluator Evaluator { get; init; } = null!;

    /// <summary>A value as text inside a text.</summary>
    public static string TextOf(object? value) => ValueText.Of(value);

    /// <summary>An argument, or a default when it was not given.</summary>
    public object? Argument(int index, object? otherwise = null) => index < Arguments.Count ? Arguments[index] : otherwise;
}

/// <summary>Thrown by a resolver that cannot answer; the message is shown to the user.</summary>
public sealed class ResolverException(string message) : Exception(message)
{
    /// <summary>What to do about it.</summary>
    public string? Help { get; init; }
}

/// <summary>A resolver by name: how many arguments it takes, what it does, whether one answer per arguments is kept.</summary>
/// <param name="Name">Name as in <c>${name:...}</c>; dots are allowed.</param>
/// <param name="MinimumArguments">Fewest arguments.</param>
/// <param name="MaximumArguments">Most arguments.</param>
/// <param name="Answer">The function: returns null, text, bool, long, double, a list, a <see cref="PlainMap"/> or a node.</param>
/// <param name="IsCached">Whether a second call with the same arguments in one composition gives the first answer.</param>
public sealed record Resolver(string Name, int MinimumArguments, int MaximumArguments, Func<ResolverCall, object?> Answer, bool IsCached = false);

/// <summary>The resolvers that references can call. Immutable.</summary>
public sealed class ResolverSet
{
    private readonly Dictionary<string, Resolver> _resolvers;

    private ResolverSet(Dictionary<string, Resolver> resolvers) => _resolvers = resolvers;

    /// <summary>The built-in ones: <c>oc.env oc.decode oc.create oc.select oc.deprecated oc.dict.keys oc.dict.values now hydra</c>.</summary>
    public static ResolverSet BuiltIn { get; } = new(BuiltInResolvers.All().ToDictionary(r => r.Name, StringComparer.Ordinal));

    /// <summary>The names, sorted.</summary>
    public IEnumerable<string> Names => _resolvers.Keys.Order(StringComparer.Ordinal);

    /// <summary>The set with one more; a resolver of the same name is replaced.</summary>
    public ResolverSet With(Resolver resolver) => new(new Dictionary<string, Resolver>(_resolvers, StringComparer.Ordinal) { [resolver.Name] = resolver });

    internal Resolver? Find(string name) => _resolvers.GetValueOrDefault(name);
}
