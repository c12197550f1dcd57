namespace Regatta.Tests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Regatta.slnx"))) return directory.FullName;
        }

        throw new DirectoryNotFoundException("the checkout was not found above " + AppContext.BaseDirectory);
    }
}
