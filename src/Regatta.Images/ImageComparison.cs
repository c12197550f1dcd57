using System.Security.Cryptography;

namespace Regatta.Images;

/// <summary>Where two files of the same name begin to differ.</summary>
/// <param name="File">Name of the file.</param>
/// <param name="Offset">Offset of the first byte that differs; the length of the shorter one when it is the beginning of the longer.</param>
/// <param name="First">Up to 16 bytes from there of the first file, hexadecimal.</param>
/// <param name="Second">Up to 16 bytes from there of the second file, hexadecimal.</param>
/// <param name="FirstLength">Length of the first file, bytes; -1 when it is not there.</param>
/// <param name="SecondLength">Length of the second file, bytes; -1 when it is not there.</param>
public sealed record FileDifference(string File, long Offset, string First, string Second, long FirstLength, long SecondLength)
{
    /// <summary>The difference in one line.</summary>
    public override string ToString() => (FirstLength, SecondLength) switch
    {
        (-1, _) => $"{File}: only the second build has it",
        (_, -1) => $"{File}: only the first build has it",
        _ => string.Create(
            CultureInfo.InvariantCulture,
            $"{File}: first difference at byte {Offset}: {(First.Length == 0 ? "end" : First)} against {(Second.Length == 0 ? "end" : Second)} (lengths {FirstLength} and {SecondLength})"),
    };
}

/// <summary>A file that is not what the manifest says.</summary>
/// <param name="File">Name of the file.</param>
/// <param name="Expected">sha256 (hex) in the manifest.</param>
/// <param name="Actual">sha256 (hex) of the file.</param>
public sealed record ChangedFile(string File, string Expected, string Actual);

/// <summary>What verifying an image found.</summary>
/// <param name="Image">The image.</param>
/// <param name="Changed">Files that are not what its manifest says.</param>
/// <param name="Differences">Where the second build differs.</param>
/// <param name="SecondDirectory">Where the second build lies when it differs.</param>
public sealed record ImageVerification(Image Image, ImmutableArray<ChangedFile> Changed, ImmutableArray<FileDifference> Differences, string? SecondDirectory)
{
    /// <summary>True when both builds gave the same bytes and the manifest tells the truth.</summary>
    public bool Identical => Changed.IsEmpty && Differences.IsEmpty && SecondDirectory is null;
}

/// <summary>Compares images byte by byte.</summary>
public static class ImageComparison
{
    private const int Shown = 16;

    /// <summary>The files of an image that are not what its manifest says.</summary>
    public static async Task<ImmutableArray<ChangedFile>> WithManifestAsync(Image image, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(image);
        var changed = ImmutableArray.CreateBuilder<ChangedFile>();
        foreach (var (file, expected) in image.Manifest.Files)
        {
            var stream = File.OpenRead(Path.Combine(image.Directory, file));
            await using (stream)
            {
                var actual = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation));
                if (actual != expected) changed.Add(new ChangedFile(file, expected, actual));
            }
        }

        return changed.DrainToImmutable();
    }

    /// <summary>Where the files of two directories differ, by file name.</summary>
    public static async Task<ImmutableArray<FileDifference>> OfDirectoriesAsync(string first, string second, CancellationToken cancellation)
    {
        var names = Names(first).Union(Names(second)).Order(StringComparer.Ordinal);
        var differences = ImmutableArray.CreateBuilder<FileDifference>();
        foreach (var name in names)
        {
            if (await OfFilesAsync(name, Path.Combine(first, name), Path.Combine(second, name), cancellation) is { } difference)
                differences.Add(difference);
        }

        return differences.DrainToImmutable();
    }

    private static IEnumerable<string> Names(string directory) => Directory.EnumerateFiles(directory).Select(f => Path.GetFileName(f));

    private static async Task<FileDifference?> OfFilesAsync(string name, string first, string second, CancellationToken cancellation)
    {
        var (a, b) = (new FileInfo(first), new FileInfo(second));
        if (!a.Exists || !b.Exists) return new FileDifference(name, 0, "", "", a.Exists ? a.Length : -1, b.Exists ? b.Length : -1);
        var (left, right) = (a.OpenRead(), b.OpenRead());
        await using (left)
        await using (right)
        {
            var (x, y) = (new byte[1 << 20], new byte[1 << 20]);
            for (long at = 0; ;)
            {
                var n = await left.ReadAtLeastAsync(x, x.Length, throwOnEndOfStream: false, cancellation);
                var m = await right.ReadAtLeastAsync(y, y.Length, throwOnEndOfStream: false, cancellation);
                var same = x.AsSpan(0, n).CommonPrefixLength(y.AsSpan(0, m));
                if (same < n || same < m)
                    return new FileDifference(name, at + same, Hex(x.AsSpan(same, n - same)), Hex(y.AsSpan(same, m - same)), a.Length, b.Length);
                if (n == 0) return null;
                at += n;
            }
        }
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes[..Math.Min(Shown, bytes.Length)]);
}
