namespace Regatta.Workloads;

/// <summary>Ways to make the requested times of jobs.</summary>
public enum EstimateKind
{
    /// <summary>Jobs request no time.</summary>
    None,

    /// <summary>Requested times are the run times times a factor.</summary>
    Factor,

    /// <summary>Requested times below the run time are lifted to it.</summary>
    AtLeast,

    /// <summary>Run times above the requested time are cut to it.</summary>
    Cut,

    /// <summary>The model of Tsafrir, Etsion and Feitelson (2005).</summary>
    Tsafrir,
}

/// <summary>How requested times are made.</summary>
/// <param name="Kind">The way.</param>
/// <param name="Factor">Factor above 0 of <see cref="EstimateKind.Factor"/>.</param>
public sealed record EstimateRule(EstimateKind Kind, double Factor = 1)
{
    /// <summary>Reads <c>none</c>, <c>exact</c>, <c>at-least</c>, <c>cut</c>, <c>tsafrir</c> or a factor such as <c>2</c>.</summary>
    /// <exception cref="DiagnosticException">It is none of these (<c>workload-estimates</c>).</exception>
    public static EstimateRule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text switch
        {
            "none" => new EstimateRule(EstimateKind.None),
            "exact" => new EstimateRule(EstimateKind.Factor),
            "at-least" => new EstimateRule(EstimateKind.AtLeast),
            "cut" => new EstimateRule(EstimateKind.Cut),
            "tsafrir" => new EstimateRule(EstimateKind.Tsafrir),
            _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var factor) && factor > 0 && double.IsFinite(factor) => new EstimateRule(EstimateKind.Factor, factor),
            _ => throw new DiagnosticException(Diagnostic.Error("workload-estimates", $"'{text}' is no way to make requested times") with
            {
                Help = "none, exact, at-least, cut, tsafrir, or a factor on the run time such as 2",
            }),
        };
    }

    /// <summary>The workload with its requested times made so.</summary>
    /// <param name="workload">The workload.</param>
    /// <param name="model">The parameters of <see cref="EstimateKind.Tsafrir"/>.</param>
    public Workload Apply(Workload workload, TsafrirEstimates model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Kind switch
        {
            EstimateKind.None => workload.Estimates(null),
            EstimateKind.AtLeast => workload.LimitsLifted(),
            EstimateKind.Cut => workload.CutAtLimits(),
            EstimateKind.Tsafrir => model.Apply(workload),
            _ => workload.Estimates(Factor),
        };
    }
}
