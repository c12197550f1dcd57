using Regatta.Workloads;

namespace Regatta.Agent.Drivers.Slurm;

/// <summary>Options of the Slurm driver.</summary>
internal sealed record SlurmOptions
{
    private static readonly Dictionary<string, Func<SlurmOptions, string, SlurmOptions>> Setters = new(StringComparer.Ordinal)
    {
        ["socket"] = (o, value) => o with { Socket = value },
        ["log"] = (o, value) => o with { Log = value },
        ["partition"] = (o, value) => o with { Partition = value },
        ["partitions"] = (o, value) => o with { Partitions = value == "true" },
        ["users"] = (o, value) => o with { Users = value == "true" },
        ["gpus"] = (o, value) => o with { Gpus = value == "true" },
        ["priorities"] = (o, value) => o with { Priorities = value == "true" },
        ["reservations"] = (o, value) => o with { Reservations = [.. value.Split(';', StringSplitOptions.RemoveEmptyEntries)] },
        ["api"] = (o, value) => o with { Api = value },
        ["payload"] = (o, value) => o with { Payload = o.Payload with { Agent = value } },
        ["stamps"] = (o, value) => o with { Payload = o.Payload with { Stamps = value } },
        ["directory"] = (o, value) => o with { Directory = value },
        ["output"] = (o, value) => o with { Output = value },
    };

    /// <summary>UNIX socket of slurmrestd.</summary>
    public string Socket { get; init; } = NodeLayout.SlurmrestdSocket;

    /// <summary>slurmctld's log, written with <c>LogTimeFormat=iso8601_ms</c> in UTC.</summary>
    public string Log { get; init; } = NodeLayout.SlurmctldLog;

    /// <summary>Partition that jobs go to; with <see cref="Partitions"/> those that name none.</summary>
    public string Partition { get; init; } = "main";

    /// <summary>Jobs go to the partitions that they name.</summary>
    public bool Partitions { get; init; }

    /// <summary>Jobs are submitted as the users that they name, with their accounts, qualities of service, reservations and licences.</summary>
    public bool Users { get; init; }

    /// <summary>Jobs are given the GPUs that they ask for.</summary>
    public bool Gpus { get; init; }

    /// <summary>Slurm weighs jobs, so that the order of their starts is held against the priorities that it reports.</summary>
    public bool Priorities { get; init; }

    /// <summary>Reservations that are made before the first job, each in the words of <c>scontrol create reservation</c>.</summary>
    public ImmutableArray<string> Reservations { get; init; } = [];

    /// <summary>Version of slurmrestd's interface; null for the newest that it serves.</summary>
    public string? Api { get; init; }

    /// <summary>What jobs run.</summary>
    public JobPayload Payload { get; init; } = JobPayload.Default;

    /// <summary>Working directory of the jobs.</summary>
    public string Directory { get; init; } = "/";

    /// <summary>File that standard output and error of the jobs go to.</summary>
    public string Output { get; init; } = "/dev/null";

    /// <summary>The options of a header.</summary>
    /// <exception cref="DiagnosticException">One is not known or cannot be.</exception>
    public static SlurmOptions Read(ReplayHeader header) => DriverOptions.Read(header, new SlurmOptions(), Setters);

    /// <summary>The batch script of a job: the payload takes the place of the shell.</summary>
    public string Script(Job job) => $"#!/bin/sh\nexec {string.Join(' ', Payload.Words(job).Select(Quoted))}\n";

    private static string Quoted(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or '=' or ':' or ',') ? word
        : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
