namespace Regatta.Tests;

/// <summary>Tests with a directory of their own, which goes with them.</summary>
public abstract class ScratchTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("regatta-test-");

    /// <summary>The directory.</summary>
    protected string Scratch => _directory.FullName;

    public void Dispose()
    {
        _directory.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }
}
