using System.Globalization;
using Regatta.Diagnostics;
using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Slurm;

/// <summary>Options of the Slurm driver.</summary>
internal sealed record SlurmOptions
{
    private static readonly string[] Known = ["socket", "log", "partition", "api", "payload", "stamps", "directory", "output"];

    /// <summary>UNIX socket of slurmrestd.</summary>
    public string Socket { get; init; } = "/run/regatta/slurmrestd.sock";

    /// <summary>slurmctld's log, written with <c>LogTimeFormat=iso8601_ms</c> in UTC.</summary>
    public string Log { get; init; } = "/var/log/slurm/slurmctld.log";

    /// <summary>Partition that jobs go to.</summary>
    public string Partition { get; init; } = "main";

    /// <summary>Version of slurmrestd's interface.</summary>
    public string Api { get; init; } = "v0.0.38";

    /// <summary>The agent on the workers.</summary>
    public string Payload { get; init; } = "/usr/local/lib/regatta/regatta-agent";

    /// <summary>File on each worker that payloads append their stamps to.</summary>
    public string Stamps { get; init; } = "/var/lib/regatta/stamps/stamps.jsonl";

    /// <summary>Working directory of the jobs.</summary>
    public string Directory { get; init; } = "/";

    /// <summary>File that standard output and error of the jobs go to.</summary>
    public string Output { get; init; } = "/dev/null";

    /// <summary>The options of a header.</summary>
    /// <exception cref="DiagnosticException">One is not known or cannot be.</exception>
    public static SlurmOptions Read(ReplayHeader header)
    {
        var options = new SlurmOptions();
        foreach (var (name, value) in header.Options)
        {
            if (value.Length == 0 || value.Any(c => char.IsControl(c) || c == '\'')) throw Fault($"the option '{name}' cannot be '{value}'", "a value has no quote and no control character");
            options = name switch
            {
                "socket" => options with { Socket = value },
                "log" => options with { Log = value },
                "partition" => options with { Partition = value },
                "api" => options with { Api = value },
                "payload" => options with { Payload = value },
                "stamps" => options with { Stamps = value },
                "directory" => options with { Directory = value },
                "output" => options with { Output = value },
                _ => throw Fault($"the slurm driver has no option '{name}'", Suggestion.Help(name, Known)),
            };
        }

        return options;
    }

    /// <summary>The batch script of a job: the payload takes the place of the shell.</summary>
    public string Script(Job job)
    {
        var seconds = job.RunTime.TotalSeconds.ToString("0.######", CultureInfo.InvariantCulture);
        var work = job.Payload.Kind switch
        {
            PayloadKind.Sleep => $"sleep {seconds}",
            PayloadKind.Cpu => $"cpu {seconds}",
            _ => $"exec {string.Join(' ', job.Payload.Command.Select(Quoted))}",
        };
        return string.Create(CultureInfo.InvariantCulture, $"#!/bin/sh\nexec {Quoted(Payload)} payload --job {job.Id} --stamps {Quoted(Stamps)} {work}\n");
    }

    private static string Quoted(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or '=' or ':' or ',') ? word
        : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static DiagnosticException Fault(string text, string help) => new(Diagnostic.Error("replay-option", text) with { Help = help });
}
