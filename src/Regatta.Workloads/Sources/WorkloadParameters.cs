namespace Regatta.Workloads;

/// <summary>
/// The settings of a workload as text, <c>key=value</c>, read key by key. Faults are gathered, so that all of them are shown at once; keys that nobody
/// asked for are faults as well.
/// </summary>
public sealed class WorkloadParameters
{
    private readonly IReadOnlyDictionary<string, string> _values;
    private readonly HashSet<string> _known = [];
    private readonly List<Diagnostic> _faults = [];

    /// <summary>Settings by key.</summary>
    /// <param name="values">The settings; an empty value counts as not given.</param>
    /// <param name="source">Where they come from, for diagnostics, such as <c>command line</c>.</param>
    public WorkloadParameters(IReadOnlyDictionary<string, string> values, string source)
    {
        _values = values;
        Source = source;
    }

    /// <summary>Where the settings come from.</summary>
    public string Source { get; }

    /// <summary>Reads <c>key=value</c> words.</summary>
    /// <exception cref="DiagnosticException">A word has no <c>=</c>, or a key stands twice.</exception>
    public static WorkloadParameters Parse(IEnumerable<string> words, string source)
    {
        ArgumentNullException.ThrowIfNull(words);
        var values = new Dictionary<string, string>();
        foreach (var word in words)
        {
            var at = word.IndexOf('=', StringComparison.Ordinal);
            if (at < 1)
            {
                throw new DiagnosticException(Diagnostic.Error("workload-parameter", $"'{word}' is no key=value") with
                {
                    Where = new SourceRange(source), Help = "such as jobs=1000 seed=7",
                });
            }

            if (!values.TryAdd(word[..at], word[(at + 1)..]))
                throw new DiagnosticException(Diagnostic.Error("workload-parameter", $"'{word[..at]}' is given twice") with { Where = new SourceRange(source) });
        }

        return new WorkloadParameters(values, source);
    }

    /// <summary>Whether the key is given.</summary>
    public bool Has(string key)
    {
        _known.Add(key);
        return _values.TryGetValue(key, out var text) && text.Length > 0;
    }

    /// <summary>Text of a key; null when it is not given.</summary>
    public string? Text(string key) => Has(key) ? _values[key] : null;

    /// <summary>A whole number of at least <paramref name="least"/>.</summary>
    public int? Whole(string key, int least) => Read(key, $"a whole number of at least {least}", (string text, out int value) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= least);

    /// <summary>Any whole number, as seeds are.</summary>
    public long? Long(string key) => Read(key, "a whole number", (string text, out long value) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value));

    /// <summary>A number above 0.</summary>
    public double? Positive(string key) => Read(key, "a number above 0", (string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && value > 0 && double.IsFinite(value));

    /// <summary>A duration such as <c>90</c>, <c>1.5h</c>.</summary>
    public TimeSpan? Duration(string key) => Read<TimeSpan>(key, $"a duration: {Durations.Examples}", Durations.TryParse);

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public bool Flag(string key) => Read(key, "true or false", (string text, out bool value) => (value = text == "true") || text == "false") ?? false;

    /// <summary>One of some names; the index in the list, or 0 when the key is not given.</summary>
    public int Choice(string key, IReadOnlyList<string> names)
    {
        if (!Has(key)) return 0;
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] == _values[key]) return i;
        }

        Fault(key, $"one of {string.Join(", ", names)}", Suggestion.Help(_values[key], [.. names]));
        return 0;
    }

    /// <summary>What a reader makes of the text; its diagnostics are gathered.</summary>
    public T? With<T>(string key, Func<string, T> read)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(read);
        if (!Has(key)) return null;
        try
        {
            return read(_values[key]);
        }
        catch (DiagnosticException e)
        {
            _faults.AddRange(e.Diagnostics.Select(d => d with { Where = new SourceRange(Source) }));
            return null;
        }
    }

    /// <summary>Says that a key that is needed is missing.</summary>
    public void Missing(string key, string help) =>
        _faults.Add(Diagnostic.Error("workload-parameter", $"{key} is not given") with { Where = new SourceRange(Source), Help = help });

    /// <summary>Ends the reading.</summary>
    /// <exception cref="DiagnosticException">A value was wrong, or a key is one that nothing asked for.</exception>
    public void Done(string what)
    {
        foreach (var key in _values.Keys.Where(key => !_known.Contains(key)))
        {
            _faults.Add(Diagnostic.Error("workload-parameter", $"{what} has no setting '{key}'") with
            {
                Where = new SourceRange(Source), Help = Suggestion.Help(key, [.. _known.Order()]),
            });
        }

        if (_faults.Count > 0) throw new DiagnosticException(_faults);
    }

    private delegate bool Reader<T>(string text, out T value);

    private T? Read<T>(string key, string wanted, Reader<T> read)
        where T : struct
    {
        if (!Has(key)) return null;
        if (read(_values[key], out var value)) return value;
        Fault(key, wanted, null);
        return null;
    }

    private void Fault(string key, string wanted, string? help) =>
        _faults.Add(Diagnostic.Error("workload-parameter", $"{key}={_values[key]}: {key} must be {wanted}") with { Where = new SourceRange(Source), Help = help });
}
