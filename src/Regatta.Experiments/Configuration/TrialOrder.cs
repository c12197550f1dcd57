namespace Regatta.Experiments.Configuration;

/// <summary>In which order trials run.</summary>
public enum TrialOrder
{
    /// <summary>Blocks, each holding every point once, shuffled inside with the experiment's seed.</summary>
    Shuffled,

    /// <summary>Blocks, each holding every point once, in the order in which they are written.</summary>
    Blocks,

    /// <summary>All repetitions of a point, then the next point. A drift of the machine then looks like a difference between points.</summary>
    Sequential,
}
