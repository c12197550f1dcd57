using System.CommandLine;
using Regatta.Config;
using Regatta.Experiments.Composing;
using Regatta.Experiments.Configuration;
using Regatta.Host;

namespace Regatta.Cli.Commands;

/// <summary>The configuration that <c>regatta config</c> works on: the project's own, or any directory of YAML files.</summary>
/// <param name="Composer">Composes it.</param>
/// <param name="Primary">The primary configuration.</param>
/// <param name="Schema">The declaration of the whole; null for a directory without one.</param>
/// <param name="Bind">Makes the record that the declaration was read from; throws what is wrong.</param>
/// <param name="HasExperiments">Whether a first word alone names an experiment.</param>
internal sealed record ConfigProject(Composer Composer, string Primary, StructSchema? Schema, Action<Composition>? Bind, bool HasExperiments)
{
    private const string PrimaryName = "config";

    public static Option<string?> Directory() => new("--conf")
    {
        Description = "A directory of configurations in Hydra's form, in place of the project's own.",
        HelpName = "DIR",
        Recursive = true,
    };

    public static Option<string?> Name() => new("--config-name")
    {
        Description = "The primary configuration; 'config' unless given.",
        HelpName = "NAME",
        Recursive = true,
    };

    public static Argument<string[]> Words() => new("override")
    {
        Description = "Name of an experiment, then overrides: key=value, +key=value, ~key, group=option.",
        Arity = ArgumentArity.ZeroOrMore,
        HelpName = "[EXPERIMENT] [KEY=VALUE…]",
    };

    public static ConfigProject Open(ParseResult parsed)
    {
        var name = parsed.GetValue<string?>("--config-name") ?? PrimaryName;
        var here = System.IO.Directory.GetCurrentDirectory();
        if (parsed.GetValue<string?>("--conf") is { } directory)
        {
            if (!System.IO.Directory.Exists(directory))
                throw new DiagnosticException(Diagnostic.Error("config-dir-not-found", $"there is no directory '{directory}'") with { Help = "give the directory of the configurations" });
            return new ConfigProject(new Composer(directory, new ComposerOptions { WorkingDirectory = here }), name, null, null, HasExperiments: false);
        }

        var composer = ExperimentComposer.Over(Installation.OfProcess(), here);
        return new ConfigProject(
            composer, name, composer.Schema, composition => RecordBinder.Bind<Experiment>(composition.Resolve()), HasExperiments: true);
    }

    /// <summary>The overrides that words mean: in the project's own configuration, a first word alone names an experiment.</summary>
    public IReadOnlyList<string> Overrides(IReadOnlyList<string> words) =>
        HasExperiments ? ExperimentComposer.Overrides(words) : words;

    /// <summary>Everything that is wrong with a composition.</summary>
    public IReadOnlyList<Diagnostic> Check(Composition composition)
    {
        var found = composition.Check();
        if (found.Count > 0 || Bind is null) return found;
        try
        {
            Bind(composition);
            return [];
        }
        catch (DiagnosticException e)
        {
            return e.Diagnostics;
        }
    }

    /// <summary>Composes one configuration.</summary>
    public Composition Compose(IReadOnlyList<string> words) => Composer.Compose(Primary, Overrides(words));
}
