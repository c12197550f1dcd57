using Regatta.Host;

namespace Regatta.Tests.Host;

public sealed class DurableFileTests : ScratchTests
{
    [Fact]
    public void It_replaces_a_file_and_leaves_nothing_beside_it()
    {
        var path = Path.Combine(Scratch, "a.json");
        DurableFile.Write(path, "first", DurableFile.Private);
        DurableFile.Write(path, "second", DurableFile.Private);
        Assert.Equal("second", File.ReadAllText(path));
        Assert.Equal(DurableFile.Private, File.GetUnixFileMode(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(Scratch));
    }

    [Fact]
    public void A_failed_write_keeps_what_was_there()
    {
        // A directory in its place: the rename fails after everything else was done.
        var path = Path.Combine(Scratch, "taken");
        Directory.CreateDirectory(path);
        Assert.ThrowsAny<Exception>(() => DurableFile.Write(path, "text"));
        Assert.Equal([path], Directory.GetFileSystemEntries(Scratch));
    }
}
