namespace Regatta.Diagnostics;

/// <summary>What became of an activity.</summary>
public enum ActivityState
{
    /// <summary>It began, or it goes on and says how far it is.</summary>
    Running,

    /// <summary>It ended well.</summary>
    Done,

    /// <summary>It ended well and had nothing to do.</summary>
    Unchanged,

    /// <summary>It failed.</summary>
    Failed,
}

/// <summary>One line of news from a long step, for a person who watches and for <c>--json</c>.</summary>
/// <param name="Stage">The step that speaks: <c>host</c>, <c>image</c>, <c>cluster</c>, <c>configure</c>, <c>trial</c>, <c>report</c>.</param>
/// <param name="Subject">What it speaks of: a node, a file, a trial; events with the same stage and subject replace each other on a terminal.</param>
/// <param name="Text">What is happening, in a few words.</param>
/// <param name="State">What became of it.</param>
public sealed record Activity(string Stage, string Subject, string Text, ActivityState State = ActivityState.Running)
{
    /// <summary>How much is done, 0 to 1, where that is known.</summary>
    public double? Fraction { get; init; }

    /// <summary>How long it took, once it ended.</summary>
    public TimeSpan? Elapsed { get; init; }

    /// <summary>Further lines, such as the end of a log; shown when it failed.</summary>
    public string? Detail { get; init; }
}

/// <summary>Where long steps report what they do. Called from any thread; never throws.</summary>
public interface IActivityMonitor
{
    /// <summary>Takes one piece of news.</summary>
    void Report(Activity activity);
}

/// <summary>A monitor that nobody watches.</summary>
public sealed class SilentMonitor : IActivityMonitor
{
    /// <summary>The one instance.</summary>
    public static SilentMonitor Instance { get; } = new();

    /// <inheritdoc/>
    public void Report(Activity activity)
    {
    }
}
