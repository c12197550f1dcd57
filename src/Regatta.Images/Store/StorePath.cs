using System.Security.Cryptography;
using System.Text;

namespace Regatta.Images.Store;

/// <summary>Paths of the Nix store that follow from the hash of a file.</summary>
public static class StorePath
{
    private const string Alphabet = "0123456789abcdfghijklmnpqrsvwxyz";

    /// <summary>
    /// The path of a file in <c>/nix/store</c> that is fixed by its sha256 alone (Nix manual, "Store path": a flat fixed output of type <c>output:out</c>).
    /// </summary>
    /// <param name="name">Name of the file in the store.</param>
    /// <param name="sha256">sha256 (hex, lower case) of its bytes.</param>
    public static string OfFile(string name, string sha256)
    {
        var inner = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"fixed:out:sha256:{sha256}:")));
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"output:out:sha256:{inner}:/nix/store:{name}"));
        // Nix folds the 32 bytes to 20 by exclusive or.
        Span<byte> folded = stackalloc byte[20];
        folded.Clear();
        for (var i = 0; i < hash.Length; i++) folded[i % 20] ^= hash[i];
        return $"/nix/store/{Base32(folded)}-{name}";
    }

    private static string Base32(ReadOnlySpan<byte> bytes)
    {
        var length = (bytes.Length * 8 + 4) / 5;
        var text = new StringBuilder(length);
        for (var n = length - 1; n >= 0; n--)
        {
            var (index, shift) = (n * 5 / 8, n * 5 % 8);
            var value = bytes[index] >> shift;
            if (index + 1 < bytes.Length) value |= bytes[index + 1] << (8 - shift);
            text.Append(Alphabet[value & 31]);
        }

        return text.ToString();
    }
}
