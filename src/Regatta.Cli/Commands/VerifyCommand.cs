using System.CommandLine;
using Regatta.Archives;
using Regatta.Archives.Signing;
using Regatta.Archives.Verification;
using Regatta.Cli.Terminal;
using Regatta.Runs;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta verify</c>: whether an archive or a run says what its events say.</summary>
internal static class VerifyCommand
{
    private const int MostShown = 20;

    public static Command Create(ITerminal terminal)
    {
        var name = new Argument<string>("archive") { Description = "The file of an archive; or a run: directory, id or latest.", HelpName = "FILE|RUN" };
        var junit = new Option<string?>("--junit") { Description = "Write the result as JUnit XML, too.", HelpName = "FILE" };
        var signers = new Option<string?>("--signers") { Description = "Tell who vouches for the archive: a file of names and public keys, as ssh-keygen's allowed_signers.", HelpName = "FILE" };
        var revoked = new Option<string?>("--revoked") { Description = "Public keys that no longer count, one a line, or a list by ssh-keygen -k.", HelpName = "FILE" };
        var runs = new ReportOptions().Runs;
        var command = new Command("verify", "Checks every hash, recomputes every number from the events, and compares. Needs no root, no network and no image.") { name, signers, revoked, junit, runs };
        command.SetAction(async (parsed, cancellation) =>
        {
            var collection = new RunCollection(parsed.GetRequiredValue(runs));
            var outcome = await terminal.WatchAsync(monitor => ArchiveVerifier.VerifyAsync(parsed.GetRequiredValue(name), collection, monitor, cancellation));
            if (parsed.GetValue(signers) is { } trusted)
            {
                if (outcome.Sha256 is not { } sha256) throw new DiagnosticException(Diagnostic.Error("sign-archive", "a run directory has no signatures: archives have") with { Help = "archive the run first: regatta archive RUN --output FILE.zip" });
                var (items, faults) = await ArchiveSignatures.CheckAsync(outcome.Name, sha256, new TrustedSigners(trusted, parsed.GetValue(revoked)), cancellation);
                foreach (var fault in faults) terminal.Report(fault);
                outcome = outcome with { Items = [.. outcome.Items, .. items] };
            }

            if (parsed.GetValue(junit) is { } file) CheckCommand.Write(VerificationJUnit.Of(outcome), file);
            Print(terminal, outcome);
            terminal.WriteJson("verification", outcome, ArchiveJson.Default.VerificationOutcome);
            return (int)(outcome.Fails ? ExitCode.Failed : ExitCode.Done);
        });
        return command.WithExamples(
            "regatta verify quickstart.zip                      the bytes of the file, and every number from the events",
            "regatta verify quickstart.zip --signers allowed_signers    who vouches for what",
            "regatta verify latest                              the newest run, as far as it holds what is needed",
            "regatta verify quickstart.zip --junit verify.xml   for CI");
    }

    private static void Print(ITerminal terminal, VerificationOutcome outcome)
    {
        foreach (var item in outcome.Items.Where(i => i.Result == VerificationResult.Failed))
        {
            terminal.WriteLine($"DIFFERS  {item.Subject}, {item.Check}: {item.Text}");
            foreach (var difference in item.Differences.Take(MostShown)) terminal.WriteLine($"         {difference.Name}: {difference.Recorded ?? "nothing"}, and should be {difference.Recomputed ?? "nothing"}");
            if (item.Differences.Length > MostShown) terminal.WriteLine($"         … and {item.Differences.Length - MostShown} more; --json and --junit have all");
        }

        foreach (var same in outcome.Items.Where(i => i.Result == VerificationResult.NotChecked).GroupBy(i => i.Text, StringComparer.Ordinal))
            terminal.WriteLine($"not checked: {same.Key}{(same.Count() > 1 ? $" ({same.Count()} trials or runs)" : "")}");
        foreach (var item in outcome.Items.Where(i => i.Result == VerificationResult.Passed && i.Check is "bytes" or "report" or "page" or "signature")) terminal.WriteLine($"{item.Subject}, {item.Check}: {item.Text}");
        var passed = outcome.Items.Count(i => i.Result == VerificationResult.Passed);
        if (outcome.Sha256 is { } sha256) terminal.WriteLine($"sha256: {sha256}");
        terminal.WriteLine(outcome.Fails
            ? $"{outcome.Name} does not hold: {outcome.Items.Count(i => i.Result == VerificationResult.Failed)} of {outcome.Items.Length} checks failed"
            : $"{outcome.Name} holds: {passed} checks passed");
    }
}
