using System.CommandLine;
using Regatta.Archives;
using Regatta.Archives.Repeating;
using Regatta.Archives.Verification;
using Regatta.Cli.Terminal;
using Regatta.Experiments.Composing;
using Regatta.Experiments.Planning;
using Regatta.Host;
using Regatta.Images;
using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta rerun</c>: repeats the experiment of an archive here, and tells which of its results hold.</summary>
internal static class RerunCommand
{
    // Keys that change which jobs are replayed, or the machine that their sizes were fitted to.
    private static readonly string[] OfWorkload = ["workload", "seed", "cluster", "measure.vary", "measure.shake"];

    public static Command Create(ITerminal terminal)
    {
        var file = new Argument<string>("archive") { Description = "The file of an archive, or a run.", HelpName = "FILE" };
        var words = new Argument<string[]>("override") { Description = "Changes, for all points: key=value.", Arity = ArgumentArity.ZeroOrMore, HelpName = "KEY=VALUE…" };
        var one = new Option<string?>("--run") { Description = "Which run, where the archive holds several.", HelpName = "ID" };
        var margin = new Option<string>("--margin") { Description = "By how much a mean may differ from the original's and be called the same.", HelpName = "SHARE", DefaultValueFactory = _ => "10%" };
        var images = new Option<string>("--images") { Description = "same: as they are here; rebuilt: built anew from their locks, and compared bit by bit.", HelpName = "same|rebuilt", DefaultValueFactory = _ => "same" };
        images.AcceptOnlyFromAmong("same", "rebuilt");
        var yes = RunOptions.Yes();
        var runs = new Option<string>("--runs") { Description = "Where the run directory is made.", HelpName = "DIRECTORY", DefaultValueFactory = _ => "runs" };
        var command = new Command("rerun", "Repeats the experiment of an archive: same images, jobs, seeds and order; ends with the original against the repetition.") { file, words, one, margin, images, yes, runs };
        command.SetAction(async (parsed, cancellation) =>
        {
            var share = CheckCommand.Share(parsed.GetRequiredValue(margin)) is double given and > 0 and < 1 ? given
                : throw Fault("rerun-margin", $"'{parsed.GetValue(margin)}' is no margin", "write a share above 0 and below 1, such as --margin 10%");
            using var opened = OpenedRuns.Open(new RunCollection(parsed.GetRequiredValue(runs)), [parsed.GetRequiredValue(file)], cancellation);
            var run = Choose(opened, parsed.GetValue(one));
            var original = await run.ReadAsync(cancellation);
            if (original.Trials.IsEmpty) throw Fault("rerun-no-trial", $"{run.Id} has no finished trial to compare with", "run its experiment instead: regatta run");
            var overrides = parsed.GetValue(words) ?? [];
            var prepared = Prepare(run, overrides);
            foreach (var note in prepared.Notes) terminal.Report(note);
            var builder = ArchivedImages.BuilderOf(terminal, run);
            if (parsed.GetValue(images) == "rebuilt") await RebuildAsync(terminal, original, builder, cancellation);
            // Images out of an archive lie on this machine.
            if (!prepared.RunsHere && prepared.Plan.Points.Any(p => p.Machines != MachineKind.Simulation))
                throw Fault("rerun-launcher", "its trials on machines ran on several hosts, and the images of an archive are laid out on this machine only", "repeat it here: launcher.name=local");
            if (prepared.RunsHere) prepared = ImagePreflight.LeaveOutLacking(terminal, prepared, begins: true, builder);
            terminal.Write(PlanView.Render(prepared));
            await using var host = !prepared.RunsHere ? HostPreparation.None : await HostPreparation.EnsureAsync(terminal, prepared.Plan, parsed.GetValue(yes), cancellation);
            using var repetition = RunDirectory.Create(parsed.GetValue(runs)!, new RunContent(Experiment(original, overrides), [.. original.Overrides, .. overrides], prepared.Plan), TimeProvider.System.GetUtcNow());
            terminal.WriteJson("run", repetition.Path, RunTexts.Default.String);
            var code = await RunCarrier.CarryOutAsync(terminal, repetition, prepared, builder, cancellation);
            var again = await RecordedRun.ReadAsync(repetition.Path, cancellation);
            if (again.Trials.IsEmpty) return code;
            var outcome = RepeatedRun.Of(original, again, share);
            RerunView.Print(terminal, outcome);
            terminal.WriteJson("repetition", outcome, ArchiveJson.Default.RepeatedRun);
            return code == 0 && outcome.Differs ? (int)ExitCode.Failed : code;
        });
        return command.WithExamples(
            "regatta rerun quickstart.zip --yes                     the same experiment here: does the result hold?",
            "regatta rerun quickstart.zip --margin 5% measure.repetitions=12",
            "regatta rerun quickstart.zip --images rebuilt          build the images anew from their locks, too");
    }

    private static OpenedRun Choose(OpenedRuns opened, string? id)
    {
        if (id is null && opened.Runs.Count == 1) return opened.Runs[0];
        return opened.Runs.FirstOrDefault(r => r.Id == id) ?? throw Fault(
            "rerun-which", id is null ? $"the archive holds {opened.Runs.Count} runs" : $"the archive holds no run '{id}'", $"name one of them with --run: {string.Join(", ", opened.Runs.Select(r => r.Id))}");
    }

    private static PreparedExperiment Prepare(OpenedRun run, string[] overrides)
    {
        var plan = RunDirectory.ReadPlan(run.Path);
        var made = new WorkloadLoader(Installation.OfProcess(), Directory.GetCurrentDirectory());
        var changed = overrides.Any(o => OfWorkload.Any(key => o.TrimStart('+', '~').StartsWith(key, StringComparison.Ordinal)));
        Workload Load(ComposedPoint point, long seed)
        {
            var file = changed ? null : run.WorkloadOf(new PlannedTrial(1, point.Name, 1, 1, seed));
            return file is null ? made.Load(point, seed) : ReplayedJobs.ReadAll(file, CancellationToken.None) with { Name = plan.Points.First(p => p.Name == point.Name).Workload };
        }

        var planner = new Planner(Load);
        if (overrides.Length == 0) return planner.Reopen(plan, ExperimentComposer.Read);
        var points = plan.Points.Select(p =>
        {
            var (experiment, yaml) = ExperimentComposer.ReadWith(p.Experiment, $"plan.json: point {p.Name}", overrides);
            return new ComposedPoint(p.Name, [.. p.Overrides, .. overrides], experiment, yaml);
        }).ToList();
        var whole = ExperimentComposer.ReadWith(RunDirectory.ReadExperiment(run.Path) ?? plan.Points[0].Experiment, "experiment.yaml", overrides).Experiment;
        return planner.Prepare(whole, points);
    }

    private static string Experiment(RecordedRun original, string[] overrides) =>
        overrides.Length == 0 ? original.Experiment ?? "" : ExperimentComposer.ReadWith(original.Experiment ?? original.Points[0].Experiment, "experiment.yaml", overrides).Yaml;

    private static async Task RebuildAsync(ITerminal terminal, RecordedRun original, NixImageBuilder builder, CancellationToken cancellation)
    {
        foreach (var (name, facts) in original.Provenance?.Images ?? ImmutableSortedDictionary<string, ImageFacts>.Empty)
        {
            if (RoleOf(builder.Catalog, name) is not { } role)
            {
                terminal.Report(Diagnostic.Warning("rerun-image-foreign", $"the image '{name}' is of another flake, and was not built anew"));
                continue;
            }

            var verified = await terminal.WatchAsync(monitor => builder.VerifyAsync(role, monitor, cancellation));
            var built = builder.Find(role)?.Manifest.Files.GetValueOrDefault("rootfs.tar");
            terminal.WriteJson("rebuilt", new RebuiltImage(name, built, facts.Hash, built is not null && built == facts.Hash, verified.Identical), ImageJson.Default.RebuiltImage);
            terminal.WriteLine(built == facts.Hash
                ? $"image {name}: built anew, the same bits as the original's ({built})"
                : $"image {name}: built anew, other bits: {built ?? "not built"}, and the original's were {facts.Hash ?? "not recorded"}{(verified.Identical ? "" : "; two builds here differ as well")}");
        }
    }

    private static ImageRole? RoleOf(ImageCatalog catalog, string name)
    {
        try
        {
            return catalog.Role(name);
        }
        catch (DiagnosticException exception) when (exception.Diagnostics[0].Code == "image-unknown")
        {
            return null;
        }
    }

    private static DiagnosticException Fault(string code, string summary, string help) => new(Diagnostic.Error(code, summary) with { Where = new SourceRange("command line"), Help = help });
}
