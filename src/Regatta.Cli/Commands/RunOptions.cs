using System.CommandLine;
using Regatta.Experiments.Composing;
using Regatta.Experiments.Planning;
using Regatta.Host;

namespace Regatta.Cli.Commands;

/// <summary>What <c>run</c>, <c>plan</c> and <c>resume</c> share.</summary>
internal static class RunOptions
{
    public static Argument<string[]> Words() => new("experiment")
    {
        Description = "Name of an experiment, then overrides: key=value. 'regatta config groups' lists what there is.",
        Arity = ArgumentArity.ZeroOrMore,
        HelpName = "EXPERIMENT [KEY=VALUE…]",
    };

    public static Option<bool> Yes() => new("--yes", "-y") { Description = "Agrees to what the program says it will install or set on this host." };

    /// <summary>Composes and plans.</summary>
    public static (ComposedExperiment Composed, PreparedExperiment Prepared) Prepare(IReadOnlyList<string> words)
    {
        var installation = Installation.OfProcess();
        var here = Directory.GetCurrentDirectory();
        var composed = new ExperimentComposer(installation, here).Compose(ExperimentComposer.Overrides(words));
        return (composed, new Planner(new WorkloadLoader(installation, here).Load).Prepare(composed.Experiment, composed.Points));
    }

    /// <summary>A path as short as it can be written here.</summary>
    public static string Shown(string path)
    {
        var relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }
}
