namespace Regatta.Workloads;

/// <summary>One daemon of a scheduler that was replaced by another version while a trial ran; stamped on its node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Daemon">Its name, such as <c>slurmctld</c>.</param>
/// <param name="Began">When the former one was told to end, UTC microseconds since 1970-01-01.</param>
/// <param name="Ready">When the newer one answered, UTC microseconds since 1970-01-01.</param>
/// <param name="Version">The version that it has now.</param>
public sealed record UpgradeStep(string Node, string Daemon, long Began, long Ready, string Version);
