namespace Regatta.Agent.Sampling;

/// <summary>The metrics of a server, over one kept connection.</summary>
/// <param name="name">What it is called when it cannot be asked.</param>
/// <param name="connect">Opens a connection.</param>
/// <param name="selection">What of them is kept.</param>
/// <param name="every">Asked at every so many samples: to answer costs a server what it tells.</param>
/// <param name="headers">Further lines of the request, each with its end.</param>
internal sealed class MetricsSource(string name, Func<Stream> connect, MetricSelection selection, int every = 1, string headers = "") : ISampleSource
{
    private readonly PlainHttp _http = new(connect);

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public int Every => every;

    /// <inheritdoc/>
    public void Take(SampleWriter into) => selection.Take(_http.Get("/metrics", headers).Span, into);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
