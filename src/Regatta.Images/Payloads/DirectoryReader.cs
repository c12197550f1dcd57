namespace Regatta.Images.Payloads;

/// <summary>Reads directories: a prefix where it lies, or a root that holds one.</summary>
internal static class DirectoryReader
{
    /// <summary>The files of a directory.</summary>
    /// <param name="directory">Absolute path.</param>
    /// <param name="role">What is looked for: where the directory holds it directly, it is the prefix; else it is taken for a root.</param>
    /// <exception cref="DiagnosticException">Something cannot be read.</exception>
    public static PayloadTree Read(string directory, PayloadRole role)
    {
        var isPrefix = role.Requires.Any(r => File.Exists(Path.Combine(directory, r)));
        var files = new Dictionary<string, PayloadFile>(StringComparer.Ordinal);
        try
        {
            Add(new DirectoryInfo(directory), isPrefix ? directory : "", files);
            // What belongs to a prefix and lies elsewhere, such as files below /etc.
            foreach (var root in isPrefix ? role.FromRoot.Select(Literal).Distinct() : [])
            {
                if (Directory.Exists(root)) Add(new DirectoryInfo(root), root, files);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(Diagnostic.Error("payload-unreadable", $"'{directory}' cannot be read whole: {exception.Message}") with { Help = "run it as a user who may read it" }, exception);
        }

        return new PayloadTree(PayloadKind.Directory, directory, files, isPrefix ? directory : null);
    }

    private static void Add(DirectoryInfo directory, string at, Dictionary<string, PayloadFile> files)
    {
        foreach (var entry in directory.EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false }))
        {
            var path = $"{at}/{entry.Name}";
            if (entry.LinkTarget is { } target)
                files[path] = new PayloadFile(path, false, target, entry.FullName, 0, 0);
            else if (entry is DirectoryInfo inner)
                Add(inner, path, files);
            else
                files[path] = new PayloadFile(path, IsExecutable(entry.UnixFileMode), null, entry.FullName, 0, ((FileInfo)entry).Length);
        }
    }

    internal static bool IsExecutable(UnixFileMode mode) =>
        (mode & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;

    /// <summary>The directory that a pattern begins with: <c>/etc/flux</c> of <c>/etc/flux/rc1*</c>.</summary>
    private static string Literal(string pattern)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        return pattern[..pattern.LastIndexOf('/', star < 0 ? pattern.Length - 1 : star)];
    }
}
