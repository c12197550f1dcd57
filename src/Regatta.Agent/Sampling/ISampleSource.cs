namespace Regatta.Agent.Sampling;

/// <summary>Something that tells values of itself, asked once a second from one thread of its own.</summary>
internal interface ISampleSource : IDisposable
{
    /// <summary>What it is called when it cannot be asked.</summary>
    string Name { get; }

    /// <summary>It is asked at every so many samples.</summary>
    int Every => 1;

    /// <summary>Takes the values that it has now.</summary>
    /// <exception cref="IOException">It cannot be asked at the moment.</exception>
    void Take(SampleWriter into);
}
