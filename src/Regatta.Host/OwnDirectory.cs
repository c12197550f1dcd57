namespace Regatta.Host;

/// <summary>Directories that no other user can put something else in the place of.</summary>
public static class OwnDirectory
{
    /// <summary>Makes a directory that is not there; gives one of the user's own the mode that is wanted.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="mode">The mode, whatever the process's mask.</param>
    /// <exception cref="DiagnosticException">It, or a directory above it, belongs to another user or can be written by every user.</exception>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be made.</exception>
    public static void Make(string path, UnixFileMode mode)
    {
        if (!Directory.Exists(path)) Directory.CreateDirectory(path, mode);
        Require(path, Posix.EffectiveUser(), Posix.OwnerOf);
        if (Posix.OwnerOf(path, follow: true) == Posix.EffectiveUser() && File.GetUnixFileMode(path) != mode) File.SetUnixFileMode(path, mode);
    }

    /// <summary>Refuses a directory in whose place another user could put one of his own.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="user">The user whose directory it is to be.</param>
    /// <param name="ownerOf">The owner of a path; told whether to follow a link at its end.</param>
    internal static void Require(string path, uint user, Func<string, bool, uint?> ownerOf)
    {
        var above = new List<string>();
        for (var directory = path; directory is not null; directory = Path.GetDirectoryName(directory)) above.Add(directory);
        foreach (var directory in above)
        {
            // A link can be led elsewhere by its owner, and what it leads to replaced by the owner of that.
            foreach (var follow in new[] { true, false })
            {
                if (ownerOf(directory, follow) is { } owner && owner != 0 && owner != user)
                    throw Fault(path, $"'{directory}' belongs to another user ({owner}), who could replace what is in it");
            }
        }

        foreach (var directory in above)
        {
            var mode = File.GetUnixFileMode(directory);
            if (mode.HasFlag(UnixFileMode.OtherWrite) && !mode.HasFlag(UnixFileMode.StickyBit))
                throw Fault(path, $"every user can write to '{directory}', and so replace what is in it");
        }
    }

    private static DiagnosticException Fault(string path, string text) =>
        new(Diagnostic.Error("directory-not-own", $"'{path}' cannot be used: {text}") with
        {
            Help = "set REGATTA_STATE, or XDG_RUNTIME_DIR for sockets, to a directory of your own",
        });
}
