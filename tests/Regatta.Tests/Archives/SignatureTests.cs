using System.Text;
using System.Text.Json.Nodes;
using Regatta.Archives.Signing;
using Regatta.Host;
using Regatta.Tests.Cli;

namespace Regatta.Tests.Archives;

/// <summary>Signatures by real keys, made and checked by the ssh-keygen of the host.</summary>
public sealed class SignatureTests : ArchiveTests
{
    [Fact]
    public async Task A_signed_archive_tells_who_vouches_for_what()
    {
        var file = await ArchiveAsync();
        var (key, signers) = await KeyAsync("ada@example.org");

        (await ProgramRun.Of("sign", file, "--key", key)).Says(0, "2 statements signed with SHA256:", "quickstart.zip.intoto.jsonl");
        (await ProgramRun.Of("verify", file, "--signers", signers)).Says(0, "ada@example.org (SHA256:", "vouches for the report being what the events give, «backfill was better than fifo", "as the signer says", "what the image was built from (SLSA provenance)");
    }

    [Fact]
    public async Task The_statements_are_those_of_in_toto_in_envelopes_of_DSSE()
    {
        var file = await ArchiveAsync();
        var (key, _) = await KeyAsync("ada@example.org");
        await ProgramRun.Of("sign", file, "--key", key);

        var envelopes = File.ReadAllLines(file + ".intoto.jsonl").Select(l => JsonNode.Parse(l)!).ToList();
        var statements = envelopes.Select(e => JsonNode.Parse(Encoding.UTF8.GetString(Convert.FromBase64String((string)e["payload"]!)))!).ToList();

        Assert.All(envelopes, e => Assert.Equal("application/vnd.in-toto+json", (string?)e["payloadType"]));
        Assert.All(envelopes, e => Assert.StartsWith("SHA256:", (string?)e["signatures"]![0]!["keyid"], StringComparison.Ordinal));
        Assert.All(statements, s => Assert.Equal("https://in-toto.io/Statement/v1", (string?)s["_type"]));
        Assert.Equal(["https://in-toto.io/attestation/test-result/v0.1", "https://slsa.dev/provenance/v1"], statements.Select(s => (string?)s["predicateType"]));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file))), (string?)statements[0]["subject"]![0]!["digest"]!["sha256"]);
        Assert.Contains((string?)statements[0]["predicate"]!["result"], new[] { "PASSED", "WARNED" });
        Assert.NotNull(statements[0]["predicate"]!["configuration"]);
        Assert.NotNull(statements[1]["predicate"]!["buildDefinition"]!["buildType"]);
        Assert.NotNull(statements[1]["predicate"]!["buildDefinition"]!["externalParameters"]);
        Assert.NotNull(statements[1]["predicate"]!["runDetails"]!["builder"]!["id"]);
        // What DSSE signs, by its specification's own example.
        Assert.Equal("DSSEv1 29 http://example.com/HelloWorld 11 hello world", DsseEnvelope.ToBeSigned("http://example.com/HelloWorld", "hello world"));
    }

    [Fact]
    public async Task A_signature_by_an_unknown_key_does_not_count()
    {
        var file = await SignedAsync("ada@example.org");
        var (_, others) = await KeyAsync("eve@example.org");

        (await ProgramRun.Of("verify", file, "--signers", others)).Says(1, "error[signature-unknown-key]", "is nobody's of eve@example.org.signers");
    }

    [Fact]
    public async Task A_signature_by_a_revoked_key_does_not_count()
    {
        var (file, key, signers) = await SignedByAsync("ada@example.org");

        (await ProgramRun.Of("verify", file, "--signers", signers, "--revoked", key + ".pub")).Says(1, "error[signature-revoked-key]", "of ada@example.org is revoked");
    }

    [Fact]
    public async Task A_signature_over_another_file_does_not_count()
    {
        var (file, _, signers) = await SignedByAsync("ada@example.org");
        var other = Path.Combine(Scratch, "other.zip");
        await ProgramRun.Of("archive", Path.Combine(Scratch, "runs", Id), "--output", other, "--license", "CC0-1.0");
        File.Copy(file + ".intoto.jsonl", other + ".intoto.jsonl");

        (await ProgramRun.Of("verify", other, "--signers", signers)).Says(1, "error[signature-other-file]", "it signed quickstart.zip, sha256 ");
    }

    [Fact]
    public async Task A_statement_that_was_changed_is_not_the_one_that_was_signed()
    {
        var (file, _, signers) = await SignedByAsync("ada@example.org");
        var signatures = file + ".intoto.jsonl";
        var envelope = JsonNode.Parse(File.ReadLines(signatures).First())!;
        var text = Encoding.UTF8.GetString(Convert.FromBase64String((string)envelope["payload"]!)).Replace("backfill", "backfall", StringComparison.Ordinal);
        envelope["payload"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
        File.WriteAllText(signatures, envelope.ToJsonString() + "\nnot an envelope\n");

        (await ProgramRun.Of("verify", file, "--signers", signers)).Says(1, "error[signature-broken]: a signature is not of the statement that it stands with", "error[signature-broken]: a line of the signatures is no envelope");
    }

    [Fact]
    public async Task A_key_that_is_for_something_else_is_refused()
    {
        var (file, _, signers) = await SignedByAsync("ada@example.org");
        File.WriteAllText(signers, File.ReadAllText(signers).Replace("ada@example.org ", "ada@example.org namespaces=\"git\" ", StringComparison.Ordinal));

        var (code, human, _) = await ProgramRun.Of("verify", file, "--signers", signers);
        Assert.Equal(1, code);
        Assert.Contains("error[signature-", human, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_signers_stand_beside_one_another_and_signing_again_replaces_ones_own()
    {
        var file = await ArchiveAsync();
        var (ada, adas) = await KeyAsync("ada@example.org");
        var (bob, bobs) = await KeyAsync("bob@example.org");
        foreach (var key in new[] { ada, bob, ada }) (await ProgramRun.Of("sign", file, "--key", key)).Says(0);
        var both = Path.Combine(Scratch, "both");
        File.WriteAllText(both, File.ReadAllText(adas) + File.ReadAllText(bobs));

        (await ProgramRun.Of("verify", file, "--signers", both)).Says(0, "ada@example.org (", "bob@example.org (");
        Assert.Equal(4, File.ReadAllLines(file + ".intoto.jsonl").Length);
    }

    [Fact]
    public async Task What_does_not_hold_is_not_signed_and_a_key_that_is_none_is_told()
    {
        var file = await ArchiveAsync();
        var (key, signers) = await KeyAsync("ada@example.org");
        (await ProgramRun.Of("sign", file, "--key", signers)).Says(3, "error[sign-key]");
        (await ProgramRun.Of("verify", file, "--signers", signers)).Says(2, "error[signature-missing]");
        (await ProgramRun.Of("verify", file, "--signers", signers + ".none")).Says(2, "error[signers-file]");
        (await ProgramRun.Of("sign", Path.Combine(Scratch, "runs", Id), "--key", key)).Says(2, "error[sign-archive]");
        var bytes = await File.ReadAllBytesAsync(file, Cancellation);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, Cancellation);

        (await ProgramRun.Of("sign", file, "--key", key)).Says(1);
        Assert.False(File.Exists(file + ".intoto.jsonl"));
    }

    private async Task<string> SignedAsync(string signer) => (await SignedByAsync(signer)).File;

    private async Task<(string File, string Key, string Signers)> SignedByAsync(string signer)
    {
        var file = await ArchiveAsync();
        var (key, signers) = await KeyAsync(signer);
        await ProgramRun.Of("sign", file, "--key", key);
        return (file, key, signers);
    }

    private async Task<(string Key, string Signers)> KeyAsync(string signer)
    {
        Assert.SkipWhen(HostTool.Find("ssh-keygen") is null, "ssh-keygen is not on this host");
        var key = Path.Combine(Scratch, signer + ".key");
        await HostTool.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", signer, "-f", key], Cancellation);
        var signers = Path.Combine(Scratch, signer + ".signers");
        await File.WriteAllTextAsync(signers, $"{signer} {await File.ReadAllTextAsync(key + ".pub", Cancellation)}", Cancellation);
        return (key, signers);
    }
}
