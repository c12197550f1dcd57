namespace Regatta.Live.Following;

/// <summary>
/// Processors that run jobs and jobs that wait, over the time of a trial, in equal spans. Spans become longer as the trial does, so that there are never more than <see cref="Most"/>.
/// Changes may come late and out of order.
/// </summary>
internal sealed class LiveSeries
{
    /// <summary>Most spans.</summary>
    public const int Most = 600;

    private const double First = 0.25;

    // By span: what changed in it, and what that adds to the area of the span itself.
    private readonly double[] _busy = new double[Most], _busyArea = new double[Most], _waiting = new double[Most];
    private int _count;

    /// <summary>Length of a span, in seconds.</summary>
    public double Width { get; private set; } = First;

    /// <summary>Spans that have begun.</summary>
    public int Count => _count;

    /// <summary>First span that is another than at the last <see cref="TakeChanged"/>; the number of spans where none is.</summary>
    public int Changed { get; private set; }

    /// <summary>Processors that began or ceased to run jobs.</summary>
    /// <param name="time">Seconds from the start; before it counts as there.</param>
    /// <param name="change">How many more.</param>
    public void Busy(double time, int change)
    {
        var span = Reach(time);
        _busy[span] += change;
        _busyArea[span] += change * ((span + 1) - (Math.Max(0, time) / Width));
    }

    /// <summary>Jobs that began or ceased to wait.</summary>
    /// <param name="time">Seconds from the start; before it counts as there.</param>
    /// <param name="change">How many more.</param>
    public void Waiting(double time, int change) => _waiting[Reach(time)] += change;

    /// <summary>Lets time go by.</summary>
    public void Until(double time)
    {
        if (time < 0) return;
        var last = _count - 1;
        Reach(time);
        // What runs on in a span that has just ended is drawn to its end.
        if (last >= 0 && _count - 1 > last) Changed = Math.Min(Changed, last);
    }

    /// <summary>The spans from the first that changed on: the mean of the processors that ran jobs in each, and the jobs that waited at its end.</summary>
    public (int From, double[] Busy, double[] Waiting) TakeChanged()
    {
        var from = Math.Min(Changed, _count);
        var (busy, waiting) = (new double[_count - from], new double[_count - from]);
        var (runs, waits) = (0.0, 0.0);
        for (var span = 0; span < _count; span++)
        {
            if (span >= from) busy[span - from] = Math.Round(runs + _busyArea[span], 3);
            runs += _busy[span];
            waits += _waiting[span];
            if (span >= from) waiting[span - from] = waits;
        }

        Changed = _count;
        return (from, busy, waiting);
    }

    private int Reach(double time)
    {
        var place = Math.Max(0, time) / Width;
        while (place >= Most)
        {
            Halve();
            place = Math.Max(0, time) / Width;
        }

        var span = (int)place;
        if (span >= _count) _count = span + 1;
        Changed = Math.Min(Changed, span);
        return span;
    }

    private void Halve()
    {
        for (var span = 0; span < Most / 2; span++)
        {
            var (one, two) = (2 * span, (2 * span) + 1);
            // In spans of the new length; what began in the first half lasts through the second.
            _busyArea[span] = (_busyArea[one] + _busy[one] + _busyArea[two]) / 2;
            _busy[span] = _busy[one] + _busy[two];
            _waiting[span] = _waiting[one] + _waiting[two];
        }

        foreach (var column in new[] { _busy, _busyArea, _waiting }) Array.Clear(column, Most / 2, Most - (Most / 2));
        _count = (_count + 1) / 2;
        Width *= 2;
        Changed = 0;
    }
}
