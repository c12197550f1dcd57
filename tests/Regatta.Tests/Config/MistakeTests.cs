using System.Text;
using Regatta.Config;

namespace Regatta.Tests.Config;

/// <summary>
/// The most common mistakes, each with the text that a person reads. The texts stand in <c>Mistakes.data/mistakes.txt</c>:
/// a line with the mistake, what was typed, and the diagnostic.
/// </summary>
public class MistakeTests
{
    private static readonly (string Name, (string, string)[] Files, string[] Overrides, How How)[] Mistakes =
    [
        ("1 an option that does not exist", Race(), ["scheduler=slrum"], How.Compose),
        ("2 a mistyped group", Race(), ["schedulr=flux"], How.Compose),
        ("3 a group that has another package", Race(), ["cluster=large"], How.Compose),
        ("4 a mistyped key", Race(), ["sed=2"], How.Compose),
        ("5 adding what exists", Race(), ["+seed=2"], How.Compose),
        ("5b a new key in the value of one that is there", Race(("conf/config.yaml", "run:\n  label: x\n")), ["run={more:1}"], How.Compose),
        ("6 a word without =", Race(), ["seed"], How.Compose),
        ("7 dashes before an override", Race(), ["--seed=3"], How.Compose),
        ("8 a flag between overrides, which is accepted; Hydra's own is not needed", Race(), ["-m"], How.Compose),
        ("9 several values without a sweep", Race(), ["seed=1,2"], How.Compose),
        ("10 a character that must be quoted", Race(), ["+x=a#b"], How.Compose),
        ("10b letters beyond ASCII", Race(), ["+name=café"], How.Compose),
        ("11 an address", Race(), ["+url=http://h?a=b"], How.Compose),
        ("12 a brace that is never closed", Race(), ["+x={a:1,b:2"], How.Compose),
        ("12b a bracket that is never closed", Race(), ["+x=[1,"], How.Compose),
        ("13 a reference in a reference", Race(), ["+x=${a:${b}}"], How.Compose),
        ("14 a quoted key", Race(), ["+x={'a':1}"], How.Compose),
        ("15 null for a group", Race(), ["scheduler=null"], How.Compose),
        ("15b a number for a group", Race(), ["scheduler=3"], How.Compose),
        ("16 deleting what is not there", Race(), ["~sede"], How.Compose),
        ("16b deleting what is null", Race(), ["~nothing"], How.Compose),
        ("17 deleting another value", Race(), ["~seed='1'"], How.Compose),
        ("18 a primary configuration that does not exist", Race(), [], How.OtherPrimary),
        ("19 a choice that must be made", Race(("conf/config.yaml", "defaults:\n  - scheduler: ???\n")), [], How.Compose),
        ("20 an override before a plain item", Race(("conf/config.yaml", "defaults:\n  - override scheduler: flux\n  - scheduler: slurm\n")), [], How.Compose),
        ("21 an override that comes too early", Race(("conf/config.yaml", "defaults:\n  - exp/e1\n  - cluster: small\n"), ("conf/exp/e1.yaml", "# @package _global_\ndefaults:\n  - override /cluster: large\n")), [], How.Compose),
        ("22 a group under a configuration that is not global", Race(("conf/config.yaml", "defaults:\n  - scheduler: slurm\n  - exp: e1\n"), ("conf/exp/e1.yaml", "defaults:\n  - override /scheduler: flux\n")), [], How.Compose),
        ("23 a group chosen twice", Race(("conf/config.yaml", "defaults:\n  - scheduler: slurm\n  - scheduler: flux\n")), [], How.Compose),
        ("24 a defaults list that is no list", Race(("conf/config.yaml", "defaults:\n  scheduler: slurm\n")), [], How.Compose),
        ("24b an item of two groups", Race(("conf/config.yaml", "defaults:\n  - scheduler: slurm\n    cluster: small\n")), [], How.Compose),
        ("25 YAML that is not well formed", Race(("conf/config.yaml", "a: [1, 2\nb: 3\n")), [], How.Compose),
        ("25b a key twice", Race(("conf/config.yaml", "seed: 1\nrepeats: 2\nseed: 3\n")), [], How.Compose),
        ("26 a reference to nothing", Race(("conf/config.yaml", "seed: 1\nrun:\n  label: ${sed}\n")), [], How.Resolve),
        ("27 an environment variable that is not set", Race(("conf/config.yaml", "user: ${oc.env:RACE_USER}\n")), [], How.Resolve),
        ("28 a resolver that does not exist", Race(("conf/config.yaml", "a: ${oc.evn:HOME}\n")), [], How.Resolve),
        ("29 references in a circle", Race(("conf/config.yaml", "a: ${b}\nb: ${c}\nc: ${a}\n")), [], How.Resolve),
        ("29b configurations in a circle", Race(("conf/config.yaml", "defaults:\n  - one\n"), ("conf/one.yaml", "defaults:\n  - two\n"), ("conf/two.yaml", "defaults:\n  - one\n")), [], How.Compose),
        ("30 values that were never given", Race(("conf/config.yaml", "seed: ???\nrun:\n  label: ???\n")), [], How.Check),
        ("31 a value of the wrong type", Race(), ["repeats=abc"], How.Typed),
        ("31b a value out of range", Race(), ["repeats=0"], How.Typed),
        ("31c a size that is none", Race(), ["memory=lots"], How.Typed),
        ("31d an unknown key in a file", Race(("conf/config.yaml", "seed: 1\nrepeets: 2\n")), [], How.Typed),
        ("32 an unknown name", Race(), ["policy=sfj"], How.Typed),
        ("33 a mistyped option in a sweep", Race(), ["scheduler=slurm,flx"], How.Sweep),
        ("34 a launcher that is a plugin of Hydra", Race(), ["hydra/launcher=submitit"], How.Compose),
        ("35 an empty range", Race(), ["seed=range(5,1)"], How.Sweep),
        ("35b a pattern that fits nothing", Race(), ["scheduler=glob(zzz*)"], How.Sweep),
    ];

    private enum How
    {
        Compose,
        OtherPrimary,
        Resolve,
        Check,
        Typed,
        Sweep,
    }

    [Fact]
    public void Each_mistake_gets_its_text()
    {
        var texts = new StringBuilder();
        foreach (var (name, files, overrides, how) in Mistakes)
            texts.Append("# ").Append(name).Append('\n').Append("$ ").Append(string.Join(' ', overrides)).Append('\n').Append(TextOf(files, overrides, how)).Append("\n\n");
        var expected = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Config", "Mistakes.data", "mistakes.txt"));
        Assert.Equal(expected.TrimEnd().Split("\n\n"), texts.ToString().TrimEnd().Split("\n\n"));
    }

    private static (string, string)[] Race(params (string, string)[] more) => ConfigTree.Race(more);

    private static string TextOf((string, string)[] files, string[] overrides, How how)
    {
        var options = new ComposerOptions { Environment = _ => null, Root = how == How.Typed ? RecordSchema.Of<Race31>() : null };
        try
        {
            var composer = ConfigTree.Of(options, files);
            switch (how)
            {
                case How.OtherPrimary: composer.Compose("confg", overrides); break;
                case How.Resolve: composer.Compose("config", overrides).Resolve(); break;
                case How.Check: return string.Join('\n', composer.Compose("config", overrides).Check());
                case How.Sweep: SweepPlan.Create(composer, "config", overrides); break;
                default: composer.Compose("config", overrides); break;
            }

            return "(nothing is wrong)";
        }
        catch (DiagnosticException e)
        {
            return e.Message;
        }
    }

    internal enum Policy
    {
        Fifo,
        Sjf,
        FairShare,
    }

    [ConfigSchema("A race.")]
    internal sealed record Race31
    {
        [ConfigKey("The seed.")]
        public long Seed { get; init; } = 1;

        [ConfigKey("How often.", Minimum = 1, Maximum = 1000)]
        public int Repeats { get; init; } = 3;

        [ConfigKey("Memory.")]
        public ByteSize Memory { get; init; } = ByteSize.FromGiB(1);

        [ConfigKey("The policy.")]
        public Policy Policy { get; init; }

        public object? Scheduler { get; init; }

        public object? Hw { get; init; }

        public object? Run { get; init; }

        public object? Nothing { get; init; }
    }
}
