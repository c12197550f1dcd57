using System.Numerics;

namespace Regatta.Config;

/// <summary>A call in an override, before it is evaluated.</summary>
internal sealed record FunctionCall(string Name, List<object?> Positional, List<KeyValuePair<string, object?>> Named);

/// <summary>Thrown when a function of the override grammar cannot be evaluated.</summary>
internal sealed class OverrideFunctionException(string message, string? help = null) : Exception(message)
{
    public string? Help { get; } = help;
}

/// <summary>The functions of the override grammar: casts, sweeps, and what changes sweeps.</summary>
internal static class OverrideFunctions
{
    private static readonly string[] Names = ["bool", "choice", "float", "glob", "int", "interval", "range", "shuffle", "sort", "str", "tag"];

    public static object? Call(FunctionCall call)
    {
        var arguments = call with
        {
            Positional = call.Positional.Select(v => v is QuotedText q ? q.Text : v).ToList(),
            Named = call.Named.Select(v => new KeyValuePair<string, object?>(v.Key, v.Value is QuotedText q ? q.Text : v.Value)).ToList(),
        };
        return call.Name switch
        {
            "int" => Cast(arguments, OverrideCasts.Int),
            "float" => Cast(arguments, OverrideCasts.Float),
            "str" => Cast(arguments, OverrideCasts.Text),
            "bool" => Cast(arguments, OverrideCasts.Bool),
            "choice" => Choice(arguments),
            "range" => Range(arguments),
            "interval" => Interval(arguments),
            "glob" => Glob(arguments),
            "sort" => Sort(arguments),
            "shuffle" => Shuffle(arguments),
            "tag" => Tag(arguments),
            _ => throw new OverrideFunctionException($"there is no function '{call.Name}'",
                Suggestion.Nearest(call.Name, Names) is { } near ? $"did you mean '{near}'?" : $"the functions are {string.Join(", ", Names)}; quote the value if it is meant as text"),
        };
    }

    // The arguments by parameter; null where one was not given. Extra and unknown ones are errors.
    private static Dictionary<string, object?> Bind(FunctionCall call, params string[] parameters)
    {
        var bound = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (call.Positional.Count > parameters.Length) throw new OverrideFunctionException($"too many arguments; it takes {string.Join(", ", parameters)}");
        for (var i = 0; i < call.Positional.Count; i++) bound[parameters[i]] = call.Positional[i];
        AddNamed(call, bound, parameters);
        return bound;
    }

    private static Dictionary<string, object?> BindNamed(FunctionCall call, params string[] parameters)
    {
        var bound = new Dictionary<string, object?>(StringComparer.Ordinal);
        AddNamed(call, bound, parameters);
        return bound;
    }

    private static void AddNamed(FunctionCall call, Dictionary<string, object?> bound, string[] parameters)
    {
        foreach (var (name, value) in call.Named)
        {
            if (!parameters.Contains(name)) throw new OverrideFunctionException($"it has no parameter '{name}'", Suggestion.Help(name, parameters));
            if (!bound.TryAdd(name, value)) throw new OverrideFunctionException($"'{name}' is given twice");
        }
    }

    private static object? Cast(FunctionCall call, Func<object?, object?> cast)
    {
        var named = BindNamed(call, "value");
        if (named.TryGetValue("value", out var value) && value is not null)
        {
            if (call.Positional.Count > 0) throw new OverrideFunctionException("give the value once, with or without its name");
            return cast(value);
        }

        return call.Positional.Count switch
        {
            0 => throw new OverrideFunctionException("a value is missing"),
            1 => cast(call.Positional[0]),
            _ => cast(SimpleChoice(call)),
        };
    }

    private static ChoiceSweep SimpleChoice(FunctionCall call) => call.Positional.Exists(v => v is Sweep)
        ? throw new OverrideFunctionException("a sweep among several values cannot be swept over again", "give the sweep alone, or write all values")
        : new ChoiceSweep(call.Positional, IsSimple: true);

    private static ChoiceSweep Choice(FunctionCall call)
    {
        BindNamed(call);
        if (call.Positional.Count == 0) throw new OverrideFunctionException("a choice needs at least one value");
        foreach (var value in call.Positional)
        {
            if (value is null or Sweep and not ChoiceSweep) throw new OverrideFunctionException(value is null ? "null cannot be an argument of choice; write key=a,null" : "a choice cannot hold another kind of sweep");
        }

        if (call.Positional.Count == 1 && call.Positional[0] is ChoiceSweep inner)
            return inner.IsSimple ? inner with { IsSimple = false } : throw new OverrideFunctionException("a choice cannot hold a choice");
        return new ChoiceSweep(call.Positional, IsSimple: false);
    }

    private static RangeSweep Range(FunctionCall call)
    {
        var bound = Bind(call, "start", "stop", "step");
        if (!bound.TryGetValue("start", out var start)) throw new OverrideFunctionException("the start is missing");
        CheckNumber("start", start);
        if (bound.TryGetValue("stop", out var stop) && stop is not null) CheckNumber("stop", stop);
        if (bound.TryGetValue("step", out var step)) CheckNumber("step", step);
        return stop is null ? new RangeSweep(0L, start!, step ?? 1L) : new RangeSweep(start!, stop, step ?? 1L);
    }

    private static IntervalSweep Interval(FunctionCall call)
    {
        var bound = Bind(call, "start", "end");
        if (!bound.TryGetValue("start", out var start) || !bound.TryGetValue("end", out var end)) throw new OverrideFunctionException("an interval needs a start and an end");
        CheckNumber("start", start);
        CheckNumber("end", end);
        return new IntervalSweep(OverrideCasts.Float(start)!, OverrideCasts.Float(end)!);
    }

    private static void CheckNumber(string name, object? value)
    {
        if (value is not (long or BigInteger or double)) throw new OverrideFunctionException($"'{name}' must be a number, not {Conversion.Describe(value)}");
    }

    private static GlobSweep Glob(FunctionCall call)
    {
        var bound = Bind(call, "include", "exclude");
        if (!bound.TryGetValue("include", out var include)) throw new OverrideFunctionException("a glob needs a pattern");
        bound.TryGetValue("exclude", out var exclude);
        return new GlobSweep(Patterns("include", include), exclude is null ? [] : Patterns("exclude", exclude));
    }

    private static List<string> Patterns(string name, object? value) => value switch
    {
        string text => [text],
        IReadOnlyList<object?> items => items.Select(i => Override.Unquoted(i) as string ?? PythonText.Str(Override.Unquoted(i))).ToList(),
        _ => throw new OverrideFunctionException($"'{name}' must be a pattern or a list of patterns, not {Conversion.Describe(value)}"),
    };

    private static object? Sort(FunctionCall call)
    {
        var named = BindNamed(call, "sweep", "list", "reverse");
        if (named.TryGetValue("reverse", out var value) && value is not bool) throw new OverrideFunctionException("'reverse' must be true or false");
        var reverse = value is true;
        CheckSwept(call, named);
        if (named.GetValueOrDefault("list") is IReadOnlyList<object?> list) return OverrideCasts.Sorted(list, reverse);
        if (named.GetValueOrDefault("sweep") is Sweep sweep) return SortSweep(sweep, reverse);
        switch (call.Positional.Count)
        {
            case 0:
                throw new OverrideFunctionException("there is nothing to sort");
            case 1:
                return call.Positional[0] switch
                {
                    Sweep only => SortSweep(only, reverse),
                    IReadOnlyList<object?> items => OverrideCasts.Sorted(items, reverse),
                    var single => single,
                };
            default:
                foreach (var item in call.Positional)
                {
                    if (item is not (long or BigInteger or double or bool or string)) throw new OverrideFunctionException($"{Conversion.Describe(item)} cannot be sorted");
                }

                return SortSweep(new ChoiceSweep(call.Positional, IsSimple: true), reverse);
        }
    }

    private static void CheckSwept(FunctionCall call, Dictionary<string, object?> named)
    {
        foreach (var item in call.Positional)
        {
            if (item is null or IntervalSweep or GlobSweep) throw new OverrideFunctionException($"{(item is null ? "null" : "this sweep")} cannot be an argument of {call.Name}");
        }

        if (named.TryGetValue("sweep", out var sweep) && sweep is not (null or ChoiceSweep or RangeSweep)) throw new OverrideFunctionException("'sweep' must be a choice or a range");
        if (named.TryGetValue("list", out var list) && list is not (null or IReadOnlyList<object?>)) throw new OverrideFunctionException("'list' must be a list");
    }

    private static Sweep SortSweep(Sweep sweep, bool reverse)
    {
        switch (sweep)
        {
            case ChoiceSweep choice: return choice with { Values = OverrideCasts.Sorted(choice.Values, reverse) };
            case RangeSweep range: return SortRange(range, reverse);
            default: return sweep;
        }
    }

    private static RangeSweep SortRange(RangeSweep range, bool reverse)
    {
        var (start, stop, step) = (range.Start, range.Stop, range.Step);
        var down = OverrideCasts.Compare(start, stop) > 0;
        if (down == reverse || OverrideCasts.Compare(start, stop) == 0) return range;
        var size = OverrideCasts.Abs(step);
        return reverse
            ? range with { Start = OverrideCasts.Subtract(stop, size), Stop = OverrideCasts.Subtract(start, size), Step = OverrideCasts.Negate(step) }
            : range with { Start = OverrideCasts.Add(stop, size), Stop = OverrideCasts.Add(start, size), Step = OverrideCasts.Negate(step) };
    }

    private static object Shuffle(FunctionCall call)
    {
        var named = BindNamed(call, "sweep", "list");
        CheckSwept(call, named);
        if (named.GetValueOrDefault("list") is IReadOnlyList<object?> list) return new ChoiceOrder(list).Shuffled();
        if (named.GetValueOrDefault("sweep") is Sweep sweep) return sweep with { Shuffled = true };
        return call.Positional.Count switch
        {
            1 => call.Positional[0] switch
            {
                Sweep only => only with { Shuffled = true },
                IReadOnlyList<object?> items => new ChoiceOrder(items).Shuffled(),
                var single => new List<object?> { single },
            },
            _ => SimpleChoice(call) with { Shuffled = true },
        };
    }

    private static Sweep Tag(FunctionCall call)
    {
        var named = BindNamed(call, "sweep");
        var arguments = call.Positional;
        if (arguments.Count == 0) throw new OverrideFunctionException("tag needs at least a sweep");
        if (named.GetValueOrDefault("sweep") is { } last) arguments = [.. arguments, last];
        foreach (var argument in arguments)
        {
            if (argument is not (string or Sweep)) throw new OverrideFunctionException($"a tag must be text, not {Conversion.Describe(argument)}");
        }

        if (arguments[^1] is not Sweep sweep) throw new OverrideFunctionException("the last argument of tag must be a choice, a range or an interval");
        if (sweep is GlobSweep) throw new OverrideFunctionException("a glob cannot be tagged");
        var tags = new List<string>();
        foreach (var argument in arguments.Take(arguments.Count - 1))
        {
            if (argument is not string text) throw new OverrideFunctionException("a tag must be text");
            if (!tags.Contains(text)) tags.Add(text);
        }

        return sweep with { Tags = tags };
    }
}

/// <summary>Values to be put into another order.</summary>
internal sealed class ChoiceOrder(IReadOnlyList<object?> values)
{
    /// <summary>A seed made of the values themselves: the same values always come in the same order, so that a run can be repeated.</summary>
    public List<object?> Shuffled()
    {
        var result = values.ToList();
        ulong state = 14695981039346656037;
        foreach (var c in string.Join('\u0001', values.Select(OverrideText.Of))) state = (state ^ c) * 1099511628211;
        for (var i = result.Count - 1; i > 0; i--)
        {
            state += 0x9E3779B97F4A7C15;
            var z = state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            var j = (int)((z ^ (z >> 31)) % (ulong)(i + 1));
            (result[i], result[j]) = (result[j], result[i]);
        }

        return result;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{values.Count} values");
}
