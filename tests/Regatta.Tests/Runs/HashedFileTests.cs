using System.Security.Cryptography;
using Regatta.Runs;

namespace Regatta.Tests.Runs;

/// <summary>Files that are hashed as they are written.</summary>
public sealed class HashedFileTests : ScratchTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(1_000_000)]
    public void The_hash_is_that_of_the_file_whatever_pieces_it_came_in(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        var path = Path.Combine(Scratch, "file");
        string hash;
        using (var file = new HashedFile(path))
        {
            for (int at = 0, piece = 1; at < length; at += piece, piece = Math.Min((piece * 3) + 1, length - at)) file.Write(bytes.AsSpan(at, Math.Min(piece, length - at)));
            Assert.Equal(length, file.Position);
            hash = file.Finish(durable: false);
        }

        Assert.Equal(bytes, File.ReadAllBytes(path));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), hash);
    }
}
