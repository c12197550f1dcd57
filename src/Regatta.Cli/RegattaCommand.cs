using System.CommandLine;
using Regatta.Cli.Commands;
using Regatta.Cli.Terminal;

namespace Regatta.Cli;

/// <summary>The command line: every command in the order that help shows them.</summary>
public static class RegattaCommand
{
    private static readonly (string Name, Func<ITerminal, Command> Create)[] Commands =
    [
        ("run", RunCommand.Create),
        ("plan", PlanCommand.Create),
        ("resume", ResumeCommand.Create),
        ("status", StatusCommand.Create),
        ("attach", AttachCommand.Create),
        ("watch", WatchCommand.Create),
        ("trial", TrialCommand.Create),
        ("report", ReportCommand.Create),
        ("compare", CompareCommand.Create),
        ("check", CheckCommand.Create),
        ("export", ExportCommand.Create),
        ("query", QueryCommand.Create),
        ("archive", ArchiveCommand.Create),
        ("verify", VerifyCommand.Create),
        ("sign", SignCommand.Create),
        ("rerun", RerunCommand.Create),
        ("config", ConfigCommand.Create),
        ("workload", WorkloadCommand.Create),
        ("site", SiteCommand.Create),
        ("image", ImageCommand.Create),
        ("cluster", ClusterCommand.Create),
        ("host", HostCommand.Create),
        ("doctor", DoctorCommand.Create),
        ("reap", ReapCommand.Create),
        ("completion", CompletionCommand.Create),
    ];

    /// <summary>Builds the command line.</summary>
    /// <param name="terminal">Where the commands write.</param>
    /// <param name="first">
    /// First word of what is to be parsed. Where it is the name of a command the others are left out: making their options costs as much as composing a configuration.
    /// </param>
    public static RootCommand Create(ITerminal terminal, string? first = null)
    {
        var root = new RootCommand("Benchmarks batch schedulers on identical, reproducible clusters, from one experiment file.");
        var one = Array.FindIndex(Commands, c => c.Name == first);
        foreach (var (_, create) in first == "--version" ? [] : one < 0 ? Commands : [Commands[one]]) root.Add(create(terminal));
        root.Add(new Option<bool>("--json") { Description = "Results as JSON lines on standard output; human text goes to standard error.", Recursive = true });
        CommandHelp.ShowExamples(root);
        return root.WithExamples(
            "regatta run quickstart --yes      race two Slurm configurations, from nothing",
            "regatta plan quickstart           what that would do",
            "regatta doctor                    what this host lacks");
    }
}
