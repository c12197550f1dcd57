namespace Regatta.Workloads;

/// <summary>Shapes of arrivals.</summary>
public enum ArrivalShape
{
    /// <summary>All at once.</summary>
    Burst,

    /// <summary>One every <c>1/rate</c> seconds.</summary>
    Uniform,

    /// <summary>A Poisson process: exponential gaps of mean <c>1/rate</c>.</summary>
    Poisson,

    /// <summary>A Poisson process whose rate changes in steps.</summary>
    Stepped,
}

/// <summary>A rate that holds for a while.</summary>
/// <param name="Rate">Jobs per second, at least 0.</param>
/// <param name="Duration">How long, above 0.</param>
public sealed record RateStep(double Rate, TimeSpan Duration);

/// <summary>When jobs come.</summary>
/// <param name="Shape">The shape.</param>
/// <param name="Rate">Jobs per second, above 0; unused by burst and stepped.</param>
/// <param name="Steps">Steps, repeated from the start when they are over; used by stepped only.</param>
public sealed record Arrivals(ArrivalShape Shape, double Rate = 1, IReadOnlyList<RateStep>? Steps = null)
{
    /// <summary>
    /// Reads <c>burst</c>, <c>uniform:RATE</c>, <c>poisson:RATE</c> or <c>stepped:RATE*DURATION,RATE*DURATION,…</c>, rates in jobs per second and
    /// durations in seconds or with a unit (<c>90s</c>, <c>2m</c>).
    /// </summary>
    /// <exception cref="DiagnosticException">It is none of these.</exception>
    public static Arrivals Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (shape, rest) = colon < 0 ? (text, "") : (text[..colon], text[(colon + 1)..]);
        return shape switch
        {
            "burst" when colon < 0 => new Arrivals(ArrivalShape.Burst),
            "uniform" when IsRate(rest, out var rate) => new Arrivals(ArrivalShape.Uniform, rate),
            "poisson" when IsRate(rest, out var rate) => new Arrivals(ArrivalShape.Poisson, rate),
            "stepped" when Step(rest) is { } steps => new Arrivals(ArrivalShape.Stepped, 0, steps),
            _ => throw new DiagnosticException(Diagnostic.Error("workload-arrivals", $"arrivals '{text}' cannot be read") with
            {
                Help = "burst, uniform:RATE, poisson:RATE or stepped:RATE*DURATION,RATE*DURATION with rates above 0 in jobs per second, such as stepped:1*60s,5*60s",
            }),
        };
    }

    /// <summary>The text that <see cref="Parse"/> reads back.</summary>
    public override string ToString() => Shape switch
    {
        ArrivalShape.Uniform => $"uniform:{Text(Rate)}",
        ArrivalShape.Poisson => $"poisson:{Text(Rate)}",
        ArrivalShape.Stepped => $"stepped:{string.Join(',', Steps!.Select(step => $"{Text(step.Rate)}*{Text(step.Duration.TotalSeconds)}s"))}",
        _ => "burst",
    };

    /// <summary>Arrival times in seconds, ascending, without end.</summary>
    public IEnumerable<double> Times(RandomStream random)
    {
        var time = 0.0;
        if (Shape == ArrivalShape.Stepped)
        {
            foreach (var arrival in Stepped(random)) yield return arrival;
        }

        while (true)
        {
            yield return time;
            time += Shape switch { ArrivalShape.Uniform => 1 / Rate, ArrivalShape.Poisson => random.Exponential(1 / Rate), _ => 0 };
        }
    }

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static bool IsRate(string text, out double rate) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out rate) && rate > 0 && double.IsFinite(rate);

    private static List<RateStep>? Step(string text)
    {
        var steps = new List<RateStep>();
        foreach (var part in text.Split(','))
        {
            var star = part.IndexOf('*', StringComparison.Ordinal);
            if (star < 0 || !double.TryParse(part[..star], NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) || !(rate >= 0 && double.IsFinite(rate))
                || !Durations.TryParse(part[(star + 1)..], out var duration) || duration <= TimeSpan.Zero) return null;
            steps.Add(new RateStep(rate, duration));
        }

        return steps.Any(step => step.Rate > 0) ? steps : null;
    }

    /// <summary>A process of changing rate: exponential gaps on a clock that runs as fast as the rate.</summary>
    private IEnumerable<double> Stepped(RandomStream random)
    {
        var begin = 0.0;
        var due = 0.0;
        var (whole, cycle) = (Steps!.Sum(s => s.Duration.TotalSeconds), Steps!.Sum(s => s.Rate * s.Duration.TotalSeconds));
        for (var i = 0; ; i = (i + 1) % Steps!.Count)
        {
            // Where the next job is many rounds away, they are skipped at once: at a rate of 1e-300 there would be no end to them.
            if (i == 0 && due > 1000 * cycle)
            {
                var rounds = Math.Floor(due / cycle);
                begin += rounds * whole;
                due = Math.Max(0, due - (rounds * cycle));
            }

            var step = Steps![i];
            var length = step.Duration.TotalSeconds;
            var inside = 0.0;
            while (step.Rate > 0 && inside + (due / step.Rate) < length)
            {
                inside += due / step.Rate;
                yield return begin + inside;
                due = random.Exponential(1);
            }

            due -= step.Rate * (length - inside);
            begin += length;
        }
    }
}
