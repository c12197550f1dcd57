using Regatta.Host;

namespace Regatta.Machines;

/// <summary>An ed25519 key pair in OpenSSH's format.</summary>
/// <param name="File">Where the private key lies; the public one beside it with <c>.pub</c>.</param>
/// <param name="Private">The private key.</param>
/// <param name="Public">The public key, <c>ssh-ed25519 AAAA… comment</c>.</param>
internal sealed record KeyPair(string File, string Private, string Public)
{
    /// <summary>The public key without its comment.</summary>
    public string PublicKey => string.Join(' ', Public.Split(' ', StringSplitOptions.TrimEntries).Take(2));

    /// <summary>Makes a key pair.</summary>
    public static async Task<KeyPair> MakeAsync(string file, string comment, CancellationToken cancellation)
    {
        await HostTool.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file], cancellation);
        return new KeyPair(
            file,
            await System.IO.File.ReadAllTextAsync(file, cancellation),
            await System.IO.File.ReadAllTextAsync(file + ".pub", cancellation));
    }
}
