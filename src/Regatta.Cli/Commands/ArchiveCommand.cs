using System.CommandLine;
using Regatta.Archives;
using Regatta.Archives.Writing;
using Regatta.Cli.Terminal;
using Regatta.Experiments.Composing;
using Regatta.Experiments.Planning;
using Regatta.Host;
using Regatta.Runs;
using Regatta.Runs.Archives;
using Regatta.Workloads;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta archive</c>: runs as one file that anyone can check and run again.</summary>
internal static class ArchiveCommand
{
    public static Command Create(ITerminal terminal)
    {
        var names = new Argument<string[]>("run") { Description = "Run directories or ids; the newest run if none is given.", Arity = ArgumentArity.ZeroOrMore };
        var output = new Option<string?>("--output", "-o") { Description = "The file; ID.zip if not given.", HelpName = "FILE" };
        var license = new Option<string?>("--license") { Description = "Under which licence it may be used, an identifier of the SPDX list such as CC-BY-4.0.", HelpName = "SPDX" };
        var author = new Option<string?>("--author") { Description = "Whom to name: 'Ada Lovelace', or with an ORCID 'Ada Lovelace https://orcid.org/…'. Nobody if not given.", HelpName = "NAME" };
        var noLogs = new Option<bool>("--no-logs") { Description = "Leave out the logs of the trials." };
        var pseudonyms = new Option<bool>("--pseudonyms") { Description = "Give users, groups, accounts, reservations, hosts and paths other names, by a key that stays outside; logs are left out." };
        var withImages = new Option<bool>("--with-images") { Description = "Add what the images of the nodes were built from (definitions, packages, payloads), so that it runs again when mirrors have moved on." };
        var key = new Option<string?>("--key-file") { Description = "Secret of the pseudonyms, at least 16 bytes; made where it is not there. ~/.config/regatta/site.key if not given.", HelpName = "FILE" };
        var options = new ReportOptions();
        var command = new Command("archive", "Writes runs into one file, an RO-Crate, that anyone can verify, read and run again.") { names, output, withImages, license, author, noLogs, pseudonyms, key, options.Runs };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var opened = options.Open(parsed, parsed.GetValue(names) is { Length: > 0 } given ? given : ["latest"], cancellation);
            var originals = opened.Runs.Select(r => r.Path).ToList();
            using var copies = parsed.GetValue(pseudonyms) ? await PseudonymousCopies.OfAsync(originals, new Pseudonyms(SiteCommand.Key(terminal, parsed.GetValue(key))), cancellation) : null;
            var runs = copies?.Runs ?? originals;
            var file = parsed.GetValue(output) ?? opened.Runs[0].Id + ".zip";
            var jobs = new JobsAgain(terminal);
            var locks = ArchivedImages.Locks(terminal, originals);
            var (images, inputs) = parsed.GetValue(withImages) ? await ArchivedImages.InputsAsync(terminal, originals, locks, cancellation) : ([], ImmutableSortedDictionary<string, ArchiveSource>.Empty);
            var request = new ArchiveRequest
            {
                Jobs = copies is null ? jobs.Of : (run, trial) => copies.Jobs(run, trial, jobs.Of),
                Locks = [.. locks],
                Images = images,
                Inputs = inputs,
                Pseudonyms = copies is not null,
                Terms = ArchiveTerms.Parse(parsed.GetValue(license), parsed.GetValue(author)),
                Logs = !parsed.GetValue(noLogs),
            };
            var (reference, _) = await terminal.WatchAsync(monitor => RunArchiver.WriteAsync(runs, file, request, monitor, cancellation));
            foreach (var run in opened.Runs.Where(r => r.Unpacked is null)) Remember(terminal, run.Path, file, reference, opened.Runs.Count > 1);
            terminal.WriteLine($"Archive: {file} ({Sizes.Rounded(new FileInfo(file).Length)})");
            terminal.WriteLine($"sha256:  {reference.Sha256}");
            terminal.WriteJson("archive", reference with { Name = Path.GetFullPath(file) }, ArchiveJson.Default.ArchiveReference);
            return (int)ExitCode.Done;
        });
        return command.WithExamples(
            "regatta archive latest --output quickstart.zip",
            "regatta archive A B --output both.zip --license CC-BY-4.0 --author 'Ada Lovelace'",
            "regatta archive latest --with-images --output whole.zip        runs again when mirrors have moved on",
            "regatta archive latest --pseudonyms --output open.zip     without names of people and places",
            "regatta verify quickstart.zip                     whoever has it checks it");
    }

    private static void Remember(ITerminal terminal, string run, string file, ArchiveReference reference, bool several)
    {
        try
        {
            RunArchives.Remember(run, file, reference, several);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            terminal.Report(Diagnostic.Hint("archive-not-remembered", $"the run directory '{run}' does not remember its archive, so that its report does not name it") with { Detail = exception.Message });
        }
    }

    /// <summary>The jobs of trials, made again as they were made for the run.</summary>
    private sealed class JobsAgain(ITerminal terminal)
    {
        private readonly Dictionary<string, PreparedExperiment?> _known = new(StringComparer.Ordinal);

        public IReadOnlyList<Job>? Of(string run, PlannedTrial trial)
        {
            if (!_known.TryGetValue(run, out var prepared)) _known[run] = prepared = Reopen(run);
            return prepared?.Jobs(prepared.Plan.Point(trial.Point), trial);
        }

        private PreparedExperiment? Reopen(string run)
        {
            try
            {
                return new Planner(new WorkloadLoader(Installation.OfProcess(), Directory.GetCurrentDirectory()).Load).Reopen(RunDirectory.ReadPlan(run), ExperimentComposer.Read);
            }
            catch (DiagnosticException exception)
            {
                terminal.Report(Diagnostic.Warning("archive-workload", $"the jobs of {Path.GetFileName(run)} cannot be made again, and are not archived") with
                {
                    Detail = exception.Diagnostics[0].Summary,
                    Help = "put the workload's file where it was, and archive again; else what the jobs asked for is not checked, and the archive cannot be run again",
                });
                return null;
            }
        }
    }
}
