using Regatta.Workloads;

namespace Regatta.Agent.Drivers;

/// <summary>The time in which a scheduler does not answer, however many parts of it do not: told once when it begins and once when it is over.</summary>
/// <param name="report">Takes both.</param>
/// <param name="over">What is said when it is over.</param>
internal sealed class Outage(Action<ReplayFault> report, string over)
{
    private readonly HashSet<string> _failing = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>A part does not answer.</summary>
    /// <param name="part">Name of the part.</param>
    /// <param name="now">UTC microseconds.</param>
    /// <param name="text">What is said when it is the first.</param>
    public void Begin(string part, long now, string text)
    {
        lock (_lock)
        {
            if (!_failing.Add(part) || _failing.Count > 1) return;
        }

        report(new ReplayFault(now, null, text) { Code = ReplayFault.Away });
    }

    /// <summary>A part answers.</summary>
    /// <param name="part">Name of the part.</param>
    /// <param name="now">UTC microseconds.</param>
    public void End(string part, long now)
    {
        lock (_lock)
        {
            if (!_failing.Remove(part) || _failing.Count > 0) return;
        }

        report(new ReplayFault(now, null, over) { Code = ReplayFault.Back });
    }
}
