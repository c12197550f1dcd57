namespace Regatta.Host;

/// <summary>
/// An exclusive lock that a process holds until it disposes it or ends, however it ends (an advisory lock of the kernel on an open
/// file). The lock file stays: removing it would let two processes hold locks on two files of one name.
/// </summary>
public sealed class FileLock : IDisposable
{
    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    /// <summary>Takes the lock, or returns null when another process (or another holder in this one) has it.</summary>
    public static FileLock? TryAcquire(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        FileStream file;
        try
        {
            // FileShare.None is flock(LOCK_EX | LOCK_NB) on Linux; the descriptor is not inherited by children.
            file = new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = DurableFile.Private });
        }
        catch (IOException exception) when (exception is not (FileNotFoundException or DirectoryNotFoundException) && File.Exists(path))
        {
            return null;
        }

        File.WriteAllText(OwnerFile(path), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        return new FileLock(file);
    }

    /// <summary>Takes the lock, waiting for its holder.</summary>
    public static async Task<FileLock> AcquireAsync(string path, CancellationToken cancellation)
    {
        while (true)
        {
            if (TryAcquire(path) is { } held) return held;
            // The kernel offers no wait that can be cancelled.
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellation);
        }
    }

    /// <summary>Takes the lock or refuses, naming the process that holds it.</summary>
    /// <param name="path">The lock file.</param>
    /// <param name="what">What it guards, such as <c>cluster 'a'</c>.</param>
    /// <exception cref="DiagnosticException">It is held.</exception>
    public static FileLock Acquire(string path, string what) =>
        TryAcquire(path) ?? throw new DiagnosticException(Diagnostic.Error("in-use", $"{what} is in use by process {Owner(path)?.ToString(CultureInfo.InvariantCulture) ?? "(unknown)"}") with
        {
            Help = "wait for that process or end it",
        });

    /// <summary>True when some process holds the lock.</summary>
    public static bool IsHeld(string path)
    {
        if (!File.Exists(path)) return false;
        using var held = TryAcquire(path);
        return held is null;
    }

    /// <summary>The process that took the lock last; null when nobody ever did.</summary>
    public static int? Owner(string path)
    {
        var file = OwnerFile(path);
        return File.Exists(file) && int.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out var pid) ? pid : null;
    }

    /// <summary>Lets the lock go.</summary>
    public void Dispose() => _file.Dispose();

    private static string OwnerFile(string path) => path + ".owner";
}
