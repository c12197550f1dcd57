using System.CommandLine;
using Regatta.Workloads;

namespace Regatta.Cli.Commands;

/// <summary>The options of commands that read a workload file.</summary>
internal sealed class ReadingOptions
{
    public Option<bool> Strict { get; } = new("--strict") { Description = "Stop at the first thing that is not as the format wants it, instead of repairing it." };

    public Option<string?> Zone { get; } = new("--zone") { Description = "Time zone of a file whose times name none, as those of sacct; UTC without it.", HelpName = "ZONE" };

    /// <summary>What was asked for.</summary>
    /// <exception cref="DiagnosticException">The time zone is not known.</exception>
    public TraceReading Of(ParseResult parsed) =>
        new(parsed.GetValue(Strict) ? SwfMode.Strict : SwfMode.Lenient, parsed.GetValue(Zone) is { } zone ? TraceZone.Parse(zone).Rules : null);
}
