using System.Text;
using System.Text.RegularExpressions;
using Regatta.Host;

namespace Regatta.Archives.Signing;

/// <summary>Signatures by the SSH keys that people have and publish, made and checked by <c>ssh-keygen -Y</c>.</summary>
public static partial class SshSignatures
{
    /// <summary>What the signatures are for: a signature of another purpose is none of these.</summary>
    public const string Namespace = "regatta-archive";

    private const string Begin = "-----BEGIN SSH SIGNATURE-----", End = "-----END SSH SIGNATURE-----";

    /// <summary>Signs a text.</summary>
    /// <param name="key">File of a private key; or of a public key whose private one an agent holds.</param>
    /// <param name="text">The text.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="DiagnosticException">The key cannot be used.</exception>
    public static async Task<DsseSignature> SignAsync(string key, string text, CancellationToken cancellation)
    {
        var made = await KeygenAsync(["-Y", "sign", "-f", key, "-n", Namespace], cancellation, text);
        if (made.ExitCode != 0 || !made.Output.Contains(Begin, StringComparison.Ordinal))
        {
            throw new DiagnosticException(Diagnostic.Error("sign-key", $"nothing can be signed with the key '{key}'") with
            {
                Detail = HostTool.LastLines(made.Error, 5),
                Help = "name the file of an SSH key, such as ~/.ssh/id_ed25519, or its .pub file when an agent holds it; 'ssh-keygen -t ed25519' makes one",
            });
        }

        var blob = string.Concat(made.Output.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && !l.StartsWith("-----", StringComparison.Ordinal)));
        return new DsseSignature((await IntactAsync(new DsseSignature(null, blob), text, cancellation)).Fingerprint, blob);
    }

    /// <summary>Whether a signature is of a text, whoever made it.</summary>
    /// <returns>The key's fingerprint, <c>SHA256:…</c>; null when the signature is not of this text.</returns>
    public static async Task<(bool Intact, string? Fingerprint)> IntactAsync(DsseSignature signature, string text, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(signature);
        using var file = new SignatureFile(signature);
        var checkedOne = await KeygenAsync(["-Y", "check-novalidate", "-n", Namespace, "-s", file.Path], cancellation, text);
        return (checkedOne.ExitCode == 0, checkedOne.ExitCode == 0 ? Print().Match(checkedOne.Output).Value : null);
    }

    /// <summary>Whose signature it is.</summary>
    /// <param name="signature">A signature.</param>
    /// <param name="signers">File of those who may sign, in OpenSSH's form <c>allowed_signers</c>.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The names that the file has for its key; empty for none.</returns>
    public static async Task<ImmutableArray<string>> SignersAsync(DsseSignature signature, string signers, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(signature);
        using var file = new SignatureFile(signature);
        var found = await KeygenAsync(["-Y", "find-principals", "-s", file.Path, "-f", signers], cancellation);
        return found.ExitCode == 0 ? [.. found.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)] : [];
    }

    /// <summary>Whether a signature is one of a signer over a text: the key is allowed to them now, for this purpose, and not revoked.</summary>
    /// <returns>Null when it is; else what ssh-keygen says.</returns>
    public static async Task<string?> RefusalAsync(DsseSignature signature, string text, string signer, string signers, string? revoked, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(signature);
        using var file = new SignatureFile(signature);
        string[] revocations = revoked is null ? [] : ["-r", revoked];
        var told = await KeygenAsync(["-Y", "verify", "-f", signers, "-I", signer, "-n", Namespace, "-s", file.Path, .. revocations], cancellation, text);
        return told.ExitCode == 0 ? null : HostTool.LastLines(told.Error.Length > 0 ? told.Error : told.Output, 3);
    }

    private static async Task<ToolResult> KeygenAsync(string[] arguments, CancellationToken cancellation, string? input = null)
    {
        if (HostTool.Find("ssh-keygen") is { } program) return await HostTool.TryAsync(program, arguments, cancellation, input);
        throw new DiagnosticException(Diagnostic.Error("ssh-keygen-missing", "ssh-keygen is not on this host: it makes and checks signatures") with { Help = "apt install openssh-client" });
    }

    [GeneratedRegex(@"SHA256:[A-Za-z0-9+/]+")]
    private static partial Regex Print();

    private sealed class SignatureFile : IDisposable
    {
        public SignatureFile(DsseSignature signature)
        {
            var lines = signature.Sig.Where(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/' or '=').Chunk(70).Select(c => new string(c));
            Path = System.IO.Path.Combine(Directory.CreateTempSubdirectory("regatta-signature-").FullName, "signature");
            File.WriteAllText(Path, $"{Begin}\n{string.Join('\n', lines)}\n{End}\n", new UTF8Encoding(false));
        }

        public string Path { get; }

        public void Dispose() => Directory.Delete(System.IO.Path.GetDirectoryName(Path)!, recursive: true);
    }
}
