namespace Regatta.Workloads;

/// <summary>The numbers of one fit of the Lublin–Feitelson model.</summary>
internal sealed record LublinParameters
{
    public static LublinParameters All { get; } = new()
    {
        Serial = 0.244, PowerOfTwo = 0.576, Low = 0.8, LowShare = 0.86, MediumBelowHigh = 2.5, HighBelowMachine = 0,
        A1 = 4.2, B1 = 0.94, A2 = 312, B2 = 0.03, MixSlope = -0.0054, MixBase = 0.78,
        ArrivalShape = 10.2303 * 1.0225, ArrivalScale = 0.4871, CycleShape = 8.1737, CycleScale = 3.9631,
    };

    public static LublinParameters Batch { get; } = new()
    {
        Serial = 0.2927, PowerOfTwo = 0.6686, Low = 1.2, LowShare = 0.875, MediumBelowHigh = 2, HighBelowMachine = 0,
        A1 = 6.57, B1 = 0.823, A2 = 639.1, B2 = 0.0156, MixSlope = -0.003, MixBase = 0.6986,
        ArrivalShape = 6.0415 * 1.0519, ArrivalScale = 0.8531, CycleShape = 6.1271, CycleScale = 5.2740,
    };

    public static LublinParameters Interactive { get; } = new()
    {
        Serial = 0.1541, PowerOfTwo = 0.625, Low = 1, LowShare = 0.705, MediumBelowHigh = 2.5, HighBelowMachine = 1.5,
        A1 = 3.8351, B1 = 0.6605, A2 = 7.073, B2 = 0.6856, MixSlope = -0.0118, MixBase = 0.9156,
        ArrivalShape = 6.5510 * 0.9797, ArrivalScale = 0.6621, CycleShape = 8.9186, CycleScale = 3.6680,
    };

    public required double Serial { get; init; }

    public required double PowerOfTwo { get; init; }

    public required double Low { get; init; }

    public required double LowShare { get; init; }

    public required double MediumBelowHigh { get; init; }

    public required double HighBelowMachine { get; init; }

    public required double A1 { get; init; }

    public required double B1 { get; init; }

    public required double A2 { get; init; }

    public required double B2 { get; init; }

    public required double MixSlope { get; init; }

    public required double MixBase { get; init; }

    public required double ArrivalShape { get; init; }

    public required double ArrivalScale { get; init; }

    public required double CycleShape { get; init; }

    public required double CycleScale { get; init; }

    /// <summary>
    /// Medium and high of the two-stage uniform, log2 of processors. On small machines the usual distance would put medium below low; there it is 1.5
    /// below high, the end of the range that the authors allow.
    /// </summary>
    public (double Medium, double High) SizeBounds(int processors)
    {
        var high = Math.Max(0, Math.Log2(processors) - HighBelowMachine);
        if (high <= Low) return (Math.Min(Low, high), high);
        var medium = high - MediumBelowHigh;
        if (medium < Low + 0.5) medium = Math.Max(Low, high - 1.5);
        return (medium, high);
    }
}

/// <summary>
/// Arrivals with a daily cycle. Inter-arrival times <c>exp(gamma)</c> of the rush hours are drawn on a clock that runs with the day: in each of the 48
/// half hours as fast as that half hour's share of the jobs. The shares come from a gamma distribution over the half hours, cut at half hour 11
/// (05:30) and wound round the day, as in the authors' program.
/// </summary>
internal sealed class LublinArrivals
{
    private const int Buckets = 48;
    private const int CycleStart = 11;
    private const double BucketSeconds = 1800;

    private readonly LublinParameters _parameters;
    private readonly RandomStream _random;
    private readonly double[] _weights;
    private readonly double[] _before = new double[Buckets + 1];
    private readonly double _start;

    public LublinArrivals(LublinParameters parameters, RandomStream random, int startHour)
    {
        _parameters = parameters;
        _random = random;
        _weights = Weights(parameters);
        for (var i = 0; i < Buckets; i++) _before[i + 1] = _before[i] + (_weights[i] * BucketSeconds);
        _start = _before[startHour * Buckets / 24];
        StartSeconds = startHour * 3600.0;
    }

    private double StartSeconds { get; }

    /// <summary>Share of the jobs in each half hour of the day, times 48: its mean is 1.</summary>
    public static double[] Weights(LublinParameters parameters)
    {
        var weights = new double[Buckets];
        for (var i = CycleStart; i < Buckets + CycleStart; i++)
        {
            weights[(i - 1) % Buckets] = GammaDistribution.Cumulative(i + 0.5, parameters.CycleShape, parameters.CycleScale)
                - GammaDistribution.Cumulative(i - 0.5, parameters.CycleShape, parameters.CycleScale);
        }

        var mean = weights.Average();
        for (var i = 0; i < Buckets; i++) weights[i] /= mean;
        return weights;
    }

    /// <summary>Seconds to the next arrival on the clock that runs with the day.</summary>
    public double Gap()
    {
        double gamma;
        // The model cuts at exp(13) s, some five days.
        do gamma = _random.Gamma(_parameters.ArrivalShape, _parameters.ArrivalScale);
        while (gamma > 13);
        return Math.Exp(gamma);
    }

    /// <summary>Real seconds from the start when the clock that runs with the day shows so many.</summary>
    public double TimeOf(double clock)
    {
        clock += _start;
        var day = Math.Floor(clock / _before[Buckets]);
        var rest = clock - (day * _before[Buckets]);
        int low = 0, high = Buckets - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_before[middle] <= rest) low = middle;
            else high = middle - 1;
        }

        return (day * Buckets * BucketSeconds) + (low * BucketSeconds) + ((rest - _before[low]) / _weights[low]) - StartSeconds;
    }
}
