namespace Regatta.Agent.Payloads;

/// <summary>
/// A line of the stamps file, written without a serializer and without an interpolated string: it is on the way of every job's start, and the first use of the
/// runtime's pool of buffers measures how fast it can tell the processor, which by a clock that stands takes until the clock goes on.
/// </summary>
internal static class StampLine
{
    /// <summary>The line. Names of hosts and pods hold nothing that JSON must escape.</summary>
    public static string Of(long job, string kind, long time, string node, string? member, int? exitCode)
    {
        var line = string.Concat("{\"job\":", Number(job), ",\"kind\":\"", kind);
        line = string.Concat(line, "\",\"time\":", Number(time), string.Concat(",\"source\":\"payload\",\"node\":\"", node, "\""));
        if (member is not null) line = string.Concat(line, ",\"member\":\"", member, "\"");
        if (exitCode is { } code) line = string.Concat(line, ",\"exitCode\":", Number(code));
        return line + "}\n";
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
