using System.CommandLine;
using Regatta.Cli.Commands;
using Regatta.Cli.Terminal;

namespace Regatta.Cli;

/// <summary>The command line: every command in the order that help shows them.</summary>
public static class RegattaCommand
{
    /// <summary>Builds the command line.</summary>
    public static RootCommand Create(ITerminal terminal)
    {
        var root = new RootCommand("Races batch schedulers on the same water: reproducible benchmarks from one experiment file.")
        {
            RunCommand.Create(terminal),
            PlanCommand.Create(terminal),
            ResumeCommand.Create(terminal),
            ReportCommand.Create(terminal),
            CompareCommand.Create(terminal),
            CheckCommand.Create(terminal),
            ExportCommand.Create(terminal),
            QueryCommand.Create(terminal),
            ConfigCommand.Create(terminal),
            WorkloadCommand.Create(terminal),
            ImageCommand.Create(terminal),
            ClusterCommand.Create(terminal),
            HostCommand.Create(terminal),
            DoctorCommand.Create(terminal),
            ReapCommand.Create(terminal),
            CompletionCommand.Create(terminal),
        };
        root.Add(new Option<bool>("--json") { Description = "Results as JSON lines on standard output; human text goes to standard error.", Recursive = true });
        CommandHelp.ShowExamples(root);
        return root.WithExamples(
            "regatta run quickstart --yes      race two Slurm configurations, from nothing",
            "regatta plan quickstart           what that would do",
            "regatta doctor                    what this host lacks");
    }
}
