namespace Regatta.Workloads;

/// <summary>Exit codes of the agent's commands about replays.</summary>
public static class ReplayExit
{
    /// <summary>The replay has ended, and its summary is there.</summary>
    public const int Done = 0;

    /// <summary>The replay failed, or what was given is wrong.</summary>
    public const int Failed = 1;

    /// <summary>There is no replay in the directory.</summary>
    public const int Missing = 3;

    /// <summary>There is a replay in the directory already.</summary>
    public const int Exists = 5;
}
