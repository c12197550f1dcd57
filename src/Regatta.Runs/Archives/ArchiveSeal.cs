using System.Security.Cryptography;
using System.Text;

namespace Regatta.Runs.Archives;

/// <summary>
/// The end of an archive: the comment of the zip file names the sha256 of everything before it. The hashes inside cover what the files hold; this one covers the rest,
/// such as times, attributes and the padding of compressed data, so that no byte can be changed unseen.
/// </summary>
internal static class ArchiveSeal
{
    private const string Words = "regatta-archive sha256:";
    private const int Digits = 64;

    /// <summary>The comment before the hash is known.</summary>
    public static string Placeholder { get; } = Words + new string('0', Digits);

    /// <summary>Writes the hash into a file that ends with <see cref="Placeholder"/>.</summary>
    public static void Write(FileStream stream)
    {
        stream.Position = 0;
        var (sealedPart, _) = Hash(stream, CancellationToken.None);
        stream.Position = stream.Length - Digits;
        stream.Write(Encoding.ASCII.GetBytes(sealedPart));
    }

    /// <summary>Reads a file from its beginning.</summary>
    /// <returns>sha256 of the whole file, and whether its end says what is before it.</returns>
    public static (string Sha256, bool Whole) Check(FileStream stream, CancellationToken cancellation)
    {
        var end = new byte[Math.Min(Placeholder.Length, stream.Length)];
        stream.Position = stream.Length - end.Length;
        stream.ReadExactly(end);
        stream.Position = 0;
        var (sealedPart, whole) = Hash(stream, cancellation);
        return (whole, Encoding.Latin1.GetString(end) == Words + sealedPart);
    }

    private static (string Sealed, string Whole) Hash(FileStream stream, CancellationToken cancellation)
    {
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        for (var left = Math.Max(0, stream.Length - Digits); left > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            var read = stream.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (read == 0) break;
            whole.AppendData(buffer, 0, read);
            left -= read;
        }

        var before = Convert.ToHexStringLower(whole.GetCurrentHash());
        int rest;
        while ((rest = stream.Read(buffer)) > 0) whole.AppendData(buffer, 0, rest);
        return (before, Convert.ToHexStringLower(whole.GetHashAndReset()));
    }
}
