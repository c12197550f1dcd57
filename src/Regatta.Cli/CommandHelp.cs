using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;

namespace Regatta.Cli;

/// <summary>Examples under the help text of a command.</summary>
public static class CommandHelp
{
    private static readonly ConditionalWeakTable<Command, string[]> Examples = [];

    /// <summary>Adds examples, one command line each, that <c>--help</c> shows.</summary>
    public static T WithExamples<T>(this T command, params string[] examples)
        where T : Command
    {
        Examples.AddOrUpdate(command, examples);
        return command;
    }

    /// <summary>Makes <c>--help</c> of a root command and all below it show the examples.</summary>
    public static void ShowExamples(RootCommand root)
    {
        foreach (var option in root.Options.OfType<HelpOption>())
        {
            if (option.Action is HelpAction action) option.Action = new HelpWithExamples(action);
        }
    }

    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        // Who asks for help does not know yet what the command needs.
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var code = help.Invoke(parseResult);
            if (!Examples.TryGetValue(parseResult.CommandResult.Command, out var examples)) return code;
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var example in examples) output.WriteLine("  " + example);
            output.WriteLine();
            return code;
        }
    }
}
