using System.CommandLine;
using Regatta.Archives.Signing;
using Regatta.Archives.Verification;
using Regatta.Cli.Terminal;
using Regatta.Runs;

namespace Regatta.Cli.Commands;

/// <summary><c>regatta sign</c>: vouches for an archive with an SSH key.</summary>
internal static class SignCommand
{
    public static Command Create(ITerminal terminal)
    {
        var file = new Argument<string>("archive") { Description = "The file of the archive.", HelpName = "FILE" };
        var key = new Option<string>("--key", "-k")
        {
            Description = "File of the SSH key, or its .pub file when an agent holds it; ~/.ssh/id_ed25519 if not given.",
            HelpName = "KEY",
            DefaultValueFactory = _ => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".ssh", "id_ed25519"),
        };
        var command = new Command("sign", "Verifies an archive and signs what it says with an SSH key (ssh-keygen -Y). The signature is written beside it.") { file, key };
        command.SetAction(async (parsed, cancellation) =>
        {
            var archive = parsed.GetRequiredValue(file);
            var outcome = await terminal.WatchAsync(monitor => ArchiveVerifier.VerifyAsync(archive, new RunCollection("runs"), monitor, cancellation));
            var (fingerprint, statements) = await ArchiveSignatures.SignAsync(archive, outcome, parsed.GetRequiredValue(key), TimeProvider.System, cancellation);
            terminal.WriteLine($"{statements} {(statements == 1 ? "statement" : "statements")} signed with {fingerprint}");
            terminal.WriteLine($"Signatures: {ArchiveSignatures.FileOf(archive)}");
            terminal.WriteJson("signatures", Path.GetFullPath(ArchiveSignatures.FileOf(archive)), RunTexts.Default.String);
            return (int)ExitCode.Done;
        });
        return command.WithExamples(
            "regatta sign quickstart.zip                                   with ~/.ssh/id_ed25519",
            "regatta sign quickstart.zip --key ~/.ssh/release.pub          the agent holds the key",
            "regatta verify quickstart.zip --signers allowed_signers       who vouches for what");
    }
}
