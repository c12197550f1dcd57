namespace Regatta.Agent.Payloads;

/// <summary>A line of the stamps file, written without a serializer: it is on the way of every job's start.</summary>
internal static class StampLine
{
    /// <summary>The line. Names of hosts and pods hold nothing that JSON must escape.</summary>
    public static string Of(long job, string kind, long time, string node, string? member, int? exitCode) => string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"job\":{job},\"kind\":\"{kind}\",\"time\":{time},\"source\":\"payload\",\"node\":\"{node}\"{(member is null ? "" : $",\"member\":\"{member}\"")}{(exitCode is { } code ? string.Create(CultureInfo.InvariantCulture, $",\"exitCode\":{code}") : "")}}}\n");
}
