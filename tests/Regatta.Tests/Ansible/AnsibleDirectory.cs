namespace Regatta.Tests.Ansible;

/// <summary>Directories with playbooks of a test, which run as the project's own do.</summary>
internal static class AnsibleDirectory
{
    /// <summary>Makes a directory one to run playbooks from: everything of the project's own directory but its playbooks stands in it, too.</summary>
    /// <param name="directory">The directory, which may not exist yet.</param>
    /// <param name="playbooks">Files that are copied into it.</param>
    /// <returns>The directory.</returns>
    public static string Make(string directory, params IEnumerable<string> playbooks)
    {
        Directory.CreateDirectory(directory);
        foreach (var entry in new DirectoryInfo(Path.Combine(Repository.Root, "ansible")).EnumerateFileSystemInfos().Where(e => e.Extension != ".yml"))
            File.CreateSymbolicLink(Path.Combine(directory, entry.Name), entry.FullName);
        foreach (var file in playbooks) File.Copy(file, Path.Combine(directory, Path.GetFileName(file)));
        return directory;
    }
}
