using System.Text;
using System.Text.Json;
using Regatta.Archives.Verification;
using Regatta.Runs;

namespace Regatta.Archives.Signing;

/// <summary>Who may sign, and whose keys no longer count.</summary>
/// <param name="Signers">File in OpenSSH's form <c>allowed_signers</c>.</param>
/// <param name="Revoked">File of revoked keys: public keys, one a line, or a list by <c>ssh-keygen -k</c>; null for none.</param>
public sealed record TrustedSigners(string Signers, string? Revoked);

/// <summary>The signatures of an archive: DSSE envelopes, one a line, in <c>FILE.intoto.jsonl</c> beside it.</summary>
public static class ArchiveSignatures
{
    /// <summary>The file of the signatures of an archive.</summary>
    public static string FileOf(string archive) => archive + ".intoto.jsonl";

    /// <summary>Signs an archive that holds, and the images that its runs were made on.</summary>
    /// <param name="archive">The file.</param>
    /// <param name="outcome">Its verification.</param>
    /// <param name="key">The key, as <see cref="SshSignatures.SignAsync"/> takes it.</param>
    /// <param name="time">The clock whose time the signer claims.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>Fingerprint of the key, and how many statements were signed.</returns>
    /// <exception cref="DiagnosticException">The archive does not hold, or the key cannot be used.</exception>
    public static async Task<(string? Fingerprint, int Statements)> SignAsync(string archive, VerificationOutcome outcome, string key, TimeProvider time, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        ArgumentNullException.ThrowIfNull(time);
        if (outcome.Sha256 is null) throw Fault("sign-archive", $"'{archive}' is no archive", "archive the run first: regatta archive RUN --output FILE.zip");
        if (outcome.Fails) throw Fault("sign-does-not-hold", $"'{archive}' is not signed: it does not hold", "regatta verify names what differs");
        using var opened = OpenedRuns.Open(new RunCollection(Path.GetDirectoryName(Path.GetFullPath(archive))!), [archive], cancellation);
        var runs = new List<RecordedRun>();
        foreach (var run in opened.Runs) runs.Add(await run.ReadAsync(cancellation));
        List<string> statements = [Statements.OfResult(opened.Runs[0].Archive!, outcome, runs, time.GetUtcNow())];
        foreach (var run in runs)
            statements.AddRange((run.Provenance?.Images ?? ImmutableSortedDictionary<string, ImageFacts>.Empty).Where(i => i.Value.Hash is not null).Select(i => Statements.OfImage(i.Key, i.Value, run.Provenance!.Regatta)));
        var lines = new List<string>();
        string? fingerprint = null;
        foreach (var text in statements.Distinct(StringComparer.Ordinal))
        {
            var signature = await SshSignatures.SignAsync(key, DsseEnvelope.ToBeSigned(DsseEnvelope.InToto, text), cancellation);
            fingerprint = signature.KeyId;
            lines.Add(new DsseEnvelope(Convert.ToBase64String(Encoding.UTF8.GetBytes(text)), DsseEnvelope.InToto, [signature]).Line());
        }

        // Those of others stay; an earlier one of the same key is replaced.
        var file = FileOf(archive);
        var others = File.Exists(file) ? File.ReadAllLines(file).Where(l => l.Length > 0 && !IsOf(l, fingerprint)) : [];
        File.WriteAllText(file + ".new", string.Concat(others.Concat(lines).Select(l => l + "\n")), new UTF8Encoding(false));
        File.Move(file + ".new", file, overwrite: true);
        return (fingerprint, lines.Count);
    }

    /// <summary>Tells who vouches for an archive, and for what.</summary>
    /// <param name="archive">The file.</param>
    /// <param name="sha256">Its sha256, hexadecimal.</param>
    /// <param name="trusted">Who may sign.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>What was found, and an error for each signature that does not count.</returns>
    /// <exception cref="DiagnosticException">There are no signatures, or a file cannot be read.</exception>
    public static async Task<(ImmutableArray<VerificationItem> Items, ImmutableArray<Diagnostic> Faults)> CheckAsync(string archive, string sha256, TrustedSigners trusted, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(trusted);
        foreach (var needed in new[] { trusted.Signers, trusted.Revoked }.OfType<string>().Where(f => !File.Exists(f)))
            throw Fault("signers-file", $"there is no file '{needed}'", "--signers names a file of lines such as: ada@example.org ssh-ed25519 AAAA…; --revoked one of public keys");
        var file = FileOf(archive);
        if (!File.Exists(file)) throw Fault("signature-missing", $"'{Path.GetFileName(archive)}' is not signed: there is no '{Path.GetFileName(file)}' beside it", "ask for that file, too; 'regatta sign' makes one", file);
        var items = ImmutableArray.CreateBuilder<VerificationItem>();
        var faults = ImmutableArray.CreateBuilder<Diagnostic>();
        foreach (var (index, line) in File.ReadAllLines(file).Index().Where(l => l.Item.Length > 0))
        {
            var where = new SourceRange(file, index + 1);
            try
            {
                var envelope = DsseEnvelope.Read(line);
                foreach (var signature in envelope.Signatures) await CheckAsync(envelope, signature, sha256, trusted, where, items, faults, cancellation);
            }
            catch (Exception exception) when (exception is JsonException or FormatException)
            {
                faults.Add(Of("signature-broken", "a line of the signatures is no envelope", where) with { Detail = exception.Message });
            }
        }

        items.AddRange(faults.Select(f => new VerificationItem(Path.GetFileName(archive), "signature", VerificationResult.Failed, f.Detail is null ? f.Summary : $"{f.Summary}: {f.Detail}")));
        return (items.ToImmutable(), faults.ToImmutable());
    }

    private static async Task CheckAsync(
        DsseEnvelope envelope, DsseSignature signature, string sha256, TrustedSigners trusted, SourceRange where, ImmutableArray<VerificationItem>.Builder items, ImmutableArray<Diagnostic>.Builder faults, CancellationToken cancellation)
    {
        var text = envelope.Text;
        var signed = DsseEnvelope.ToBeSigned(envelope.PayloadType, text);
        var (intact, fingerprint) = await SshSignatures.IntactAsync(signature, signed, cancellation);
        if (!intact)
        {
            faults.Add(Of("signature-broken", "a signature is not of the statement that it stands with", where));
            return;
        }

        if (Statements.Read(text) is not { } statement || envelope.PayloadType != DsseEnvelope.InToto)
        {
            faults.Add(Of("signature-statement", $"the key {fingerprint} signed something that is no in-toto statement", where));
            return;
        }

        // A statement on an image speaks of the image's bytes, not of the archive's.
        if (statement.Predicate == Statements.TestResult && statement.Subjects.All(s => s.Sha256 != sha256))
        {
            faults.Add(Of("signature-other-file", $"the key {fingerprint} signed another file", where) with { Detail = $"it signed {string.Join(", ", statement.Subjects.Select(s => $"{s.Name}, sha256 {s.Sha256}"))}; this file has {sha256}" });
            return;
        }

        var signers = await SshSignatures.SignersAsync(signature, trusted.Signers, cancellation);
        if (signers.IsEmpty)
        {
            faults.Add(Of("signature-unknown-key", $"the key {fingerprint} is nobody's of {Path.GetFileName(trusted.Signers)}", where) with { Help = "add its owner there, if you know by another way that it is theirs" });
            return;
        }

        var signer = signers[0];
        if (await SshSignatures.RefusalAsync(signature, signed, signer, trusted.Signers, trusted.Revoked, cancellation) is not { } refusal)
        {
            items.Add(new VerificationItem(statement.Subjects.IsEmpty ? "" : statement.Subjects[0].Name, "signature", VerificationResult.Passed, $"{string.Join(", ", signers)} ({fingerprint}) vouches for {Words(statement)}"));
            return;
        }

        var revoked = trusted.Revoked is not null && await SshSignatures.RefusalAsync(signature, signed, signer, trusted.Signers, null, cancellation) is null;
        faults.Add(revoked
            ? Of("signature-revoked-key", $"the key {fingerprint} of {signer} is revoked", where) with { Help = "ask for a signature by a key that is not" }
            : Of("signature-refused", $"the signature by the key {fingerprint} of {signer} does not count", where) with { Detail = refusal });
    }

    private static string Words((string Predicate, ImmutableArray<(string Name, string Sha256)> Subjects, System.Text.Json.Nodes.JsonObject Content) statement)
    {
        if (statement.Predicate == Statements.Provenance) return "what the image was built from (SLSA provenance)";
        if (statement.Predicate != Statements.TestResult) return statement.Predicate;
        var verdicts = (statement.Content["verdicts"] as System.Text.Json.Nodes.JsonArray ?? []).Select(v => $"«{v?["headline"]}»");
        return $"the report being what the events give, {string.Join(" and ", verdicts)}; signed on {statement.Content["claimedTime"]}, as the signer says";
    }

    private static bool IsOf(string line, string? fingerprint)
    {
        try
        {
            return DsseEnvelope.Read(line).Signatures.All(s => s.KeyId == fingerprint);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static Diagnostic Of(string code, string summary, SourceRange where) => Diagnostic.Error(code, summary) with { Where = where };

    private static DiagnosticException Fault(string code, string summary, string help, string? where = null) =>
        new(Diagnostic.Error(code, summary) with { Where = where is null ? null : new SourceRange(where), Help = help });
}
