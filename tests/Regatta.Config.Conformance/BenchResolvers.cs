namespace Regatta.Config.Conformance;

/// <summary>The custom resolvers that the cases call.</summary>
internal static class BenchResolvers
{
    public static ResolverSet Register()
    {
        var counter = 0L;
        return ResolverSet.BuiltIn
            .With(new Resolver("bench.mul", 2, 2, c => Multiply(c.Arguments[0], c.Arguments[1])))
            .With(new Resolver("bench.add", 0, int.MaxValue, c => c.Arguments.Aggregate((object?)0L, Add)))
            .With(new Resolver("bench.upper", 1, 1, c => c.Arguments[0] is string text ? text.ToUpper(CultureInfo.InvariantCulture) : throw new ResolverException("upper takes text")))
            .With(new Resolver("bench.join", 0, int.MaxValue, c => string.Join('-', c.Arguments.Select(ResolverCall.TextOf))))
            .With(new Resolver("bench.len", 1, 1, c => (object)Length(c.Arguments[0])))
            .With(new Resolver("bench.typeof", 1, 1, c => TypeOf(c.Arguments[0])))
            .With(new Resolver("bench.range", 1, 1, c => c.Arguments[0] is long count ? Enumerable.Range(0, (int)count).Select(i => (object?)(long)i).ToList() : throw new ResolverException("range takes a whole number")))
            .With(new Resolver("bench.fail", 0, 1, c => throw new ResolverException(c.Argument(0, "boom")?.ToString() ?? "boom")))
            .With(new Resolver("bench.counter", 0, 0, _ => ++counter, IsCached: true));
    }

    private static object Multiply(object? a, object? b) => (Number(a), Number(b)) switch
    {
        (long x, long y) => (object)(x * y),
        (string text, long times) => string.Concat(Enumerable.Repeat(text, (int)Math.Max(0, times))),
        (long times, string text) => string.Concat(Enumerable.Repeat(text, (int)Math.Max(0, times))),
        (string, _) or (_, string) or (null, _) or (_, null) => throw new ResolverException("cannot multiply these"),
        (var x, var y) => Convert.ToDouble(x, CultureInfo.InvariantCulture) * Convert.ToDouble(y, CultureInfo.InvariantCulture),
    };

    private static object? Add(object? a, object? b) => (Number(a), Number(b)) switch
    {
        (long x, long y) => (object)(x + y),
        (string or null, _) or (_, string or null) => throw new ResolverException("cannot add these"),
        (var x, var y) => Convert.ToDouble(x, CultureInfo.InvariantCulture) + Convert.ToDouble(y, CultureInfo.InvariantCulture),
    };

    private static object? Number(object? value) => value switch
    {
        bool flag => flag ? 1L : 0L,
        long or double or string => value,
        _ => null,
    };

    private static long Length(object? value) => value switch
    {
        string text => text.EnumerateRunes().Count(),
        IReadOnlyList<object?> list => list.Count,
        PlainMap map => map.Items.Count,
        ContainerNode container => container.Count,
        _ => throw new ResolverException("it has no length"),
    };

    private static string TypeOf(object? value) => value switch
    {
        null => "null",
        bool => "bool",
        long or System.Numerics.BigInteger => "int",
        double => "float",
        string => "str",
        MappingNode or PlainMap => "dict",
        _ => "list",
    };
}
