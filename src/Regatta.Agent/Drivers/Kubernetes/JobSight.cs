using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>What an API object says of a job: <c>batch/v1</c> and Volcano in the same words.</summary>
/// <param name="Answered">A controller has taken it up.</param>
/// <param name="Ended">How it ended; null while it has not. A failed one may turn out to be more than that when its pods are looked at.</param>
/// <param name="Detail">The controller's words.</param>
internal readonly record struct JobSight(bool Answered, JobState? Ended, string? Detail);
