using System.Collections.Frozen;
using Regatta.Workloads;

namespace Regatta.Schedulers.Flux;

/// <summary>The tables of Flux's TOML configuration (flux-core 0.88) that a user may set, and the keys that Regatta makes from the cluster.</summary>
internal static class FluxKeys
{
    /// <summary>Tables that a user may set keys of, written as <c>table.key</c>.</summary>
    public static FrozenSet<string> Tables { get; } = Words("""
        exec ingest job-manager kvs modules policy queues sched-backfill sched-fluxion-qmanager sched-fluxion-resource sched-simple systemd tbon
        """);

    /// <summary>Keys and tables that Regatta makes from the cluster.</summary>
    public static FrozenSet<string> Made { get; } = Words("access archive bootstrap fake-resources resource exec.imp");

    /// <summary>The schedulers that <c>modules.alternatives.sched</c> can pin.</summary>
    public static FrozenSet<string> Schedulers { get; } = Words("sched-simple sched-backfill sched-fluxion-qmanager");

    /// <summary>The queue policies of Fluxion, and which jobs may overtake others under each.</summary>
    public static FrozenDictionary<string, Backfill> Policies { get; } = new Dictionary<string, Backfill>
    {
        ["fcfs"] = Backfill.None,
        ["easy"] = Backfill.Easy,
        ["hybrid"] = Backfill.Hybrid,
        ["conservative"] = Backfill.Conservative,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static FrozenSet<string> Words(string text) =>
        text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToFrozenSet(StringComparer.Ordinal);
}
